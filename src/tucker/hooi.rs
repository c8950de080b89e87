//! Higher-order orthogonal iteration: better factors from factors that are near.

use ndarray::Array2;

use super::block::Block;
use super::certificate::TuckerStatus;
use super::direct::{Found, projected};
use super::tree::{Bases, visit};
use crate::linalg::{Keep, LinalgError, SplitMethod, Work, leading_basis};
use crate::scalar::Scalar;

/// Sweeps of HOOI from a first solution (De Lathauwer, De Moor, Vandewalle, SIAM J. Matrix Anal. Appl. 21, 2000,
/// p. 1324).
///
/// A sweep replaces every factor by the leading left singular vectors of the tensor times the other factors, which is
/// the best factor given these; so the norm of the core never falls.
#[derive(Debug)]
pub(super) struct Iteration {
    pub(super) max_sweeps: usize,
    /// The share of the squared error that a sweep must gain for another one to follow.
    pub(super) tolerance: f64,
    pub(super) method: SplitMethod,
}

impl Iteration {
    /// Goes on from the first solution for this tensor of this squared norm; never returns a worse one.
    pub(super) fn run<'t, A: Scalar>(
        &self,
        block: Block<'t, A>,
        first: Found<'t, A>,
        square: f64,
        work: &mut Work<A>,
    ) -> Result<(Found<'t, A>, TuckerStatus), LinalgError> {
        let modes = factored(&first.bases);
        if modes.len() < 2 {
            // One cut is the exact answer.
            return Ok((first, TuckerStatus::Converged { sweeps: 0 }));
        }
        let mut bases = first.bases.clone();
        let mut kept = first.core.square();
        let mut sweeps = 0;
        let rounding = 8.0 * A::epsilon().widen() * square;
        let status = loop {
            if sweeps >= self.max_sweeps {
                break TuckerStatus::MaxSweeps { sweeps };
            }
            let last = bases.clone();
            let now = self.sweep(&block, &modes, &mut bases, work)?;
            sweeps += 1;
            let gain = now - kept;
            if gain <= (self.tolerance * (square - now)).max(rounding) {
                if gain < 0.0 {
                    bases = last;
                }
                break TuckerStatus::Converged { sweeps };
            }
            kept = now;
        };
        let found = projected(block, bases, work);
        let total = |found: &Found<'_, A>| found.discarded.iter().map(|e| e * e).sum::<f64>();
        let better = total(&found) < total(&first);
        Ok((if better { found } else { first }, status))
    }

    /// One sweep; returns the squared norm of the core.
    fn sweep<A: Scalar>(
        &self,
        block: &Block<'_, A>,
        modes: &[usize],
        bases: &mut Bases<A>,
        work: &mut Work<A>,
    ) -> Result<f64, LinalgError> {
        let mut kept = 0.0;
        let mut update =
            |part: &mut Block<'_, A>, mode: usize, bases: &mut Bases<A>, work: &mut Work<A>| {
                part.bring_out(mode, work);
                let rank = bases[mode].as_ref().map_or(1, Array2::ncols);
                let rows = part.by_rows(mode);
                let basis = leading_basis(rows, Keep::rank(rank), self.method, work)?;
                if mode == modes[modes.len() - 1] {
                    let core = part.product(mode, basis.view(), work);
                    kept = core.square();
                    core.recycle(work);
                }
                if let Some(last) = bases[mode].replace(basis) {
                    work.give(last);
                }
                Ok(())
            };
        visit(&mut block.borrowed(), modes, bases, None, &mut update, work)?;
        Ok(kept)
    }
}

/// The modes that have a factor.
pub(super) fn factored<A>(bases: &Bases<A>) -> Vec<usize> {
    (0..bases.len()).filter(|&k| bases[k].is_some()).collect()
}
