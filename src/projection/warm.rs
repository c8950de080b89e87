//! Projections that go on from the last result.

use std::borrow::Cow;

use ndarray::{ArrayD, ArrayViewD, ArrayViewMutD};

use super::part::{Format, tensor_view};
use super::tt::{elements_of, same_shape};
use super::{Factors, Projected, ProjectionError, Restart, WarmStart};
use crate::linalg::{Work, squared_distance};
use crate::scalar::Scalar;
use crate::tensor_train::moderate_norm;
use crate::tensorize::Tensorization;

/// How tensors of one shape are brought into a format.
pub(super) trait Solver<A: Scalar> {
    type Solution: Solution<A>;
    /// Factors on the way to a solution.
    type Improved;

    /// From scratch.
    fn solve(
        &self,
        elements: Cow<'_, [A]>,
        work: &mut Work<A>,
    ) -> Result<Self::Solution, ProjectionError>;

    /// Whether solutions can be improved for another tensor, since their sizes are prescribed and more than one factor
    /// is to be found.
    fn can_improve(&self) -> bool;

    /// Whether arrays that are remembered are those of a solution.
    fn fits(&self, mark: u64, arrays: &[ArrayD<A>]) -> bool;

    /// A start from arrays that fit, for a tensor of this norm.
    fn recall(
        &self,
        mark: u64,
        arrays: &[ArrayD<A>],
        norm: f64,
        work: &mut Work<A>,
    ) -> Self::Improved;

    /// Improves the factors for a tensor, in the given call since the last solution from scratch; returns the square of
    /// the distance of the tensor from the factors as they were, up to rounding of the order of the squared norm.
    fn improve(
        &self,
        improved: &mut Self::Improved,
        elements: &[A],
        calls: u64,
        work: &mut Work<A>,
    ) -> Result<f64, ProjectionError>;

    /// The dense tensor, row-major.
    fn write(&self, improved: &Self::Improved, out: &mut [A], work: &mut Work<A>);

    /// The solution at this measured distance from the tensor.
    fn accept(&self, improved: Self::Improved, distance: f64, work: &mut Work<A>)
    -> Self::Solution;
}

/// A tensor in a format, with what the next call needs.
pub(super) trait Solution<A: Scalar> {
    fn distance(&self) -> f64;

    /// The dense tensor, row-major.
    fn write(&self, out: &mut [A], work: &mut Work<A>);

    /// What is remembered: arrays, and a number that belongs to them.
    fn memory(&self) -> (u64, Vec<ArrayViewD<'_, A>>);

    fn into_format(self) -> Format<A>;
}

/// What a call may gain over the last factors, in squared distance: when it gains more, the tensor has moved too far for
/// a sweep or two to follow.
const GAIN: f64 = 0.01;

/// Most calls in a row that solve from scratch without trying to improve, while the tensor moves too far.
const MOST_SKIPPED: u64 = 15;

/// What a [`WarmStart`] holds besides factors, and a number that belongs to these.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    /// Calls since the last solution from scratch.
    calls: u64,
    /// Calls that will solve from scratch without a try.
    skip: u64,
    /// Tries in a row that found that the tensor had moved too far.
    failures: u32,
}

impl Counts {
    /// The number of the factors, and the counts, if there are any.
    fn recall(counters: &[u64]) -> Option<(u64, Self)> {
        let &[mark, calls, skip, failures] = counters else {
            return None;
        };
        let failures = u32::try_from(failures).ok()?;
        let counts = Self {
            calls,
            skip,
            failures,
        };
        Some((mark, counts))
    }

    fn solved(self) -> Self {
        let (calls, skip) = (0, self.skip.saturating_sub(1));
        Self {
            calls,
            skip,
            ..self
        }
    }

    /// After a try on a tensor that had moved too far: the more of them in a row, the longer the pause.
    fn failed(self) -> Self {
        let skip = MOST_SKIPPED.min((1 << self.failures.min(20)) - 1);
        let failures = self.failures.saturating_add(1);
        Self {
            skip,
            failures,
            ..self
        }
    }
}

