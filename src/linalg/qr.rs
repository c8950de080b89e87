//! Thin QR.

use ndarray::{Array2, ArrayRef, Ix2};

use super::LinalgError;
use super::scaling::screened_and_scaled;
use crate::scalar::Scalar;

/// A thin QR factorisation, `a = q r`.
///
/// # Examples
///
/// ```
/// use tt_admm::{linalg::qr, ndarray::array};
///
/// let f = qr(&array![[0.0], [2.0]])?;
/// assert!((f.r[[0, 0]] - 2.0_f64).abs() < 1e-15 && (f.q[[1, 0]] - 1.0).abs() < 1e-15);
/// # Ok::<(), tt_admm::linalg::LinalgError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Qr<A> {
    /// `m x k` with orthonormal columns, `k = min(m, n)`.
    pub q: Array2<A>,
    /// `k x n`, upper triangular, with a diagonal that is not negative.
    pub r: Array2<A>,
}

/// Thin QR factorisation of an `m x n` matrix by Householder reflections.
///
/// Costs about `4 m n k - 4/3 k^3` operations, `k = min(m, n)`. Rank-deficient input is fine: `q` is
/// orthonormal all the same.
///
/// # Errors
///
/// [`LinalgError::Empty`] and [`LinalgError::NonFinite`] for such input, [`LinalgError::OutOfRange`] if an
/// entry of `r` is above the largest number.
///
/// # Examples
///
/// ```
/// use tt_admm::{linalg::qr, ndarray::array};
///
/// let f = qr(&array![[3.0, 1.0], [4.0, 2.0]])?;
/// assert!((f.r[[0, 0]] - 5.0_f64).abs() < 1e-14);
/// assert!((f.q.dot(&f.r)[[1, 1]] - 2.0).abs() < 1e-14);
/// # Ok::<(), tt_admm::linalg::LinalgError>(())
/// ```
pub fn qr<A: Scalar>(a: &ArrayRef<A, Ix2>) -> Result<Qr<A>, LinalgError> {
    let (scaled, scale) = screened_and_scaled(a)?;
    let mut f = thin_qr(&scaled)?;
    f.r.mapv_inplace(|x| x / scale);
    LinalgError::check_range("QR", a.dim(), f.r.iter().copied())?;
    Ok(f)
}

/// [`qr`] of a matrix known to be finite and of moderate size.
pub(super) fn thin_qr<A: Scalar>(a: &ArrayRef<A, Ix2>) -> Result<Qr<A>, LinalgError> {
    let (mut q, mut r) =
        A::qr(a.view()).ok_or_else(|| LinalgError::not_converged("QR", a.dim()))?;
    for k in 0..q.ncols() {
        if r[[k, k]] < A::zero() {
            q.column_mut(k).mapv_inplace(|x| -x);
            r.row_mut(k).mapv_inplace(|x| -x);
        }
    }
    Ok(Qr { q, r })
}
