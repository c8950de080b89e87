//! Leading singular spaces from the Gram matrix of the short side.

use std::mem::MaybeUninit;

use ndarray::{Array2, ArrayView2, s};

use super::work::Work;
use super::{Keep, LinalgError};
use crate::scalar::Scalar;
use crate::scalar::sealed::Kernels;

/// A leading singular space of the short side of a matrix.
pub(super) struct Space<A> {
    /// Orthonormal rows, `r x s`.
    pub(super) vectors: Array2<A>,
    /// Frobenius norm of the part outside the space, where it is known without a product.
    pub(super) discarded: Option<f64>,
}

/// What the eigenvalues of a Gram matrix say about a cut.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Verdict {
    /// Basis and discarded norm are as good as they can be in this precision.
    Resolved { rank: usize, discarded: f64 },
    /// The basis is, but the discarded norm is lost in rounding and has to be measured.
    Unmeasured { rank: usize },
    /// Digits that matter are lost.
    Lost,
}

/// Rounding errors of a Gram matrix and its eigenvalues, in units of `eps` and the largest eigenvalue.
const GRAM_ERROR: f64 = 8.0;

/// A discarded part whose square is at least this share of the largest eigenvalue is resolved, basis and norm:
/// the norm to about `GRAM_ERROR eps / (2 sqrt(RESOLVED))` of the largest singular value.
const RESOLVED: f64 = 1e-2;

fn is_single<A>() -> bool {
    size_of::<A>() == size_of::<f32>()
}

/// Judges the squares of the singular values (largest first) of a matrix of `A`, computed in a precision of
/// `eps`, whose discarded part is resolved down to `share`.
fn judge<A: Scalar>(squares: &[f64], keep: Keep, eps: f64, share: f64) -> Verdict {
    let largest = squares[0];
    let error = GRAM_ERROR * eps * largest;
    let Some(rank) = keep.count_squares::<A>(squares, 8.0 * error) else {
        return Verdict::Lost;
    };
    let tail: f64 = squares[rank..].iter().rev().sum();
    if rank == squares.len() || tail >= share * largest {
        let discarded = tail.sqrt();
        return Verdict::Resolved { rank, discarded };
    }
    // First-order perturbation: the space turns by error / gap, which adds error^2 / gap to the square of the
    // discarded norm. Nothing, if that is below the rounding of the matrix itself.
    let gap = squares[rank - 1] - squares[rank];
    let excess = error.powi(2) / gap;
    if excess <= (64.0 * eps).powi(2) * largest {
        return Verdict::Unmeasured { rank };
    }
    Verdict::Lost
}

/// The leading space by a Gram matrix in the precision of the input; `None` if digits that matter are lost and
/// `forced` is not set. `short` is `s x l` with `s <= l`.
pub(super) fn gram_space<A: Scalar>(
    short: ArrayView2<'_, A>,
    keep: Keep,
    forced: bool,
    work: &mut Work<A>,
) -> Result<Option<Space<A>>, LinalgError> {
    let mut g = work.matrix(short.nrows(), short.nrows());
    A::gram(short, false, g.view_mut());
    let eps = A::epsilon().widen();
    let single = is_single::<A>();
    let decide = |squares: &[f64]| match judge::<A>(squares, keep, eps, RESOLVED) {
        // In f32 a Gram matrix in f64 is cheaper than measuring.
        Verdict::Unmeasured { .. } if single => Verdict::Lost,
        verdict => verdict,
    };
    let mut vectors = work.vector(short.nrows() * short.nrows());
    let scratch = &mut work.scratch;
    let found = leading_space(&g, keep, forced, scratch, decide, &mut vectors);
    work.give(g);
    let discarded = match found.map_err(|()| not_converged(short.dim()))? {
        Verdict::Resolved { discarded, .. } => Some(discarded),
        Verdict::Unmeasured { .. } => None,
        Verdict::Lost => {
            work.give_vector(vectors);
            return Ok(None);
        }
    };
    Ok(Some(Space {
        vectors: rows_of(vectors, short.nrows()),
        discarded,
    }))
}