/// Remembers a solution for the next call.
fn store<A: Scalar>(warm: &mut WarmStart<A>, solution: &impl Solution<A>, counts: Counts) {
    let (mark, arrays) = solution.memory();
    let fits = warm.arrays.len() == arrays.len()
        && std::iter::zip(&warm.arrays, &arrays).all(|(a, b)| a.shape() == b.shape());
    if fits {
        for (array, new) in warm.arrays.iter_mut().zip(&arrays) {
            array.assign(new);
        }
    } else {
        warm.arrays = arrays.iter().map(ArrayViewD::to_owned).collect();
    }
    let failures = counts.failures.into();
    warm.counters.clear();
    warm.counters
        .extend([mark, counts.calls, counts.skip, failures]);
}

/// A projection that may remember: writes the dense image to `out` and returns the factors.
pub(super) fn project<A: Scalar, S: Solver<A>>(
    solver: &S,
    restart: Restart,
    layout: Tensorization,
    v: &ArrayViewD<'_, A>,
    mut out: ArrayViewMutD<'_, A>,
    warm: &mut WarmStart<A>,
) -> Result<Projected<A>, ProjectionError> {
    same_shape(v, &out)?;
    let elements = elements_of(&layout, v, &mut warm.work)?;
    let period = restart.period(layout.tensor_shape());
    let Some(period) = period.filter(|_| solver.can_improve()) else {
        let solution = solver.solve(elements, &mut warm.work)?;
        return finish(solution, layout, out, warm);
    };
    let remembered =
        Counts::recall(&warm.counters).filter(|(mark, _)| solver.fits(*mark, &warm.arrays));
    let (mark, mut counts) = remembered.unwrap_or_default();
    let tried = remembered.is_some() && counts.skip == 0;
    let norm = tried.then(|| moderate_norm(&elements)).flatten();
    let Some(norm) = norm else {
        let solution = solver.solve(elements, &mut warm.work)?;
        store(warm, &solution, counts.solved());
        return finish(solution, layout, out, warm);
    };
    let mut improved = solver.recall(mark, &warm.arrays, norm, &mut warm.work);
    let before = solver.improve(&mut improved, &elements, counts.calls, &mut warm.work)?;
    // The image, in the place of the result if its layout allows that.
    let mut own = Vec::new();
    let direct = layout.is_reshape().then(|| out.as_slice_mut()).flatten();
    let in_place = direct.is_some();
    let z = direct.unwrap_or_else(|| {
        own = warm.work.vector(elements.len());
        &mut own
    });
    solver.write(&improved, z, &mut warm.work);
    let distance = squared_distance(&elements, z).sqrt();
    let mut solution = solver.accept(improved, distance, &mut warm.work);
    let rounding = 64.0 * A::epsilon().widen() * norm.powi(2);
    let too_far = before > (1.0 + GAIN) * distance.powi(2) + rounding;
    counts = if too_far {
        counts.failed()
    } else {
        Counts {
            failures: 0,
            ..counts
        }
    };
    counts.calls += 1;
    if counts.calls >= period || too_far {
        let solved = solver.solve(Cow::Borrowed(&*elements), &mut warm.work)?;
        if solved.distance() < distance {
            solved.write(z, &mut warm.work);
            (solution, counts.calls) = (solved, 0);
        } else {
            counts.calls = 1;
        }
    }
    store(warm, &solution, counts);
    if !in_place {
        layout.detensorize_into(&tensor_view(&layout, &mut own), out)?;
        warm.work.give_vector(own);
    }
    if let Cow::Owned(elements) = elements {
        warm.work.give_vector(elements);
    }
    let distance = solution.distance();
    let factors = Factors::of_format(solution.into_format(), layout)?;
    Ok(Projected::new(distance).with_factors(factors))
}

/// The image and the factors of a solution.
fn finish<A: Scalar>(
    solution: impl Solution<A>,
    layout: Tensorization,
    out: ArrayViewMutD<'_, A>,
    warm: &mut WarmStart<A>,
) -> Result<Projected<A>, ProjectionError> {
    let distance = solution.distance();
    let factors = Factors::of_format(solution.into_format(), layout)?;
    factors.write_dense(out, &mut warm.work);
    Ok(Projected::new(distance).with_factors(factors))
}
