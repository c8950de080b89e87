//! Least squares of any rank.

use ndarray::{Array2, ArrayRef, Ix2};

use super::LinalgError;
use super::keep::rounding_level;
use super::product::matmul;
use super::scaling::screened_and_scaled;
use super::svd::svd;
use crate::scalar::Scalar;

/// The solution of a least-squares problem.
///
/// # Examples
///
/// ```
/// use tt_admm::{linalg::lstsq, ndarray::array};
///
/// // x + y = 2 has many solutions; (1, 1) is the smallest.
/// let fit = lstsq(&array![[1.0, 1.0]], &array![[2.0]])?;
/// assert!(fit.solution.iter().all(|x: &f64| (x - 1.0).abs() < 1e-14));
/// assert_eq!(fit.rank, 1);
/// # Ok::<(), tt_admm::linalg::LinalgError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LeastSquares<A> {
    /// `n x k`: the solution of smallest norm, one column for each right-hand side.
    pub solution: Array2<A>,
    /// Numerical rank of the matrix: singular values above `2 eps sqrt(max(m, n)) sigma_1`.
    pub rank: usize,
}

/// The `x` of smallest norm that minimises `|a x - b|_F`, for an `m x n` matrix of any shape and rank.
///
/// Solved by SVD (never by normal equations), so accuracy is lost with the condition number of `a`, not
/// with its square. `b` has `m` rows and any number of columns.
///
/// # Errors
///
/// [`LinalgError::RowMismatch`] if `a` and `b` differ in rows; [`LinalgError::Empty`] and
/// [`LinalgError::NonFinite`] for such input.
///
/// # Examples
///
/// ```
/// use tt_admm::{linalg::lstsq, ndarray::array};
///
/// // Fit a line through (0, 1), (1, 3), (2, 5).
/// let fit = lstsq(&array![[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]], &array![[1.0], [3.0], [5.0]])?;
/// assert!((fit.solution[[0, 0]] - 2.0_f64).abs() < 1e-13);
/// assert!((fit.solution[[1, 0]] - 1.0).abs() < 1e-13);
/// assert_eq!(fit.rank, 2);
/// # Ok::<(), tt_admm::linalg::LinalgError>(())
/// ```
pub fn lstsq<A: Scalar>(
    a: &ArrayRef<A, Ix2>,
    b: &ArrayRef<A, Ix2>,
) -> Result<LeastSquares<A>, LinalgError> {
    if a.nrows() != b.nrows() {
        return Err(LinalgError::RowMismatch {
            expected: a.nrows(),
            got: b.nrows(),
        });
    }
    let (scaled, a_scale) = screened_and_scaled(a)?;
    let f = svd(&scaled)?;
    let (b, b_scale) = screened_and_scaled(b)?;
    let level = rounding_level::<A>(a.nrows().max(a.ncols()));
    let cut = f.s[0] * A::narrow(level);
    let rank = f.s.iter().filter(|&&s| s > cut).count();
    let mut coefficients = matmul(f.u.t(), b.view());
    for (mut row, &s) in coefficients.rows_mut().into_iter().zip(&f.s) {
        let weight = if s > cut { A::one() / s } else { A::zero() };
        row.mapv_inplace(|x| x * weight);
    }
    // (s_a A) y = s_b b has y = x s_b / s_a.
    let mut solution = matmul(f.vt.t(), coefficients.view());
    solution.mapv_inplace(|y| y * a_scale / b_scale);
    Ok(LeastSquares { solution, rank })
}
