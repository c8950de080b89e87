//! What a prox operator returns, and what it keeps between calls.

use ndarray::ArrayD;

use super::Factors;
use crate::linalg::Work;
use crate::scalar::Scalar;

/// The outcome of a [`Prox`](super::Prox): how far the point moved, and its factors if it has any.
///
/// # Examples
///
/// ```
/// use tt_admm::projection::Projected;
///
/// let done = Projected::<f64>::new(0.25);
/// assert_eq!(done.distance(), 0.25);
/// assert!(done.factors().is_none());
/// ```
#[derive(Debug, Clone)]
pub struct Projected<A> {
    distance: f64,
    factors: Option<Factors<A>>,
}

impl<A: Scalar> Projected<A> {
    /// Leaves the memory of the factors for later use.
    pub(crate) fn recycle(self, work: &mut Work<A>) {
        if let Some(factors) = self.factors {
            factors.recycle(work);
        }
    }
}

impl<A> Projected<A> {
    /// A result at Frobenius distance `distance` from the input, without factors.
    #[must_use]
    pub fn new(distance: f64) -> Self {
        Self {
            distance,
            factors: None,
        }
    }

    /// The same with the factors of the result.
    #[must_use]
    pub fn with_factors(mut self, factors: Factors<A>) -> Self {
        self.factors = Some(factors);
        self
    }

    /// The achieved error: Frobenius distance between input and result.
    #[must_use]
    pub fn distance(&self) -> f64 {
        self.distance
    }

    /// The factors of the result, for projections that have them.
    #[must_use]
    pub fn factors(&self) -> Option<&Factors<A>> {
        self.factors.as_ref()
    }

    /// The factors by value.
    #[must_use]
    pub fn into_factors(self) -> Option<Factors<A>> {
        self.factors
    }
}

/// What a prox operator remembers from one call to the next, for one weight.
///
/// Plain data, so that it can be stored with the rest of a run: arrays and counters whose meaning is the prox
/// operator's own. Empty before the first call; the projections that need no memory leave it so. It also
/// carries work space, so a call with the slot of an earlier one on the same weight allocates little.
///
/// # Examples
///
/// ```
/// use tt_admm::{projection::WarmStart, ndarray::arr1};
///
/// let mut warm = WarmStart::<f64>::default();
/// assert!(warm.is_empty());
/// warm.arrays.push(arr1(&[1.0, 2.0]).into_dyn());
/// warm.counters.push(1);
/// assert!(!warm.is_empty());
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct WarmStart<A> {
    /// Arrays of any shape.
    pub arrays: Vec<ArrayD<A>>,
    /// Whole numbers, for example calls since the last exact solve.
    pub counters: Vec<u64>,
    /// Buffers that spare later calls their allocations. Not part of what is remembered: a copy has none.
    pub(crate) work: Work<A>,
}

impl<A: Clone> Clone for WarmStart<A> {
    fn clone(&self) -> Self {
        Self {
            arrays: self.arrays.clone(),
            counters: self.counters.clone(),
            work: Work::default(),
        }
    }

    fn clone_from(&mut self, source: &Self) {
        self.arrays.clone_from(&source.arrays);
        self.counters.clone_from(&source.counters);
    }
}

impl<A: PartialEq> PartialEq for WarmStart<A> {
    fn eq(&self, other: &Self) -> bool {
        self.arrays == other.arrays && self.counters == other.counters
    }
}

impl<A> WarmStart<A> {
    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.arrays.is_empty() && self.counters.is_empty()
    }
}

impl<A> Default for WarmStart<A> {
    fn default() -> Self {
        Self {
            arrays: Vec::new(),
            counters: Vec::new(),
            work: Work::default(),
        }
    }
}
