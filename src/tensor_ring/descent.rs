//! Sweeps from one start or several, until they end.

use std::borrow::Cow;

use ndarray::Array3;
use rand::Rng;

use super::balance::balance;
use super::iteration::RefinedRing;
use super::sampled::Sampler;
use super::screen::screened;
use super::{TensorRing, TrAls, TrError, TrFit, TrStatus, start};
use crate::linalg::{Work, rounding_level};
use crate::scalar::Scalar;

/// Sweeps on samples without a better error until they count as ended.
const PATIENCE: usize = 25;

/// A tensor of moderate size, and what is wanted of it.
pub(super) struct Problem<'t, A> {
    pub(super) elements: &'t [A],
    pub(super) shape: &'t [usize],
    pub(super) ranks: Vec<usize>,
    /// What the user's tensor was multiplied by.
    pub(super) scale: f64,
    norm: f64,
}

impl<A: Scalar> Problem<'_, A> {
    pub(super) fn random<R: Rng + ?Sized>(&self, rng: &mut R) -> Vec<Array3<A>> {
        start::random(self.shape, &self.ranks, self.norm, rng)
    }
}

/// The best cores from one start.
struct Found<A> {
    cores: Vec<Array3<A>>,
    error: f64,
    errors: Vec<f64>,
    status: TrStatus,
}

impl TrAls {
    /// The best of so many attempts.
    pub(super) fn run<A: Scalar, R: Rng + ?Sized>(
        &self,
        elements: Cow<'_, [A]>,
        shape: &[usize],
        attempts: usize,
        rng: &mut R,
        work: &mut Work<A>,
        mut start: impl FnMut(
            &Problem<'_, A>,
            usize,
            &mut R,
            &mut Work<A>,
        ) -> Result<Vec<Array3<A>>, TrError>,
    ) -> Result<TrFit<A>, TrError> {
        let ranks = self.check(shape)?;
        let block = screened(elements, shape)?;
        let (scale, norm) = (block.scale.widen(), block.norm);
        let order = shape.len();
        if norm == 0.0 {
            let dim = |k: usize| (ranks[k], shape[k], ranks[(k + 1) % order]);
            let cores = (0..order).map(|k| Array3::zeros(dim(k)));
            return Ok(TrFit {
                ring: TensorRing::assemble(cores.collect()),
                relative_error: 0.0,
                sweeps: 0,
                status: TrStatus::Converged,
                errors: vec![0.0],
            });
        }
        let problem = Problem {
            elements: &block.block,
            shape,
            ranks,
            scale,
            norm,
        };
        let mut best: Option<Found<A>> = None;
        for attempt in 0..attempts {
            let mut cores = start(&problem, attempt, rng, work)?;
            balance(&mut cores, 0.0);
            let found = self.iterate(&problem, cores, rng, work)?;
            if best.as_ref().is_none_or(|b| found.error < b.error) {
                best = Some(found);
            }
            if best
                .as_ref()
                .is_some_and(|b| self.is_reached::<A>(&problem, b.error))
            {
                break;
            }
        }
        let Some(found) = best else {
            unreachable!("at least one attempt");
        };
        let refined = RefinedRing::new(found.cores, norm, 0.0);
        let ring = refined.into_ring(found.error).balanced(-scale.log2())?;
        Ok(TrFit {
            relative_error: found.error / norm,
            sweeps: found.errors.len() - 1,
            status: found.status,
            errors: found.errors.iter().map(|e| e / norm).collect(),
            ring: ring.with_distance(found.error, norm, scale),
        })
    }

    /// Cores that fit together, to be improved for a tensor of this norm.
    pub(crate) fn resume<A: Scalar>(&self, cores: Vec<Array3<A>>, norm: f64) -> RefinedRing<A> {
        let ridge = self.penalty(norm, cores.len());
        RefinedRing::new(cores, norm, ridge)
    }

    /// The ridge in units of a tensor of this norm.
    fn penalty(&self, norm: f64, order: usize) -> f64 {
        self.ridge * norm.powf(2.0 - 2.0 / order as f64)
    }

    fn is_reached<A: Scalar>(&self, problem: &Problem<'_, A>, error: f64) -> bool {
        let level = rounding_level::<A>(problem.elements.len());
        error <= self.target.max(level) * problem.norm
    }

    /// Sweeps from one start.
    fn iterate<A: Scalar, R: Rng + ?Sized>(
        &self,
        problem: &Problem<'_, A>,
        cores: Vec<Array3<A>>,
        rng: &mut R,
        work: &mut Work<A>,
    ) -> Result<Found<A>, TrError> {
        let ridge = self.penalty(problem.norm, problem.shape.len());
        let mut sampler = match self.samples {
            Some(samples) => Some(Sampler::new(&cores, samples, rng)?),
            None => None,
        };
        let mut refined = RefinedRing::new(cores, problem.norm, ridge);
        let error = refined.distance(problem.elements, work);
        let mut best = Found {
            cores: refined.cores().to_vec(),
            error,
            errors: vec![error],
            status: TrStatus::MaxSweeps,
        };
        let mut lowest = refined.objective(error);
        let mut idle = 0;
        for _ in 0..self.max_sweeps {
            if self.is_reached::<A>(problem, best.error) {
                best.status = TrStatus::Converged;
                break;
            }
            if let Some(sampler) = &mut sampler {
                sampler.sweep(problem.elements, refined.cores_mut(), ridge, work)?;
            } else {
                refined.sweep(problem.elements, work)?;
            }
            let error = refined.distance(problem.elements, work);
            best.errors.push(error);
            let objective = refined.objective(error);
            let rose = objective > lowest || objective.is_nan();
            // In squares.
            let enough = (1.0 - self.tolerance.min(1.0)).powi(2);
            let slow = objective >= lowest * enough || objective.is_nan();
            if objective < lowest {
                lowest = objective;
                best.cores.clone_from_slice(refined.cores());
                best.error = error;
            }
            idle = if slow { idle + 1 } else { 0 };
            if idle > 0 && (sampler.is_none() || idle == PATIENCE) {
                best.status = if rose {
                    TrStatus::Stalled
                } else {
                    TrStatus::Converged
                };
                break;
            }
        }
        if self.is_reached::<A>(problem, best.error) {
            best.status = TrStatus::Converged;
        }
        Ok(best)
    }
}
