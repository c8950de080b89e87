//! What a truncation threw away.

/// The exact error of a TT-SVD: what was discarded at each bond and in total.
///
/// The parts discarded at different bonds are orthogonal, so their squares add up to the squared distance:
/// `|X - TT|_F^2 = sum_k per_bond[k]^2`. No bound is involved; the figures are exact up to rounding.
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
#[derive(Debug, Clone, PartialEq)]
pub struct TruncationError {
    per_bond: Vec<f64>,
    total: f64,
    norm: f64,
    tolerance_met: bool,
}

impl TruncationError {
    /// Nothing was discarded from a tensor of this norm.
    pub(super) fn none(bonds: usize, norm: f64) -> Self {
        Self {
            per_bond: vec![0.0; bonds],
            total: 0.0,
            norm,
            tolerance_met: true,
        }
    }

    /// From the norms discarded at each bond, against the norm of the tensor and the tolerance.
    pub(super) fn new(per_bond: Vec<f64>, norm: f64, tolerance: Option<f64>, slack: f64) -> Self {
        let mut squares: Vec<f64> = per_bond.iter().map(|e| e * e).collect();
        squares.sort_by(f64::total_cmp);
        let total = squares.iter().sum::<f64>().sqrt();
        let tolerance_met = tolerance.is_none_or(|t| total <= t + slack * norm);
        Self {
            per_bond,
            total,
            norm,
            tolerance_met,
        }
    }

    /// Frobenius norm discarded at each of the `d - 1` inner bonds, left to right.
    #[must_use]
    pub fn per_bond(&self) -> &[f64] {
        &self.per_bond
    }

    /// `|X - TT|_F`.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.total
    }

    /// `|X - TT|_F / |X|_F`, and 0 for a zero tensor.
    #[must_use]
    pub fn relative(&self) -> f64 {
        if self.total == 0.0 {
            0.0
        } else {
            self.total / self.norm
        }
    }

    /// Whether the tolerance asked for was met, up to rounding; true if there was none.
    #[must_use]
    pub fn tolerance_met(&self) -> bool {
        self.tolerance_met
    }
}
