//! Leading singular spaces by subspace iteration from a random start (Halko, Martinsson, Tropp, 2011).

use ndarray::{Array2, ArrayView2, s};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::gram::{Discarded, GRAM_ERROR, Space, negligible_excess};
use super::norm::sum_of_squares;
use super::product::{matmul, matmul_into};
use super::qr::thin_qr;
use super::rows::residual_norm;
use super::work::Work;
use super::{Keep, LinalgError};
use crate::scalar::Scalar;

/// Vectors iterated beyond the rank.
const OVERSAMPLED: usize = 8;

/// A rank is small if it is at most this part of the short side.
const SMALL: usize = 10;

/// Most products with the matrix and its transpose.
const ITERATIONS: usize = 4;

/// Any will do; a fixed one makes the result a function of the input.
const SEED: u64 = 0x7474;

/// The leading space of a matrix whose spectrum falls fast, shown to be as good as the exact one; `None` where
/// that does not apply or cannot be shown. `short` is `s x l` with `s <= l`.
///
/// With `M = short short^T`, orthonormal rows `V` with `V M V^T = diag(theta)`, `R = V M - diag(theta) V` and
/// `mu` above the largest eigenvalue of `M` outside of `V`, no space of this dimension discards less than `V` by
/// more than `|R|^2 / (theta_r - mu)` (squared norms). What `V` discards itself is such a `mu`.
pub(super) fn certified_space<A: Scalar>(
    short: ArrayView2<'_, A>,
    keep: Keep,
    work: &mut Work<A>,
) -> Result<Option<Space<A>>, LinalgError> {
    let (side, long) = short.dim();
    let Some(rank) = keep.max_rank().filter(|rank| SMALL * rank <= side) else {
        return Ok(None);
    };
    let width = rank + OVERSAMPLED;
    // Two iterations, against a Gram matrix and its eigenvectors.
    let cheaper = 10 * long * width < side * (long + 9 * side);
    if !cheaper || !seems_to_fall_fast(short, rank, width, work)? {
        return Ok(None);
    }
    let mut rows = random_rows(side, width)?;
    for _ in 0..ITERATIONS {
        let step = Step::new(short, &rows, rank, work)?;
        if let Some(norm) = step.accepted(short, keep) {
            let (vectors, discarded) = (step.vectors, Discarded::Norm(norm));
            return Ok(Some(Space { vectors, discarded }));
        }
        rows = orthonormal_rows(&step.moved)?;
    }
    Ok(None)
}

/// One step of the iteration, and what it says about the rows before it.
struct Step<A> {
    /// The squared norm of the matrix.
    square: f64,
    /// The eigenvalues of `M` seen in the rows, largest first, as many as the rank.
    theta: Vec<f64>,
    /// Their vectors, orthonormal rows.
    vectors: Array2<A>,
    /// The vectors times the matrix.
    image: Array2<A>,
    /// `|V M - diag(theta) V|`.
    residual: f64,
    /// The rows times `M`.
    moved: Array2<A>,
}

impl<A: Scalar> Step<A> {
    fn new(
        short: ArrayView2<'_, A>,
        rows: &Array2<A>,
        rank: usize,
        work: &mut Work<A>,
    ) -> Result<Self, LinalgError> {
        let width = rows.nrows();
        let mut image = work.matrix(width, short.ncols());
        matmul_into(rows.view(), short, image.view_mut());
        let mut theta = Vec::new();
        let turn = leading_of_gram(image.view(), work, |squares| {
            theta = squares[..rank].to_vec();
            rank
        })?;
        let moved = matmul(image.view(), short.t());
        let vectors = matmul(turn.view(), rows.view());
        let mut residual = matmul(turn.view(), moved.view());
        for ((mut row, vector), &theta) in residual
            .rows_mut()
            .into_iter()
            .zip(vectors.rows())
            .zip(&theta)
        {
            row.scaled_add(A::narrow(-theta), &vector);
        }
        let of_vectors = matmul(turn.view(), image.view());
        work.give(image);
        Ok(Self {
            square: square_of(short),
            theta,
            vectors,
            image: of_vectors,
            residual: square_of(residual.view()).sqrt(),
            moved,
        })
    }

    /// Rounding errors of the eigenvalues.
    fn rounding(&self) -> f64 {
        GRAM_ERROR * A::epsilon().widen() * self.theta[0]
    }

    /// The discarded norm, if the vectors are as many as `keep` asks for and discard no more than they have to.
    fn accepted(&self, short: ArrayView2<'_, A>, keep: Keep) -> Option<f64> {
        let (first, last) = (self.theta[0], self.theta[self.theta.len() - 1]);
        let side = short.nrows();
        let rounding = self.rounding();
        let discarded = self.square - self.theta.iter().rev().sum::<f64>();
        // Above the squared discarded norm, whatever was lost in this difference.
        let most = discarded.max(0.0) + side as f64 * rounding;
        let gap = last - most;
        if gap <= 0.0 || !keep.keeps_max_rank::<A>(last - rounding, side, self.square) {
            return None;
        }
        let residual = self.residual + rounding * (self.theta.len() as f64).sqrt();
        let excess = residual.powi(2) / gap;
        let good = |norm: f64| excess <= negligible_excess::<A>(norm, first);
        if !good(most.sqrt()) {
            return None;
        }
        let norm = residual_norm(short.t(), self.image.t(), self.vectors.view());
        good(norm).then_some(norm)
    }
}

