//! What one update measured.

use serde::{Deserialize, Serialize};

use crate::linalg::frobenius;

/// Residuals of one block after one update.
///
/// # Examples
///
/// ```
/// use tt_admm::{Admm, TtProjection, ndarray::array};
///
/// let w = array![[1.0, 0.0], [0.0, 0.5]];
/// let mut admm = Admm::<f64>::builder()
///     .constrain("w", TtProjection::new(1))
///     .rho(1.0)
///     .build_from(|_| w.view().into_dyn())?;
/// let block = &admm.update(|_| w.view().into_dyn())?.blocks()[0];
/// assert!((block.primal() - 0.5).abs() < 1e-15);                             // |W - Z|
/// assert!((block.relative_primal() - 0.5 / 1.25_f64.sqrt()).abs() < 1e-15);
/// assert!(block.dual() < 1e-15);                                             // Z has not moved
/// # Ok::<(), tt_admm::AdmmError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BlockRecord {
    pub(super) weight: String,
    pub(super) ordinal: usize,
    pub(super) rho: f64,
    pub(super) primal: f64,
    pub(super) dual: f64,
    pub(super) weight_norm: f64,
    pub(super) z_norm: f64,
    pub(super) u_norm: f64,
    pub(super) projection_distance: f64,
    pub(super) residual_ratio: f64,
}

impl BlockRecord {
    /// Name of the weight.
    #[must_use]
    pub fn weight(&self) -> &str {
        &self.weight
    }

    /// Which of the blocks on this weight, counted from 0.
    #[must_use]
    pub fn ordinal(&self) -> usize {
        self.ordinal
    }

    /// The penalty during this update.
    #[must_use]
    pub fn rho(&self) -> f64 {
        self.rho
    }

    /// Primal residual `|W - Z|_F`.
    #[must_use]
    pub fn primal(&self) -> f64 {
        self.primal
    }

    /// Dual residual `rho |Z - Z_old|_F`.
    #[must_use]
    pub fn dual(&self) -> f64 {
        self.dual
    }

    /// `|W|_F`.
    #[must_use]
    pub fn weight_norm(&self) -> f64 {
        self.weight_norm
    }

    /// `|Z|_F`.
    #[must_use]
    pub fn z_norm(&self) -> f64 {
        self.z_norm
    }

    /// `|U|_F`, the scaled dual before `rho` changes.
    #[must_use]
    pub fn u_norm(&self) -> f64 {
        self.u_norm
    }

    /// `|W - Z| / max(|W|, |Z|)`; 0 if all are 0.
    #[must_use]
    pub fn relative_primal(&self) -> f64 {
        ratio(self.primal, self.weight_norm.max(self.z_norm))
    }

    /// `|Z - Z_old| / |U|`; 0 if both are 0, infinite if only `U` is.
    #[must_use]
    pub fn relative_dual(&self) -> f64 {
        ratio(self.dual, self.rho * self.u_norm)
    }

    /// How far the prox operator moved its input, `|W + U - Z|_F`.
    #[must_use]
    pub fn projection_distance(&self) -> f64 {
        self.projection_distance
    }

    /// The larger of the two residuals divided by its tolerance; at most 1 means converged.
    #[must_use]
    pub fn residual_ratio(&self) -> f64 {
        self.residual_ratio
    }
}

/// One iteration: the loss of the W-step and the residuals of every block.
///
/// # Examples
///
/// ```
/// use tt_admm::{Admm, TtProjection, ndarray::array};
///
/// let w = array![[1.0, 0.0], [0.0, 0.1]];
/// let mut admm = Admm::<f64>::builder()
///     .constrain("w", TtProjection::new(1))
///     .rho(1.0)
///     .build_from(|_| w.view().into_dyn())?;
/// let record = admm.update(|_| w.view().into_dyn())?;
/// assert_eq!(record.iteration(), 1);
/// // The nearest rank-one matrix misses the 0.1.
/// assert!((record.blocks()[0].primal() - 0.1).abs() < 1e-15);
/// assert!((record.primal_residual() - 0.1 / 1.01_f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), tt_admm::admm::AdmmError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    pub(super) iteration: usize,
    pub(super) loss: Option<f64>,
    pub(super) metrics: Vec<(String, f64)>,
    pub(super) blocks: Vec<BlockRecord>,
    pub(super) unread: Vec<String>,
}

impl Record {
    /// The number of updates so far, this one included.
    #[must_use]
    pub fn iteration(&self) -> usize {
        self.iteration
    }

    /// The loss the model reported for its W-step, if it did.
    #[must_use]
    pub fn loss(&self) -> Option<f64> {
        self.loss
    }

    /// Further figures the model reported, by name.
    #[must_use]
    pub fn metrics(&self) -> &[(String, f64)] {
        &self.metrics
    }

    /// One record for each block, in the order of the builder's `constrain` calls.
    #[must_use]
    pub fn blocks(&self) -> &[BlockRecord] {
        &self.blocks
    }

    /// Constrained weights whose proximal term the model did not read during the W-step. A name here means
    /// that the constraint does not act on training: a bug in the model's `train`.
    #[must_use]
    pub fn unread(&self) -> &[String] {
        &self.unread
    }

    /// Relative primal residual of all blocks together, `sqrt(sum |W - Z|^2 / sum |W|^2)`.
    #[must_use]
    pub fn primal_residual(&self) -> f64 {
        ratio(
            root_sum(&self.blocks, BlockRecord::primal),
            root_sum(&self.blocks, BlockRecord::weight_norm),
        )
    }

    /// Relative dual residual of all blocks together, `sqrt(sum |rho (Z - Z_old)|^2 / sum |rho U|^2)`.
    #[must_use]
    pub fn dual_residual(&self) -> f64 {
        let scaled_dual = |b: &BlockRecord| b.rho * b.u_norm;
        ratio(
            root_sum(&self.blocks, BlockRecord::dual),
            root_sum(&self.blocks, scaled_dual),
        )
    }

    /// The largest residual divided by its tolerance, over all blocks; at most 1 means converged.
    #[must_use]
    pub fn residual_ratio(&self) -> f64 {
        self.blocks
            .iter()
            .map(BlockRecord::residual_ratio)
            .fold(0.0, f64::max)
    }
}

fn root_sum(blocks: &[BlockRecord], value: impl Fn(&BlockRecord) -> f64 + Copy) -> f64 {
    frobenius(blocks.iter().map(value))
}

/// `a / b` for residuals: 0 if `a` is 0, and infinite, never NaN, if both are beyond the range of numbers.
pub(super) fn ratio(a: f64, b: f64) -> f64 {
    if a == 0.0 {
        0.0
    } else if a.is_finite() && b.is_finite() {
        a / b
    } else {
        f64::INFINITY
    }
}
