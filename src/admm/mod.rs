//! ADMM over any training loop.
//!
//! Minimises `f(W) + sum_l g_l(W_l)`, where `f` is the loss of a model with weights `W_l` and each `g_l` is
//! given by its prox operator, usually the projection on a set of low-rank tensors. In scaled form (Boyd
//! et al., 2011, section 3.1.1), with a copy `Z_l` and a scaled dual `U_l` of every constrained weight:
//!
//! ```text
//! W-step   W <- training of f(W) + sum_l rho_l / 2 |W_l - Z_l + U_l|^2      the model's own training
//! Z-step   Z_l <- prox(W_l + U_l)                                           for low rank: decompose, rebuild
//! U-step   U_l <- U_l + W_l - Z_l
//! ```
//!
//! The loop is a value, [`Admm`], with a public step [`Admm::update`] that does the Z- and the U-step. A
//! training loop of your own calls it once in a while; or a model implements [`Trainable`] and
//! [`Admm::run`] drives it. For a non-convex set and a network this is a heuristic that depends on `rho`:
//! with `rho` below the curvature of `f`, ADMM cycles. See [`Penalty`] and [`RhoCalibration`].

mod block;
mod builder;
mod checkpoint;
mod driver;
mod error;
#[cfg(feature = "history")]
mod history;
mod observer;
mod penalty;
#[cfg(feature = "progress")]
mod progress;
mod proximal;
mod record;
mod report;
mod resumable;
mod settings;
mod spans;
mod state;
mod table;
mod trainable;
mod trainer;
mod weights;
mod works;

pub use block::Block;
pub use builder::AdmmBuilder;
pub use checkpoint::{Checkpoint, CheckpointError, Checkpoints};
pub use error::AdmmError;
#[cfg(feature = "history")]
pub use history::{HistoryFile, write_csv, write_json};
pub use observer::{Every, Flow, Observer};
pub use penalty::{Penalty, RhoCalibration};
#[cfg(feature = "progress")]
pub use progress::Progress;
pub use proximal::Proximal;
pub use record::{BlockRecord, Record};
pub use report::{Report, Status};
pub use resumable::Resumable;
pub use settings::UpdateOrder;
pub use state::Admm;
pub use table::TablePrinter;
pub use trainable::{TrainSummary, Trainable};
