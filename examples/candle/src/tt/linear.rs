//! A dense layer by tensor-train cores.

use candle_core::Tensor;
use candle_nn::{Module, VarBuilder};
use example_support::cores::LinearCores;
use tt_admm::Factors;

use super::{pointwise, side, variable};
use crate::Error;

/// A dense layer whose weight is a tensor train in the layout of `Tensorization::linear`.
///
/// Variables: `output.0 ...`, `input.0 ...` and `bias`, below the prefix of the layer.
#[derive(Debug, Clone)]
pub struct TtLinear {
    output: Vec<Tensor>,
    input: Vec<Tensor>,
    bias: Option<Tensor>,
}

impl TtLinear {
    /// A layer with the cores of `factors` as new variables, and a copy of the dense layer's bias.
    ///
    /// # Errors
    ///
    /// [`Error::Layer`] if the factors are not those of a dense layer, and what candle says if a name is taken by a
    /// variable of another shape.
    pub fn from_factors(
        factors: &Factors<f32>,
        bias: Option<&Tensor>,
        vb: VarBuilder<'_>,
    ) -> Result<Self, Error> {
        let cores = LinearCores::try_from(factors).map_err(|e| Error::Layer {
            layer: vb.prefix(),
            reason: e.to_string(),
        })?;
        Ok(Self {
            output: side(&vb, "output", &cores.output)?,
            input: side(&vb, "input", &cores.input)?,
            bias: bias.map(|b| variable(&vb, "bias", b)).transpose()?,
        })
    }

    /// The cores from left to right: output modes, input modes.
    pub fn cores(&self) -> impl Iterator<Item = &Tensor> {
        self.output.iter().chain(&self.input)
    }
}

impl Module for TtLinear {
    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        // The samples play the part of the positions: one large product per core instead of one per sample.
        let positions_last = x.t()?.contiguous()?.unsqueeze(0)?;
        let h = pointwise::contract(&positions_last, &self.input)?;
        let y = pointwise::expand(&h, &self.output)?;
        let y = y.squeeze(0)?.t()?.contiguous()?;
        match &self.bias {
            Some(bias) => y.broadcast_add(bias),
            None => Ok(y),
        }
    }
}
