//! Sweeps of alternating least squares over the cores of a ring.

use ndarray::{Array2, Array3};

use super::balance::balance;
use super::dense::{cheapest_bond, write_ring};
use super::environment::Environments;
use super::halves::{for_each_core, seen_from_left, seen_from_right};
use super::least_squares::{core_of, solve_by_subchain};
use super::normal::{self, NormalSolution};
use super::{TensorRing, TrError};
use crate::linalg::{Work, matmul, squared_distance, sum_of_squares};
use crate::scalar::Scalar;
use crate::tensor_train::{TruncationError, reshaped};

/// A ring that is improved for a tensor by alternating least squares (Zhao et al., 2016, algorithm 2).
///
/// A sweep updates every core once, left to right. The tensor is contracted with one half of the ring for all cores of
/// the other, so a sweep costs two products with the tensor, `4 N r_0 r_k` operations, and smaller ones. The equations
/// of a core are solved with the Gram matrix of its subchain where that loses no digits that matter, and else with the
/// subchain matrix itself.
#[derive(Debug)]
pub(crate) struct RefinedRing<A> {
    cores: Vec<Array3<A>>,
    norm: f64,
    ridge: f64,
    /// The distance of the cores from the tensor, if it is known.
    error: Option<f64>,
}

/// An estimated square must be so much above its rounding errors.
const MARGIN: f64 = 100.0;

/// Largest part of the error that rounding may add in a Gram matrix.
const SHARE: f64 = 1e-2;

impl<A: Scalar> RefinedRing<A> {
    /// Cores that fit together, for a tensor of this norm.
    pub(crate) fn new(cores: Vec<Array3<A>>, norm: f64, ridge: f64) -> Self {
        Self {
            cores,
            norm,
            ridge,
            error: None,
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

    pub(super) fn cores_mut(&mut self) -> &mut [Array3<A>] {
        &mut self.cores
    }

    /// Updates every core for the tensor with these elements, row-major; returns the square of the distance of the
    /// tensor from the cores as they were, up to rounding of the order of the squared norm.
    pub(crate) fn sweep(&mut self, elements: &[A], work: &mut Work<A>) -> Result<f64, TrError> {
        let order = self.cores.len();
        let bond = cheapest_bond(&self.cores);
        let mut step = Step {
            elements,
            norm: self.norm,
            ridge: self.ridge,
            environments: Environments::new(&self.cores),
            before: None,
            error: self.error,
            after: None,
        };
        let cores = &mut self.cores;
        let seen = seen_from_left(elements, cores, bond, work);
        for_each_core(cores, 0..bond, seen, work, |cores, k, own, work| {
            step.update(cores, k, own, work)
        })?;
        if bond < order {
            let seen = seen_from_right(elements, cores, bond, work);
            for_each_core(cores, bond..order, seen, work, |cores, k, own, work| {
                step.update(cores, k, own, work)
            })?;
        }
        self.error = step.after;
        balance(&mut self.cores, 0.0);
        Ok(step.before.unwrap_or(0.0))
    }

    /// The distance of the cores from the tensor: the residual of the last least-squares problem, or where that has
    /// lost digits, measured.
    pub(crate) fn distance(&mut self, elements: &[A], work: &mut Work<A>) -> f64 {
        if let Some(known) = self.error {
            return known;
        }
        let mut dense = work.vector(elements.len());
        write_ring(&self.cores, &mut dense, work);
        let distance = squared_distance(elements, &dense).sqrt();
        work.give_vector(dense);
        self.error = Some(distance);
        distance
    }

    /// Says what the distance is, for cores that were changed or measured elsewhere.
    pub(super) fn set_distance(&mut self, distance: Option<f64>) {
        self.error = distance;
    }

    pub(crate) fn write_dense(&self, out: &mut [A], work: &mut Work<A>) {
        write_ring(&self.cores, out, work);
    }

    /// The ring, given its measured distance from the tensor.
    pub(crate) fn into_ring(self, distance: f64) -> TensorRing<A> {
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
    /// The squared distance of the cores as they were.
    before: Option<f64>,
    /// The distance before the sweep, if it is known.
    error: Option<f64>,
    /// The distance after the last update, if it is known.
    after: Option<f64>,
}

impl<A: Scalar> Step<'_, A> {
    /// Updates core `k`, given what the other cores leave of the tensor.
    fn update(
        &mut self,
        cores: &mut [Array3<A>],
        k: usize,
        seen: Array3<A>,
        work: &mut Work<A>,
    ) -> Result<(), TrError> {
        let shape = cores[k].dim();
        let gram = self.environments.gram(shape);
        let rhs = unknowns(&seen);
        work.give(seen);
        if self.before.is_none() {
            let square = self.square_of_ring(&gram, &rhs, &unknowns(&cores[k]));
            self.before = Some(square.max(0.0));
            let resolved = self.resolved(square, A::epsilon().widen());
            self.error = self.error.or(Some(resolved.unwrap_or(0.0)));
        }
        let normal = normal::solve(gram, &rhs, self.ridge);
        let accurate = normal.filter(|found| self.is_accurate(found));
        let core = if let Some(found) = accurate {
            let penalty: f64 = found.solution.iter().map(|x| x * x).sum();
            let square = self.norm.powi(2) - found.explained - self.ridge * penalty;
            self.after = self.resolved(square, rounding::<A>(&found));
            core_of(found.solution.mapv(A::narrow), shape, work)
        } else {
            let (core, square) = solve_by_subchain(self.elements, cores, k, self.ridge, work)?;
            self.after = Some(square.sqrt());
            core
        };
        work.give(std::mem::replace(&mut cores[k], core));
        self.environments.pass(&cores[k]);
        Ok(())
    }

    /// `|T - X|^2 = |T|^2 - 2 <T, X> + |X|^2`, seen from one core.
    fn square_of_ring(&self, gram: &Array2<f64>, rhs: &Array2<f64>, own: &Array2<f64>) -> f64 {
        let inner =
            |a: &Array2<f64>, b: &Array2<f64>| -> f64 { a.iter().zip(b).map(|(x, y)| x * y).sum() };
        let image = matmul(gram.view(), own.view());
        self.norm.powi(2) - 2.0 * inner(rhs, own) + inner(&image, own)
    }

    /// The root of an estimated square that has rounding errors of this part of the squared norm, if these are small.
    fn resolved(&self, square: f64, rounding: f64) -> Option<f64> {
        (square > MARGIN * rounding * self.norm.powi(2)).then(|| square.sqrt())
    }

    /// Whether rounding in the normal equations adds next to nothing to the error.
    fn is_accurate(&self, found: &NormalSolution) -> bool {
        rounding::<A>(found) * self.norm <= SHARE * self.error.unwrap_or(0.0)
    }
}

/// Rounding errors in the solution of normal equations, as a part of the norm of the tensor.
fn rounding<A: Scalar>(found: &NormalSolution) -> f64 {
    A::epsilon().widen() * found.growth + f64::EPSILON * found.growth.powi(2)
}

/// A core as `(left right) x n`, in `f64`.
fn unknowns<A: Scalar>(core: &Array3<A>) -> Array2<f64> {
    let (r, n, s) = core.dim();
    let turned = core.view().permuted_axes([0, 2, 1]);
    let wide = Array3::from_shape_fn((r, s, n), |i| turned[i].widen());
    reshaped(wide.view(), (r * s, n)).to_owned()
}
