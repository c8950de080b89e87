//! Errors of the adapter.

use burn::tensor::DType;
use tt_admm::BoxError;

/// Why a burn module could not be trained under constraints, decomposed or loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The module has no parameter of this name.
    #[error("the module has no parameter `{name}`; {}", hint(.nearest))]
    UnknownParameter {
        /// The name.
        name: String,
        /// The nearest names that exist.
        nearest: Vec<String>,
    },
    /// The adapter carries `f32` only.
    #[error("parameter `{name}` has dtype {dtype:?}; the adapter carries F32 only")]
    DType {
        /// The parameter.
        name: String,
        /// Its type.
        dtype: DType,
    },
    /// An array does not have the shape of the parameter.
    #[error("parameter `{name}` has shape {expected:?}, got {got:?}")]
    Shape {
        /// The parameter.
        name: String,
        /// Its shape, as the adapter presents it.
        expected: Vec<usize>,
        /// The shape given.
        got: Vec<usize>,
    },
    /// Only a matrix can be presented transposed.
    #[error("parameter `{name}` of shape {shape:?} cannot be transposed: it is no matrix")]
    NotAMatrix {
        /// The parameter.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A constrained parameter has no gradient, so the constraint could not act on it.
    #[error(
        "iteration {iteration}, step {step}: parameter `{name}` has no gradient; \
         it is frozen, a buffer, or took no part in the loss"
    )]
    NoGradient {
        /// The parameter.
        name: String,
        /// The ADMM iteration, counted from 1.
        iteration: usize,
        /// The step within it, counted from 1.
        step: usize,
    },
    /// Training went by without a single [`Pull::add_to`](crate::Pull::add_to).
    #[error(
        "iteration {iteration}: the training never called `Pull::add_to`, so no constraint acted"
    )]
    PullUnused {
        /// The ADMM iteration, counted from 1.
        iteration: usize,
    },
    /// The training panicked, as burn does on shapes that do not fit.
    #[error("iteration {iteration}, step {step}: the training panicked: {message}")]
    Panic {
        /// The ADMM iteration, counted from 1.
        iteration: usize,
        /// The step within it, counted from 1.
        step: usize,
        /// The message of the panic.
        message: String,
    },
    /// The loss is NaN or infinite.
    #[error(
        "iteration {iteration}, step {step}: the loss is {loss}; {}",
        first_bad(.culprit.as_deref())
    )]
    NonFiniteLoss {
        /// The ADMM iteration, counted from 1.
        iteration: usize,
        /// The step within it, counted from 1.
        step: usize,
        /// The loss.
        loss: f64,
        /// The first parameter that is not finite or, if all are, the first with a gradient that is not.
        culprit: Option<String>,
    },
    /// A gradient has an element that is NaN or infinite.
    #[error("iteration {iteration}, step {step}: the gradient of `{parameter}` is not finite")]
    NonFiniteGradient {
        /// The ADMM iteration, counted from 1.
        iteration: usize,
        /// The step within it, counted from 1.
        step: usize,
        /// The first such parameter.
        parameter: String,
    },
    /// A layer cannot be replaced by these factors.
    #[error("layer `{name}`: {reason}")]
    Layer {
        /// The layer.
        name: String,
        /// What does not fit.
        reason: String,
    },
    /// A weight file could not be read.
    #[error("weight file {path}: {source}")]
    WeightFile {
        /// The file.
        path: String,
        /// What went wrong.
        source: BoxError,
    },
    /// A weight file lacks parameters of the module, or has some that the module has not.
    #[error("the weight file does not fit: missing {missing:?}, not used {unused:?}")]
    WeightNames {
        /// Parameters without an entry.
        missing: Vec<String>,
        /// Entries without a parameter.
        unused: Vec<String>,
    },
    /// The state of the training could not be saved, or bytes are not a saved state.
    #[error("saved state: {0}")]
    State(#[source] BoxError),
    /// burn reported an error.
    #[error("burn, {action}: {source}")]
    Burn {
        /// What was being done.
        action: String,
        /// burn's error.
        source: BoxError,
    },
    /// The user's training reported an error.
    #[error("{0}")]
    Training(#[source] BoxError),
}

impl Error {
    /// An error of burn's, with what was being done.
    pub fn burn(action: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self::Burn {
            action: action.into(),
            source: source.into(),
        }
    }

    /// The training's error; an error of this type is passed on as it is.
    pub(crate) fn training(source: BoxError) -> Self {
        match source.downcast::<Self>() {
            Ok(own) => *own,
            Err(other) => Self::Training(other),
        }
    }
}

fn hint(nearest: &[String]) -> String {
    if nearest.is_empty() {
        "it has no parameters at all".to_owned()
    } else {
        format!("the nearest are {nearest:?}")
    }
}

fn first_bad(parameter: Option<&str>) -> String {
    match parameter {
        Some(name) => format!("`{name}` or its gradient is not finite"),
        None => "all parameters are finite".to_owned(),
    }
}
