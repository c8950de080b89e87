//! Errors of the library, in one type.

use thiserror::Error;
use tt_admm::optim::OptimError;
use tt_admm::{AdmmError, TensorizeError};

/// What the library may refuse.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProblemError {
    /// A layout.
    #[error(transparent)]
    Layout(#[from] TensorizeError),
    /// The trainer.
    #[error(transparent)]
    Trainer(#[from] OptimError),
    /// The loop.
    #[error(transparent)]
    Admm(#[from] AdmmError),
}
