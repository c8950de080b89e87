//! Rings by alternating least squares, from a TR-SVD or from the last cores.

use std::borrow::Cow;

use ndarray::{Array3, ArrayD, ArrayViewD, Ix3};

use super::ProjectionError;
use super::part::Format;
use super::warm::{Solution, Solver};
use crate::linalg::{Side, Work};
use crate::scalar::Scalar;
use crate::tensor_ring::{RefinedRing, TensorRing, TrAls};

/// Most updates of half the ring in a call that goes on from the last cores.
const HALVES: u64 = 8;

/// An update of half the ring that lowers the squared distance by less than this part is the last one.
const GAIN: f64 = 0.005;

pub(super) struct TrSolver<'s> {
    pub(super) als: &'s TrAls,
    pub(super) shape: &'s [usize],
    /// The `d` ranks of all solutions.
    pub(super) ranks: Vec<usize>,
}

impl<A: Scalar> Solver<A> for TrSolver<'_> {
    type Solution = TensorRing<A>;
    type Improved = RefinedRing<A>;

    fn solve(
        &self,
        elements: Cow<'_, [A]>,
        work: &mut Work<A>,
    ) -> Result<TensorRing<A>, ProjectionError> {
        Ok(self.als.fit(elements, self.shape, work)?.ring)
    }

    fn can_improve(&self) -> bool {
        true
    }

    fn fits(&self, mark: u64, cores: &[ArrayD<A>]) -> bool {
        let order = self.shape.len();
        let fits = |(k, core): (usize, &ArrayD<A>)| {
            let shape = [self.ranks[k], self.shape[k], self.ranks[(k + 1) % order]];
            core.shape() == shape && core.is_standard_layout()
        };
        // From a zero core, as a zero weight leaves it, no sweep gets away.
        let zero = |core: &ArrayD<A>| core.iter().all(|&x| x == A::zero());
        mark == 0
            && cores.len() == order
            && cores.iter().enumerate().all(fits)
            && !cores.iter().any(zero)
    }

    fn recall(
        &self,
        _mark: u64,
        cores: &[ArrayD<A>],
        norm: f64,
        work: &mut Work<A>,
    ) -> RefinedRing<A> {
        let copy = |core: &ArrayD<A>| -> Array3<A> {
            let Ok(core) = core.view().into_dimensionality::<Ix3>() else {
                unreachable!("cores that fit have three axes");
            };
            let mut copy = work.core(core.dim());
            copy.assign(&core);
            copy
        };
        self.als.resume(cores.iter().map(copy).collect(), norm)
    }

    /// One half in turn, and more where the tensor has moved far. Never says that it has moved too far: the last cores
    /// are the best start there is.
    fn improve(
        &self,
        refined: &mut RefinedRing<A>,
        elements: &[A],
        calls: u64,
        work: &mut Work<A>,
    ) -> Result<f64, ProjectionError> {
        for half in 0..HALVES {
            let side = if (calls + half).is_multiple_of(2) {
                Side::Left
            } else {
                Side::Right
            };
            let before = refined.sweep_half(elements, side, work)?;
            let after = refined.distance(elements, work).powi(2);
            if before <= (1.0 + GAIN) * after {
                break;
            }
        }
        Ok(0.0)
    }

    fn write(&self, refined: &RefinedRing<A>, out: &mut [A], work: &mut Work<A>) {
        refined.write_dense(out, work);
    }

    fn accept(
        &self,
        mut refined: RefinedRing<A>,
        distance: f64,
        work: &mut Work<A>,
    ) -> TensorRing<A> {
        refined.forget(work);
        refined.into_ring(distance)
    }
}

impl<A: Scalar> Solution<A> for TensorRing<A> {
    fn distance(&self) -> f64 {
        self.truncation_error().total()
    }

    fn write(&self, out: &mut [A], work: &mut Work<A>) {
        self.write_dense(out, work);
    }

    fn memory(&self) -> (u64, Vec<ArrayViewD<'_, A>>) {
        let cores = self.cores().iter();
        (0, cores.map(|core| core.view().into_dyn()).collect())
    }

    fn into_format(self) -> Format<A> {
        Format::TensorRing(self)
    }
}
