//! The sweep of TT-SVD: one bond after the other, from either end.

use std::borrow::Cow;

use ndarray::{Array2, Array3, ArrayView2};

use super::error::TtError;
use crate::linalg::{Keep, Side, SplitMethod, Symmetric, Work, split};
use crate::scalar::Scalar;

/// The state between two cuts: finished cores on both sides of a block
/// `left_rank x n_a x ... x n_b x right_rank`.
pub(super) struct Sweep<'a, 'w, A: Scalar> {
    pub(super) shape: &'a [usize],
    pub(super) caps: &'a [usize],
    pub(super) prescribed: bool,
    pub(super) method: SplitMethod,
    /// Whether the whole tensor is large.
    pub(super) large: bool,
    /// Bonds that will be cut outside of this block.
    pub(super) later_cuts: usize,
    /// Square of the norm that may still be discarded.
    pub(super) budget: f64,
    pub(super) block: Cow<'a, [A]>,
    /// The Gram matrix of the thin modes at the right end, if it is known already.
    pub(super) gram: Option<Symmetric<A>>,
    pub(super) discarded: Vec<f64>,
    pub(super) left: Vec<Array3<A>>,
    /// Outermost first.
    pub(super) right: Vec<Array3<A>>,
    pub(super) left_rank: usize,
    pub(super) right_rank: usize,
    pub(super) work: &'w mut Work<A>,
}

impl<A: Scalar> Sweep<'_, '_, A> {
    pub(super) fn remaining(&self) -> usize {
        self.shape.len() - self.left.len() - self.right.len()
    }

    /// Mode, bond and the two sides of the block's unfolding for a cut on this side.
    fn unfolding(&self, side: Side) -> (usize, usize, usize, usize) {
        let size = self.block.len();
        match side {
            Side::Left => {
                let mode = self.left.len();
                let rows = self.left_rank * self.shape[mode];
                (mode, mode + 1, rows, size / rows)
            }
            Side::Right => {
                let mode = self.shape.len() - 1 - self.right.len();
                let cols = self.shape[mode] * self.right_rank;
                (mode, mode, size / cols, cols)
            }
        }
    }

    /// Whether the prescribed rank keeps the whole side, so that nothing needs to be factorised.
    fn is_uncut(&self, side: Side) -> bool {
        let (_, bond, rows, cols) = self.unfolding(side);
        let own = if side == Side::Left { rows } else { cols };
        self.prescribed && self.caps[bond] >= own
    }

    /// Thin modes of a large tensor first, then free cuts, then the one with the smaller operation count; ties go
    /// left.
    pub(super) fn cheaper_side(&self) -> Side {
        if self.has_thin_modes() {
            return Side::Right;
        }
        let cost = |side: Side| {
            if self.is_uncut(side) {
                return 0.0;
            }
            let (_, bond, rows, cols) = self.unfolding(side);
            let own = if side == Side::Left { rows } else { cols };
            let (short, long) = (rows.min(cols) as f64, rows.max(cols) as f64);
            let rank = self.caps[bond].min(rows).min(cols) as f64;
            // A basis of the long side takes another product and a QR factorisation.
            let basis = if own > rows.min(cols) {
                6.0 * long * rank * rank
            } else {
                0.0
            };
            long * short * short + 9.0 * short.powi(3) + 2.0 * long * short * rank + basis
        };
        if cost(Side::Right) < cost(Side::Left) {
            Side::Right
        } else {
            Side::Left
        }
    }

    /// What a cut keeps, if so much may still be discarded in this many cuts.
    pub(super) fn keep(&self, bond: usize, budget: f64, cuts: usize) -> Keep {
        if self.prescribed {
            return Keep::rank(self.caps[bond]);
        }
        Keep::tail((budget / cuts as f64).sqrt()).and_max_rank(self.caps[bond])
    }

    /// The rest of a cut becomes the block.
    pub(super) fn take_rest(&mut self, rest: Array2<A>) {
        let rest = Cow::Owned(rest.into_raw_vec_and_offset().0);
        if let Cow::Owned(done) = std::mem::replace(&mut self.block, rest) {
            self.work.give_vector(done);
        }
    }

    /// Cuts the outermost bond on this side, and those next to it where the modes are thin.
    pub(super) fn cut(&mut self, side: Side) -> Result<(), TtError> {
        if side == Side::Right && self.cut_thin_modes()? {
            return Ok(());
        }
        self.cut_one(side)
    }

    /// Cuts the outermost bond on this side.
    pub(super) fn cut_one(&mut self, side: Side) -> Result<(), TtError> {
        let (mode, bond, rows, cols) = self.unfolding(side);
        let n = self.shape[mode];
        let own = if side == Side::Left { rows } else { cols };
        let (basis, rank) = if self.is_uncut(side) {
            (self.work.identity(own), own)
        } else {
            let keep = self.keep(bond, self.budget, self.remaining() - 1 + self.later_cuts);
            let Ok(unfolding) = ArrayView2::from_shape((rows, cols), &self.block) else {
                unreachable!("the block has as many elements as its unfolding");
            };
            let cut = split(unfolding, side, keep, self.method, self.work)?;
            let rank = if side == Side::Left {
                cut.basis.ncols()
            } else {
                cut.basis.nrows()
            };
            if rank == own {
                // All is kept: the identity is as good a basis, and the block stays as it is.
                (self.work.identity(own), own)
            } else {
                self.discarded[bond - 1] = cut.discarded;
                self.budget = (self.budget - cut.discarded.powi(2)).max(0.0);
                self.take_rest(cut.rest);
                (cut.basis, rank)
            }
        };
        match side {
            Side::Left => {
                self.left.push(core(basis, (self.left_rank, n, rank)));
                self.left_rank = rank;
            }
            Side::Right => {
                self.right.push(core(basis, (rank, n, self.right_rank)));
                self.right_rank = rank;
            }
        }
        Ok(())
    }

    /// All cores; the last block becomes the centre.
    pub(super) fn into_cores(mut self) -> Vec<Array3<A>> {
        let n = self.shape[self.left.len()];
        let shape = (self.left_rank, n, self.right_rank);
        self.left.push(of_shape(self.block.into_owned(), shape));
        self.left.extend(self.right.into_iter().rev());
        self.left
    }
}

/// A row-major matrix as a core, without copying.
pub(crate) fn core<A: Scalar>(a: Array2<A>, shape: (usize, usize, usize)) -> Array3<A> {
    of_shape(a.into_raw_vec_and_offset().0, shape)
}

/// Row-major elements as a core.
fn of_shape<A: Scalar>(elements: Vec<A>, shape: (usize, usize, usize)) -> Array3<A> {
    match Array3::from_shape_vec(shape, elements) {
        Ok(core) => core,
        Err(error) => unreachable!("sizes agree: {error}"),
    }
}
