//! A convolution by tensor-train cores.

use candle_core::Tensor;
use candle_nn::{Conv2dConfig, Module, VarBuilder};
use example_support::cores::ConvCores;
use tt_admm::Factors;

use super::{core, pointwise, side, variable};
use crate::Error;

/// A convolution whose weight is a tensor train in the layout of `Tensorization::conv`.
///
/// The input cores reduce the channels to the rank `r_b` (with one mode, a 1 x 1 convolution), the core of the kernel
/// positions is a `Kh x Kw` convolution from `r_b` to `r_a` channels with the stride and padding of the layer, and the
/// output cores raise the channels from `r_a` again. The 1 x 1 convolutions are written as matrix products, whose
/// gradients candle computes faster on the CPU than those of a convolution.
///
/// Variables: `output.0 ...`, `kernel`, `input.0 ...` and `bias`, below the prefix of the layer.
#[derive(Debug, Clone)]
pub struct TtConv2d {
    output: Vec<Tensor>,
    kernel: Tensor,
    input: Vec<Tensor>,
    bias: Option<Tensor>,
    config: Conv2dConfig,
}

impl TtConv2d {
    /// A layer with the cores of `factors` as new variables, and a copy of the dense layer's bias.
    ///
    /// # Errors
    ///
    /// [`Error::Layer`] if the factors are not those of a convolution or `config` has groups, and what candle says
    /// if a name is taken by a variable of another shape.
    pub fn from_factors(
        factors: &Factors<f32>,
        bias: Option<&Tensor>,
        config: Conv2dConfig,
        vb: VarBuilder<'_>,
    ) -> Result<Self, Error> {
        let refused = |reason: String| Error::Layer {
            layer: vb.prefix(),
            reason,
        };
        if config.groups != 1 {
            let groups = config.groups;
            return Err(refused(format!("{groups} groups; factors are of one")));
        }
        let cores = ConvCores::try_from(factors).map_err(|e| refused(e.to_string()))?;
        Ok(Self {
            output: side(&vb, "output", &cores.output)?,
            kernel: core(&vb, "kernel", &cores.kernel)?,
            input: side(&vb, "input", &cores.input)?,
            bias: bias.map(|b| variable(&vb, "bias", b)).transpose()?,
            config,
        })
    }

    /// The cores from left to right: output modes, kernel, input modes.
    pub fn cores(&self) -> impl Iterator<Item = &Tensor> {
        let kernel = std::iter::once(&self.kernel);
        self.output.iter().chain(kernel).chain(&self.input)
    }
}

impl Module for TtConv2d {
    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let (batch, channels, height, width) = x.dims4()?;
        let h = pointwise::contract(&x.reshape((batch, channels, height * width))?, &self.input)?;
        let h = h.reshape((batch, (), height, width))?.conv2d_with_algo(
            &self.kernel,
            self.config.padding,
            self.config.stride,
            self.config.dilation,
            1,
            self.config.cudnn_fwd_algo,
        )?;
        let (_, rank, height, width) = h.dims4()?;
        let y = pointwise::expand(&h.reshape((batch, rank, height * width))?, &self.output)?;
        let y = y.reshape((batch, (), height, width))?;
        match &self.bias {
            Some(bias) => y.broadcast_add(&bias.reshape((1, (), 1, 1))?),
            None => Ok(y),
        }
    }
}
