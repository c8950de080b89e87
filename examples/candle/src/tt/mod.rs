//! Layers that compute with tensor-train cores, in place of a dense weight.
//!
//! The cores are ordinary variables of a `VarMap` and are trained by any optimiser. No core is ever multiplied out:
//! a layer applies them to the activations one after the other, by reshapes and products.

mod conv;
mod linear;
mod pointwise;

pub use conv::TtConv2d;
pub use linear::TtLinear;

use candle_core::{Tensor, Var};
use candle_nn::{Init, VarBuilder};
use tt_admm::ndarray::{Array3, ArrayRef, Dimension};

use crate::Error;

/// A new variable with these values.
pub(crate) fn variable(vb: &VarBuilder<'_>, name: &str, values: &Tensor) -> Result<Tensor, Error> {
    let made = vb.get_with_hints(values.shape(), name, Init::Const(0.0))?;
    if !made.is_variable() {
        return Err(Error::Layer {
            layer: vb.prefix(),
            reason: format!("the VarBuilder gives no variable for `{name}`; make it from a VarMap"),
        });
    }
    let values = values.detach().to_dtype(made.dtype())?;
    Var::from_tensor(&made)?.set(&values.to_device(made.device())?)?;
    Ok(made)
}

/// A new variable for a core.
fn core<D: Dimension>(
    vb: &VarBuilder<'_>,
    name: &str,
    values: &ArrayRef<f32, D>,
) -> Result<Tensor, Error> {
    let in_order = values.as_standard_layout();
    let slice = in_order.as_slice().unwrap_or_default();
    variable(
        vb,
        name,
        &Tensor::from_slice(slice, values.shape(), vb.device())?,
    )
}

/// New variables `kind.0`, `kind.1`, ... for the cores of a side.
fn side(vb: &VarBuilder<'_>, kind: &str, cores: &[Array3<f32>]) -> Result<Vec<Tensor>, Error> {
    let numbered = cores.iter().enumerate();
    numbered
        .map(|(k, values)| core(vb, &format!("{kind}.{k}"), values))
        .collect()
}
