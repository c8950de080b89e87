//! Cutting one bond: an unfolding becomes an orthonormal basis times the rest.
//!
//! Every decomposition goes through this one function, so a faster factorisation policy has one place to go.

use ndarray::{Array2, ArrayRef, ArrayView2, Ix2, s};

use super::gram::{Discarded, Space, gram_space, negligible_excess, wide_gram_space};
use super::keep::tail_norm;
use super::product::{matmul, matmul_into};
use super::qr::thin_qr;
use super::randomized::certified_space;
use super::range_finder::sampled_space;
use super::rows::residual_norm;
use super::sign::fix_signs;
use super::work::Work;
use super::{Keep, LinalgError, RandomizedSvd, SplitMethod};
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
/// The leading space of the short side is found first, see [`SplitMethod`]. It is the basis, or one product
/// and a QR factorisation away from it; full factors of the long side are never formed.
pub(crate) fn split<A: Scalar>(
    a: ArrayView2<'_, A>,
    side: Side,
    keep: Keep,
    method: SplitMethod,
    work: &mut Work<A>,
) -> Result<Split<A>, LinalgError> {
    let short = if a.nrows() <= a.ncols() {
        a
    } else {
        a.reversed_axes()
    };
    let space = leading_space(short, keep, method, work)?;
    if let Some(split) = split_by(a, side, space, work)? {
        return Ok(split);
    }
    let exact = qr_space(short, keep)?;
    match split_by(a, side, exact, work)? {
        Some(split) => Ok(split),
        None => unreachable!("the norm of this space is known"),
    }
}

/// The left basis of [`split`] alone; the product that makes the rest is left out where it is not needed.
pub(crate) fn leading_basis<A: Scalar>(
    a: ArrayView2<'_, A>,
    keep: Keep,
    method: SplitMethod,
    work: &mut Work<A>,
) -> Result<Array2<A>, LinalgError> {
    let by_split = |split: Split<A>, work: &mut Work<A>| {
        work.give(split.rest);
        split.basis
    };
    if a.nrows() > a.ncols() {
        let split = split(a, Side::Left, keep, method, work)?;
        return Ok(by_split(split, work));
    }
    let mut space = leading_space(a, keep, method, work)?;
    if matches!(space.discarded, Discarded::Unmeasured { .. }) {
        if let Some(split) = split_by(a, Side::Left, space, work)? {
            return Ok(by_split(split, work));
        }
        space = qr_space(a, keep)?;
    }
    fix_signs(&mut space.vectors.view_mut().reversed_axes(), None);
    Ok(columns(space.vectors, work))
}

/// The split by a leading space of the short side; `None` if it had to be measured and is not good enough.
fn split_by<A: Scalar>(
    a: ArrayView2<'_, A>,
    side: Side,
    space: Space<A>,
    work: &mut Work<A>,
) -> Result<Option<Split<A>>, LinalgError> {
    let wide = a.nrows() <= a.ncols();
    let short = if wide { a } else { a.reversed_axes() };
    let Space {
        mut vectors,
        discarded,
    } = space;
    let rank = vectors.nrows();
    let on_short_side = wide == (side == Side::Left);
    if on_short_side {
        fix_signs(&mut vectors.view_mut().reversed_axes(), None);
    }
    // The rest in the orientation of the input: long x rank, or rank x long.
    let mut rest = if wide {
        work.matrix(rank, a.ncols())
    } else {
        work.matrix(a.nrows(), rank)
    };
    if wide {
        matmul_into(vectors.view(), a, rest.view_mut());
    } else {
        matmul_into(a, vectors.t(), rest.view_mut());
    }
    let tall_rest = if wide { rest.t() } else { rest.view() };
    let discarded = match discarded {
        Discarded::Norm(norm) => norm,
        Discarded::Unmeasured { excess, largest } => {
            let norm = residual_norm(short.reversed_axes(), tall_rest, vectors.view());
            if excess > negligible_excess::<A>(norm, largest) {
                work.give(vectors);
                work.give(rest);
                return Ok(None);
            }
            norm
        }
    };
    if on_short_side {
        let basis = if wide {
            columns(vectors, work)
        } else {
            vectors
        };
        return Ok(Some(Split {
            basis,
            rest,
            discarded,
        }));
    }
    // a V has the wanted columns times sigma; QR makes them orthonormal even where sigma is tiny. And
    // a V V^T = Q (R V^T): a sum over the short side, where Q^T a would add up rounding over the long one.
    let f = thin_qr(&tall_rest)?;
    work.give(rest);
    let mut basis = f.q.as_standard_layout().into_owned();
    let mut rest = matmul(f.r.view(), vectors.view());
    fix_signs(&mut basis.view_mut(), Some(&mut rest));
    if side == Side::Right {
        (basis, rest) = (transposed(&basis), transposed(&rest));
    }
    Ok(Some(Split {
        basis,
        rest,
        discarded,
    }))
}

