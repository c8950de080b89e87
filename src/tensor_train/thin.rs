//! Thin modes at the right end of a large tensor: several bonds from one Gram matrix.

use ndarray::{Array2, Array3, ArrayView2};

use super::dense::matrix;
use super::error::TtError;
use super::screen::moderate_square;
use super::sweep::{Sweep, core};
use crate::linalg::{SplitMethod, Symmetric, Work, matmul_into, negligible_excess, project_rows};
use crate::scalar::Scalar;

/// A tensor is large if it does not stay in the second-level cache.
pub(super) const LARGE: usize = 1 << 17;

/// Side of a Gram matrix up to which modes are joined whatever the rank. Wider ones cost more operations, narrower
/// ones more passes over the tensor.
const GROUP: usize = 64;

/// Side up to which the right end of a large tensor goes first: its rows are contiguous.
const FIRST: usize = 256;

/// So many modes at a time pay for a smaller tensor too.
const MANY: usize = 3;

/// A bond cut inside the group.
struct Cut<A> {
    core: Array3<A>,
    /// The squared norm that is discarded, up to rounding of the Gram matrix.
    tail: f64,
    /// If `tail` is lost in that rounding: how much its true value may be above the smallest possible.
    excess: Option<f64>,
}

impl<A: Scalar> Sweep<'_, '_, A> {
    /// Cuts the bonds of several thin modes at the right end with one Gram matrix of all of them and one product.
    /// `false`, and nothing done, where that does not apply or would lose digits.
    ///
    /// The Gram matrix of the last modes alone is the partial trace of the one of the group, and projecting the
    /// group's Gram matrix is as good as projecting the tensor: the cuts are those of the plain sweep.
    pub(super) fn cut_thin_modes(&mut self) -> Result<bool, TtError> {
        if !self.has_thin_modes() {
            return Ok(false);
        }
        let modes = self.thin_modes();
        let last = self.shape.len() - 1 - self.right.len();
        let first = last + 1 - modes;
        let group = self.thin_side();
        let Ok(tall) = ArrayView2::from_shape((self.block.len() / group, group), &self.block)
        else {
            unreachable!("whole modes");
        };
        let known = self.gram.take();
        let mut gram = known.unwrap_or_else(|| Symmetric::gram(tall.t(), self.work));
        let square = gram.trace();
        let (mut rank, mut budget) = (self.right_rank, self.budget);
        let mut cuts: Vec<Cut<A>> = Vec::with_capacity(modes);
        for mode in (first..=last).rev() {
            let side = self.shape[mode] * rank;
            let keep = self.keep(mode, budget, mode - self.left.len());
            let cut = if self.prescribed && self.caps[mode] >= side {
                let identity = self.work.identity(side);
                Cut {
                    core: core(identity, (side, self.shape[mode], rank)),
                    tail: 0.0,
                    excess: None,
                }
            } else {
                let own = gram.partial_trace(side, self.work);
                let space = own.space(keep, self.method, self.work)?;
                own.recycle(self.work);
                let Some(space) = space else {
                    gram.recycle(self.work);
                    return Ok(false);
                };
                if mode > first {
                    let next = gram.projected(&space.vectors);
                    std::mem::replace(&mut gram, next).recycle(self.work);
                }
                budget = (budget - space.tail).max(0.0);
                let kept = space.vectors.nrows();
                Cut {
                    core: core(space.vectors, (kept, self.shape[mode], rank)),
                    tail: space.tail,
                    excess: space.excess,
                }
            };
            rank = cut.core.dim().0;
            cuts.push(cut);
        }
        gram.recycle(self.work);
        Ok(self.commit(group, rank, square, cuts))
    }

    /// The norm of the block from the Gram matrix of its thin modes, which is kept for the cut; `None` where there are
    /// none, in `f32`, where the sum would lose digits, and where squares are not safe.
    pub(super) fn norm_by_gram(&mut self) -> Option<f64> {
        if !self.has_thin_modes() || size_of::<A>() < size_of::<f64>() {
            return None;
        }
        let group = self.thin_side();
        let tall = ArrayView2::from_shape((self.block.len() / group, group), &self.block).ok()?;
        let gram = Symmetric::gram(tall.t(), self.work);
        let norm = moderate_square::<A>(gram.trace())?;
        self.gram = Some(gram);
        Some(norm)
    }

