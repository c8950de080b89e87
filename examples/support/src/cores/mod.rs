//! The cores of a decomposed layer, as arrays for a framework.
//!
//! [`ConvCores`] for a layout of [`Tensorization::conv`](tt_admm::Tensorization::conv), [`LinearCores`] for
//! one of [`Tensorization::linear`](tt_admm::Tensorization::linear).

mod conv;
mod error;
mod linear;
#[cfg(test)]
mod tests;

use ndarray::Array3;
use tt_admm::Factors;

pub use conv::ConvCores;
pub use error::CoresError;
pub use linear::LinearCores;

/// The cores of a tensor train.
fn train_cores(factors: &Factors<f32>) -> Result<&[Array3<f32>], CoresError> {
    let train = factors.tensor_train().ok_or_else(|| CoresError::NoTrain {
        weight: factors.weight_shape().to_vec(),
    })?;
    Ok(train.cores())
}

/// The cores of a tensor train or a tensor ring.
fn cyclic_cores(factors: &Factors<f32>) -> Result<&[Array3<f32>], CoresError> {
    match factors.tensor_ring() {
        Some(ring) => Ok(ring.cores()),
        None => train_cores(factors).map_err(|_| CoresError::NoRing {
            weight: factors.weight_shape().to_vec(),
        }),
    }
}
