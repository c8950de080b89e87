//! The truncation rule: ranks and tolerances in any mix.

use super::ranks::feasible_ranks;
use super::{RankError, TtRanks};

/// What a decomposition keeps.
///
/// Start with one of the constructors and add conditions with the `and_` methods. Caps on the rank win over
/// tolerances; the result says whether the tolerance was met.
///
/// | rule | ranks of the result |
/// |---|---|
/// | [`Truncation::ranks`] alone | exactly these, clipped to what the shape allows (a zero tensor has rank 1) |
/// | a tolerance | the smallest that keep the error within it; parts at rounding level never count |
/// | [`Truncation::max_rank`] | the smallest exact ones (up to rounding), at most this |
///
/// Anything that converts to [`TtRanks`] converts to a `Truncation`, so `tt_svd(&x, 8)` and
/// `tt_svd(&x, [4, 8, 4])` work.
///
/// # Examples
///
/// ```
/// use tt_admm::{Truncation, tt_svd, ndarray::Array3};
///
/// // i + j + k has ranks (2, 2).
/// let x = Array3::from_shape_fn((4, 5, 6), |(i, j, k)| (i + j + k) as f64);
/// assert_eq!(tt_svd(&x, Truncation::relative(1e-10))?.ranks(), [1, 2, 2, 1]);
/// assert_eq!(tt_svd(&x, Truncation::max_rank(3))?.ranks(), [1, 2, 2, 1]);
/// assert_eq!(tt_svd(&x, 3)?.ranks(), [1, 3, 3, 1]);
///
/// let capped = tt_svd(&x, Truncation::relative(1e-10).and_max_rank(1))?;
/// assert_eq!(capped.ranks(), [1, 1, 1, 1]);
/// assert!(!capped.truncation_error().tolerance_met());
/// # Ok::<(), tt_admm::TtError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Truncation {
    ranks: Option<TtRanks>,
    max_rank: Option<usize>,
    relative: Option<f64>,
    absolute: Option<f64>,
}

impl Truncation {
    const NOTHING: Self = Self {
        ranks: None,
        max_rank: None,
        relative: None,
        absolute: None,
    };

    /// No truncation beyond rounding: the smallest ranks that reproduce the tensor to machine precision.
    #[must_use]
    pub fn exact() -> Self {
        Self::relative(0.0)
    }

    /// Prescribed ranks.
    #[must_use]
    pub fn ranks(ranks: impl Into<TtRanks>) -> Self {
        Self::NOTHING.and_ranks(ranks)
    }

    /// No rank above `rank`.
    #[must_use]
    pub fn max_rank(rank: usize) -> Self {
        Self::NOTHING.and_max_rank(rank)
    }

    /// `|X - TT|_F <= tolerance |X|_F`.
    #[must_use]
    pub fn relative(tolerance: f64) -> Self {
        Self::NOTHING.and_relative(tolerance)
    }

    /// `|X - TT|_F <= tolerance`.
    #[must_use]
    pub fn absolute(tolerance: f64) -> Self {
        Self::NOTHING.and_absolute(tolerance)
    }

    /// Also at most these ranks.
    #[must_use]
    pub fn and_ranks(mut self, ranks: impl Into<TtRanks>) -> Self {
        self.ranks = Some(ranks.into());
        self
    }

    /// Also no rank above `rank`.
    #[must_use]
    pub fn and_max_rank(mut self, rank: usize) -> Self {
        self.max_rank = Some(rank);
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

    /// Whether the ranks are prescribed, not found.
    pub(crate) fn is_prescribed(&self) -> bool {
        self.max_rank.is_none() && self.relative.is_none() && self.absolute.is_none()
    }

    /// The largest allowed `d + 1` ranks for this shape; checks the tolerances too.
    pub(crate) fn caps(&self, shape: &[usize]) -> Result<Vec<usize>, RankError> {
        for (kind, value) in [("relative", self.relative), ("absolute", self.absolute)] {
            if let Some(got) = value
                && !(got.is_finite() && got >= 0.0)
            {
                return Err(RankError::Tolerance { kind, got });
            }
        }
        let unlimited = || feasible_ranks(shape, &vec![usize::MAX; shape.len() + 1]);
        let mut caps = self
            .ranks
            .as_ref()
            .map_or_else(|| Ok(unlimited()), |r| r.resolve(shape))?;
        if let Some(max) = self.max_rank {
            for (cap, uniform) in caps.iter_mut().zip(TtRanks::from(max).resolve(shape)?) {
                *cap = uniform.min(*cap);
            }
            caps = feasible_ranks(shape, &caps);
        }
        Ok(caps)
    }

    /// The largest Frobenius norm that may be discarded in all, if there is a tolerance, for a tensor that
    /// has been multiplied by `scale` and then has this norm.
    pub(crate) fn tolerance(&self, norm: f64, scale: f64) -> Option<f64> {
        self.tolerance_by(norm, |absolute| absolute * scale)
    }

    /// [`Truncation::tolerance`], with a function that scales, for factors that no number holds.
    pub(crate) fn tolerance_by(&self, norm: f64, scaled: impl Fn(f64) -> f64) -> Option<f64> {
        match (self.relative.map(|r| r * norm), self.absolute.map(scaled)) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

impl<T: Into<TtRanks>> From<T> for Truncation {
    fn from(ranks: T) -> Self {
        Self::ranks(ranks)
    }
}

#[cfg(test)]
mod tests {
    use super::{RankError, Truncation};

    #[test]
    fn caps_combine() {
        let both = Truncation::ranks([4, 9]).and_max_rank(5);
        assert_eq!(both.caps(&[6, 7, 8]).unwrap(), [1, 4, 5, 1]);
        assert_eq!(Truncation::exact().caps(&[2, 3, 4]).unwrap(), [1, 2, 4, 1]);
        assert!(!both.is_prescribed());
        assert!(Truncation::from(3).is_prescribed());
    }

    #[test]
    fn tolerances_combine() {
        let both = Truncation::relative(0.1).and_absolute(2.0);
        assert_eq!(both.tolerance(10.0, 1.0), Some(1.0));
        assert_eq!(both.tolerance(100.0, 0.5), Some(1.0));
        assert_eq!(Truncation::from(3).tolerance(1.0, 1.0), None);
    }

    #[test]
    fn bad_tolerances_and_ranks_are_refused() {
        for got in [-1.0, f64::INFINITY] {
            assert_eq!(
                Truncation::relative(got).caps(&[2, 2]).unwrap_err(),
                RankError::Tolerance {
                    kind: "relative",
                    got
                }
            );
        }
        assert!(Truncation::absolute(f64::NAN).caps(&[2, 2]).is_err());
        assert_eq!(
            Truncation::max_rank(0).caps(&[2, 3]).unwrap_err(),
            RankError::Zero {
                bond: 1,
                largest: 2
            }
        );
        assert!(
            Truncation::relative(0.1)
                .and_ranks([1, 2, 3])
                .caps(&[2, 2])
                .is_err()
        );
    }
}
