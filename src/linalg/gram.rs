//! Leading singular spaces from the Gram matrix of the short side.

use std::mem::MaybeUninit;

use ndarray::{Array2, ArrayView2, s};

use super::product::matmul;
use super::sign::fix_signs;
use super::work::Work;
use super::{Keep, SplitMethod};
use crate::scalar::Scalar;
use crate::scalar::sealed::Kernels;

/// A leading singular space of the short side of a matrix.
pub(super) struct Space<A> {
    /// Orthonormal rows, `r x s`.
    pub(super) vectors: Array2<A>,
    pub(super) discarded: Discarded,
}

/// The part of a matrix outside a space.
#[derive(Debug, Clone, Copy)]
pub(super) enum Discarded {
    /// Its Frobenius norm.
    Norm(f64),
    /// To be measured; the square of the norm is at most about `excess` above the smallest possible. The largest
    /// squared singular value is `largest`.
    Unmeasured { excess: f64, largest: f64 },
}

/// What the eigenvalues of a Gram matrix say about a cut.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Verdict {
    /// Basis and discarded norm are as good as they can be in this precision.
    Resolved { rank: usize, discarded: f64 },
    /// The discarded norm is lost in rounding and has to be measured; its square is at most about `excess` above the
    /// smallest possible.
    Unmeasured { rank: usize, excess: f64 },
    /// Digits that matter are lost.
    Lost,
}

/// Rounding errors of a Gram matrix and its eigenvalues, in units of `eps` and the largest eigenvalue.
pub(super) const GRAM_ERROR: f64 = 8.0;

/// A discarded part whose square is at least this share of the largest eigenvalue is resolved, basis and norm:
/// the norm to about `GRAM_ERROR eps / (2 sqrt(RESOLVED))` of the largest singular value.
const RESOLVED: f64 = 1e-2;

/// Judges the squares of the singular values (largest first) of a matrix of `A`, computed in a precision of
/// `eps`, whose discarded part is resolved down to `share`.
fn judge<A: Scalar>(squares: &[f64], keep: Keep, eps: f64, share: f64) -> Verdict {
    let largest = squares[0];
    let error = GRAM_ERROR * eps * largest;
    let Some(rank) = keep.count_squares::<A>(squares, 8.0 * error) else {
        return Verdict::Lost;
    };
    // The empty sum is -0.
    let tail = 0.0 + squares[rank..].iter().rev().sum::<f64>();
    if rank == squares.len() || tail >= share * largest {
        let discarded = tail.sqrt();
        return Verdict::Resolved { rank, discarded };
    }
    // First-order perturbation: the space turns by error / gap, which adds error^2 / gap to the square of the
    // discarded norm. What that is worth shows when the norm has been measured; it is no more than this:
    let excess = error.powi(2) / (squares[rank - 1] - squares[rank]);
    let most = tail + squares.len() as f64 * error;
    if excess <= negligible_excess::<A>(most.sqrt(), largest) {
        return Verdict::Unmeasured { rank, excess };
    }
    Verdict::Lost
}

/// The excess of a squared discarded norm that does not matter, by the discarded norm and the largest squared
/// singular value: a millionth, or what is below the rounding of the matrix itself.
pub(crate) fn negligible_excess<A: Scalar>(discarded: f64, largest: f64) -> f64 {
    (1e-6 * discarded.powi(2)).max((64.0 * A::epsilon().widen()).powi(2) * largest)
}

/// The verdict on a Gram matrix in the precision of the input.
fn judge_own<A: Scalar>(squares: &[f64], keep: Keep) -> Verdict {
    match judge::<A>(squares, keep, A::epsilon().widen(), RESOLVED) {
        // In f32 a Gram matrix in f64 is cheaper than measuring.
        Verdict::Unmeasured { .. } if size_of::<A>() == size_of::<f32>() => Verdict::Lost,
        verdict => verdict,
    }
}

