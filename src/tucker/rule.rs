//! The truncation rule: ranks and tolerances in any mix.

use super::ranks::{check_distinct, check_modes, feasible_ranks};
use super::{TuckerError, TuckerRanks};
use crate::error::checked_size;

/// What a Tucker decomposition keeps.
///
/// Start with one of the constructors and add conditions with the `and_` methods. Caps on the ranks win over
/// tolerances; the result says whether the tolerance was met. A mode that keeps its whole size gets no factor.
///
/// | rule | ranks of the result |
/// |---|---|
/// | [`TuckerTruncation::ranks`] alone | exactly these, clipped to what the shape allows (a zero tensor has rank 1) |
/// | a tolerance | small ones that keep the error within it; parts at rounding level never count |
/// | [`TuckerTruncation::max_ranks`] | small exact ones (up to rounding), at most these |
///
/// Anything that converts to [`TuckerRanks`] converts to a `TuckerTruncation`.
///
/// # Examples
///
/// ```
/// use tt_admm::{TuckerTruncation, tucker, ndarray::Array3};
///
/// // i + j + k has ranks (2, 2, 2).
/// let x = Array3::from_shape_fn((4, 5, 6), |(i, j, k)| (i + j + k) as f64);
/// assert_eq!(tucker(&x, TuckerTruncation::relative(1e-10))?.ranks(), [2, 2, 2]);
/// assert_eq!(tucker(&x, TuckerTruncation::max_ranks(3))?.ranks(), [2, 2, 2]);
/// assert_eq!(tucker(&x, 3)?.ranks(), [3, 3, 3]);
/// assert_eq!(tucker(&x, [(0, 2), (1, 2)])?.ranks(), [2, 2, 6]);
/// let outer = TuckerTruncation::relative(1e-10).and_modes([0, 2]);
/// assert_eq!(tucker(&x, outer)?.ranks(), [2, 5, 2]);
/// # Ok::<(), tt_admm::TuckerError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TuckerTruncation {
    ranks: Option<TuckerRanks>,
    max_ranks: Option<TuckerRanks>,
    relative: Option<f64>,
    absolute: Option<f64>,
    modes: Option<Vec<usize>>,
}

/// The largest rank of every mode of a shape.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Caps {
    pub(super) ranks: Vec<usize>,
    /// Whether a mode is compressed at all.
    pub(super) compressed: Vec<bool>,
}

impl TuckerTruncation {
    const NOTHING: Self = Self {
        ranks: None,
        max_ranks: None,
        relative: None,
        absolute: None,
        modes: None,
    };

    /// No truncation beyond rounding.
    #[must_use]
    pub fn exact() -> Self {
        Self::relative(0.0)
    }

    /// Prescribed ranks.
    #[must_use]
    pub fn ranks(ranks: impl Into<TuckerRanks>) -> Self {
        Self {
            ranks: Some(ranks.into()),
            ..Self::NOTHING
        }
    }

    /// No ranks above these.
    #[must_use]
    pub fn max_ranks(ranks: impl Into<TuckerRanks>) -> Self {
        Self::NOTHING.and_max_ranks(ranks)
    }

    /// `|X - T|_F <= tolerance |X|_F`.
    #[must_use]
    pub fn relative(tolerance: f64) -> Self {
        Self::NOTHING.and_relative(tolerance)
    }

    /// `|X - T|_F <= tolerance`.
    #[must_use]
    pub fn absolute(tolerance: f64) -> Self {
        Self::NOTHING.and_absolute(tolerance)
    }

    /// Also no ranks above these. Pairs limit the modes they name and leave the others free.
    #[must_use]
    pub fn and_max_ranks(mut self, ranks: impl Into<TuckerRanks>) -> Self {
        self.max_ranks = Some(ranks.into());
        self
    }

    /// Also a relative tolerance; with an absolute one, both hold.
    #[must_use]
    pub fn and_relative(mut self, tolerance: f64) -> Self {
        self.relative = Some(tolerance);
        self
    }

    /// Also an absolute tolerance; with a relative one, both hold.
    #[must_use]
    pub fn and_absolute(mut self, tolerance: f64) -> Self {
        self.absolute = Some(tolerance);
        self
    }

    /// Only these modes are compressed; a list of ranks then has one for each of them, in this order. Default: all
    /// modes, or those that [`TuckerTruncation::ranks`] names.
    #[must_use]
    pub fn and_modes(mut self, modes: impl Into<Vec<usize>>) -> Self {
        self.modes = Some(modes.into());
        self
    }

    /// The same, with these modes unless it says itself which ones.
    pub(crate) fn or_modes(self, modes: &[usize]) -> Self {
        let named = self.ranks.as_ref().is_some_and(TuckerRanks::are_pairs);
        if named || self.modes.is_some() {
            return self;
        }
        self.and_modes(modes)
    }

    /// Whether the ranks are prescribed, not found.
    pub(super) fn is_prescribed(&self) -> bool {
        self.max_ranks.is_none() && self.relative.is_none() && self.absolute.is_none()
    }

    /// The largest ranks for this shape; checks shape and tolerances too.
    pub(super) fn caps(&self, shape: &[usize]) -> Result<Caps, TuckerError> {
        check_modes(shape)?;
        if checked_size(shape).is_none() {
            return Err(TuckerError::TooLarge {
                shape: shape.to_vec(),
            });
        }
        for (kind, value) in [("relative", self.relative), ("absolute", self.absolute)] {
            check_tolerance(kind, value)?;
        }
        let all = || (0..shape.len()).collect();
        let modes = self.modes.clone().unwrap_or_else(all);
        check_distinct(modes.iter().copied(), shape.len())?;
        let unlimited = TuckerRanks::from(usize::MAX);
        let ranks = self.ranks.as_ref().unwrap_or(&unlimited);
        let mut wanted = ranks.wanted(shape, &modes)?;
        let compressed = wanted.iter().map(Option::is_some).collect();
        if let Some(ranks) = &self.max_ranks {
            let most = ranks.wanted(shape, &modes)?;
            for (wanted, most) in wanted.iter_mut().zip(most) {
                *wanted = wanted.map(|rank| rank.min(most.unwrap_or(usize::MAX)));
            }
        }
        Ok(Caps {
            ranks: feasible_ranks(shape, &wanted),
            compressed,
        })
    }

    /// The largest Frobenius norm that may be discarded in all, if there is a tolerance, for a tensor that has been
    /// multiplied by `scale` and then has this norm.
    pub(super) fn tolerance(&self, norm: f64, scale: f64) -> Option<f64> {
        let relative = self.relative.map(|r| r * norm);
        let absolute = self.absolute.map(|a| a * scale);
        match (relative, absolute) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

/// Refuses a tolerance that is negative, NaN or infinite.
pub(super) fn check_tolerance(kind: &'static str, value: Option<f64>) -> Result<(), TuckerError> {
    match value {
        Some(got) if !(got.is_finite() && got >= 0.0) => Err(TuckerError::Tolerance { kind, got }),
        _ => Ok(()),
    }
}

impl<T: Into<TuckerRanks>> From<T> for TuckerTruncation {
    fn from(ranks: T) -> Self {
        Self::ranks(ranks)
    }
}
