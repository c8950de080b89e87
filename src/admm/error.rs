//! Errors of the ADMM loop.

use super::CheckpointError;
use crate::error::BoxError;
use crate::projection::ProjectionError;

/// Why ADMM was refused or stopped. After any of these the state is what it was after the last complete
/// update, and can be used further.
///
/// # Examples
///
/// ```
/// use tt_admm::{Admm, TtProjection, ndarray::array};
///
/// let w = array![[1.0, 0.0], [0.0, 0.5]];
/// let error = Admm::<f64>::builder()
///     .constrain("w", TtProjection::new(1))
///     .build_from(|_| w.view().into_dyn())
///     .unwrap_err();
/// assert!(matches!(error, tt_admm::AdmmError::MissingRho { ref weight } if weight == "w"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdmmError {
    /// No weight is constrained.
    #[error("no weight is constrained; call `constrain` at least once")]
    NoBlocks,
    /// No penalty was given for a weight.
    #[error("no rho given for `{weight}`; call `rho`, `rho_for` or `calibrate`")]
    MissingRho {
        /// The weight.
        weight: String,
    },
    /// A penalty is not a positive number of the weight's type, or so large that sums of penalties would not be.
    #[error("rho for `{weight}` must be positive and at most {largest:e}, got {rho}")]
    InvalidRho {
        /// The weight.
        weight: String,
        /// The value given.
        rho: f64,
        /// The largest allowed value: a millionth of the largest number of the type.
        largest: f64,
    },
    /// `rho` would change by so large a factor that `U` could not be rescaled.
    #[error(
        "rho for `{weight}` cannot go from {from:e} to {to:e}: U could not be rescaled by their ratio"
    )]
    RhoJump {
        /// The weight.
        weight: String,
        /// The penalty now.
        from: f64,
        /// The penalty asked for.
        to: f64,
    },
    /// A setting is outside its range.
    #[error("{setting} must be {expected}, got {got}")]
    InvalidSetting {
        /// The setting.
        setting: &'static str,
        /// The allowed values.
        expected: &'static str,
        /// The value given.
        got: f64,
    },
    /// A name that no constrained weight has.
    #[error("there is no constrained weight `{name}`; there are {known:?}")]
    UnknownWeight {
        /// The name.
        name: String,
        /// The constrained weights.
        known: Vec<String>,
    },
    /// The model could not give or take a weight.
    #[error("weight `{weight}`: {source}")]
    Weight {
        /// The weight.
        weight: String,
        /// The model's error.
        source: BoxError,
    },
    /// A weight no longer has the shape it had when the loop was built.
    #[error("weight `{weight}` had shape {expected:?} when ADMM was built, now it has {got:?}")]
    ShapeChanged {
        /// The weight.
        weight: String,
        /// Its shape at `build`.
        expected: Vec<usize>,
        /// Its shape now.
        got: Vec<usize>,
    },
    /// A weight or gradient handed to [`Proximal`](super::Proximal) has the wrong shape.
    #[error("the {what} of `{weight}` must have shape {expected:?}, got {got:?}")]
    ProximalShape {
        /// `"weight"` or `"gradient"`.
        what: &'static str,
        /// The weight.
        weight: String,
        /// The shape needed.
        expected: Vec<usize>,
        /// The shape given.
        got: Vec<usize>,
    },
    /// A weight has an element that is NaN or infinite.
    #[error("weight `{weight}` has {value} at index {index:?}; training has diverged")]
    NonFinite {
        /// The weight.
        weight: String,
        /// Index of the first such element.
        index: Vec<usize>,
        /// The element.
        value: f64,
    },
    /// A prox operator failed, at `build` or in an update.
    #[error("block {ordinal} of weight `{weight}`: {source}")]
    Prox {
        /// The weight.
        weight: String,
        /// Which of the blocks on this weight, counted from 0.
        ordinal: usize,
        /// What went wrong.
        source: ProjectionError,
    },
    /// The model failed to train.
    #[error("training failed in iteration {iteration}: {source}")]
    Model {
        /// The iteration, counted from 1.
        iteration: usize,
        /// The model's error.
        source: BoxError,
    },
    /// The model reported a loss that is NaN or infinite.
    #[error(
        "the loss is {loss} after the W-step of iteration {iteration}{}; training has diverged",
        diverged(weight.as_deref())
    )]
    NonFiniteLoss {
        /// The iteration, counted from 1.
        iteration: usize,
        /// The loss.
        loss: f64,
        /// The first constrained weight with an element that is not finite, if any has one.
        weight: Option<String>,
    },
    /// A checkpoint could not be saved, read or used.
    #[error("checkpoint of iteration {iteration}: {source}")]
    Checkpoint {
        /// The iteration; 0 if none was read yet.
        iteration: usize,
        /// What went wrong.
        source: CheckpointError,
    },
    /// An observer failed.
    #[error("the observer failed in iteration {iteration}: {source}")]
    Observer {
        /// The iteration, counted from 1; 0 before the first.
        iteration: usize,
        /// The observer's error.
        source: BoxError,
    },
}

fn diverged(weight: Option<&str>) -> String {
    weight.map_or_else(String::new, |name| format!(", first in weight `{name}`"))
}