/// The leading space by a Gram matrix in the precision of the input; `None` if digits that matter are lost and
/// `forced` is not set, or if the eigensolver gives up. `short` is `s x l` with `s <= l`.
pub(super) fn gram_space<A: Scalar>(
    short: ArrayView2<'_, A>,
    keep: Keep,
    forced: bool,
    work: &mut Work<A>,
) -> Option<Space<A>> {
    let mut g = work.matrix(short.nrows(), short.nrows());
    A::gram(short, false, g.view_mut());
    let mut largest = 0.0;
    let decide = |squares: &[f64]| {
        largest = squares[0];
        judge_own::<A>(squares, keep)
    };
    let mut vectors = work.vector(short.nrows() * short.nrows());
    let scratch = &mut work.scratch;
    let found = leading_space(&g, keep, forced, scratch, decide, &mut vectors);
    work.give(g);
    let discarded = match found {
        Verdict::Resolved { discarded, .. } => Discarded::Norm(discarded),
        Verdict::Unmeasured { excess, .. } => Discarded::Unmeasured { excess, largest },
        Verdict::Lost => {
            work.give_vector(vectors);
            return None;
        }
    };
    Some(Space {
        vectors: rows_of(vectors, short.nrows()),
        discarded,
    })
}

/// A Gram matrix with both triangles.
pub(crate) struct Symmetric<A>(Array2<A>);

/// A leading eigenspace of a [`Symmetric`].
pub(crate) struct Eigenspace<A> {
    /// Orthonormal rows.
    pub(crate) vectors: Array2<A>,
    /// The sum of the other eigenvalues.
    pub(crate) tail: f64,
    /// If `tail` is lost in rounding: how much its true value may be above the smallest possible.
    pub(crate) excess: Option<f64>,
}

impl<A: Scalar> Symmetric<A> {
    /// `short short^T`.
    pub(crate) fn gram(short: ArrayView2<'_, A>, work: &mut Work<A>) -> Self {
        let side = short.nrows();
        let mut g = work.matrix(side, side);
        A::gram(short, false, g.view_mut());
        for i in 0..side {
            for j in 0..i {
                g[[j, i]] = g[[i, j]];
            }
        }
        Self(g)
    }

    pub(crate) fn recycle(self, work: &mut Work<A>) {
        work.give(self.0);
    }

    /// The squared norm of the matrix.
    pub(crate) fn trace(&self) -> f64 {
        self.0.diag().iter().map(|x| x.widen()).sum()
    }

    /// The sum of the diagonal blocks of this side.
    pub(crate) fn partial_trace(&self, side: usize, work: &mut Work<A>) -> Self {
        let mut sum = work.matrix(side, side);
        sum.assign(&self.0.slice(s![..side, ..side]));
        for start in (side..self.0.nrows()).step_by(side) {
            sum += &self.0.slice(s![start..start + side, start..start + side]);
        }
        Self(sum)
    }

    /// `(I x V) G (I x V)^T` for the rows `V`.
    pub(crate) fn projected(&self, vectors: &Array2<A>) -> Self {
        let (rank, side) = vectors.dim();
        let total = self.0.nrows();
        let half = |a: &Array2<A>| {
            let elements = a.as_standard_layout();
            let Ok(blocks) = elements
                .view()
                .into_shape_with_order((a.len() / side, side))
            else {
                unreachable!("whole blocks");
            };
            let product = matmul(blocks, vectors.t());
            match product.into_shape_with_order((a.nrows(), total / side * rank)) {
                Ok(product) => product,
                Err(error) => unreachable!("whole blocks: {error}"),
            }
        };
        let once = half(&self.0).reversed_axes();
        Self(half(&once))
    }

