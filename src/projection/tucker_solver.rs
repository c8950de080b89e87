//! Tucker tensors from scratch, and from the last factors by orthogonal iteration.

use std::borrow::Cow;

use ndarray::{Array2, ArrayD, ArrayViewD, Ix2};

use super::ProjectionError;
use super::part::Format;
use super::warm::{Solution, Solver};
use crate::linalg::Work;
use crate::scalar::Scalar;
use crate::tucker::{Refined, Tucker, TuckerError, TuckerSvd};

pub(super) struct TuckerSolver<'s> {
    pub(super) svd: &'s TuckerSvd,
    pub(super) shape: &'s [usize],
    /// The ranks of all solutions, if they are prescribed.
    pub(super) ranks: Option<Vec<usize>>,
}

impl TuckerSolver<'_> {
    /// Mode, size and rank of every factor of a solution.
    fn factors(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let sizes = self.shape.iter().zip(self.ranks.iter().flatten());
        let all = sizes.enumerate().map(|(mode, (&n, &rank))| (mode, n, rank));
        all.filter(|(_, n, rank)| rank < n)
    }
}

impl<A: Scalar> Solver<A> for TuckerSolver<'_> {
    type Solution = Tucker<A>;
    type Improved = Refined<A>;

    fn solve(
        &self,
        elements: Cow<'_, [A]>,
        work: &mut Work<A>,
    ) -> Result<Tucker<A>, ProjectionError> {
        Ok(self.svd.run(elements, self.shape, work)?)
    }

    fn can_improve(&self) -> bool {
        self.factors().count() > 1
    }

    fn fits(&self, mark: u64, factors: &[ArrayD<A>]) -> bool {
        mark == 0
            && factors.len() == self.factors().count()
            && self.factors().zip(factors).all(|((_, n, rank), factor)| {
                factor.shape() == [n, rank] && factor.is_standard_layout()
            })
    }

    fn recall(
        &self,
        _mark: u64,
        factors: &[ArrayD<A>],
        norm: f64,
        work: &mut Work<A>,
    ) -> Refined<A> {
        let mut bases: Vec<Option<Array2<A>>> = vec![None; self.shape.len()];
        for ((mode, n, rank), factor) in self.factors().zip(factors) {
            let Ok(factor) = factor.view().into_dimensionality::<Ix2>() else {
                unreachable!("factors that fit are matrices");
            };
            let mut copy = work.matrix(n, rank);
            copy.assign(&factor);
            bases[mode] = Some(copy);
        }
        Refined::new(bases, norm)
    }

    /// One sweep. ST-HOSVD is no stationary point, so the first sweep after it gains something whether or not the tensor
    /// has moved; the next one tells.
    fn improve(
        &self,
        refined: &mut Refined<A>,
        elements: &[A],
        calls: u64,
        work: &mut Work<A>,
    ) -> Result<f64, ProjectionError> {
        if calls == 0 {
            refined
                .sweep(elements, self.shape, work)
                .map_err(TuckerError::from)?;
        }
        let before = refined.sweep(elements, self.shape, work);
        Ok(before.map_err(TuckerError::from)?)
    }

    fn write(&self, refined: &Refined<A>, out: &mut [A], work: &mut Work<A>) {
        refined.write_dense(out, work);
    }

    fn accept(&self, refined: Refined<A>, distance: f64, _: &mut Work<A>) -> Tucker<A> {
        refined.into_tucker(distance)
    }
}

impl<A: Scalar> Solution<A> for Tucker<A> {
    fn distance(&self) -> f64 {
        self.truncation_error().total()
    }

    fn write(&self, out: &mut [A], work: &mut Work<A>) {
        self.write_dense(out, work);
    }

    fn memory(&self) -> (u64, Vec<ArrayViewD<'_, A>>) {
        let factors = self.factors().iter().flatten();
        (0, factors.map(|f| f.view().into_dyn()).collect())
    }

    fn into_format(self) -> Format<A> {
        Format::Tucker(self)
    }
}
