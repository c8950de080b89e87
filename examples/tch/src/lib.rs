//! ADMM training of [`tch`] networks under tensor-train and tensor-ring constraints.
//!
//! [`Model`] makes any network in a [`VarStore`](tch::nn::VarStore) trainable by
//! [`Admm`](tt_admm::Admm); the optimiser, the schedule and the data stay the user's. A training loop of
//! one's own uses [`Pull`] directly. Decomposed layers for fine-tuning are in [`layer`].
//!
//! | part | what |
//! |---|---|
//! | [`Model`], [`WStep`], [`Pull`], [`Losses`] | the adapter |
//! | [`Persistent`], [`State`], [`files`] | saving a run and taking it up again; safetensors files |
//! | [`layer`] | convolutions, dense and recurrent layers with the cores of trains or rings as variables |
//! | [`plan`] | ranks for a budget of parameters |
//! | [`transfer`] | variables to arrays and back |
//! | [`experiment`] | dense, TT-SVD and ADMM in comparison, resumable |
//! | [`cli`] | the options of the programs |
//! | [`ResNet`], [`cnn`], [`lstm`], [`Trainer`], [`Sgd`], [`network`] | what the experiments are made of |

mod batches;
pub mod cli;
pub mod cnn;
mod error;
pub mod experiment;
pub mod files;
mod finite;
pub mod layer;
mod losses;
pub mod lstm;
mod model;
pub mod network;
mod persistent;
pub mod plan;
mod pull;
mod resnet;
mod sgd;
mod state;
mod trainer;
pub mod transfer;

pub use batches::Feed;
pub use error::Error;
pub use losses::Losses;
pub use model::{Model, WStep};
pub use network::Network;
pub use persistent::Persistent;
pub use pull::Pull;
pub use resnet::ResNet;
pub use sgd::Sgd;
pub use state::State;
pub use trainer::{Cosine, Times, Trainer};
