//! Thin and truncated singular value decomposition.

use ndarray::{Array1, Array2, ArrayRef, Ix2, s};

use super::LinalgError;
use super::keep::{Keep, tail_norm};
use super::product::matmul;
use super::qr::thin_qr;
use super::scaling::screened_and_scaled;
use super::sign::fix_signs;
use crate::scalar::Scalar;

/// A thin or truncated singular value decomposition, `a ~ u diag(s) vt`.
///
/// # Examples
///
/// ```
/// use tt_admm::{linalg::svd, ndarray::array};
///
/// let f = svd(&array![[0.0, 2.0], [1.0, 0.0]])?;
/// assert!((f.s[0] - 2.0_f64).abs() < 1e-15 && (f.u[[0, 0]] - 1.0).abs() < 1e-15);
/// # Ok::<(), tt_admm::linalg::LinalgError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Svd<A> {
    /// `m x r` with orthonormal columns.
    pub u: Array2<A>,
    /// The `r` kept singular values, largest first.
    pub s: Array1<A>,
    /// `r x n` with orthonormal rows.
    pub vt: Array2<A>,
    /// Frobenius norm of what was dropped: `|a - u diag(s) vt|_F`.
    pub discarded: f64,
}

/// Thin SVD of an `m x n` matrix: `r = min(m, n)` singular triples.
///
/// The long side is reduced by QR first. Costs about `4 l k^2 + 22 k^3` operations for a long side `l` and
/// a short side `k`.
///
/// # Errors
///
/// [`LinalgError::Empty`] and [`LinalgError::NonFinite`] for such input, [`LinalgError::OutOfRange`] if a
/// singular value is above the largest number.
///
/// # Examples
///
/// ```
/// use tt_admm::{linalg::svd, ndarray::array};
///
/// let f = svd(&array![[3.0, 0.0, 0.0], [0.0, 0.0, 4.0]])?;
/// assert!((f.s[0] - 4.0_f64).abs() < 1e-14 && (f.s[1] - 3.0).abs() < 1e-14);
/// assert_eq!(f.vt.dim(), (2, 3));
/// # Ok::<(), tt_admm::linalg::LinalgError>(())
/// ```
pub fn svd<A: Scalar>(a: &ArrayRef<A, Ix2>) -> Result<Svd<A>, LinalgError> {
    leading_triples(a, |sigma, _| sigma.len())
}

/// The leading singular triples of a matrix, the closest matrix of that rank (Eckart and Young, 1936).
///
/// A zero matrix gives one triple with `s = [0]`.
///
/// # Errors
///
/// [`LinalgError::Empty`] and [`LinalgError::NonFinite`] for such input, [`LinalgError::OutOfRange`] if a
/// singular value is above the largest number.
///
/// # Examples
///
/// ```
/// use tt_admm::{linalg::{Keep, truncated_svd}, ndarray::array};
///
/// let f = truncated_svd(&array![[3.0, 0.0, 0.0], [0.0, 0.0, 4.0]], Keep::rank(1))?;
/// assert_eq!(f.s.len(), 1);
/// assert!((f.discarded - 3.0).abs() < 1e-14);
/// # Ok::<(), tt_admm::linalg::LinalgError>(())
/// ```
pub fn truncated_svd<A: Scalar>(a: &ArrayRef<A, Ix2>, keep: Keep) -> Result<Svd<A>, LinalgError> {
    leading_triples(a, |sigma, scale| keep.scaled(scale).count(sigma))
}

/// As many leading triples as `count` says, given all singular values of the scaled matrix and the scale.
fn leading_triples<A: Scalar>(
    a: &ArrayRef<A, Ix2>,
    count: impl FnOnce(&[A], f64) -> usize,
) -> Result<Svd<A>, LinalgError> {
    let (scaled, scale) = screened_and_scaled(a)?;
    let transposed = scaled.nrows() < scaled.ncols();
    let tall = if transposed {
        scaled.t()
    } else {
        scaled.view()
    };
    let (left, s, right_t) = tall_svd(&tall, a.dim())?;
    let sigma = s.as_slice().unwrap_or(&[]);
    let rank = count(sigma, scale.widen());
    let discarded = tail_norm(&sigma[rank..]) / scale.widen();
    let left = left.slice_move(s![.., ..rank]);
    let right_t = right_t.slice_move(s![..rank, ..]);
    let (mut u, mut vt) = if transposed {
        (right_t.reversed_axes(), left.reversed_axes())
    } else {
        (left, right_t)
    };
    fix_signs(&mut u, Some(&mut vt));
    let s = s.slice_move(s![..rank]).mapv_into(|x| x / scale);
    LinalgError::check_range("SVD", a.dim(), s.iter().copied())?;
    Ok(Svd {
        u,
        s,
        vt,
        discarded,
    })
}

/// `u`, `s`, `vt`.
type Triple<A> = (Array2<A>, Array1<A>, Array2<A>);

/// Thin SVD of a matrix with at least as many rows as columns: QR, then the SVD of the small factor.
fn tall_svd<A: Scalar>(
    a: &ArrayRef<A, Ix2>,
    shape: (usize, usize),
) -> Result<Triple<A>, LinalgError> {
    let not_converged = || LinalgError::not_converged("SVD", shape);
    if a.nrows() == a.ncols() {
        return A::svd(a.view()).ok_or_else(not_converged);
    }
    let f = thin_qr(a)?;
    let (u, s, vt) = A::svd(f.r.view()).ok_or_else(not_converged)?;
    Ok((matmul(f.q.view(), u.view()), s, vt))
}
