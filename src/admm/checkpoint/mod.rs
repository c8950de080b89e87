//! The whole state of a run as a file, to go on later bit by bit as if nothing had happened.

mod error;
mod file;
mod folder;
mod restore;
mod saved;

pub use error::CheckpointError;
pub use file::Checkpoint;
pub use folder::Checkpoints;
pub(super) use saved::BlockState;
