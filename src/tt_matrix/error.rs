//! Errors of TT-matrices.

use crate::tensor_train::TtError;

/// Why an operation on a TT-matrix was refused.
///
/// # Examples
///
/// ```
/// use tt_admm::{TtMatrix, TtMatrixError, ndarray::array};
///
/// let m = TtMatrix::<f64>::identity([2, 3])?;
/// let error = m.matvec(&array![1.0, 2.0]).unwrap_err();
/// assert_eq!(error.to_string(), "the vector has length 2, but the modes [2, 3] ask for 6");
/// assert!(matches!(error, TtMatrixError::Length { got: 2, .. }));
/// # Ok::<(), TtMatrixError>(())
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TtMatrixError {
    /// A matrix without modes.
    #[error("a TT-matrix needs at least one row mode and one column mode")]
    NoModes,
    /// Different numbers of row and column modes.
    #[error("{rows} row modes but {cols} column modes: each row mode needs a column mode")]
    ModeCounts {
        /// Number of row modes.
        rows: usize,
        /// Number of column modes.
        cols: usize,
    },
    /// A mode has size zero.
    #[error("mode {mode} of the {side} modes {modes:?} has size 0; every mode must be at least 1")]
    EmptyMode {
        /// `"row"` or `"column"`.
        side: &'static str,
        /// The mode, counted from 0.
        mode: usize,
        /// All modes of this side.
        modes: Vec<usize>,
    },
    /// The sides of a dense matrix are not the products of the modes.
    #[error(
        "a {rows} x {cols} matrix does not have row modes {row_modes:?} and column modes {col_modes:?}, whose products \
         are {} and {}",
        product(row_modes),
        product(col_modes)
    )]
    MatrixShape {
        /// Rows of the matrix.
        rows: usize,
        /// Columns of the matrix.
        cols: usize,
        /// The row modes given.
        row_modes: Vec<usize>,
        /// The column modes given.
        col_modes: Vec<usize>,
    },
    /// A list of cores has a core whose shape does not fit its neighbours.
    #[error(
        "core {core} has shape {got:?}; it must be ({left_rank}, m, n, r) with m, n and r at least 1{}",
        if *last { " and r = 1, being the last" } else { "" }
    )]
    CoreShape {
        /// The core, counted from 0.
        core: usize,
        /// Its shape.
        got: [usize; 4],
        /// The right rank of the core before it (1 for the first).
        left_rank: usize,
        /// Whether it is the last core.
        last: bool,
    },
    /// A tensor train does not have one mode for each pair of a row and a column mode.
    #[error("a tensor train of order {order} is no TT-matrix with {pairs} pairs of modes")]
    Order {
        /// Order of the train.
        order: usize,
        /// Number of pairs.
        pairs: usize,
    },
    /// A mode of a tensor train does not have the size of its pair.
    #[error(
        "mode {mode} of the tensor train has size {size}; the pair of row mode {row} and column mode {col} does not"
    )]
    PairSize {
        /// The mode, counted from 0.
        mode: usize,
        /// Its size.
        size: usize,
        /// The row mode.
        row: usize,
        /// The column mode.
        col: usize,
    },
    /// A dense vector, or every column of a dense matrix, has the wrong length.
    #[error(
        "{what} has length {got}, but the modes {modes:?} ask for {}",
        product(modes)
    )]
    Length {
        /// Which one: `"the vector"`, `"a column of X"`, ...
        what: &'static str,
        /// Its length.
        got: usize,
        /// The modes whose product it should be.
        modes: Vec<usize>,
    },
    /// A batch and the gradient of its results have different numbers of columns.
    #[error("a batch of {batch} columns, but a gradient of {gradient}")]
    Batch {
        /// Columns of the batch.
        batch: usize,
        /// Columns of the gradient.
        gradient: usize,
    },
    /// Modes that must agree do not.
    #[error("{what} must be {expected:?}, got {got:?}")]
    Modes {
        /// Which modes of which operand.
        what: &'static str,
        /// The modes needed.
        expected: Vec<usize>,
        /// The modes given.
        got: Vec<usize>,
    },
    /// An operation on square matrices, whose row modes are their column modes, met another one.
    #[error("row modes {row_modes:?} and column modes {col_modes:?} must be the same")]
    NotSquare {
        /// The row modes.
        row_modes: Vec<usize>,
        /// The column modes.
        col_modes: Vec<usize>,
    },
    /// An index lies outside the matrix.
    #[error(
        "there is no element ({row}, {col}) in a matrix with row modes {row_modes:?} and column modes {col_modes:?}"
    )]
    IndexOutOfBounds {
        /// The row.
        row: usize,
        /// The column.
        col: usize,
        /// The row modes.
        row_modes: Vec<usize>,
        /// The column modes.
        col_modes: Vec<usize>,
    },
    /// A dense array, the result or one on the way to it, does not fit in the address space.
    #[error(
        "row modes {row_modes:?} and column modes {col_modes:?} ask for a dense array with more elements than memory \
         can address"
    )]
    TooLarge {
        /// The row modes.
        row_modes: Vec<usize>,
        /// The column modes.
        col_modes: Vec<usize>,
    },
    /// A core does not fit in the address space.
    #[error("core {core} would have shape {shape:?}: more elements than memory can address")]
    CoreTooLarge {
        /// The core, counted from 0.
        core: usize,
        /// Its shape.
        shape: [usize; 4],
    },
    /// An element of the result is outside the range of the type.
    #[error(
        "the largest element of the result is about exp({log_largest}), which the element type cannot hold"
    )]
    OutOfRange {
        /// Natural logarithm of its magnitude.
        log_largest: f64,
    },
    /// What the tensor train underneath refused.
    #[error(transparent)]
    Train(#[from] TtError),
}

/// The product of the modes in words.
fn product(modes: &[usize]) -> String {
    let size = modes
        .iter()
        .try_fold(1_usize, |size, &n| size.checked_mul(n));
    size.map_or_else(
        || "more than memory can address".into(),
        |size| size.to_string(),
    )
}
