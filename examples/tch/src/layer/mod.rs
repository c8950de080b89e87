//! Layers with their weights either dense or as tensor-train cores.
//!
//! [`Conv`] and [`Linear`] are dense or decomposed; a network made of them is built once with dense weights
//! and, after ADMM, once more with [`Factors`](tt_admm::Factors) for some of the names. The cores are ordinary
//! variables of the store, so any optimiser of tch trains them.

mod conv;
mod linear;
mod norm;
mod tt_conv;
mod tt_linear;

use std::collections::BTreeMap;

use ndarray::{Array3, ArrayView};
use tch::Tensor;
use tch::nn::{Init, Path};
use tt_admm::Factors;

pub use conv::{Conv, Geometry};
pub use linear::Linear;
pub use norm::{BatchNorm, Mode};
pub use tt_conv::TtConv;
pub use tt_linear::TtLinear;

use crate::Error;
use crate::transfer::{as_size, upload};

/// Factors of some weights of a network, by the names of the dense weights.
pub type Decomposition = BTreeMap<String, Factors<f32>>;

/// A trainable variable called `name` with the elements of an array, in this shape.
fn variable_from<D: ndarray::Dimension>(
    path: &Path<'_>,
    name: &str,
    values: &ArrayView<'_, f32, D>,
    size: &[i64],
) -> Result<Tensor, Error> {
    let elements: Vec<f32> = values.iter().copied().collect();
    let value = upload(&elements, size, path.device())?;
    let mut variable = path.f_var(name, size, Init::Const(0.0))?;
    tch::no_grad(|| variable.f_copy_(&value))?;
    Ok(variable)
}

/// The core `(r, n, r')` of an input mode as the matrix `[r, n r']` that contracts mode and right rank.
fn input_matrix(path: &Path<'_>, k: usize, core: &Array3<f32>) -> Result<Tensor, Error> {
    let (left, mode, right) = core.dim();
    let size = as_size(&[left, mode * right]);
    variable_from(&(path / "input"), &k.to_string(), &core.view(), &size)
}

/// The core `(r, n, r')` of an output mode as the matrix `[r n, r']` that spreads the right rank.
fn output_matrix(path: &Path<'_>, k: usize, core: &Array3<f32>) -> Result<Tensor, Error> {
    let (left, mode, right) = core.dim();
    let size = as_size(&[left * mode, right]);
    variable_from(&(path / "output"), &k.to_string(), &core.view(), &size)
}
