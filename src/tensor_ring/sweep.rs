//! The cuts of TR-SVD, left to right from the first of the given modes.

use ndarray::{Array2, Array3, ArrayView2};

use super::TrError;
use super::dense::{flattened, permuted};
use crate::linalg::{Keep, Side, SplitMethod, Work, split};
use crate::scalar::Scalar;
use crate::tensor_train::{as_core, matrix};

/// What all cuts of one tensor have in common. The modes start with the one that is cut first.
pub(super) struct Cuts<'a> {
    pub(super) shape: &'a [usize],
    /// `caps[k]` belongs to the bond on the left of mode `k`.
    pub(super) caps: &'a [usize],
    pub(super) prescribed: bool,
    pub(super) method: SplitMethod,
    /// Square of the norm that may be discarded in all.
    pub(super) budget: f64,
}

/// The first mode cut off: `n_1 x R` with orthonormal columns, and `R x (n_2 ... n_d)`.
pub(super) struct FirstCut<A> {
    pub(super) basis: Array2<A>,
    pub(super) rest: Array2<A>,
    pub(super) discarded: f64,
}

/// A ring, from the mode that was cut first.
pub(super) struct Found<A> {
    pub(super) cores: Vec<Array3<A>>,
    /// What each of the `d - 1` cuts discarded, in order.
    pub(super) discarded: Vec<f64>,
}

impl<A: Scalar> Found<A> {
    pub(super) fn num_parameters(&self) -> usize {
        self.cores.iter().map(Array3::len).sum()
    }

    pub(super) fn square(&self) -> f64 {
        self.discarded.iter().rev().map(|e| e.powi(2)).sum()
    }
}

impl Cuts<'_> {
    /// What the first cut keeps: two of `d` equal shares of the budget, since it makes two bonds.
    fn first_keep(&self) -> Keep {
        let most = self.caps[0].saturating_mul(self.caps[1]);
        let share = self.budget * (2.0 / self.shape.len() as f64).min(1.0);
        Keep::tail(share.sqrt()).and_max_rank(most)
    }

    /// Cuts the first of at least two modes off, at this rank or at the smallest one the budget allows.
    pub(super) fn first<A: Scalar>(
        &self,
        elements: &[A],
        rank: Option<usize>,
        work: &mut Work<A>,
    ) -> Result<FirstCut<A>, TrError> {
        let rows = self.shape[0];
        let cols = elements.len() / rows;
        let Ok(unfolding) = ArrayView2::from_shape((rows, cols), elements) else {
            unreachable!("as many elements as the shape has");
        };
        if rank.is_some_and(|rank| rank >= rows) {
            return Ok(FirstCut {
                basis: work.identity(rows),
                rest: unfolding.to_owned(),
                discarded: 0.0,
            });
        }
        let keep = rank.map_or_else(|| self.first_keep(), Keep::rank);
        let cut = split(unfolding, Side::Left, keep, self.method, work)?;
        Ok(FirstCut {
            basis: cut.basis,
            rest: cut.rest,
            discarded: cut.discarded,
        })
    }

    /// The other cuts, with the rank of the first one split in two.
    pub(super) fn finish<A: Scalar>(
        &self,
        first: &FirstCut<A>,
        [closing, next]: [usize; 2],
        work: &mut Work<A>,
    ) -> Result<Found<A>, TrError> {
        let order = self.shape.len();
        debug_assert_eq!(first.basis.ncols(), closing * next);
        let basis = as_core(first.basis.clone(), (self.shape[0], closing, next));
        let mut cores = vec![permuted(basis, [1, 0, 2], work)];
        let mut discarded = vec![first.discarded];
        let mut budget = (self.budget - first.discarded.powi(2)).max(0.0);
        let rest = as_core(first.rest.clone(), (closing, next, first.rest.ncols()));
        // next x (n_2 ... n_d closing)
        let mut block = permuted(rest, [1, 2, 0], work);
        let mut left = next;
        for k in 1..order - 1 {
            let (n, cap) = (self.shape[k], self.caps[k + 1]);
            let sides = (left * n, block.len() / (left * n));
            if self.prescribed && cap >= sides.0 && sides.0 <= sides.1 {
                cores.push(as_core(work.identity(sides.0), (left, n, sides.0)));
                discarded.push(0.0);
                left = sides.0;
                continue;
            }
            let keep = if self.prescribed {
                Keep::rank(cap)
            } else {
                let cuts = (order - 1 - k) as f64;
                Keep::tail((budget / cuts).sqrt()).and_max_rank(cap)
            };
            let cut = split(matrix(&block, sides), Side::Left, keep, self.method, work)?;
            let rank = cut.basis.ncols();
            cores.push(as_core(cut.basis, (left, n, rank)));
            budget = (budget - cut.discarded.powi(2)).max(0.0);
            discarded.push(cut.discarded);
            work.give(block);
            let cols = cut.rest.ncols();
            block = as_core(cut.rest, (rank, 1, cols));
            left = rank;
        }
        let last = flattened(block, (left, self.shape[order - 1] * closing));
        cores.push(as_core(last, (left, self.shape[order - 1], closing)));
        Ok(Found { cores, discarded })
    }
}

/// The elements of a tensor with this mode first, the others following cyclically.
pub(super) fn rotated<A: Scalar>(elements: &[A], shape: &[usize], first: usize) -> Vec<A> {
    let rows: usize = shape[..first].iter().product();
    let Ok(tensor) = ArrayView2::from_shape((rows, elements.len() / rows), elements) else {
        unreachable!("as many elements as the shape has");
    };
    tensor.t().iter().copied().collect()
}
