//! tt-admm with [candle](https://crates.io/crates/candle-core): an adapter for any model whose parameters live in a
//! `VarMap`, and layers that compute with tensor-train cores.
//!
//! - [`VarMapModel`] implements `tt_admm::Trainable` and `tt_admm::admm::Resumable` around the user's own training
//!   function, and [`Pull`] is what that function calls between `backward` and the optimiser's step; any
//!   `candle_nn::Optimizer` will do.
//! - A training loop of your own makes a [`Pull`] of `admm.proximal()` and calls `admm.try_update` with
//!   [`variables::read`].
//! - [`TtConv2d`] and [`TtLinear`] are made of `tt_admm::Factors` for fine-tuning; [`ConvLayer`] and [`LinearLayer`] let a
//!   network hold either kind.
//! - [`Sgd`] has momentum and a state that can be saved; [`state`] saves a model with the state of its training.

mod error;
mod finite;
pub mod init;
mod layers;
mod model;
pub mod network;
mod pull;
mod sgd;
pub mod state;
mod tt;
pub mod variables;

pub use error::Error;
pub use layers::{ConvLayer, LinearLayer};
pub use model::VarMapModel;
pub use pull::Pull;
pub use sgd::{Sgd, SgdConfig};
pub use state::{State, take_scalar};
pub use tt::{TtConv2d, TtLinear};
pub use variables::Element;

/// Tests the code in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
