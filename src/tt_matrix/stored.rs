//! A TT-matrix as stored, checked again when it is read.

use serde::{Deserialize, Serialize};

use super::{TtMatrix, TtMatrixError};
use crate::scalar::Scalar;
use crate::tensor_train::TensorTrain;

#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "A: Scalar")]
pub(super) struct Stored<A> {
    row_modes: Vec<usize>,
    col_modes: Vec<usize>,
    train: TensorTrain<A>,
}

impl<A: Scalar> From<TtMatrix<A>> for Stored<A> {
    fn from(matrix: TtMatrix<A>) -> Self {
        Self {
            row_modes: matrix.row_modes,
            col_modes: matrix.col_modes,
            train: matrix.train,
        }
    }
}

impl<A: Scalar> TryFrom<Stored<A>> for TtMatrix<A> {
    type Error = TtMatrixError;

    fn try_from(stored: Stored<A>) -> Result<Self, TtMatrixError> {
        Self::from_tensor_train(stored.train, stored.row_modes, stored.col_modes)
    }
}