    /// How many modes at the right end make a group, and leave a mode before them.
    fn thin_modes(&self) -> usize {
        let (first, end) = (self.left.len() + 1, self.shape.len() - self.right.len());
        let (mut side, mut modes, mut whole) = (self.right_rank, 0, false);
        for mode in (first..end).rev() {
            side = side.saturating_mul(self.shape[mode]);
            // Where a bond keeps everything, cutting it alone would be a pass for nothing.
            let limit = match (5 * self.caps[mode] / 2).clamp(GROUP, 2 * FIRST) {
                limit if whole => limit.max(FIRST),
                limit => limit,
            };
            whole = self.caps[mode] >= side;
            if side > limit && (modes > 0 || side > FIRST) {
                break;
            }
            modes += 1;
        }
        modes
    }

    /// The side of the Gram matrix of that group.
    fn thin_side(&self) -> usize {
        let end = self.shape.len() - self.right.len();
        let modes = &self.shape[end - self.thin_modes()..end];
        modes.iter().product::<usize>() * self.right_rank
    }

    /// Whether [`Sweep::cut_thin_modes`] is worth a try: the right side is much the shorter one.
    pub(super) fn has_thin_modes(&self) -> bool {
        let (modes, side) = (self.thin_modes(), self.thin_side());
        (self.large || modes >= MANY)
            && self.method != SplitMethod::QrSvd
            && modes > 0
            && 4 * side * side <= self.block.len()
    }

    /// Multiplies the block by the basis of the group and takes the cores over; `false` if what had to be measured
    /// is not good enough. `square` is the squared norm of the block.
    fn commit(&mut self, group: usize, rank: usize, square: f64, cuts: Vec<Cut<A>>) -> bool {
        let (rows, order) = (self.block.len() / group, self.shape.len());
        let Ok(tall) = ArrayView2::from_shape((rows, group), &self.block) else {
            unreachable!("whole modes");
        };
        let cores = cuts.iter().rev().map(|cut| cut.core.clone());
        let open: Vec<_> = cores.collect();
        // The rows of the product are orthonormal: rank x (n ... n right_rank).
        let basis = open_product(&open, self.work);
        let mut rest = self.work.matrix(rows, rank);
        let unmeasured = cuts.iter().any(|cut| cut.excess.is_some());
        let measured = project_rows(tall, basis.view(), &mut rest, unmeasured);
        // What the unmeasured cuts discard together is shared out by their estimates.
        let weight = |cut: &Cut<A>| cut.excess.map_or(0.0, |_| cut.tail.max(f64::MIN_POSITIVE));
        let weights: f64 = cuts.iter().map(weight).sum();
        let mut lost = 0.0;
        if let Some(measured) = measured {
            let excess: f64 = cuts.iter().filter_map(|cut| cut.excess).sum();
            if excess > negligible_excess::<A>(measured, square) {
                return false;
            }
            let known = cuts.iter().filter(|cut| cut.excess.is_none());
            lost = (measured.powi(2) - known.map(|cut| cut.tail).sum::<f64>()).max(0.0);
        }
        self.work.give(basis);
        let outermost = order - 1 - self.right.len();
        for (k, cut) in cuts.into_iter().enumerate() {
            let mode = outermost - k;
            let share = cut.excess.map(|_| lost * (weight(&cut) / weights));
            let square = share.unwrap_or(cut.tail);
            self.discarded[mode - 1] = square.sqrt();
            self.budget = (self.budget - square).max(0.0);
            self.right.push(cut.core);
        }
        self.right_rank = rank;
        self.take_rest(rest);
        true
    }
}

/// The product of cores of which the last has an open right rank, as `r x (n ... n s)`.
fn open_product<A: Scalar>(cores: &[Array3<A>], work: &mut Work<A>) -> Array2<A> {
    let mut product = work.matrix(0, 0);
    for (k, core) in cores.iter().rev().enumerate() {
        let (r, n, s) = core.dim();
        if k == 0 {
            product = work.matrix(r, n * s);
            product.assign(&matrix(core, (r, n * s)));
            continue;
        }
        let cols = product.ncols();
        let mut next = work.matrix(r * n, cols);
        matmul_into(matrix(core, (r * n, s)), product.view(), next.view_mut());
        work.give(product);
        product = match next.into_shape_with_order((r, n * cols)) {
            Ok(product) => product,
            Err(error) => unreachable!("sizes agree: {error}"),
        };
    }
    product
}
