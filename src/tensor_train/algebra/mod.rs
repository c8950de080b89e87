//! The algebra of tensor trains: one operation, one file. None of them forms the dense tensor.

mod add;
mod dot;
mod hadamard;
mod norm;
mod round;
mod scale;
mod signed_log;
mod spread;

pub use signed_log::SignedLog;
