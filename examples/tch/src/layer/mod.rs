//! Layers with their weights either dense or as the cores of tensor trains or rings.
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

/// The cores `(r, n, r')` of the input modes as matrices: the last one, which acts first, as `[R r, n]` with the rank
/// `R` of the closing bond, the others as `[r, n r']`.
fn input_matrices(path: &Path<'_>, cores: &[Array3<f32>]) -> Result<Vec<Tensor>, Error> {
    let path = path / "input";
    let matrix = |(k, core): (usize, &Array3<f32>)| {
        let (r, n, s) = core.dim();
        let (view, size) = if k + 1 == cores.len() {
            (core.view().permuted_axes([2, 0, 1]), [s * r, n])
        } else {
            (core.view(), [r, n * s])
        };
        variable_from(&path, &k.to_string(), &view, &as_size(&size))
    };
    cores.iter().enumerate().map(matrix).collect()
}

/// The cores `(r, n, r')` of the output modes as matrices: the first one, which acts last, as `[n, R r']`, the others
/// as `[r n, r']`.
fn output_matrices(path: &Path<'_>, cores: &[Array3<f32>]) -> Result<Vec<Tensor>, Error> {
    let path = path / "output";
    let matrix = |(k, core): (usize, &Array3<f32>)| {
        let (r, n, s) = core.dim();
        let (view, size) = if k == 0 {
            (core.view().permuted_axes([1, 0, 2]), [n, r * s])
        } else {
            (core.view(), [r * n, s])
        };
        variable_from(&path, &k.to_string(), &view, &as_size(&size))
    };
    cores.iter().enumerate().map(matrix).collect()
}

/// The rank of the bond between the last of these cores and the first of those: 1 for a tensor train.
fn closing_rank(cores: &[Array3<f32>]) -> i64 {
    let rank = cores.first().map_or(1, |core| core.dim().0);
    as_size(&[rank])[0]
}

/// The cores of factors of a weight of this size; the name is for errors.
fn cores_of<C>(
    name: &str,
    size: &[i64],
    factors: &Factors<f32>,
    cyclic: fn(&Factors<f32>) -> Result<C, CoresError>,
) -> Result<C, Error> {
    let got = as_size(factors.weight_shape());
    if got != size {
        return Err(Error::Shape {
            name: name.to_owned(),
            expected: size.to_vec(),
            got,
        });
    }
    cyclic(factors).map_err(|source| Error::Cores {
        name: name.to_owned(),
        source,
    })
}
