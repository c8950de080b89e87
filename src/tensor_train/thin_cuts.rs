//! The cuts of a group of thin modes, from a small matrix that stands for the tensor.

use std::borrow::Cow;

use super::error::TtError;
use super::sweep::{Sweep, core};
use super::thin::{Cut, GroupCuts, tall};
use crate::linalg::{Side, SplitMethod, Symmetric, triangular_factor};
use crate::scalar::Scalar;

impl<A: Scalar> Sweep<'_, '_, A> {
    /// The cuts of a group by the Gram matrix of its modes; `None` if digits that matter are lost.
    ///
    /// The Gram matrix of the last modes alone is the partial trace of the one of the group, and projecting the
    /// group's Gram matrix is as good as projecting the tensor: the cuts are those of the plain sweep.
    pub(super) fn cuts_by_gram(&mut self, modes: usize, group: usize) -> Option<GroupCuts<A>> {
        let last = self.shape.len() - 1 - self.right.len();
        let first = last + 1 - modes;
        let mut gram = match self.gram.take() {
            Some(known) => known,
            None => Symmetric::gram(tall(&self.block, group).t(), self.work),
        };
        let square = gram.trace();
        let (mut rank, mut budget) = (self.right_rank, self.budget);
        let mut cuts: Vec<Cut<A>> = Vec::with_capacity(modes);
        for mode in (first..=last).rev() {
            let side = self.shape[mode] * rank;
            let keep = self.keep(mode, budget, mode - self.left.len());
            let mut cut = None;
            if !(self.prescribed && self.caps[mode] >= side) {
                let own = gram.partial_trace(side, self.work);
                let space = own.space(keep, self.method, self.work);
                own.recycle(self.work);
                let Some(space) = space else {
                    gram.recycle(self.work);
                    return None;
                };
                cut = (space.vectors.nrows() < side).then_some(space);
            }
            let Some(space) = cut else {
                cuts.push(Cut {
                    core: core(self.work.identity(side), (side, self.shape[mode], rank)),
                    tail: 0.0,
                    excess: None,
                });
                rank = side;
                continue;
            };
            if mode > first {
                let next = gram.projected(&space.vectors);
                std::mem::replace(&mut gram, next).recycle(self.work);
            }
            budget = (budget - space.tail).max(0.0);
            let kept = space.vectors.nrows();
            cuts.push(Cut {
                core: core(space.vectors, (kept, self.shape[mode], rank)),
                tail: space.tail,
                excess: space.excess,
            });
            rank = kept;
        }
        gram.recycle(self.work);
        Some(GroupCuts { square, cuts })
    }

    /// The cuts of a group by a QR factorisation of the unfolding: its triangular factor differs from the tensor by
    /// an isometry, so the cuts of the small tensor that it is are those of the large one. Backward stable.
    pub(super) fn cuts_by_qr(
        &mut self,
        modes: usize,
        group: usize,
    ) -> Result<GroupCuts<A>, TtError> {
        let end = self.shape.len() - self.right.len();
        let first = end - modes;
        let r = triangular_factor(tall(&self.block, group))?;
        let square = r.iter().map(|x| x.widen().powi(2)).sum();
        let rows = r.nrows();
        let joined = |front: usize, rest: &[usize]| -> Vec<usize> {
            std::iter::once(front).chain(rest.iter().copied()).collect()
        };
        let (shape, caps) = (
            joined(rows, &self.shape[first..end]),
            joined(1, &self.caps[first..=end]),
        );
        let mut small = Sweep {
            shape: &shape,
            caps: &caps,
            prescribed: self.prescribed,
            method: SplitMethod::QrSvd,
            large: false,
            later_cuts: self.later_cuts + first - 1 - self.left.len(),
            budget: self.budget,
            block: Cow::Owned(r.as_standard_layout().iter().copied().collect()),
            gram: None,
            discarded: vec![0.0; modes],
            left: Vec::new(),
            right: Vec::new(),
            left_rank: 1,
            right_rank: self.right_rank,
            work: self.work,
        };
        for _ in 0..modes {
            small.cut_one(Side::Right)?;
        }
        let (cores, discarded) = (small.right, small.discarded);
        let cuts = cores.into_iter().zip(discarded.into_iter().rev());
        let cuts = cuts.map(|(core, lost)| Cut {
            core,
            tail: lost.powi(2),
            excess: None,
        });
        Ok(GroupCuts {
            square,
            cuts: cuts.collect(),
        })
    }
}
