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
    let standard = |x: Array2<A>| x.as_standard_layout().into_owned();
    Ok(match side {
        Side::Left => {
            let Columns {
                basis,
                rest,
                discarded,
            } = leading_columns(a, keep)?;
            let rest = rest.unwrap_or_else(|| matmul(basis.t(), a.view()));
            Split {
                basis,
                rest,
                discarded,
            }
        }
        Side::Right => {
            let Columns {
                basis,
                rest,
                discarded,
            } = leading_columns(&a.t(), keep)?;
            let rest = rest.map_or_else(
                || matmul(a.view(), basis.view()),
                |rest| standard(rest.reversed_axes()),
            );
            Split {
                basis: standard(basis.reversed_axes()),
                rest,
                discarded,
            }
        }
    })
}

/// A basis of columns, and `basis^T a` where it is known without a product over the long side.
struct Columns<A> {
    basis: Array2<A>,
    rest: Option<Array2<A>>,
    discarded: f64,
}

/// Orthonormal basis (row-major, `m x r`) of the leading left singular space of `a`, and the norm of the
/// part of `a` outside it.
fn leading_columns<A: Scalar>(a: &ArrayRef<A, Ix2>, keep: Keep) -> Result<Columns<A>, LinalgError> {
    let (m, n) = a.dim();
    // Factor the transpose of a wide matrix: R is then on the short side in both cases.
    let tall = if m <= n { a.t() } else { a.view() };
    let r = A::qr_r(tall).ok_or_else(|| LinalgError::not_converged("QR", (m, n)))?;
    let (_, sigma, vt) =
        A::svd(r.view()).ok_or_else(|| LinalgError::not_converged("SVD", (m, n)))?;
    let sigma = sigma.to_vec();
    let rank = keep.count(&sigma);
    let discarded = tail_norm(&sigma[rank..]);
    let leading = vt.slice(s![..rank, ..]);
    let (mut basis, mut rest) = if m <= n {
        // a^T = Q R, so the left singular vectors of a are the right ones of R.
        (leading.t().as_standard_layout().into_owned(), None)
    } else {
        // a V has the wanted columns times sigma; QR makes them orthonormal even where sigma is tiny. And
        // a V V^T = Q (R V^T): a sum over the short side, where Q^T a would add up rounding over the long one.
        let f = thin_qr(&matmul(a.view(), leading.t()))?;
        (
            f.q.as_standard_layout().into_owned(),
            Some(matmul(f.r.view(), leading)),
        )
    };
    fix_signs(&mut basis, rest.as_mut());
    Ok(Columns {
        basis,
        rest,
        discarded,
    })
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
