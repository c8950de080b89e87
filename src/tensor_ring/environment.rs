//! The other cores of a ring, as seen from one that moves from left to right.

use ndarray::Array3;

use super::transfer::Transfer;
use crate::scalar::Scalar;

/// The transfer matrices of the cores around a current one, in cyclic order.
///
/// Their product has the inner products of the columns of that core's subchain matrix.
pub(super) struct Environments {
    /// Of the cores after each, without the last.
    after: Vec<Transfer>,
    /// Of the cores before the current one that have been passed, if there are any.
    before: Option<Transfer>,
}

impl Environments {
    /// Around this core.
    pub(super) fn new<A: Scalar>(cores: &[Array3<A>], current: usize) -> Self {
        let mut after: Vec<Transfer> = Vec::with_capacity(cores.len());
        let others = cores[current + 1..].iter().chain(&cores[..current]);
        for core in others.rev() {
            let own = Transfer::of_core(core);
            let product = match after.last() {
                Some(last) => own.times(last),
                None => own,
            };
            after.push(product);
        }
        Self {
            after,
            before: None,
        }
    }

    /// The transfer matrix of all cores but the current one, whose right rank this is. To be asked for once for each.
    pub(super) fn around(&mut self, right: usize) -> Transfer {
        match (self.after.pop(), &self.before) {
            (Some(after), Some(before)) => after.times(before),
            (Some(only), None) => only,
            // The current core is the last one: it will not be passed.
            (None, _) => self
                .before
                .take()
                .unwrap_or_else(|| Transfer::identity(right)),
        }
    }

    /// Moves on to the next core, over the current one as it is now.
    pub(super) fn pass<A: Scalar>(&mut self, core: &Array3<A>) {
        let own = Transfer::of_core(core);
        self.before = Some(match self.before.take() {
            Some(before) => before.times(&own),
            None => own,
        });
    }
}
