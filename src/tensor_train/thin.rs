//! Thin modes at the right end of a large tensor: several bonds at a time.

use ndarray::{Array2, Array3, ArrayView2};

use super::dense::matrix;
use super::error::TtError;
use super::screen::moderate_square;
use super::sweep::Sweep;
use crate::linalg::{SplitMethod, Symmetric, Work, matmul_into, negligible_excess, project_rows};
use crate::scalar::Scalar;

/// A tensor is large if it does not stay in the second-level cache.
pub(super) const LARGE: usize = 1 << 17;

/// Side of a group up to which modes are joined whatever the rank. Wider ones cost more operations, narrower
/// ones more passes over the tensor.
const GROUP: usize = 64;

/// Side up to which the right end of a large tensor goes first: its rows are contiguous.
const FIRST: usize = 256;

/// So many modes at a time pay for a smaller tensor too.
const MANY: usize = 3;

/// A bond cut inside the group.
pub(super) struct Cut<A> {
    pub(super) core: Array3<A>,
    /// The squared norm that is discarded, up to rounding.
    pub(super) tail: f64,
    /// If `tail` is lost in that rounding: how much its true value may be above the smallest possible.
    pub(super) excess: Option<f64>,
}

/// Cuts of all bonds of a group, outermost first.
pub(super) struct GroupCuts<A> {
    /// The squared norm of the block.
    pub(super) square: f64,
    pub(super) cuts: Vec<Cut<A>>,
}

impl<A: Scalar> Sweep<'_, '_, A> {
    /// Cuts the bonds of several thin modes at the right end together: by one Gram matrix, or by one QR
    /// factorisation where the former loses digits that matter, and one product. `false`, and nothing done, where
    /// there are no thin modes.
    pub(super) fn cut_thin_modes(&mut self) -> Result<bool, TtError> {
        if !self.has_thin_modes() {
            return Ok(false);
        }
        let (modes, group) = (self.thin_modes(), self.thin_side());
        if self.method != SplitMethod::QrSvd
            && let Some(found) = self.cuts_by_gram(modes, group)
            && self.commit(group, found)
        {
            return Ok(true);
        }
        let found = self.cuts_by_qr(modes, group)?;
        Ok(self.commit(group, found))
    }

    /// The norm of the block from the Gram matrix of its thin modes, which is kept for the cut; `None` where there are
    /// none, where no Gram matrix is wanted, in `f32`, where the sum would lose digits, and where squares are not safe.
    pub(super) fn norm_by_gram(&mut self) -> Option<f64> {
        let wanted = self.method != SplitMethod::QrSvd && size_of::<A>() == size_of::<f64>();
        if !wanted || !self.has_thin_modes() {
            return None;
        }
        let gram = Symmetric::gram(tall(&self.block, self.thin_side()).t(), self.work);
        let norm = moderate_square::<A>(gram.trace())?;
        self.gram = Some(gram);
        Some(norm)
    }

    /// How many modes at the right end make a group, and leave a mode before them.
    fn thin_modes(&self) -> usize {
        let (first, end) = (self.left.len() + 1, self.shape.len() - self.right.len());
        let (mut side, mut modes, mut whole) = (self.right_rank, 0, false);
        // Ranks that are not known yet: not much above the last one, or those of a first group.
        let expected = 2 * self.right_rank.max(GROUP / 4);
        for mode in (first..end).rev() {
            side = side.saturating_mul(self.shape[mode]);
            let rank = if self.prescribed {
                self.caps[mode]
            } else {
                self.caps[mode].min(expected)
            };
            // Where a bond keeps everything, cutting it alone would be a pass for nothing.
            let limit = match (5 * rank / 2).clamp(GROUP, 2 * FIRST) {
                limit if whole => limit.max(FIRST),
                limit => limit,
            };
            whole = self.prescribed && self.caps[mode] >= side;
            if side > limit && (modes > 0 || side > FIRST) {
                break;
            }
            modes += 1;
        }
        modes
    }

    /// The side of that group.
    fn thin_side(&self) -> usize {
        let end = self.shape.len() - self.right.len();
        let modes = &self.shape[end - self.thin_modes()..end];
        modes.iter().product::<usize>() * self.right_rank
    }

    /// Whether [`Sweep::cut_thin_modes`] applies: the right side is much the shorter one.
    pub(super) fn has_thin_modes(&self) -> bool {
        let (modes, side) = (self.thin_modes(), self.thin_side());
        (self.large || modes >= MANY) && modes > 0 && 4 * side * side <= self.block.len()
    }

    /// Multiplies the block by the basis of the group and takes the cores over; `false` if what had to be measured
    /// is not good enough.
    fn commit(&mut self, group: usize, found: GroupCuts<A>) -> bool {
        let GroupCuts { square, cuts } = found;
        let order = self.shape.len();
        let rank = cuts.last().map_or(1, |cut| cut.core.dim().0);
        let mut lost = 0.0;
        let weight = |cut: &Cut<A>| cut.excess.map_or(0.0, |_| cut.tail.max(f64::MIN_POSITIVE));
        // Where all is kept the cores are identities, and the block is the rest already.
        if rank < group {
            let rows = self.block.len() / group;
            let open: Vec<_> = cuts.iter().rev().map(|cut| cut.core.clone()).collect();
            // The rows of the product are orthonormal: rank x (n ... n right_rank).
            let basis = open_product(&open, self.work);
            let mut rest = self.work.matrix(rows, rank);
            let unmeasured = cuts.iter().any(|cut| cut.excess.is_some());
            let block = tall(&self.block, group);
            let measured = project_rows(block, basis.view(), &mut rest, unmeasured);
            if let Some(measured) = measured {
                let excess: f64 = cuts.iter().filter_map(|cut| cut.excess).sum();
                if excess > negligible_excess::<A>(measured, square) {
                    return false;
                }
                let known = cuts.iter().filter(|cut| cut.excess.is_none());
                lost = (measured.powi(2) - known.map(|cut| cut.tail).sum::<f64>()).max(0.0);
            }
            self.work.give(basis);
            self.take_rest(rest);
        }
        // What the unmeasured cuts discard together is shared out by their estimates.
        let weights: f64 = cuts.iter().map(weight).sum();
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
        true
    }
}

/// The unfolding of a block with a group of modes at its right end as columns.
pub(super) fn tall<A>(block: &[A], group: usize) -> ArrayView2<'_, A> {
    match ArrayView2::from_shape((block.len() / group, group), block) {
        Ok(tall) => tall,
        Err(error) => unreachable!("whole modes: {error}"),
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
