//! A tensor ring as stored, checked again when it is read.

use ndarray::{Array3, Ix3};
use serde::{Deserialize, Serialize};

use super::TensorRing;
use crate::scalar::Scalar;
use crate::store::StoredArray;
use crate::tensor_train::TruncationError;

#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "A: Scalar")]
pub(super) struct Stored<A> {
    cores: Vec<StoredArray<A>>,
    truncation: TruncationError,
}

impl<A: Scalar> From<TensorRing<A>> for Stored<A> {
    fn from(ring: TensorRing<A>) -> Self {
        let cores = ring.cores.iter();
        Self {
            cores: cores.map(|core| StoredArray::new(core)).collect(),
            truncation: ring.truncation,
        }
    }
}

impl<A: Scalar> TryFrom<Stored<A>> for TensorRing<A> {
    type Error = String;

    fn try_from(stored: Stored<A>) -> Result<Self, String> {
        let core = |core: StoredArray<A>| -> Result<Array3<A>, String> {
            let core = core.restore()?;
            core.into_dimensionality::<Ix3>()
                .map_err(|_| "a core that is no array of order 3".to_owned())
        };
        let cores = stored.cores.into_iter().map(core);
        let cores = cores.collect::<Result<_, _>>()?;
        let mut ring = Self::from_cores(cores).map_err(|error| error.to_string())?;
        let (cuts, discarded) = (ring.order() - 1, stored.truncation.per_bond().len());
        if cuts != discarded {
            return Err(format!("{discarded} truncation errors for {cuts} cuts"));
        }
        ring.truncation = stored.truncation;
        Ok(ring)
    }
}

#[cfg(test)]
mod tests {
    use crate::tensor_ring::{TensorRing, TrTruncation, tr_svd};
    use ndarray::Array3;

    #[test]
    fn a_ring_comes_back_bit_by_bit() {
        let x = Array3::from_shape_fn((4, 5, 3), |(i, j, k)| 1.0 / (1.0 + (i + 2 * j * k) as f64));
        let ring = tr_svd(&x, TrTruncation::relative(0.01)).unwrap();
        let bytes = postcard::to_stdvec(&ring).unwrap();
        let back: TensorRing<f64> = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(back, ring);
        assert_eq!(back.truncation_error(), ring.truncation_error());
        // Every truncation is noticed; the array lengths are part of the bytes.
        for length in 0..bytes.len() {
            assert!(postcard::from_bytes::<TensorRing<f64>>(&bytes[..length]).is_err());
        }
    }
}
