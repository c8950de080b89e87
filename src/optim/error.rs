//! What can go wrong while a model is trained.

use crate::error::BoxError;
use crate::store::DecodeError;

/// An error of the `optim` module.
///
/// Epochs count from 0 over the whole life of a [`Trainer`](super::Trainer), batches from 0 within
/// their epoch.
///
/// # Examples
///
/// ```
/// use tt_admm::optim::{OptimError, Optimizer, Sgd};
///
/// let refused = Optimizer::<f64>::check(&Sgd::new(-0.5)).unwrap_err();
/// assert!(matches!(refused, OptimError::HyperParameter { value: -0.5, .. }));
/// assert_eq!(refused.to_string(), "learning rate must be finite and > 0, got -0.5");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OptimError {
    /// A hyper-parameter of an optimiser or a schedule is outside its range. The range is that of
    /// the element type: `1e-60` is not a positive `f32`.
    #[error("{name} must be {range}, got {value}")]
    HyperParameter {
        /// The hyper-parameter.
        name: &'static str,
        /// The legal values, in words.
        range: &'static str,
        /// The value given.
        value: f64,
    },

    /// Nesterov momentum was asked for with momentum 0.
    #[error("Nesterov momentum needs a momentum > 0")]
    NesterovWithoutMomentum,

    /// A number that must be at least 1 is 0: batch size, epochs, epochs of a schedule.
    #[error("{name} must be at least 1, got 0")]
    Zero {
        /// What the number counts.
        name: &'static str,
    },

    /// The model has no samples to train on.
    #[error("the model has no samples")]
    NoSamples,

    /// The model has no parameters.
    #[error("the model has no parameters")]
    NoParameters,

    /// Two parameters of the model have the same name.
    #[error("parameters {first} and {second} are both named `{name}`")]
    DuplicateParameter {
        /// The name.
        name: String,
        /// Position of the first parameter of that name.
        first: usize,
        /// Position of the second one.
        second: usize,
    },

    /// `parameters` and `parameters_mut` of the model return lists of different lengths.
    #[error("`parameters` lists {shared} parameters, `parameters_mut` lists {exclusive}")]
    ParameterCount {
        /// Length of the list of `parameters`.
        shared: usize,
        /// Length of the list of `parameters_mut`.
        exclusive: usize,
    },

    /// `parameters` and `parameters_mut` of the model disagree at one position.
    #[error(
        "parameter {position} is `{name}` of shape {shape:?} in `parameters`, \
         but `{name_mut}` of shape {shape_mut:?} in `parameters_mut`"
    )]
    ParameterMismatch {
        /// Position in both lists.
        position: usize,
        /// Name in `parameters`.
        name: String,
        /// Shape in `parameters`.
        shape: Vec<usize>,
        /// Name in `parameters_mut`.
        name_mut: String,
        /// Shape in `parameters_mut`.
        shape_mut: Vec<usize>,
    },

    /// The number of parameters of the model changed while it was trained.
    #[error("epoch {epoch}, batch {batch}: the model had {expected} parameters, now it has {got}")]
    ParametersChanged {
        /// The epoch.
        epoch: usize,
        /// The mini-batch.
        batch: usize,
        /// Number of parameters at the start of the fit.
        expected: usize,
        /// Number of parameters now.
        got: usize,
    },

    /// A gradient does not have the shape of its parameter: the model replaced a gradient buffer, or
    /// the parameter itself, by an array of another shape.
    #[error(
        "epoch {epoch}, batch {batch}: parameter `{parameter}` has shape {expected:?}, \
         its gradient has shape {got:?}"
    )]
    GradientShape {
        /// Name of the parameter.
        parameter: String,
        /// The epoch.
        epoch: usize,
        /// The mini-batch.
        batch: usize,
        /// Shape of the parameter.
        expected: Vec<usize>,
        /// Shape of the gradient.
        got: Vec<usize>,
    },

    /// The model failed to compute its gradients.
    #[error("epoch {epoch}, batch {batch}: the model failed")]
    Model {
        /// The epoch.
        epoch: usize,
        /// The mini-batch.
        batch: usize,
        /// The model's own error.
        source: BoxError,
    },

    /// The function given to [`Trainer::fit_with`](super::Trainer::fit_with) failed.
    #[error("epoch {epoch}, batch {batch}: adjusting the gradient of `{parameter}` failed")]
    Adjust {
        /// Name of the parameter.
        parameter: String,
        /// The epoch.
        epoch: usize,
        /// The mini-batch.
        batch: usize,
        /// The function's own error.
        source: BoxError,
    },

    /// A parameter was asked for by a name that the model does not have.
    #[error("there is no parameter `{name}`; there are {known:?}")]
    UnknownParameter {
        /// The name.
        name: String,
        /// The model's parameters.
        known: Vec<String>,
    },

    /// A parameter was to be overwritten by an array of another shape.
    #[error("parameter `{name}` has shape {expected:?}, got {got:?}")]
    ParameterShape {
        /// The parameter.
        name: String,
        /// Its shape.
        expected: Vec<usize>,
        /// The shape given.
        got: Vec<usize>,
    },

    /// The loss is NaN or infinite: training diverged, or the data is not finite.
    #[error("epoch {epoch}, batch {batch}: the loss is {loss}")]
    NonFiniteLoss {
        /// The epoch.
        epoch: usize,
        /// The mini-batch.
        batch: usize,
        /// The loss.
        loss: f64,
    },

    /// The model computed a gradient that is NaN or infinite. No parameter was touched by this batch.
    #[error("epoch {epoch}, batch {batch}: the gradient of `{parameter}` is {value} at {index:?}")]
    NonFiniteGradient {
        /// Name of the parameter.
        parameter: String,
        /// The epoch.
        epoch: usize,
        /// The mini-batch.
        batch: usize,
        /// Index of the first such element, row-major.
        index: Vec<usize>,
        /// Its value.
        value: f64,
    },

    /// A gradient was finite, but is NaN or infinite after the function given to
    /// [`Trainer::fit_with`](super::Trainer::fit_with). No parameter was touched by this batch.
    #[error(
        "epoch {epoch}, batch {batch}: the adjusted gradient of `{parameter}` is {value} at {index:?}"
    )]
    NonFiniteAdjustedGradient {
        /// Name of the parameter.
        parameter: String,
        /// The epoch.
        epoch: usize,
        /// The mini-batch.
        batch: usize,
        /// Index of the first such element, row-major.
        index: Vec<usize>,
        /// Its value.
        value: f64,
    },

    /// Stored state is not that of this trainer or optimiser.
    #[error("stored state: {0}")]
    State(#[from] DecodeError),
}
