//! Training of burn modules under tensor-train constraints, with `tt_admm`.
//!
//! [`BurnModel`] makes any burn module, together with the user's own optimiser, schedule and data, a model
//! that [`Admm::run`](tt_admm::Admm::run) can train; [`Parameters`] and [`Pull`] do the same for a training
//! loop of your own. After ADMM, [`Decompose`] replaces layers by [`TtConv2d`] and [`TtLinear`], whose
//! parameters are the tensor-train cores.
//!
//! | module | what |
//! |---|---|
//! | `adapter` | parameters by name, proximal terms on the device, the `Trainable` |
//! | `layers` | layers that are dense or decomposed |
//! | `nets` | a ResNet for CIFAR-10, a small network for Fashion-MNIST, safetensors files |
//! | `batches` | batches as tensors, accuracy |
//! | `panics` | panics as errors |

mod adapter;
mod batches;
mod error;
mod layers;
mod nets;
mod panics;

pub use adapter::{
    BurnModel, Parameters, Pull, SaveTraining, Training, optimizer_state, restore_optimizer,
};
pub use batches::{accuracy, correct, images, labels};
pub use error::Error;
pub use layers::{Conv, Decompose, LayerMut, Linear, TtConv2d, TtLinear};
pub use nets::{Cnn, ResNet, WeightFile};
pub use panics::catch_panic;

/// The examples of the README, as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