/// Row-major rows of this length as a matrix.
fn rows_of<A>(elements: Vec<A>, len: usize) -> Array2<A> {
    match Array2::from_shape_vec((elements.len() / len, len), elements) {
        Ok(rows) => rows,
        Err(error) => unreachable!("whole rows: {error}"),
    }
}

fn not_converged(shape: (usize, usize)) -> LinalgError {
    LinalgError::not_converged("symmetric eigendecomposition", shape)
}

/// The leading space by a Gram matrix in `f64`, whatever the input; as good as a backward-stable method for
/// `f32`.
pub(super) fn wide_gram_space<A: Scalar>(
    short: ArrayView2<'_, A>,
    keep: Keep,
    work: &mut Work<A>,
) -> Result<Space<A>, LinalgError> {
    /// Elements widened at a time.
    const CHUNK: usize = 1 << 14;
    let (side, long) = short.dim();
    let mut g = work.wide_square(side);
    let width = (CHUNK / side).max(64).min(long);
    // The contiguous direction of the input stays contiguous.
    let rows = short.strides()[1] == 1;
    let mut buffer = vec![0.0_f64; side * width];
    for start in (0..long).step_by(width) {
        let cols = width.min(long - start);
        let chunk = short.slice(s![.., start..start + cols]);
        let chunk = if rows { chunk } else { chunk.reversed_axes() };
        for (wide, &x) in buffer.iter_mut().zip(&chunk) {
            *wide = x.widen();
        }
        let Ok(wide) = ArrayView2::from_shape(chunk.dim(), &buffer[..side * cols]) else {
            unreachable!("the buffer has the length of the chunk");
        };
        let wide = if rows { wide } else { wide.reversed_axes() };
        f64::gram(wide, start > 0, g.view_mut());
    }
    let decide = |squares: &[f64]| judge::<A>(squares, keep, f64::EPSILON, 0.0);
    let mut vectors = Vec::new();
    let scratch = &mut work.scratch;
    let found = leading_space(&g, keep, true, scratch, decide, &mut vectors);
    work.give_wide(g);
    let Verdict::Resolved { rank, discarded } = found.map_err(|()| not_converged(short.dim()))?
    else {
        unreachable!("a forced decision is a decision");
    };
    let mut narrow = work.matrix(rank, side);
    for (narrow, x) in narrow.iter_mut().zip(vectors) {
        *narrow = A::narrow(x);
    }
    Ok(Space {
        vectors: narrow,
        discarded: Some(discarded),
    })
}

/// The eigenvectors of a Gram matrix that `decide` wants, or none; with `forced`, at least those that `keep`
/// asks for, and the verdict is `Resolved`.
fn leading_space<T: Scalar>(
    g: &Array2<T>,
    keep: Keep,
    forced: bool,
    scratch: &mut Vec<MaybeUninit<u8>>,
    mut decide: impl FnMut(&[f64]) -> Verdict,
    vectors: &mut Vec<T>,
) -> Result<Verdict, ()> {
    let mut verdict = Verdict::Lost;
    let mut count = |values: &[T]| {
        let squares: Vec<f64> = values.iter().map(|x| x.widen().max(0.0)).collect();
        verdict = decide(&squares);
        if forced && !matches!(verdict, Verdict::Resolved { .. }) {
            let sigma: Vec<f64> = squares.iter().map(|x| x.sqrt()).collect();
            let rank = keep.count(&sigma);
            let discarded = super::keep::tail_norm(&sigma[rank..]);
            verdict = Verdict::Resolved { rank, discarded };
        }
        match verdict {
            Verdict::Resolved { rank, .. } | Verdict::Unmeasured { rank } => rank,
            Verdict::Lost => 0,
        }
    };
    T::leading_eigh(g.view(), &mut count, scratch, vectors).ok_or(())?;
    Ok(verdict)
}
