//! What a truncation threw away.

use serde::{Deserialize, Serialize};

/// The exact error of a Tucker decomposition: what was discarded in each mode and in total.
///
/// The tensor is projected on the span of one factor after the other. What different projections discard is
/// orthogonal, so their squares add up: `|X - T|_F^2 = sum_k per_mode[k]^2`. For ST-HOSVD these are the norms that its
/// cuts drop; for HOSVD and after HOOI they are measured, so that no digits are lost in `|X|^2 - |core|^2`.
///
/// # Examples
///
/// ```
/// use tt_admm::{TuckerStatus, tucker, ndarray::Array3};
///
/// let x = Array3::from_shape_fn((4, 5, 6), |(i, j, k)| 1.0 / (1.0 + (i + j + k) as f64));
/// let t = tucker(&x, 2)?;
/// let distance = (&x.into_dyn() - &t.to_dense()).mapv(|e| e * e).sum().sqrt();
/// assert!((t.truncation_error().total() - distance).abs() < 1e-12);
/// assert_eq!(t.truncation_error().status(), TuckerStatus::Direct);
/// # Ok::<(), tt_admm::TuckerError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TuckerTruncationError {
    per_mode: Vec<f64>,
    total: f64,
    relative: f64,
    tolerance_met: bool,
    status: TuckerStatus,
}

/// How a Tucker decomposition ended.
///
/// # Examples
///
/// ```
/// use tt_admm::{TuckerAlgorithm, TuckerStatus, TuckerSvd, ndarray::Array3};
///
/// let x = Array3::from_shape_fn((6, 7, 8), |(i, j, k)| ((i * j + 2 * k) as f64).sin());
/// let once = TuckerAlgorithm::Hooi { max_sweeps: 1, tolerance: 0.0 };
/// let t = TuckerSvd::new(3).algorithm(once).decompose(&x)?;
/// assert_eq!(t.truncation_error().status(), TuckerStatus::MaxSweeps { sweeps: 1 });
/// # Ok::<(), tt_admm::TuckerError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TuckerStatus {
    /// Nothing was iterated.
    Direct,
    /// The last sweep gained next to nothing.
    Converged {
        /// Sweeps done.
        sweeps: usize,
    },
    /// The sweeps were used up; the result is the best one found.
    MaxSweeps {
        /// Sweeps done.
        sweeps: usize,
    },
}

impl TuckerTruncationError {
    /// Nothing was discarded.
    pub(super) fn none(order: usize) -> Self {
        Self {
            per_mode: vec![0.0; order],
            total: 0.0,
            relative: 0.0,
            tolerance_met: true,
            status: TuckerStatus::Direct,
        }
    }

    /// From the norms discarded in each mode of a tensor that was multiplied by `scale` and then had norm `norm`,
    /// where norms are of moderate size, and from the tolerance in the same units.
    pub(super) fn new(
        scaled: &[f64],
        norm: f64,
        tolerance: Option<f64>,
        scale: f64,
        slack: f64,
        status: TuckerStatus,
    ) -> Self {
        let total = root_of_squares(scaled);
        Self {
            per_mode: scaled.iter().map(|e| e / scale).collect(),
            total: total / scale,
            relative: total / norm,
            tolerance_met: tolerance.is_none_or(|t| total <= t + slack * norm),
            status,
        }
    }

    /// From the parts discarded in each mode, known up to rounding of the tensor's norm, and the measured total.
    pub(super) fn measured(
        per_mode: Vec<f64>,
        total: f64,
        norm: f64,
        status: TuckerStatus,
    ) -> Self {
        Self {
            per_mode,
            total,
            relative: if norm > 0.0 { total / norm } else { 0.0 },
            tolerance_met: true,
            status,
        }
    }

    /// Frobenius norm discarded in each mode; 0 in modes without a factor.
    #[must_use]
    pub fn per_mode(&self) -> &[f64] {
        &self.per_mode
    }

    /// `|X - T|_F`.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.total
    }

    /// `|X - T|_F / |X|_F`, and 0 for a zero tensor.
    #[must_use]
    pub fn relative(&self) -> f64 {
        self.relative
    }

    /// Whether the tolerance asked for was met, up to rounding; true if there was none.
    #[must_use]
    pub fn tolerance_met(&self) -> bool {
        self.tolerance_met
    }

    /// How the decomposition ended.
    #[must_use]
    pub fn status(&self) -> TuckerStatus {
        self.status
    }
}

/// Root of the sum of squares, against the largest, so that the squares of tiny parts do not vanish.
pub(super) fn root_of_squares(parts: &[f64]) -> f64 {
    let largest = parts.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let mut squares: Vec<f64> = parts.iter().map(|e| (e / largest).powi(2)).collect();
    squares.sort_by(f64::total_cmp);
    largest * squares.iter().sum::<f64>().sqrt()
}
