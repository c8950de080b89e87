//! Sweeps of alternating least squares over the cores of a ring.

use std::ops::Range;

use ndarray::{Array2, Array3};

use super::balance::balance;
use super::dense::{cheapest_bond, left_half, right_half, write_halves, write_ring};
use super::environment::Environments;
use super::halves::{for_each_core, seen_from_left, seen_from_right};
use super::least_squares::{core_of, solve_by_subchain, unknowns_of};
use super::normal::Factor;
use super::residual::improved_by_residual;
use super::transfer::Transfer;
use super::{TensorRing, TrError};
use crate::linalg::{Side, Work, squared_distance, sum_of_squares};
use crate::scalar::Scalar;
use crate::tensor_train::TruncationError;

/// A ring that is improved for a tensor by alternating least squares (Zhao et al., 2016, algorithm 2).
///
/// A sweep updates every core once, left to right. The tensor is contracted with one half of the ring for all cores of
/// the other, so a sweep costs two products with the tensor, `4 N r_0 r_k` operations, and smaller ones; a half costs
/// one. The equations of a core are solved with the Gram matrix of its subchain where that loses no digits that matter,
/// near an exact ring with the residual in the place of the tensor, and else with the subchain matrix itself.
#[derive(Debug)]
pub(crate) struct RefinedRing<A> {
    cores: Vec<Array3<A>>,
    norm: f64,
    ridge: f64,
    /// The distance of the cores from the tensor, if it is known.
    error: Option<f64>,
    /// The left and the right half of the ring, where they are known.
    halves: [Option<Array2<A>>; 2],
}

/// An estimated square must be so much above its rounding errors.
const MARGIN: f64 = 100.0;

/// Largest part of the error, or of a change, that rounding may add in a Gram matrix.
const SHARE: f64 = 1e-2;

impl<A: Scalar> RefinedRing<A> {
    /// Cores that fit together, for a tensor of this norm.
    pub(crate) fn new(cores: Vec<Array3<A>>, norm: f64, ridge: f64) -> Self {
        Self {
            cores,
            norm,
            ridge,
            error: None,
            halves: [None, None],
        }
    }

    /// The squared error, and the ridge's share.
    pub(super) fn objective(&self, error: f64) -> f64 {
        let square = |core: &Array3<A>| core.as_slice().map_or(0.0, sum_of_squares);
        error.powi(2) + self.ridge * self.cores.iter().map(square).sum::<f64>()
    }

    pub(super) fn cores(&self) -> &[Array3<A>] {
        &self.cores
    }

    /// Updates every core for the tensor with these elements, row-major; returns the square of the distance of the
    /// tensor from the cores as they were, up to rounding of the order of the squared norm.
    pub(crate) fn sweep(&mut self, elements: &[A], work: &mut Work<A>) -> Result<f64, TrError> {
        let mut step = self.step(elements, 0);
        self.update(&mut step, Side::Left, work)?;
        if cheapest_bond(&self.cores) < self.cores.len() {
            self.update(&mut step, Side::Right, work)?;
        }
        self.error = step.after;
        let before = step.before.unwrap_or(0.0);
        balance(&mut self.cores, 0.0);
        self.forget(work);
        Ok(before)
    }

    /// The same for the cores of one half of the ring; a ring of one core has a left half alone.
    pub(crate) fn sweep_half(
        &mut self,
        elements: &[A],
        side: Side,
        work: &mut Work<A>,
    ) -> Result<f64, TrError> {
        let bond = cheapest_bond(&self.cores);
        let (side, first) = match side {
            Side::Right if bond < self.cores.len() => (side, bond),
            _ => (Side::Left, 0),
        };
        let mut step = self.step(elements, first);
        self.update(&mut step, side, work)?;
        self.error = step.after;
        Ok(step.before.unwrap_or(0.0))
    }

    /// Updates that begin with this core.
    fn step<'t>(&self, elements: &'t [A], first: usize) -> Step<'t, A> {
        Step {
            elements,
            norm: self.norm,
            ridge: self.ridge,
            environments: Environments::new(&self.cores, first),
            passed: None,
            before: None,
            error: self.error,
            after: None,
        }
    }

    /// Updates the cores of one half.
    fn update(
        &mut self,
        step: &mut Step<'_, A>,
        side: Side,
        work: &mut Work<A>,
    ) -> Result<(), TrError> {
        let (order, closing) = (self.cores.len(), self.cores[0].dim().0);
        let bond = cheapest_bond(&self.cores);
        let [left, right] = &mut self.halves;
        let (half, seen, changed): (Range<usize>, _, _) = match side {
            Side::Left => {
                let other = right.get_or_insert_with(|| right_half(&self.cores, bond, work));
                (
                    0..bond,
                    seen_from_left(step.elements, other, closing, work),
                    left,
                )
            }
            Side::Right => {
                let other = left.get_or_insert_with(|| left_half(&self.cores, bond, work));
                (
                    bond..order,
                    seen_from_right(step.elements, other, closing, work),
                    right,
                )
            }
        };
        if let Some(half) = changed.take() {
            work.give(half);
        }
        for_each_core(&mut self.cores, half, seen, work, |cores, k, own, work| {
            step.update(cores, k, &own, work)?;
            work.give(own);
            Ok(())
        })
    }

    /// The distance of the cores from the tensor: the residual of the last least-squares problem, or where that has
    /// lost digits, measured.
    pub(crate) fn distance(&mut self, elements: &[A], work: &mut Work<A>) -> f64 {
        if let Some(known) = self.error {
            return known;
        }
        let mut dense = work.vector(elements.len());
        self.write_dense(&mut dense, work);
        let distance = squared_distance(elements, &dense).sqrt();
        work.give_vector(dense);
        self.error = Some(distance);
        distance
    }

    /// The cores, to be changed; what is known about them is forgotten.
    pub(super) fn cores_mut(&mut self) -> &mut [Array3<A>] {
        self.error = None;
        self.halves = [None, None];
        &mut self.cores
    }

    pub(crate) fn write_dense(&self, out: &mut [A], work: &mut Work<A>) {
        match &self.halves {
            [Some(left), Some(right)] => write_halves(left, right, out),
            [Some(left), None] if self.cores.len() > 1 => {
                let right = right_half(&self.cores, cheapest_bond(&self.cores), work);
                write_halves(left, &right, out);
                work.give(right);
            }
            [None, Some(right)] if self.cores.len() > 1 => {
                let left = left_half(&self.cores, cheapest_bond(&self.cores), work);
                write_halves(&left, right, out);
                work.give(left);
            }
            _ => write_ring(&self.cores, out, work),
        }
    }

    /// Gives the memory back of what can be computed again.
    pub(crate) fn forget(&mut self, work: &mut Work<A>) {
        for half in self.halves.iter_mut().filter_map(Option::take) {
            work.give(half);
        }
    }

    /// The ring, given its measured distance from the tensor, with cores of equal norms.
    pub(crate) fn into_ring(mut self, distance: f64) -> TensorRing<A> {
        balance(&mut self.cores, 0.0);
        let cuts = self.cores.len() - 1;
        let relative = distance / self.norm;
        let error = TruncationError::measured(cuts, distance, relative);
        TensorRing::with_error(self.cores, error)
    }
}