/// Rows as the columns of a row-major matrix.
fn columns<A: Scalar>(rows: Array2<A>, work: &mut Work<A>) -> Array2<A> {
    let mut columns = work.matrix(rows.ncols(), rows.nrows());
    columns.assign(&rows.t());
    work.give(rows);
    columns
}

/// A row-major transpose.
fn transposed<A: Scalar>(a: &Array2<A>) -> Array2<A> {
    a.t().as_standard_layout().into_owned()
}

/// The leading singular space of the short side, by the method asked for.
fn leading_space<A: Scalar>(
    short: ArrayView2<'_, A>,
    keep: Keep,
    method: SplitMethod,
    work: &mut Work<A>,
) -> Result<Space<A>, LinalgError> {
    let sample = |settings, work: &mut Work<A>| sampled_space(short, keep, settings, work);
    let random = match method {
        // Where its eigensolver gives up, another method does as well.
        SplitMethod::Auto => certified_space(short, keep, work).unwrap_or(None),
        SplitMethod::Randomized => sample(RandomizedSvd::default(), work)?,
        SplitMethod::RandomizedWith(settings) => sample(settings, work)?,
        SplitMethod::Gram => None,
        SplitMethod::QrSvd => return qr_space(short, keep),
    };
    match random {
        Some(space) => Ok(space),
        None => exact_space(short, keep, method == SplitMethod::Gram, work),
    }
}

/// The leading singular space by the cheapest method that keeps the digits that matter, or by a Gram matrix whatever it
/// loses if `forced`.
pub(super) fn exact_space<A: Scalar>(
    short: ArrayView2<'_, A>,
    keep: Keep,
    forced: bool,
    work: &mut Work<A>,
) -> Result<Space<A>, LinalgError> {
    if let Some(space) = gram_space(short, keep, forced, work) {
        return Ok(space);
    }
    if size_of::<A>() < size_of::<f64>()
        && let Some(space) = wide_gram_space(short, keep, work)
    {
        return Ok(space);
    }
    qr_space(short, keep)
}

/// The leading singular space by QR of the long side and an SVD of the small factor.
fn qr_space<A: Scalar>(short: ArrayView2<'_, A>, keep: Keep) -> Result<Space<A>, LinalgError> {
    let r = triangular_factor(short.reversed_axes())?;
    let (_, sigma, vt) =
        A::svd(r.view()).ok_or_else(|| LinalgError::not_converged("SVD", short.dim()))?;
    let sigma = sigma.to_vec();
    let rank = keep.count(&sigma);
    let vectors = vt.slice(s![..rank, ..]).as_standard_layout().into_owned();
    Ok(Space {
        vectors,
        discarded: Discarded::Norm(tail_norm(&sigma[rank..])),
    })
}

/// The triangular factor of a QR factorisation: the matrix up to an isometry of its rows.
pub(crate) fn triangular_factor<A: Scalar>(a: ArrayView2<'_, A>) -> Result<Array2<A>, LinalgError> {
    A::qr_r(a).ok_or_else(|| LinalgError::not_converged("QR", a.dim()))
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

/// Orthonormal columns (row-major) that span those of a tall `a`, and more where these are dependent.
pub(crate) fn orthonormal_columns<A: Scalar>(
    a: Array2<A>,
    work: &mut Work<A>,
) -> Result<Array2<A>, LinalgError> {
    let q = thin_qr(&a)?.q;
    let mut columns = a;
    columns.assign(&q);
    work.give(q);
    Ok(columns)
}
