//! The truncation rule: ranks and tolerances in any mix.

use super::{TrError, TrRanks};

/// What a TR-SVD or a rounding keeps.
///
/// Start with one of the constructors and add conditions with the `and_` methods. Caps on the ranks win over
/// tolerances; the result says whether the tolerance was met.
///
/// | rule | ranks of the result |
/// |---|---|
/// | [`TrTruncation::ranks`] alone | exactly these, where a cut is large enough for them (a zero tensor has rank 1) |
/// | a tolerance | small ones that keep the error within it; parts at rounding level never count |
/// | [`TrTruncation::max_rank`] | small exact ones (up to rounding), at most this |
///
/// Anything that converts to [`TrRanks`] converts to a `TrTruncation`.
///
/// # Examples
///
/// ```
/// use tt_admm::{TrTruncation, tr_svd, ndarray::Array3};
///
/// let x = Array3::from_shape_fn((4, 5, 6), |(i, j, k)| 1.0 / (1.0 + (i + j + k) as f64));
/// let ring = tr_svd(&x, TrTruncation::relative(1e-3))?;
/// assert!(ring.truncation_error().tolerance_met());
/// assert!(ring.truncation_error().relative() <= 1e-3);
/// assert_eq!(tr_svd(&x, [1, 2, 2])?.ranks(), [1, 2, 2, 1]);
/// # Ok::<(), tt_admm::TrError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TrTruncation {
    ranks: Option<TrRanks>,
    max_rank: Option<usize>,
    relative: Option<f64>,
    absolute: Option<f64>,
}

impl TrTruncation {
    const NOTHING: Self = Self {
        ranks: None,
        max_rank: None,
        relative: None,
        absolute: None,
    };

    /// No truncation beyond rounding.
    #[must_use]
    pub fn exact() -> Self {
        Self::relative(0.0)
    }

    /// Prescribed ranks.
    #[must_use]
    pub fn ranks(ranks: impl Into<TrRanks>) -> Self {
        Self::NOTHING.and_ranks(ranks)
    }

    /// No rank above `rank`.
    #[must_use]
    pub fn max_rank(rank: usize) -> Self {
        Self::NOTHING.and_max_rank(rank)
    }

    /// `|X - R|_F <= tolerance |X|_F`.
    #[must_use]
    pub fn relative(tolerance: f64) -> Self {
        Self::NOTHING.and_relative(tolerance)
    }

    /// `|X - R|_F <= tolerance`.
    #[must_use]
    pub fn absolute(tolerance: f64) -> Self {
        Self::NOTHING.and_absolute(tolerance)
    }

    /// Also at most these ranks.
    #[must_use]
    pub fn and_ranks(mut self, ranks: impl Into<TrRanks>) -> Self {
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
    pub(super) fn is_prescribed(&self) -> bool {
        self.max_rank.is_none() && self.relative.is_none() && self.absolute.is_none()
    }

    /// The largest allowed ranks `r_0, ..., r_{d-1}` of a tensor of this order; checks the tolerances too.
    pub(super) fn caps(&self, order: usize) -> Result<Vec<usize>, TrError> {
        for (kind, value) in [("relative", self.relative), ("absolute", self.absolute)] {
            if let Some(got) = value
                && !(got.is_finite() && got >= 0.0)
            {
                return Err(TrError::Tolerance { kind, got });
            }
        }
        let mut caps = match &self.ranks {
            Some(ranks) => ranks.resolve(order)?,
            None => vec![usize::MAX; order],
        };
        if let Some(max) = self.max_rank {
            let uniform = TrRanks::from(max).resolve(order)?;
            for (cap, max) in caps.iter_mut().zip(uniform) {
                *cap = max.min(*cap);
            }
        }
        Ok(caps)
    }

    /// The largest Frobenius norm that may be discarded in all, if there is a tolerance, for a tensor that has been
    /// multiplied by `scale` and then has this norm.
    pub(super) fn tolerance(&self, norm: f64, scale: impl Fn(f64) -> f64) -> Option<f64> {
        match (self.relative.map(|r| r * norm), self.absolute.map(scale)) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

impl<T: Into<TrRanks>> From<T> for TrTruncation {
    fn from(ranks: T) -> Self {
        Self::ranks(ranks)
    }
}