/// Whether a few columns look as if a random start could work: beyond the iterated vectors next to nothing is left
/// of them. Wide spectra, as those of trained weights, are told here, for a fraction of an iteration.
fn seems_to_fall_fast<A: Scalar>(
    short: ArrayView2<'_, A>,
    rank: usize,
    width: usize,
    work: &mut Work<A>,
) -> Result<bool, LinalgError> {
    let few = (2 * width).min(short.ncols());
    let sample = short.slice(s![.., ..;short.ncols() / few]);
    let sample = sample.slice(s![.., ..few]);
    let mut falls = false;
    let none = leading_of_gram(sample.t(), work, |squares| {
        let beyond: f64 = squares[width.min(squares.len())..].iter().rev().sum();
        falls = beyond < 0.25 * squares[rank - 1];
        0
    })?;
    work.give(none);
    Ok(falls)
}

/// Leading eigenvectors (rows) of `a a^T`, as many as `count` says when it is shown the eigenvalues.
fn leading_of_gram<A: Scalar>(
    a: ArrayView2<'_, A>,
    work: &mut Work<A>,
    mut count: impl FnMut(&[f64]) -> usize,
) -> Result<Array2<A>, LinalgError> {
    let side = a.nrows();
    let mut gram = work.matrix(side, side);
    A::gram(a, false, gram.view_mut());
    let mut vectors = work.vector(side * side);
    let mut count = |values: &[A]| {
        let squares: Vec<f64> = values.iter().map(|x| x.widen().max(0.0)).collect();
        count(&squares)
    };
    A::leading_eigh(gram.view(), &mut count, &mut work.scratch, &mut vectors)
        .ok_or_else(|| LinalgError::not_converged("symmetric eigendecomposition", a.dim()))?;
    work.give(gram);
    Ok(super::gram::rows_of(vectors, side))
}

fn random_rows<A: Scalar>(side: usize, width: usize) -> Result<Array2<A>, LinalgError> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let rows = Array2::from_shape_simple_fn((width, side), || {
        // The upper 53 bits, evenly over [-1, 1).
        A::narrow((rng.next_u64() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0)
    });
    orthonormal_rows(&rows)
}

pub(super) fn orthonormal_rows<A: Scalar>(rows: &Array2<A>) -> Result<Array2<A>, LinalgError> {
    Ok(thin_qr(&rows.t())?.q.reversed_axes())
}

/// Squared norm of a matrix of any layout.
pub(super) fn square_of<A: Scalar>(a: ArrayView2<'_, A>) -> f64 {
    a.as_slice_memory_order()
        .map_or_else(|| a.iter().map(|x| x.widen().powi(2)).sum(), sum_of_squares)
}

#[cfg(test)]
mod tests {
    use super::{SMALL, certified_space, random_rows};
    use crate::linalg::{Keep, Work};
    use ndarray::Array2;

    /// `rank` random terms, each `ratio` times the one before.
    fn falling(side: usize, long: usize, ratio: f64, rank: usize) -> Array2<f64> {
        let left = random_rows::<f64>(side, rank).unwrap();
        let mut right = random_rows::<f64>(long, rank).unwrap();
        for (k, mut row) in right.rows_mut().into_iter().enumerate() {
            row *= ratio.powi(i32::try_from(k).unwrap());
        }
        left.t().dot(&right)
    }

    #[test]
    fn a_space_is_found_where_the_spectrum_falls_fast_and_only_there() {
        let (work, side) = (&mut Work::default(), 200);
        let mut found = |ratio, keep| {
            let a = falling(side, 300, ratio, 190);
            let space = certified_space(a.view(), keep, work).unwrap();
            space.map(|space| space.vectors.dim())
        };
        let small = side / SMALL;
        assert_eq!(found(0.7, Keep::rank(small)), Some((small, side)));
        assert_eq!(found(0.7, Keep::rank(small + 1)), None);
        assert_eq!(found(0.99, Keep::rank(small)), None);
        assert_eq!(found(1.0, Keep::rank(small)), None);
        // With a tolerance, only if the largest rank is needed to meet it.
        let meets = |tail| Keep::tail(tail).and_max_rank(10);
        assert_eq!(found(0.7, meets(1e-2)), Some((10, side)));
        assert_eq!(found(0.7, meets(0.1)), None);
        assert_eq!(found(0.7, Keep::tail(1e-4)), None);
    }
}
