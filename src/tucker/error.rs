//! Errors of the Tucker format.

use crate::linalg::LinalgError;

/// Why a Tucker operation was refused.
///
/// # Examples
///
/// ```
/// use tt_admm::{TuckerError, ndarray::array, tucker};
///
/// let error = tucker(&array![[1.0, f64::NAN]], 1).unwrap_err();
/// assert!(matches!(error, TuckerError::NonFinite { ref index, .. } if *index == [0, 1]));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TuckerError {
    /// A tensor without modes.
    #[error("a 0-d tensor has no Tucker form; give a scalar as a tensor of shape [1]")]
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
        /// Which array: `"the tensor"`, `"the core"`, `"factor 2"`.
        what: String,
        /// Index of the first such element.
        index: Vec<usize>,
        /// The element.
        value: f64,
    },
    /// A list of ranks does not have one rank for every compressed mode.
    #[error("{expected} modes are compressed; got a list of {got} ranks")]
    RankCount {
        /// The number of compressed modes.
        expected: usize,
        /// Length of the list.
        got: usize,
    },
    /// A rank is zero.
    #[error("rank 0 in mode {mode}; a rank is at least 1 and here at most {largest}")]
    ZeroRank {
        /// The mode, counted from 0.
        mode: usize,
        /// The largest rank that this mode can have for this shape.
        largest: usize,
    },
    /// A mode number at or above the order.
    #[error("there is no mode {mode}: a tensor of order {order} has modes 0 to {}", order - 1)]
    NoSuchMode {
        /// The mode named.
        mode: usize,
        /// The order of the tensor.
        order: usize,
    },
    /// A mode is named twice.
    #[error("mode {mode} is named twice")]
    DuplicateMode {
        /// The mode.
        mode: usize,
    },
    /// A tolerance is negative, NaN or infinite.
    #[error("the {kind} tolerance must be finite and not negative, got {got}")]
    Tolerance {
        /// `"relative"`, `"absolute"` or `"sweep"`.
        kind: &'static str,
        /// The value given.
        got: f64,
    },
    /// A list of factors does not have one entry for every mode of the core.
    #[error(
        "a core of order {order} needs {order} factors (`None` for a mode without one), got {got}"
    )]
    FactorCount {
        /// The order of the core.
        order: usize,
        /// The number of factors.
        got: usize,
    },
    /// A factor does not fit the core.
    #[error("factor {mode} has shape {got:?}; it must be (n, {rank}) with n at least 1")]
    FactorShape {
        /// The mode, counted from 0.
        mode: usize,
        /// The shape of the factor.
        got: [usize; 2],
        /// The size of the core in this mode.
        rank: usize,
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
    /// The core has to hold the norm of the tensor, and an element of it is outside the range of the type.
    #[error(
        "the Frobenius norm is exp({log_norm}), which the element type cannot hold in the core"
    )]
    OutOfRange {
        /// Natural logarithm of the norm.
        log_norm: f64,
    },
    /// A factorisation failed.
    #[error(transparent)]
    Linalg(#[from] LinalgError),
}
