//! Errors of planning.

use crate::compress::{CostError, SchemeError};
use crate::linalg::LinalgError;
use crate::tensorize::TensorizeError;

/// Why there is no plan.
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Budget, Family, LayerProfile, Operator, PlanError, plan};
/// use tt_admm::ndarray::Array2;
///
/// let w = Array2::from_shape_fn((8, 6), |(i, j)| ((i * j) as f64).cos());
/// let layers = [LayerProfile::measure("fc", &w, Operator::linear(1), &[Family::LowRank])?];
/// let error = plan(&layers, Budget::parameters(10)).unwrap_err();
/// assert!(matches!(error, PlanError::TooSmall { smallest: 14, dense: 48, .. }));    // rank 1: 8 + 6
/// # Ok::<(), PlanError>(())
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A compression ratio below 1, or not a number.
    #[error("a compression ratio is 1 or more, got {got}")]
    Ratio {
        /// The ratio.
        got: f64,
    },
    /// A relative error that is negative or not a number.
    #[error("a relative error is finite and not negative, got {got}")]
    Tolerance {
        /// The error.
        got: f64,
    },
    /// A share of the energy outside 0..=1.
    #[error("a share of the energy lies between 0 and 1, got {got}")]
    Energy {
        /// The share.
        got: f64,
    },
    /// The layers cannot be made so small.
    #[error(
        "a budget of {budget} {resource} cannot be met: the smallest ranks need {smallest} of {dense}"
    )]
    TooSmall {
        /// What is limited.
        resource: &'static str,
        /// The limit.
        budget: u64,
        /// The least that the layers can be made to need: rank 1, or dense where that is no smaller.
        smallest: u64,
        /// What the dense layers have.
        dense: u64,
    },
    /// No layers.
    #[error("there is no layer to plan")]
    NoLayers,
    /// Two layers of one name.
    #[error("layer `{name}` is there twice")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A plan names a layer that is not there.
    #[error("the plan has a layer `{name}`, which is not there; there are {known:?}")]
    UnknownLayer {
        /// The name.
        name: String,
        /// The layers.
        known: Vec<String>,
    },
    /// A layer's weight is not the one that the plan was made for.
    #[error("layer `{name}` has shape {got:?}, the plan is for {expected:?}")]
    Shape {
        /// The layer.
        name: String,
        /// The shape in the plan.
        expected: Vec<usize>,
        /// The shape of the weight.
        got: Vec<usize>,
    },
    /// An element is NaN or infinite.
    #[error("layer `{name}` has {value} at index {index:?}")]
    NonFinite {
        /// The layer.
        name: String,
        /// Where.
        index: Vec<usize>,
        /// What.
        value: f64,
    },
    /// The importance of a layer is negative or not a number.
    #[error("the importance of layer `{name}` is finite and not negative, got {got}")]
    Importance {
        /// The layer.
        name: String,
        /// The importance.
        got: f64,
    },
    /// Singular values that are not as many as the layout has bonds, or not finite and descending.
    #[error("layer `{name}`: {what}")]
    Spectra {
        /// The layer.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// The cost of a layer cannot be counted.
    #[error("layer `{name}`: {source}")]
    Cost {
        /// The layer.
        name: String,
        /// Why.
        source: CostError,
    },
    /// A layer's scheme is none.
    #[error("layer `{name}`: {source}")]
    Scheme {
        /// The layer.
        name: String,
        /// Why.
        source: SchemeError,
    },
    /// A layout does not fit.
    #[error("layer `{name}`: {source}")]
    Layout {
        /// The layer.
        name: String,
        /// Why.
        source: TensorizeError,
    },
    /// Eigenvalues were not found.
    #[error("layer `{name}`: {source}")]
    Linalg {
        /// The layer.
        name: String,
        /// Why.
        source: LinalgError,
    },
}
