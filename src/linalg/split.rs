//! Cutting one bond: an unfolding becomes an orthonormal basis times the rest.
//!
//! Every decomposition goes through this one function, so a faster factorisation policy has one place to go.

use ndarray::{Array2, ArrayRef, Ix2, s};

use super::keep::tail_norm;
use super::product::matmul;
use super::qr::thin_qr;
use super::sign::fix_signs;
use super::{Keep, LinalgError};
use crate::scalar::Scalar;

/// Which factor of a [`Split`] is the orthonormal basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The left one: `basis` is `m x r` with orthonormal columns, `rest` is `r x n`.
    Left,
    /// The right one: `rest` is `m x r`, `basis` is `r x n` with orthonormal rows.
    Right,
}

/// An `m x n` matrix cut at rank `r`. The dropped part is orthogonal to the kept one.
#[derive(Debug)]
pub(crate) struct Split<A> {
    pub(crate) basis: Array2<A>,
    pub(crate) rest: Array2<A>,
    /// Frobenius norm of the dropped part.
    pub(crate) discarded: f64,
}

/// Best approximation of `a` at the rank chosen by `keep`, as a basis times the rest. The input must be
/// finite, not empty, and scaled so that squares are safe. Both factors come back row-major.
///
/// QR of the long side, SVD of the small factor: backward stable whatever the spectrum. The right or left
/// factor of the long side is never formed; the rest is one product with the input.
pub(crate) fn split<A: Scalar>(
    a: &ArrayRef<A, Ix2>,
    side: Side,
    keep: Keep,
) -> Result<Split<A>, LinalgError> {
    match side {
        Side::Left => {
            let (basis, discarded) = leading_columns(a, keep)?;
            let rest = matmul(basis.t(), a.view());
            Ok(Split {
                basis,
                rest,
                discarded,
            })
        }
        Side::Right => {
            let (columns, discarded) = leading_columns(&a.t(), keep)?;
            let rest = matmul(a.view(), columns.view());
            Ok(Split {
                basis: columns.t().as_standard_layout().into_owned(),
                rest,
                discarded,
            })
        }
    }
}

/// Orthonormal basis (row-major, `m x r`) of the leading left singular space of `a`, and the norm of the
/// part of `a` outside it.
fn leading_columns<A: Scalar>(
    a: &ArrayRef<A, Ix2>,
    keep: Keep,
) -> Result<(Array2<A>, f64), LinalgError> {
    let (m, n) = a.dim();
    let not_converged = || LinalgError::not_converged("SVD", (m, n));
    let tail = |sigma: &ndarray::Array1<A>| {
        let sigma = sigma.as_slice().unwrap_or(&[]);
        let rank = keep.count(sigma);
        (rank, tail_norm(&sigma[rank..]))
    };
    let (mut basis, discarded) = if m <= n {
        // a^T = Q R, so a = R^T Q^T and the left singular vectors are those of R^T: right ones of R.
        let r = A::qr_r(a.t()).ok_or_else(|| LinalgError::not_converged("QR", (n, m)))?;
        let (_, sigma, vt) = A::svd(r.view()).ok_or_else(not_converged)?;
        let (rank, discarded) = tail(&sigma);
        (
            vt.slice(s![..rank, ..])
                .t()
                .as_standard_layout()
                .into_owned(),
            discarded,
        )
    } else {
        let r = A::qr_r(a.view()).ok_or_else(|| LinalgError::not_converged("QR", (m, n)))?;
        let (_, sigma, vt) = A::svd(r.view()).ok_or_else(not_converged)?;
        let (rank, discarded) = tail(&sigma);
        // a V_r has the wanted columns times sigma; QR makes them orthonormal even where sigma is tiny.
        let image = matmul(a.view(), vt.slice(s![..rank, ..]).t());
        (
            thin_qr(&image)?.q.as_standard_layout().into_owned(),
            discarded,
        )
    };
    fix_signs(&mut basis, None);
    Ok((basis, discarded))
}

/// `a = q r` without truncation: `q` on the given side orthonormal, both row-major. Same demands on the
/// input as [`split`].
pub(crate) fn orthonormal_factor<A: Scalar>(
    a: &ArrayRef<A, Ix2>,
    side: Side,
) -> Result<Split<A>, LinalgError> {
    let standard = |x: Array2<A>| x.as_standard_layout().into_owned();
    Ok(match side {
        Side::Left => {
            let f = thin_qr(a)?;
            Split {
                basis: standard(f.q),
                rest: standard(f.r),
                discarded: 0.0,
            }
        }
        Side::Right => {
            let f = thin_qr(&a.t())?;
            Split {
                basis: standard(f.q.reversed_axes()),
                rest: standard(f.r.reversed_axes()),
                discarded: 0.0,
            }
        }
    })
}
