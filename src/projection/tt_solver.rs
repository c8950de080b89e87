//! Trains from scratch by TT-SVD, and from the last cores by alternating least squares.

use std::borrow::Cow;

use ndarray::{Array3, ArrayD, ArrayViewD, Ix3};

use super::ProjectionError;
use super::part::Format;
use super::warm::{Solution, Solver};
use crate::linalg::{Side, Work};
use crate::scalar::Scalar;
use crate::tensor_train::{Improvement, Refined, TensorTrain, TtSvd};

pub(super) struct TtSolver<'s> {
    pub(super) svd: &'s TtSvd,
    pub(super) shape: &'s [usize],
    /// The ranks of all solutions, if they are prescribed.
    pub(super) ranks: Option<Vec<usize>>,
}

/// A train and its centre: the cores before it are left-orthogonal, those after it right-orthogonal.
pub(super) struct Centered<A> {
    train: TensorTrain<A>,
    center: usize,
}

/// A train on the way, and its centre.
pub(super) struct Improved<A> {
    refined: Refined<A>,
    center: usize,
    /// What sweeps beyond the first have done.
    improvement: Option<Improvement>,
}

impl<A: Scalar> Solver<A> for TtSolver<'_> {
    type Solution = Centered<A>;
    type Improved = Improved<A>;

    fn solve(
        &self,
        elements: Cow<'_, [A]>,
        work: &mut Work<A>,
    ) -> Result<Centered<A>, ProjectionError> {
        let (train, center) = self.svd.run_to_center(elements, self.shape, work)?;
        Ok(Centered { train, center })
    }

    fn can_improve(&self) -> bool {
        self.ranks.is_some()
    }

    fn fits(&self, center: u64, cores: &[ArrayD<A>]) -> bool {
        let Some(ranks) = &self.ranks else {
            return false;
        };
        let order = self.shape.len();
        let inside = usize::try_from(center).is_ok_and(|center| center < order);
        inside
            && cores.len() == order
            && cores.iter().enumerate().all(|(k, core)| {
                core.shape() == [ranks[k], self.shape[k], ranks[k + 1]] && core.is_standard_layout()
            })
    }

    fn recall(
        &self,
        center: u64,
        cores: &[ArrayD<A>],
        norm: f64,
        work: &mut Work<A>,
    ) -> Improved<A> {
        let copy = |core: &ArrayD<A>| -> Array3<A> {
            let Ok(core) = core.view().into_dimensionality::<Ix3>() else {
                unreachable!("cores that fit are of order 3");
            };
            let mut copy = work.core(core.dim());
            copy.assign(&core);
            copy
        };
        let cores = cores.iter().map(copy).collect();
        let center = usize::try_from(center).unwrap_or(0);
        let refined = Refined::new(cores, center, norm);
        Improved {
            refined,
            center,
            improvement: None,
        }
    }

    /// Both sides once after a solution from scratch, one in turn later.
    fn improve(
        &self,
        improved: &mut Improved<A>,
        elements: &[A],
        calls: u64,
        work: &mut Work<A>,
    ) -> Result<f64, ProjectionError> {
        let left = calls == 0 || calls % 2 == 1;
        let first = if left { Side::Left } else { Side::Right };
        let before = improved.refined.sweep(elements, first, work)?;
        if calls == 0 {
            improved.refined.sweep(elements, Side::Right, work)?;
        }
        if let Some(sweeps) = self.svd.sweeps() {
            let (_, done) = improved.refined.improve(elements, sweeps, None, work)?;
            improved.improvement = Some(done);
        }
        Ok(before)
    }

    fn write(&self, improved: &Improved<A>, out: &mut [A], work: &mut Work<A>) {
        improved.refined.write_dense(out, work);
    }

    fn accept(&self, improved: Improved<A>, distance: f64, _: &mut Work<A>) -> Centered<A> {
        Centered {
            train: improved.refined.into_train(distance, improved.improvement),
            center: improved.center,
        }
    }
}

impl<A: Scalar> Solution<A> for Centered<A> {
    fn distance(&self) -> f64 {
        self.train.truncation_error().total()
    }

    fn write(&self, out: &mut [A], work: &mut Work<A>) {
        self.train.write_dense(out, work);
    }

    fn memory(&self) -> (u64, Vec<ArrayViewD<'_, A>>) {
        let cores = self.train.cores().iter();
        let cores = cores.map(|core| core.view().into_dyn()).collect();
        (self.center as u64, cores)
    }

    fn into_format(self) -> Format<A> {
        Format::TensorTrain(self.train)
    }
}
