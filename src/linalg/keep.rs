//! How many singular values to keep.

use crate::scalar::Scalar;

/// Which leading singular values a truncated factorisation keeps.
///
/// # Examples
///
/// ```
/// use tt_admm::linalg::Keep;
///
/// let sigma = [10.0_f64, 3.0, 4e-3, 3e-3];
/// assert_eq!(Keep::rank(3).count(&sigma), 3);          // exactly three
/// assert_eq!(Keep::rank(9).count(&sigma), 4);          // never more than there are
/// assert_eq!(Keep::tail(5e-3).count(&sigma), 2);       // sqrt(4e-3^2 + 3e-3^2) = 5e-3 may go
/// assert_eq!(Keep::tail(5e-3).and_max_rank(1).count(&sigma), 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Keep {
    max_rank: usize,
    tail: Option<f64>,
}

impl Keep {
    /// The `rank` leading values; a rank of 0 is read as 1, one above the short side as the short side.
    #[must_use]
    pub fn rank(rank: usize) -> Self {
        Self {
            max_rank: rank.max(1),
            tail: None,
        }
    }

    /// The fewest values whose remainder has a root of the sum of squares of at most `tail` (the Frobenius
    /// norm of what is dropped). Values at rounding level are dropped in any case; at least one is kept.
    #[must_use]
    pub fn tail(tail: f64) -> Self {
        Self {
            max_rank: usize::MAX,
            tail: Some(tail.max(0.0)),
        }
    }

    /// Also at most `rank` values.
    #[must_use]
    pub fn and_max_rank(mut self, rank: usize) -> Self {
        self.max_rank = self.max_rank.min(rank.max(1));
        self
    }

    /// The same rule for a matrix multiplied by `scale`.
    pub(super) fn scaled(mut self, scale: f64) -> Self {
        self.tail = self.tail.map(|tail| tail * scale);
        self
    }

    /// How many of these singular values (not increasing) are kept.
    #[must_use]
    pub fn count<A: Scalar>(&self, sigma: &[A]) -> usize {
        let cap = self.max_rank.min(sigma.len()).max(1);
        let Some(tail) = self.tail else {
            let zero = sigma.first().is_none_or(|s| *s == A::zero());
            return if zero { 1 } else { cap };
        };
        let all = tail_norm(sigma);
        let limit = tail.max(rounding_level::<A>(sigma.len()) * all);
        let mut sum = 0.0_f64;
        for k in (0..sigma.len()).rev() {
            sum += sigma[k].widen().powi(2);
            if sum.sqrt() > limit {
                return (k + 1).min(cap);
            }
        }
        1
    }
}

impl Keep {
    /// The largest rank, if there is a limit.
    pub(super) fn max_rank(&self) -> Option<usize> {
        (self.max_rank < usize::MAX).then_some(self.max_rank)
    }

    /// The largest norm that may be dropped, if there is such a limit.
    pub(super) fn largest_tail(&self) -> Option<f64> {
        self.tail
    }

    /// Whether the largest rank is kept of a matrix of `A` that is not zero, with this short side and squared norm and
    /// the square of the singular value of that index at least `last`.
    pub(super) fn keeps_max_rank<A: Scalar>(&self, last: f64, side: usize, square: f64) -> bool {
        self.tail
            .is_none_or(|tail| last > tail.powi(2).max(rounding_level::<A>(side).powi(2) * square))
    }

    /// [`Keep::count`] for squares of singular values (not increasing) of a matrix of `A` that are known to within
    /// `error`; `None` where that could change the answer.
    pub(super) fn count_squares<A: Scalar>(&self, squares: &[f64], error: f64) -> Option<usize> {
        let cap = self.max_rank.min(squares.len()).max(1);
        let Some(tail) = self.tail else {
            let zero = squares.first().is_none_or(|&x| x <= 0.0);
            return Some(if zero { 1 } else { cap });
        };
        let all: f64 = squares.iter().rev().sum();
        let limit = tail
            .powi(2)
            .max(rounding_level::<A>(squares.len()).powi(2) * all);
        let mut sum = 0.0_f64;
        for k in (0..squares.len()).rev() {
            let with = sum + squares[k];
            if k < cap && with > limit {
                let clear = with - error > limit && (k + 1 == cap || sum + error <= limit);
                return clear.then_some(k + 1);
            }
            sum = with;
        }
        (sum + error <= limit).then_some(1)
    }
}

/// Relative size of the part of a spectrum that rounding alone explains, for `count` singular values.
pub(crate) fn rounding_level<A: Scalar>(count: usize) -> f64 {
    2.0 * A::epsilon().widen() * (count as f64).sqrt()
}

/// Root of the sum of squares, added from the small end.
pub(super) fn tail_norm<A: Scalar>(sigma: &[A]) -> f64 {
    sigma
        .iter()
        .rev()
        .map(|s| s.widen().powi(2))
        .sum::<f64>()
        .sqrt()
}

#[cfg(test)]
mod tests {
    use super::Keep;

    #[test]
    fn the_tail_decides_the_rank() {
        // sigma = 19, 18, ..., 0; the tail of the k smallest is the root of a sum of squares.
        let sigma: Vec<f64> = (0..20).rev().map(f64::from).collect();
        for (limit, rank) in [
            (1.0, 18),
            (2.0, 18),
            (3.0, 17),
            (4.0, 16),
            (5.0, 16),
            (10.0, 13),
        ] {
            assert_eq!(Keep::tail(limit).count(&sigma), rank, "limit {limit}");
        }
        assert_eq!(Keep::tail(100.0).count(&sigma), 1);
    }

    #[test]
    fn a_zero_spectrum_has_rank_one() {
        assert_eq!(Keep::rank(3).count(&[0.0_f64, 0.0, 0.0]), 1);
        assert_eq!(Keep::tail(0.0).count(&[0.0_f32, 0.0]), 1);
    }

    #[test]
    fn rounding_noise_is_not_rank() {
        let sigma = [1.0_f64, 1e-16, 1e-17];
        assert_eq!(Keep::tail(0.0).count(&sigma), 1);
        assert_eq!(Keep::rank(2).count(&sigma), 2);
    }
}
