//! What is trained, how long, and under which constraints.

use tt_admm::admm::{AdmmBuilder, Penalty};
use tt_admm::{Admm, Tensorization, TensorizeError, TtProjection};

/// Images in a mini-batch.
pub(crate) const BATCH: usize = 50;
/// Epochs of the dense network.
pub(crate) const DENSE_EPOCHS: usize = 12;
/// Epochs of the ADMM phase.
pub(crate) const ADMM_EPOCHS: usize = 16;
/// Updates of ADMM in an epoch.
pub(crate) const UPDATES_PER_EPOCH: usize = 2;
/// Epochs of fine-tuning after ADMM. The network decomposed directly is fine-tuned for as long as ADMM and
/// this together.
pub(crate) const FINE_TUNE_EPOCHS: usize = 6;
/// Learning rate of the dense network at the start; it falls to 0.
pub(crate) const DENSE_RATE: f64 = 0.02;
/// Learning rate of Adam for the cores at the start; it falls to 0.
pub(crate) const FINE_TUNE_RATE: f64 = 1e-3;
/// Momentum of SGD.
pub(crate) const MOMENTUM: f64 = 0.9;

/// Learning rate of ADMM in this W-step, counted from 0. It stays for two thirds of the run, so that the
/// weights can follow the growing penalty, and falls to a tenth in the last third, when they have.
pub(crate) fn admm_rate(w_step: usize) -> f64 {
    let done = w_step as f64 / (ADMM_EPOCHS * UPDATES_PER_EPOCH) as f64;
    0.02 * (3.0 * (1.0 - done)).clamp(0.1, 1.0)
}

/// A weight that becomes a tensor train.
pub(crate) struct Constraint {
    pub(crate) name: &'static str,
    layout: Tensorization,
    ranks: Vec<usize>,
}

impl Constraint {
    pub(crate) fn projection(&self) -> TtProjection {
        TtProjection::new(self.ranks.clone()).layout(self.layout.clone())
    }
}

/// The weights that become tensor trains. The first layer is left dense: it is small, and all depends on it.
pub(crate) fn constraints() -> Result<Vec<Constraint>, TensorizeError> {
    Ok(vec![
        Constraint {
            name: "conv2.weight",
            layout: Tensorization::conv([32], [3, 3], [16])?,
            ranks: vec![8, 8],
        },
        Constraint {
            name: "conv3.weight",
            layout: Tensorization::conv([8, 8], [3, 3], [8, 4])?,
            ranks: vec![6, 12, 12, 4],
        },
        Constraint {
            name: "fc1.weight",
            layout: Tensorization::linear([8, 16], [16, 8, 8])?,
            ranks: vec![6, 12, 12, 6],
        },
    ])
}

/// The dense layers among them: burn stores their weights transposed.
pub(crate) const TRANSPOSED: [&str; 1] = ["fc1.weight"];

/// The loop of ADMM. The penalty starts at a pull that the loss can still resist and grows, until weights and
/// projections agree.
pub(crate) fn builder(constraints: &[Constraint]) -> AdmmBuilder<f32> {
    constraints
        .iter()
        .fold(Admm::builder(), |builder, constraint| {
            builder.constrain(constraint.name, constraint.projection())
        })
        .rho(0.05)
        .penalty(Penalty::geometric(1.15))
        .max_iterations(ADMM_EPOCHS * UPDATES_PER_EPOCH)
        .tolerance(0.0, 1e-6)
}
