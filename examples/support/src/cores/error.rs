//! Factors that are not those of a layer.

use thiserror::Error;
use tt_admm::TtError;

/// Factors that do not have the layout needed, or cores that do not fit together.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum CoresError {
    /// The factors were made with another layout.
    #[error(
        "the factors are a tensor {tensor:?} of a weight {weight:?}; needed is the layout {needed}"
    )]
    Layout {
        /// The layout needed, in words.
        needed: &'static str,
        /// The shape of the weight.
        weight: Vec<usize>,
        /// The shape of the tensor.
        tensor: Vec<usize>,
    },
    /// The factors are of another format, or of several groups.
    #[error("the factors of a weight {weight:?} are not one tensor train")]
    NoTrain {
        /// The shape of the weight.
        weight: Vec<usize>,
    },
    /// The factors are of another format, or of several groups.
    #[error("the factors of a weight {weight:?} are neither one tensor train nor one tensor ring")]
    NoRing {
        /// The shape of the weight.
        weight: Vec<usize>,
    },
    /// The cores do not make a tensor train.
    #[error(transparent)]
    TensorTrain(#[from] TtError),
}
