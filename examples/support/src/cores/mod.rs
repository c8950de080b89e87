//! The cores of a decomposed layer, as arrays for a framework.
//!
//! [`ConvCores`] for a layout of [`Tensorization::conv`](tt_admm::Tensorization::conv), [`LinearCores`] for
//! one of [`Tensorization::linear`](tt_admm::Tensorization::linear).

mod conv;
mod error;
mod linear;
#[cfg(test)]
mod tests;

pub use conv::ConvCores;
pub use error::CoresError;
pub use linear::LinearCores;
