//! Errors of the linear-algebra floor.

/// Why a factorisation was refused or failed.
///
/// # Examples
///
/// ```
/// use tt_admm::{linalg::{LinalgError, svd}, ndarray::array};
///
/// let error = svd(&array![[1.0, 2.0], [3.0, f64::INFINITY]]).unwrap_err();
/// assert!(matches!(error, LinalgError::NonFinite { row: 1, col: 1, .. }));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LinalgError {
    /// A side of the matrix has length zero.
    #[error("the {rows} x {cols} matrix is empty; both sides must be at least 1")]
    Empty {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        cols: usize,
    },
    /// An entry is NaN or infinite.
    #[error(
        "entry ({row}, {col}) of the {rows} x {cols} matrix is {value}; all entries must be finite"
    )]
    NonFinite {
        /// Row of the first such entry.
        row: usize,
        /// Column of the first such entry.
        col: usize,
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        cols: usize,
        /// The entry.
        value: f64,
    },
    /// A symmetric routine was given a matrix that is not square.
    #[error("a symmetric matrix must be square, got {rows} x {cols}")]
    NotSquare {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        cols: usize,
    },
    /// The two sides of an equation have different numbers of rows.
    #[error("the right-hand side has {got} rows, the matrix has {expected}")]
    RowMismatch {
        /// Rows of the matrix.
        expected: usize,
        /// Rows of the right-hand side.
        got: usize,
    },
    /// Entries are so close to the largest number that the result is beyond it.
    #[error("{routine} of the {rows} x {cols} matrix is outside the range of the element type")]
    OutOfRange {
        /// The factorisation, for example `"SVD"`.
        routine: &'static str,
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        cols: usize,
    },
    /// The backend's iteration did not converge. Not seen on finite input; kept so that it can never panic.
    #[error("{routine} of a {rows} x {cols} matrix did not converge")]
    NotConverged {
        /// The factorisation, for example `"SVD"`.
        routine: &'static str,
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        cols: usize,
    },
}

impl LinalgError {
    /// Refuses results that overflowed when the scale was taken back.
    pub(super) fn check_range<A: crate::scalar::Scalar>(
        routine: &'static str,
        (rows, cols): (usize, usize),
        mut values: impl Iterator<Item = A>,
    ) -> Result<(), Self> {
        if values.all(num_traits::Float::is_finite) {
            Ok(())
        } else {
            Err(Self::OutOfRange {
                routine,
                rows,
                cols,
            })
        }
    }

    pub(crate) fn not_converged(routine: &'static str, (rows, cols): (usize, usize)) -> Self {
        Self::NotConverged {
            routine,
            rows,
            cols,
        }
    }
}
