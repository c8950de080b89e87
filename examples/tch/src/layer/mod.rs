//! Layers with their weights either dense or as tensor-train cores.
//!
//! [`Conv`], [`Linear`] and [`Lstm`] are dense or decomposed; a network made of them is built once with dense weights
//! and, after ADMM, once more with [`Factors`](tt_admm::Factors) for some of the names. The cores are ordinary
//! variables of the store, so any optimiser of tch trains them.

mod conv;
mod linear;
mod lstm;
mod matrix;
mod norm;
mod tt_conv;
mod tt_linear;

use std::collections::BTreeMap;

use example_support::cores::CoresError;
use ndarray::{Array3, ArrayView};
use tch::Tensor;
use tch::nn::{Init, Path};
use tt_admm::Factors;

pub use conv::{Conv, Geometry};
pub use linear::Linear;
pub use lstm::Lstm;
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

/// The cores `(r, n, r')` of the input modes as the matrices `[r, n r']` that contract mode and right rank.
fn input_matrices(path: &Path<'_>, cores: &[Array3<f32>]) -> Result<Vec<Tensor>, Error> {
    matrices(&(path / "input"), cores, |(r, n, s)| [r, n * s])
}

/// The cores `(r, n, r')` of the output modes as the matrices `[r n, r']` that spread the right rank.
fn output_matrices(path: &Path<'_>, cores: &[Array3<f32>]) -> Result<Vec<Tensor>, Error> {
    matrices(&(path / "output"), cores, |(r, n, s)| [r * n, s])
}

/// One variable for each core, called by its number.
fn matrices(
    path: &Path<'_>,
    cores: &[Array3<f32>],
    size: fn((usize, usize, usize)) -> [usize; 2],
) -> Result<Vec<Tensor>, Error> {
    let numbered = cores.iter().enumerate();
    numbered
        .map(|(k, core)| {
            variable_from(
                path,
                &k.to_string(),
                &core.view(),
                &as_size(&size(core.dim())),
            )
        })
        .collect()
}

/// The cores of factors of a weight of this size; the name is for errors.
fn cores_of<'f, C>(name: &str, size: &[i64], factors: &'f Factors<f32>) -> Result<C, Error>
where
    C: TryFrom<&'f Factors<f32>, Error = CoresError>,
{
    let got = as_size(factors.weight_shape());
    if got != size {
        return Err(Error::Shape {
            name: name.to_owned(),
            expected: size.to_vec(),
            got,
        });
    }
    C::try_from(factors).map_err(|source| Error::Cores {
        name: name.to_owned(),
        source,
    })
}
