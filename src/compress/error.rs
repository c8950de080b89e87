//! Errors of compression.

use super::PlanError;
use crate::error::BoxError;
use crate::projection::ProjectionError;

/// Why a weight could not be decomposed or replaced.
///
/// # Examples
///
/// ```
/// use tt_admm::{TtProjection, compress::{CompressError, decompose}, ndarray::array};
///
/// let error = decompose("fc1", &array![[1.0, f64::NAN]], &TtProjection::new(1)).unwrap_err();
/// assert!(matches!(error, CompressError::Projection { ref name, .. } if name == "fc1"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompressError {
    /// The model has no parameter of this name.
    #[error("there is no parameter `{name}`; there are {known:?}")]
    UnknownParameter {
        /// The name.
        name: String,
        /// The model's parameters.
        known: Vec<String>,
    },
    /// A parameter was given factors twice.
    #[error("parameter `{name}` was given factors twice")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// The factors make a weight of another shape than the parameter.
    #[error("parameter `{name}` has shape {expected:?}, its factors make {got:?}")]
    Shape {
        /// The name.
        name: String,
        /// The shape of the parameter.
        expected: Vec<usize>,
        /// The shape the factors make.
        got: Vec<usize>,
    },
    /// The model's gradient buffer no longer has the shape of its parameter.
    #[error("the gradient of `{name}` has shape {got:?}, the parameter {expected:?}")]
    GradientShape {
        /// The name.
        name: String,
        /// The shape of the parameter.
        expected: Vec<usize>,
        /// The shape of the gradient.
        got: Vec<usize>,
    },
    /// `parameters` and `parameters_mut` of the model do not list the same.
    #[error("parameter {slot} is {read} in `parameters` and {written} in `parameters_mut`")]
    ParameterLists {
        /// Position in the lists.
        slot: usize,
        /// Name and shape in `parameters`.
        read: String,
        /// Name and shape in `parameters_mut`.
        written: String,
    },
    /// The prox operator gives no factors, so there is nothing to decompose into.
    #[error("the prox operator of `{name}` gives no factors")]
    NoFactors {
        /// The weight.
        name: String,
    },
    /// A weight could not be read.
    #[error("weight `{name}`: {source}")]
    Weight {
        /// The weight.
        name: String,
        /// The model's error.
        source: BoxError,
    },
    /// A weight could not be decomposed.
    #[error("weight `{name}`: {source}")]
    Projection {
        /// The weight.
        name: String,
        /// What went wrong.
        source: ProjectionError,
    },
    /// The plan does not fit.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The model failed to compute its gradient.
    #[error("{0}")]
    Model(#[source] BoxError),
}