    /// The leading eigenspace that `keep` asks for; `None` if digits that matter are lost or the eigensolver gives up.
    pub(crate) fn space(
        &self,
        keep: Keep,
        method: SplitMethod,
        work: &mut Work<A>,
    ) -> Option<Eigenspace<A>> {
        let side = self.0.nrows();
        let mut tail = 0.0;
        let decide = |squares: &[f64]| {
            let verdict = judge_own::<A>(squares, keep);
            if let Verdict::Resolved { rank, .. } | Verdict::Unmeasured { rank, .. } = verdict {
                tail = squares[rank..].iter().rev().sum();
            }
            verdict
        };
        let mut vectors = work.vector(side * side);
        let forced = method == SplitMethod::Gram;
        let found = leading_space(
            &self.0,
            keep,
            forced,
            &mut work.scratch,
            decide,
            &mut vectors,
        );
        let excess = match found {
            Verdict::Lost => {
                work.give_vector(vectors);
                return None;
            }
            Verdict::Unmeasured { excess, .. } => Some(excess),
            Verdict::Resolved { discarded, .. } => {
                tail = discarded.powi(2);
                None
            }
        };
        let mut vectors = rows_of(vectors, side);
        fix_signs(&mut vectors.view_mut().reversed_axes(), None);
        Some(Eigenspace {
            vectors,
            tail,
            excess,
        })
    }
}

/// Row-major rows of this length as a matrix.
pub(super) fn rows_of<A>(elements: Vec<A>, len: usize) -> Array2<A> {
    match Array2::from_shape_vec((elements.len() / len, len), elements) {
        Ok(rows) => rows,
        Err(error) => unreachable!("whole rows: {error}"),
    }
}

/// The leading space by a Gram matrix in `f64`, whatever the input; as good as a backward-stable method for
/// `f32`. `None` if the eigensolver gives up.
pub(super) fn wide_gram_space<A: Scalar>(
    short: ArrayView2<'_, A>,
    keep: Keep,
    work: &mut Work<A>,
) -> Option<Space<A>> {
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
    let Verdict::Resolved { rank, discarded } = found else {
        return None;
    };
    let mut narrow = work.matrix(rank, side);
    for (narrow, x) in narrow.iter_mut().zip(vectors) {
        *narrow = A::narrow(x);
    }
    Some(Space {
        vectors: narrow,
        discarded: Discarded::Norm(discarded),
    })
}

/// The eigenvectors of a Gram matrix that `decide` wants, or none; with `forced`, at least those that `keep`
/// asks for, and the verdict is `Resolved`. `Lost` also where the eigensolver does not converge.
fn leading_space<T: Scalar>(
    g: &Array2<T>,
    keep: Keep,
    forced: bool,
    scratch: &mut Vec<MaybeUninit<u8>>,
    mut decide: impl FnMut(&[f64]) -> Verdict,
    vectors: &mut Vec<T>,
) -> Verdict {
    let mut verdict = Verdict::Lost;
    let trace: f64 = g.diag().iter().map(|x| x.widen()).sum();
    let mut count = |values: &[T]| {
        // Every eigenvalue has an error of some eps of the largest, often of one sign. In the sum of hundreds of them that
        // would count; the trace has no such error.
        let sum: f64 = values.iter().rev().map(|x| x.widen()).sum();
        let missing = (trace - sum) / values.len() as f64;
        let square = |x: &T| (x.widen() + missing).max(0.0);
        let squares: Vec<f64> = values.iter().map(square).collect();
        verdict = decide(&squares);
        if forced && !matches!(verdict, Verdict::Resolved { .. }) {
            let sigma: Vec<f64> = squares.iter().map(|x| x.sqrt()).collect();
            let rank = keep.count(&sigma);
            let discarded = super::keep::tail_norm(&sigma[rank..]);
            verdict = Verdict::Resolved { rank, discarded };
        }
        match verdict {
            Verdict::Resolved { rank, .. } | Verdict::Unmeasured { rank, .. } => rank,
            Verdict::Lost => 0,
        }
    };
    match T::leading_eigh(g.view(), &mut count, scratch, vectors) {
        Some(()) => verdict,
        None => Verdict::Lost,
    }
}
