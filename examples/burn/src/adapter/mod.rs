//! The adapter between burn and `tt_admm`.

mod finite;
mod model;
mod parameters;
mod path;
mod pull;
mod state;
mod transfer;

pub use model::{BurnModel, Training};
pub use parameters::Parameters;
pub(crate) use path::{Path, follow_path};
pub use pull::Pull;
pub use state::{SaveTraining, optimizer_state, restore_optimizer};
pub(crate) use transfer::{check_shape, data, upload};
