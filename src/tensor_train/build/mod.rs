//! Trains made from formulas, without a dense tensor.

mod checks;
mod grid;
mod outer;
mod pad;
mod polynomial;
mod random;
mod sum;
mod uniform;

pub(in crate::tensor_train) use checks::checked_vectors;
pub use grid::QttGrid;
