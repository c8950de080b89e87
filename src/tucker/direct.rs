//! Decompositions without iteration: ST-HOSVD and HOSVD.

use super::block::Block;
use super::rule::Caps;
use super::tree::Bases;
use crate::linalg::{Keep, LinalgError, Side, SplitMethod, Work, leading_basis, split};
use crate::scalar::Scalar;

/// What is to be cut, for a tensor of moderate size.
#[derive(Debug)]
pub(super) struct Plan<'p> {
    pub(super) shape: &'p [usize],
    pub(super) caps: &'p Caps,
    pub(super) prescribed: bool,
    pub(super) method: SplitMethod,
    /// The square of the norm that may be discarded.
    pub(super) budget: f64,
}

/// Factors with orthonormal columns, and the core in any memory order.
#[derive(Debug)]
pub(super) struct Found<'t, A: Scalar> {
    pub(super) core: Block<'t, A>,
    pub(super) bases: Bases<A>,
    /// The norm discarded in each mode.
    pub(super) discarded: Vec<f64>,
}

impl Plan<'_> {
    /// The modes to be cut, those first that cost little and leave little to the others.
    ///
    /// A cut of a tensor of `N` elements costs about `N (n + r)` and leaves `N r / n` elements; exchanging neighbours
    /// shows that the sum is smallest in the order of `n (n + r) / (n - r)`. Where ranks are found, and may be the
    /// sizes, small modes go first.
    fn order(&self) -> Vec<usize> {
        let mut modes: Vec<usize> = (0..self.shape.len()).filter(|&k| self.is_cut(k)).collect();
        let cost = |k: usize| {
            let (n, r) = (self.shape[k] as f64, self.caps.ranks[k] as f64);
            n * (n + r) / (n - r)
        };
        modes.sort_by(|&a, &b| {
            let by_cost = cost(a).total_cmp(&cost(b));
            by_cost.then(self.shape[a].cmp(&self.shape[b]))
        });
        modes
    }

    fn is_cut(&self, mode: usize) -> bool {
        let (n, cap) = (self.shape[mode], self.caps.ranks[mode]);
        self.caps.compressed[mode] && n > 1 && !(self.prescribed && cap >= n)
    }

    fn keep(&self, mode: usize, budget: f64, cuts: usize) -> Keep {
        let cap = self.caps.ranks[mode];
        if self.prescribed {
            return Keep::rank(cap);
        }
        Keep::tail((budget / cuts as f64).sqrt()).and_max_rank(cap)
    }

    /// ST-HOSVD: cuts one mode after the other, each in what the cuts before it have left (Vannieuwenhoven,
    /// Vandebril, Meerbergen, SIAM J. Sci. Comput. 34, 2012). Every cut may use an equal share of what is left of the
    /// budget.
    pub(super) fn sequential<'t, A: Scalar>(
        &self,
        mut block: Block<'t, A>,
        work: &mut Work<A>,
    ) -> Result<Found<'t, A>, LinalgError> {
        let mut bases: Bases<A> = vec![None; self.shape.len()];
        let mut discarded = vec![0.0; self.shape.len()];
        let mut budget = self.budget;
        let order = self.order();
        for (done, &mode) in order.iter().enumerate() {
            block.bring_out(mode, work);
            let keep = self.keep(mode, budget, order.len() - done);
            let (side, unfolding) = block.unfolding(mode);
            let cut = split(unfolding, side, keep, self.method, work)?;
            let basis = match side {
                Side::Left => cut.basis,
                Side::Right => {
                    let mut basis = work.matrix(cut.basis.ncols(), cut.basis.nrows());
                    basis.assign(&cut.basis.t());
                    work.give(cut.basis);
                    basis
                }
            };
            let rank = basis.ncols();
            if rank == self.shape[mode] {
                work.give(basis);
                work.give(cut.rest);
                continue;
            }
            discarded[mode] = cut.discarded;
            budget = (budget - cut.discarded.powi(2)).max(0.0);
            let (rest, _) = cut.rest.into_raw_vec_and_offset();
            block.resize(mode, rank, rest, work);
            bases[mode] = Some(basis);
        }
        Ok(Found {
            core: block,
            bases,
            discarded,
        })
    }

    /// HOSVD: every factor from the tensor itself (De Lathauwer, De Moor, Vandewalle, SIAM J. Matrix Anal. Appl. 21,
    /// 2000, p. 1253), then one projection after the other.
    pub(super) fn parallel<'t, A: Scalar>(
        &self,
        mut block: Block<'t, A>,
        work: &mut Work<A>,
    ) -> Result<Found<'t, A>, LinalgError> {
        let mut bases: Bases<A> = vec![None; self.shape.len()];
        let order = self.order();
        for &mode in &order {
            block.bring_out(mode, work);
            let keep = self.keep(mode, self.budget, order.len());
            let basis = leading_basis(block.by_rows(mode), keep, self.method, work)?;
            bases[mode] = (basis.ncols() < self.shape[mode]).then_some(basis);
        }
        Ok(projected(block, bases, work))
    }
}

/// The core for given factors, with what each projection discards measured.
pub(super) fn projected<'t, A: Scalar>(
    mut block: Block<'t, A>,
    bases: Bases<A>,
    work: &mut Work<A>,
) -> Found<'t, A> {
    let mut discarded = vec![0.0; bases.len()];
    for (mode, basis) in bases.iter().enumerate() {
        if let Some(basis) = basis {
            discarded[mode] = block.project(mode, basis, work);
        }
    }
    Found {
        core: block,
        bases,
        discarded,
    }
}
