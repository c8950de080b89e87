//! What the adapter and the layers may refuse.

use std::path::PathBuf;

use example_support::cores::CoresError;
use tch::{Kind, TchError};
use thiserror::Error;
use tt_admm::{AdmmError, BoxError};

/// Why a network could not be read, trained or replaced.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The store has no variable of this name.
    #[error("no variable `{name}` in the store; nearest: {}", nearest.join(", "))]
    UnknownVariable {
        /// The name asked for.
        name: String,
        /// The names most like it.
        nearest: Vec<String>,
    },
    /// An element type that is not carried here.
    #[error("`{name}` has elements of kind {kind:?}, supported: {supported}")]
    Kind {
        /// The variable.
        name: String,
        /// Its element type.
        kind: Kind,
        /// The types that would do.
        supported: &'static str,
    },
    /// A shape that is not the one needed.
    #[error("`{name}` has shape {got:?}, expected {expected:?}")]
    Shape {
        /// The variable.
        name: String,
        /// The shape needed.
        expected: Vec<i64>,
        /// Its shape.
        got: Vec<i64>,
    },
    /// A constrained variable without a gradient: `backward` was not called, or the loss does not depend
    /// on the variable, or it is not trainable.
    #[error("`{name}` has no gradient; call `backward` before the proximal terms are added")]
    NoGradient {
        /// The variable.
        name: String,
    },
    /// The loss of a mini-batch is NaN or infinite.
    #[error(
        "the loss is {loss} at step {step} of iteration {iteration}{}",
        parameter.as_ref().map(|p| format!("; the first variable that is not finite is `{p}`"))
            .unwrap_or_default()
    )]
    NonFiniteLoss {
        /// The loss.
        loss: f64,
        /// The mini-batch, counted from 1 in every W-step.
        step: usize,
        /// The W-step, counted from 1; an epoch where no ADMM runs.
        iteration: usize,
        /// The first variable, by name, with elements or a gradient that are not finite.
        parameter: Option<String>,
    },
    /// A variable or its gradient is not finite at the end of a W-step.
    #[error("{what} of `{name}` is not finite after iteration {iteration}")]
    NonFinite {
        /// The value or the gradient.
        what: &'static str,
        /// The first such variable by name.
        name: String,
        /// The W-step, counted from 1.
        iteration: usize,
    },
    /// Factors of another layout than the layer's.
    #[error("the factors of `{name}` do not make a layer: {source}")]
    Cores {
        /// The weight.
        name: String,
        /// Why.
        source: CoresError,
    },
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Saved tensors that are not what is needed.
    #[error("{place}: {what}")]
    Saved {
        /// The file, or the state.
        place: String,
        /// What is wrong, with the names.
        what: String,
    },
    /// Torch itself.
    #[error(transparent)]
    Torch(#[from] TchError),
    /// The loop.
    #[error(transparent)]
    Admm(#[from] AdmmError),
    /// Anything from the user's part of a W-step.
    #[error(transparent)]
    Other(BoxError),
}

impl Error {
    /// An error of the user's own epoch function.
    #[must_use]
    pub fn other(source: impl Into<BoxError>) -> Self {
        Self::Other(source.into())
    }
}
