//! Errors of tensor trains.

use crate::linalg::LinalgError;
use crate::truncation::RankError;

/// Why a tensor-train operation was refused.
///
/// # Examples
///
/// ```
/// use tt_admm::{TtError, ndarray::array, tt_svd};
///
/// let error = tt_svd(&array![[1.0, f64::NAN]], 1).unwrap_err();
/// assert!(matches!(error, TtError::NonFinite { ref index, .. } if *index == [0, 1]));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TtError {
    /// A tensor without modes.
    #[error("a 0-d tensor has no tensor train; give a scalar as a tensor of shape [1]")]
    NoModes,
    /// A mode has size zero.
    #[error("mode {mode} of the shape {shape:?} has size 0; every mode must be at least 1")]
    EmptyMode {
        /// The mode, counted from 0.
        mode: usize,
        /// The whole shape.
        shape: Vec<usize>,
    },
    /// The number of elements does not fit in the address space.
    #[error("a dense tensor of shape {shape:?} has more elements than memory can address")]
    TooLarge {
        /// The shape.
        shape: Vec<usize>,
    },
    /// An element is NaN or infinite.
    #[error("{what} has {value} at index {index:?}; all elements must be finite")]
    NonFinite {
        /// Which array: `"the tensor"`, `"core 2"`, ...
        what: String,
        /// Index of the first such element.
        index: Vec<usize>,
        /// The element.
        value: f64,
    },
    /// The ranks or tolerances do not fit.
    #[error(transparent)]
    Rank(#[from] RankError),
    /// A list of cores has a core whose shape does not fit its neighbours.
    #[error(
        "core {core} has shape {got:?}; it must be ({left_rank}, n, r) with n and r at least 1{}",
        if *last { " and r = 1, being the last" } else { "" }
    )]
    CoreShape {
        /// The core, counted from 0.
        core: usize,
        /// Its shape.
        got: [usize; 3],
        /// The right rank of the core before it (1 for the first).
        left_rank: usize,
        /// Whether it is the last core.
        last: bool,
    },
    /// Two tensors that must have the same shape do not.
    #[error("expected a tensor of shape {expected:?}, got {got:?}")]
    ShapeMismatch {
        /// The shape needed.
        expected: Vec<usize>,
        /// The shape given.
        got: Vec<usize>,
    },
    /// An index lies outside the tensor, or has the wrong number of entries.
    #[error("index {index:?} is outside a tensor of shape {shape:?}")]
    IndexOutOfBounds {
        /// The index.
        index: Vec<usize>,
        /// The shape.
        shape: Vec<usize>,
    },
    /// A core number at or above the order.
    #[error("there is no core {core}: a tensor train of order {order} has cores 0 to {}", order - 1)]
    NoSuchCore {
        /// The core asked for.
        core: usize,
        /// The order.
        order: usize,
    },
    /// A factor is NaN or infinite.
    #[error("a tensor train cannot be multiplied by {got}; the factor must be finite")]
    Factor {
        /// The factor.
        got: f64,
    },
    /// A core of the result has more elements than memory can hold.
    #[error("core {core} of the result would have shape {shape:?}, more than memory can hold")]
    CoreTooLarge {
        /// The core, counted from 0.
        core: usize,
        /// Its shape; a rank that no integer holds is the largest one.
        shape: [usize; 3],
    },
    /// One core, or all of them together, would have to hold the norm of the tensor, and it is outside the range of
    /// the type.
    #[error(
        "the Frobenius norm is exp({log_norm}), which the element type cannot hold in the cores"
    )]
    OutOfRange {
        /// Natural logarithm of the norm.
        log_norm: f64,
    },
    /// A factorisation failed.
    #[error(transparent)]
    Linalg(#[from] LinalgError),
}