/// What the updates of a sweep share.
struct Step<'t, A> {
    elements: &'t [A],
    norm: f64,
    ridge: f64,
    environments: Environments,
    /// The core that was updated last.
    passed: Option<usize>,
    /// The squared distance of the cores as they were.
    before: Option<f64>,
    /// The distance before the sweep, if it is known.
    error: Option<f64>,
    /// The distance after the last update, if it is known.
    after: Option<f64>,
}

impl<A: Scalar> Step<'_, A> {
    /// Updates core `k`, given what the other cores leave of the tensor, `(left right) x n`.
    fn update(
        &mut self,
        cores: &mut [Array3<A>],
        k: usize,
        rhs: &Array2<A>,
        work: &mut Work<A>,
    ) -> Result<(), TrError> {
        if let Some(last) = self.passed.replace(k) {
            self.environments.pass(&cores[last]);
        }
        let shape = cores[k].dim();
        let around = self.environments.around(shape.2);
        if self.before.is_none() {
            let own = unknowns_of(&cores[k], work);
            let square = self.square_of_ring(&around, rhs, &own, &cores[k]);
            work.give(own);
            self.before = Some(square.max(0.0));
            let known = resolved(square, A::epsilon().widen() * self.norm.powi(2));
            self.error = self.error.or(Some(known.unwrap_or(0.0)));
        }
        let factor = Factor::new(around.gram((shape.0, shape.2)), self.ridge);
        let found = factor.and_then(|factor| self.by_factor(&factor, rhs, cores, k, work));
        let (core, after) = if let Some(found) = found {
            found
        } else {
            let (core, square) = solve_by_subchain(self.elements, cores, k, self.ridge, work)?;
            (core, Some(square.sqrt()))
        };
        self.after = after;
        work.give(std::mem::replace(&mut cores[k], core));
        Ok(())
    }

    /// Core `k` by its normal equations, and the distance if it is known; `None` if these lose digits that matter.
    fn by_factor(
        &self,
        factor: &Factor<A>,
        rhs: &Array2<A>,
        cores: &[Array3<A>],
        k: usize,
        work: &mut Work<A>,
    ) -> Option<(Array3<A>, Option<f64>)> {
        let rounding = rounding(factor);
        if rounding * self.norm <= SHARE * self.error.unwrap_or(0.0) {
            let found = factor.solve(rhs)?;
            let left = self.norm.powi(2) - found.explained - found.penalty;
            let core = core_of(found.unknowns, cores[k].dim(), work);
            return Some((core, resolved(left, rounding * self.norm.powi(2))));
        }
        if rounding > SHARE {
            return None;
        }
        let (core, square, gone) = improved_by_residual(self.elements, cores, k, factor, work)?;
        let after = resolved(square - gone, rounding * square).filter(|_| self.ridge == 0.0);
        Some((core, after))
    }

    /// `|T - X|^2 = |T|^2 - 2 <T, X> + |X|^2`, seen from one core.
    fn square_of_ring(
        &self,
        around: &Transfer,
        rhs: &Array2<A>,
        own: &Array2<A>,
        core: &Array3<A>,
    ) -> f64 {
        let products = rhs.iter().zip(own).map(|(x, y)| x.widen() * y.widen());
        let inner: f64 = products.sum();
        self.norm.powi(2) - 2.0 * inner + Transfer::of_core(core).closed_by(around)
    }
}

/// The root of an estimated square that has these rounding errors, if they are small.
fn resolved(square: f64, rounding: f64) -> Option<f64> {
    (square > MARGIN * rounding).then(|| square.sqrt())
}

/// Rounding errors in the solution of normal equations, as a part of the norm of the right-hand side's tensor.
fn rounding<A: Scalar>(factor: &Factor<A>) -> f64 {
    A::epsilon().widen() * factor.growth() + f64::EPSILON * factor.growth().powi(2)
}
