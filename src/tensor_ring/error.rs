//! Errors of tensor rings.

use crate::linalg::LinalgError;
use crate::tensor_train::TtError;

/// Why a tensor-ring operation was refused.
///
/// # Examples
///
/// ```
/// use tt_admm::{TrError, ndarray::Array3, tr_svd};
///
/// // The two ranks next to the first mode come from one cut, which has rank 3 at most.
/// let error = tr_svd(&Array3::<f64>::ones((3, 4, 5)), 2).unwrap_err();
/// assert_eq!(error, TrError::FirstCut { mode: 0, ranks: [2, 2], largest: 3 });
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrError {
    /// A tensor without modes.
    #[error("a 0-d tensor has no tensor ring; give a scalar as a tensor of shape [1]")]
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
    /// The cores, or the equations for one of them, do not fit in the address space.
    #[error("the ranks {ranks:?} are too large for a tensor of shape {shape:?}")]
    RanksTooLarge {
        /// The ranks `r_0, ..., r_{d-1}`.
        ranks: Vec<usize>,
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
    /// A list of ranks has the wrong length.
    #[error(
        "a tensor ring of order {order} takes one rank for all bonds, {order} ranks, or {} ranks with equal ends; \
         got a list of {got}",
        order + 1
    )]
    RankCount {
        /// Order of the tensor.
        order: usize,
        /// Length of the list.
        got: usize,
    },
    /// A rank is zero.
    #[error("rank 0 at bond {bond}; a rank is at least 1")]
    RankZero {
        /// The bond: `k` is the one on the left of mode `k`.
        bond: usize,
    },
    /// The first and the last of `d + 1` ranks differ, but mean the same bond.
    #[error(
        "the first and the last of {} ranks belong to one bond and must be equal, got {first} and {last}",
        order + 1
    )]
    RankEnds {
        /// Order of the tensor.
        order: usize,
        /// The first rank.
        first: usize,
        /// The last rank.
        last: usize,
    },
    /// The ranks next to the mode at which a TR-SVD starts are too large: one cut makes both.
    #[error(
        "TR-SVD from mode {mode} makes the ranks {} and {} from one cut of rank {largest} at most; choose smaller \
         ranks, another start, or alternating least squares",
        ranks[0], ranks[1]
    )]
    FirstCut {
        /// The mode.
        mode: usize,
        /// The ranks on its left and on its right.
        ranks: [usize; 2],
        /// The largest product they can have.
        largest: usize,
    },
    /// A mode number at or above the order.
    #[error("there is no mode {mode}: a tensor of order {order} has modes 0 to {}", order - 1)]
    NoSuchMode {
        /// The mode asked for.
        mode: usize,
        /// The order.
        order: usize,
    },
    /// A tolerance is negative, NaN or infinite.
    #[error("the {kind} tolerance must be finite and not negative, got {got}")]
    Tolerance {
        /// `"relative"` or `"absolute"`.
        kind: &'static str,
        /// The value given.
        got: f64,
    },
    /// A setting of the iteration is out of range.
    #[error("{setting} must be {expected}, got {got}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What it must be.
        expected: &'static str,
        /// The value given.
        got: f64,
    },
    /// A factor is NaN or infinite.
    #[error("a tensor ring cannot be multiplied by {got}; the factor must be finite")]
    Factor {
        /// The factor.
        got: f64,
    },
    /// A list of cores has a core whose shape does not fit the core before it.
    #[error(
        "core {core} has shape {got:?}; it must be ({left_rank}, n, r) with n and r at least 1, as core {before} has \
         right rank {left_rank}"
    )]
    CoreShape {
        /// The core, counted from 0.
        core: usize,
        /// Its shape.
        got: [usize; 3],
        /// The core before it; for the first one, the last.
        before: usize,
        /// The right rank of the core before it.
        left_rank: usize,
    },
    /// Two tensors that must have the same shape do not.
    #[error("expected a tensor of shape {expected:?}, got {got:?}")]
    ShapeMismatch {
        /// The shape needed.
        expected: Vec<usize>,
        /// The shape given.
        got: Vec<usize>,
    },
    /// The cores to start from do not have the ranks that were asked for.
    #[error("expected a start with the ranks {expected:?}, got {got:?}")]
    RankMismatch {
        /// The `d + 1` ranks needed.
        expected: Vec<usize>,
        /// The `d + 1` ranks given.
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
    /// The cores would have to hold the norm of the tensor, and it is outside the range of the type.
    #[error(
        "the Frobenius norm is exp({log_norm}), which the element type cannot hold in the cores"
    )]
    OutOfRange {
        /// Natural logarithm of the norm.
        log_norm: f64,
    },
    /// An operation on the equivalent tensor train failed.
    #[error(transparent)]
    TensorTrain(#[from] TtError),
    /// A factorisation failed.
    #[error(transparent)]
    Linalg(#[from] LinalgError),
}
