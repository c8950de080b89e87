//! A tensor train as stored, checked again when it is read.

use ndarray::{Array3, Ix3};
use serde::{Deserialize, Serialize};

use super::{TensorTrain, TruncationError};
use crate::scalar::Scalar;
use crate::store::StoredArray;

#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "A: Scalar")]
pub(super) struct Stored<A> {
    cores: Vec<StoredArray<A>>,
    truncation: TruncationError,
}

impl<A: Scalar> From<TensorTrain<A>> for Stored<A> {
    fn from(train: TensorTrain<A>) -> Self {
        Self {
            cores: train
                .cores
                .iter()
                .map(|core| StoredArray::new(core))
                .collect(),
            truncation: train.truncation,
        }
    }
}

impl<A: Scalar> TryFrom<Stored<A>> for TensorTrain<A> {
    type Error = String;

    fn try_from(stored: Stored<A>) -> Result<Self, String> {
        let core = |core: StoredArray<A>| -> Result<Array3<A>, String> {
            let core = core.restore()?;
            core.into_dimensionality::<Ix3>()
                .map_err(|_| "a core that is no array of order 3".to_owned())
        };
        let cores = stored
            .cores
            .into_iter()
            .map(core)
            .collect::<Result<_, _>>()?;
        let mut train = Self::from_cores(cores).map_err(|error| error.to_string())?;
        let (bonds, discarded) = (train.order() - 1, stored.truncation.per_bond().len());
        if bonds != discarded {
            return Err(format!("{discarded} truncation errors for {bonds} bonds"));
        }
        train.truncation = stored.truncation;
        Ok(train)
    }
}

#[cfg(test)]
mod tests {
    use crate::tensor_train::{TensorTrain, tt_svd};
    use ndarray::Array3;

    #[test]
    fn a_train_comes_back_bit_by_bit() {
        let x = Array3::from_shape_fn((4, 5, 3), |(i, j, k)| 1.0 / (1.0 + (i + 2 * j * k) as f64));
        let train = tt_svd(&x, 2).unwrap();
        let bytes = postcard::to_stdvec(&train).unwrap();
        let back: TensorTrain<f64> = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(back, train);
        assert_eq!(back.truncation_error(), train.truncation_error());
        // Every truncation is noticed; the array lengths are part of the bytes.
        for length in 0..bytes.len() {
            assert!(postcard::from_bytes::<TensorTrain<f64>>(&bytes[..length]).is_err());
        }
    }
}
