//! What a truncation threw away.

use serde::{Deserialize, Serialize};

use super::improvement::Improvement;

/// The exact error of a TT-SVD or of a rounding: what was discarded at each bond and in total.
///
/// The parts discarded at different bonds are orthogonal, so their squares add up to the squared distance:
/// `|X - TT|_F^2 = sum_k per_bond[k]^2`. No bound is involved; the figures are exact up to rounding. After
/// [`TensorTrain::permute`](crate::TensorTrain::permute) the total can be an upper bound.
///
/// Improvement sweeps and warm starts change all cores at once, so what is lost no longer belongs to single bonds. The
/// total is measured then, and `per_bond` has two entries, at the bonds left and right of the core that is not
/// orthogonal: what the cores left of it lose, and what those right of it lose. Their squares add up as before.
///
/// # Examples
///
/// ```
/// use tt_admm::{tt_svd, ndarray::Array3};
///
/// let x = Array3::from_shape_fn((4, 5, 6), |(i, j, k)| 1.0 / (1.0 + (i + j + k) as f64));
/// let tt = tt_svd(&x, 2)?;
/// let distance = (&x.into_dyn() - &tt.to_dense()).mapv(|e| e * e).sum().sqrt();
/// assert!((tt.truncation_error().total() - distance).abs() < 1e-12);
/// # Ok::<(), tt_admm::TtError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruncationError {
    per_bond: Vec<f64>,
    total: f64,
    relative: f64,
    tolerance_met: bool,
    #[serde(default)]
    improvement: Option<Improvement>,
}

impl TruncationError {
    /// Nothing was discarded.
    pub(crate) fn none(bonds: usize) -> Self {
        Self {
            per_bond: vec![0.0; bonds],
            total: 0.0,
            relative: 0.0,
            tolerance_met: true,
            improvement: None,
        }
    }

    /// Like [`TruncationError::new`], with a total, or a bound of it, that is known.
    pub(super) fn with_total(
        scaled: &[f64],
        total: f64,
        norm: f64,
        tolerance: Option<f64>,
        scale: f64,
        slack: f64,
    ) -> Self {
        Self {
            per_bond: scaled.iter().map(|e| e / scale).collect(),
            total: total / scale,
            relative: total / norm,
            tolerance_met: tolerance.is_none_or(|t| total <= t + slack * norm),
            improvement: None,
        }
    }

    /// From what was discarded on both sides of a centre, for a tensor of this norm, up to rounding of the order of the
    /// squared norm, and the measured total.
    pub(super) fn around(
        center: usize,
        bonds: usize,
        [left, right]: [f64; 2],
        total: f64,
        norm: f64,
    ) -> Self {
        let mut per_bond = vec![0.0; bonds];
        // Where rounding has hidden both, the sides count alike.
        let (left, right) = match (left.hypot(right), center) {
            (0.0, 0) => (0.0, total),
            (0.0, last) if last == bonds => (total, 0.0),
            (0.0, _) => (total / 2.0_f64.sqrt(), total / 2.0_f64.sqrt()),
            (sum, _) => (left / sum * total, right / sum * total),
        };
        if center > 0 {
            per_bond[center - 1] = left;
        }
        if center < bonds {
            per_bond[center] = right;
        }
        Self {
            per_bond,
            total,
            relative: if norm > 0.0 { total / norm } else { 0.0 },
            tolerance_met: true,
            improvement: None,
        }
    }

    /// The same with what sweeps have done.
    pub(super) fn with_improvement(mut self, improvement: Option<Improvement>) -> Self {
        self.improvement = improvement;
        self
    }

    /// The same for a tensor divided by `scale`, and for a tolerance in the units before that.
    pub(super) fn unscaled(mut self, scale: f64, tolerance: Option<f64>, slack: f64) -> Self {
        self.tolerance_met = tolerance.is_none_or(|t| self.total <= t + slack);
        for part in &mut self.per_bond {
            *part /= scale;
        }
        self.total /= scale;
        self.improvement = self.improvement.map(|done| done.unscaled(scale));
        self
    }

    /// A measured distance, of which nothing is known for single cuts.
    pub(crate) fn measured(cuts: usize, total: f64, relative: f64) -> Self {
        Self {
            per_bond: vec![0.0; cuts],
            total,
            relative,
            tolerance_met: true,
            improvement: None,
        }
    }

    /// From the norms discarded at each bond of a tensor that was multiplied by `scale` and then had norm
    /// `norm`, where norms are of moderate size, and from the tolerance in the same units.
    pub(crate) fn new(
        scaled: &[f64],
        norm: f64,
        tolerance: Option<f64>,
        scale: f64,
        slack: f64,
    ) -> Self {
        Self::with_units(scaled, norm, tolerance, slack, |e| e / scale)
    }

    /// [`TruncationError::new`], with a function that turns a norm into the units of the tensor, for scales that no
    /// number holds.
    pub(super) fn with_units(
        scaled: &[f64],
        norm: f64,
        tolerance: Option<f64>,
        slack: f64,
        in_units: impl Fn(f64) -> f64,
    ) -> Self {
        // Against the largest, so that the squares of tiny parts do not vanish.
        let largest = scaled.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let mut squares: Vec<f64> = scaled.iter().map(|e| (e / largest).powi(2)).collect();
        squares.sort_by(f64::total_cmp);
        let total = largest * squares.iter().sum::<f64>().sqrt();
        Self {
            per_bond: scaled.iter().map(|&e| in_units(e)).collect(),
            total: in_units(total),
            relative: total / norm,
            tolerance_met: tolerance.is_none_or(|t| total <= t + slack * norm),
            improvement: None,
        }
    }

    /// Frobenius norm discarded at each of the `d - 1` inner bonds, left to right.
    #[must_use]
    pub fn per_bond(&self) -> &[f64] {
        &self.per_bond
    }

    /// `|X - TT|_F`; infinite or 0 where no `f64` holds it.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.total
    }

    /// `|X - TT|_F / |X|_F`, and 0 for a zero tensor.
    #[must_use]
    pub fn relative(&self) -> f64 {
        self.relative
    }

    /// What improvement sweeps did; `None` where none were asked for.
    #[must_use]
    pub fn improvement(&self) -> Option<Improvement> {
        self.improvement
    }

    /// Whether the tolerance asked for was met, up to rounding; true if there was none.
    #[must_use]
    pub fn tolerance_met(&self) -> bool {
        self.tolerance_met
    }
}
