//! Errors of projections.

use crate::error::BoxError;
use crate::tensor_ring::TrError;
use crate::tensor_train::TtError;
use crate::tensorize::TensorizeError;
use crate::tucker::TuckerError;

/// Why a prox operator was refused or failed.
///
/// # Examples
///
/// ```
/// use tt_admm::{ProjectionError, Prox, Tensorization, TtProjection};
///
/// let projection = TtProjection::new(2).layout(Tensorization::linear([2, 3], [4])?);
/// let error = Prox::<f64>::check(&projection, &[6, 5]).unwrap_err();
/// assert!(matches!(error, ProjectionError::Shape { ref got, .. } if *got == [6, 5]));
/// # Ok::<(), tt_admm::TensorizeError>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectionError {
    /// The weight does not have the shape the projection was made for.
    #[error("expected a weight of shape {expected:?}, got {got:?}")]
    Shape {
        /// The shape needed.
        expected: Vec<usize>,
        /// The shape given.
        got: Vec<usize>,
    },
    /// A matrix-rank projection was given a layout that is not a matrix.
    #[error("a matrix-rank projection needs a layout with 2 modes, got {got}")]
    NotAMatrix {
        /// Number of modes of the layout.
        got: usize,
    },
    /// The tensor or the ranks do not fit.
    #[error(transparent)]
    TensorTrain(#[from] TtError),
    /// The tensor or the ranks do not fit the Tucker format.
    #[error(transparent)]
    Tucker(#[from] TuckerError),
    /// The first axis of the weight is not a number of groups of equal size.
    #[error(
        "a weight of shape {shape:?} does not have {groups} groups of equal size along its first axis"
    )]
    Groups {
        /// The number of groups asked for.
        groups: usize,
        /// The shape of the weight.
        shape: Vec<usize>,
    },
    /// A depthwise convolution.
    #[error(
        "a depthwise convolution (weight {shape:?}, {groups} groups of one input channel) has nothing to decompose across channels; leave it dense"
    )]
    Depthwise {
        /// The number of groups.
        groups: usize,
        /// The shape of the weight.
        shape: Vec<usize>,
    },
    /// An empty list of groups.
    #[error("factors of no group; there must be at least one")]
    NoGroups,
    /// The tensor or the ranks do not fit the tensor-ring format.
    #[error(transparent)]
    TensorRing(#[from] TrError),
    /// The layout does not fit.
    #[error(transparent)]
    Layout(#[from] TensorizeError),
    /// A prox operator of the user's own failed.
    #[error("{0}")]
    Other(#[source] BoxError),
}

impl ProjectionError {
    /// Wraps the error of a prox operator of your own.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::projection::ProjectionError;
    ///
    /// let error = ProjectionError::other("the weight has 3 rows, the mask 4");
    /// assert_eq!(error.to_string(), "the weight has 3 rows, the mask 4");
    /// ```
    pub fn other(error: impl Into<BoxError>) -> Self {
        Self::Other(error.into())
    }
}
