//! What can go wrong between candle and the library.

use candle_core::DType;
use tt_admm::BoxError;

/// Errors of the adapter and of the layers.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A name that no variable of the `VarMap` has.
    #[error("the VarMap has no variable `{name}`; the nearest names are {nearest:?}")]
    UnknownVariable {
        /// The name asked for.
        name: String,
        /// The most similar names there are.
        nearest: Vec<String>,
    },
    /// A variable of a type that the adapter does not carry.
    #[error("variable `{name}` is {dtype:?}, the constrained weights must be {expected:?}")]
    DType {
        /// The variable.
        name: String,
        /// Its type.
        dtype: DType,
        /// The type needed.
        expected: DType,
    },
    /// Values whose shape is not that of the variable they belong to.
    #[error("`{name}` has shape {expected:?}, the values have {got:?}")]
    Shape {
        /// The variable.
        name: String,
        /// Its shape.
        expected: Vec<usize>,
        /// The shape of the values.
        got: Vec<usize>,
    },
    /// The loss of a mini-batch is NaN or infinite.
    #[error(
        "the loss is {loss} in step {step} of iteration {iteration}{}",
        variable.as_ref().map(|v| format!("; the first variable that is not finite is `{v}`"))
            .unwrap_or_default()
    )]
    NonFiniteLoss {
        /// The loss.
        loss: f64,
        /// The iteration of ADMM, counted from 1; an epoch where no ADMM runs.
        iteration: usize,
        /// The mini-batch in this iteration, counted from 1.
        step: usize,
        /// The first variable, by name, that is not finite, itself or else in its gradient.
        variable: Option<String>,
    },
    /// A gradient has an element that is NaN or infinite.
    #[error("the gradient of `{name}` is not finite in step {step} of iteration {iteration}")]
    NonFiniteGradient {
        /// The first such variable, in the order of names.
        name: String,
        /// The iteration of ADMM, counted from 1; an epoch where no ADMM runs.
        iteration: usize,
        /// The mini-batch in this iteration, counted from 1.
        step: usize,
    },
    /// A W-step that never added the proximal terms, so that the constraint did not act.
    #[error(
        "the W-step of iteration {iteration} never called `Pull::add_to` or `Pull::backward`: \
         the constraint did not act on training"
    )]
    PullUnused {
        /// The iteration of ADMM, counted from 1.
        iteration: usize,
    },
    /// Factors that a layer cannot be made of.
    #[error("layer `{layer}`: {reason}")]
    Layer {
        /// The layer's prefix in the `VarMap`.
        layer: String,
        /// What does not fit.
        reason: String,
    },
    /// A saved state that does not belong to this model.
    #[error("saved state: {0}")]
    State(String),
    /// candle refused an operation.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
    /// The user's own code failed; made by [`Error::other`].
    #[error(transparent)]
    Other(BoxError),
}

impl Error {
    /// Wraps an error of the user's own training code.
    pub fn other(error: impl Into<BoxError>) -> Self {
        Self::Other(error.into())
    }
}
