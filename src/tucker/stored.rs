//! A Tucker tensor as stored, checked again when it is read.

use ndarray::Ix2;
use serde::{Deserialize, Serialize};

use super::{Tucker, TuckerTruncationError};
use crate::scalar::Scalar;
use crate::store::StoredArray;

#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "A: Scalar")]
pub(super) struct Stored<A> {
    core: StoredArray<A>,
    factors: Vec<Option<StoredArray<A>>>,
    truncation: TuckerTruncationError,
}

impl<A: Scalar> From<Tucker<A>> for Stored<A> {
    fn from(tensor: Tucker<A>) -> Self {
        let factors = tensor.factors.iter();
        Self {
            core: StoredArray::new(&tensor.core),
            factors: factors
                .map(|f| f.as_ref().map(|f| StoredArray::new(f)))
                .collect(),
            truncation: tensor.truncation,
        }
    }
}

impl<A: Scalar> TryFrom<Stored<A>> for Tucker<A> {
    type Error = String;

    fn try_from(stored: Stored<A>) -> Result<Self, String> {
        let mut factors = Vec::with_capacity(stored.factors.len());
        for factor in stored.factors {
            let Some(factor) = factor else {
                factors.push(None);
                continue;
            };
            let matrix = factor.restore()?.into_dimensionality::<Ix2>();
            factors.push(Some(matrix.map_err(|_| "a factor that is no matrix")?));
        }
        let mut tensor =
            Self::from_parts(stored.core.restore()?, factors).map_err(|error| error.to_string())?;
        let (order, discarded) = (tensor.order(), stored.truncation.per_mode().len());
        if order != discarded {
            return Err(format!("{discarded} truncation errors for {order} modes"));
        }
        tensor.truncation = stored.truncation;
        Ok(tensor)
    }
}

#[cfg(test)]
mod tests {
    use crate::tucker::{Tucker, tucker};
    use ndarray::Array3;

    #[test]
    fn a_tensor_comes_back_bit_by_bit() {
        let x = Array3::from_shape_fn((4, 5, 3), |(i, j, k)| 1.0 / (1.0 + (i + 2 * j * k) as f64));
        let t = tucker(&x, [(0, 2), (1, 3)]).unwrap();
        let bytes = postcard::to_stdvec(&t).unwrap();
        let back: Tucker<f64> = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(back, t);
        assert_eq!(back.shape(), [4, 5, 3]);
        assert_eq!(back.truncation_error(), t.truncation_error());
        // Every truncation is noticed; the array lengths are part of the bytes.
        for length in 0..bytes.len() {
            assert!(postcard::from_bytes::<Tucker<f64>>(&bytes[..length]).is_err());
        }
    }
}
