//! A convolution whose weight is a tensor train.

use burn::module::{Module, Param};
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use example_support::cores::ConvCores;
use tt_admm::Factors;

use super::cores::{contract_input, expand_output, parameter};
use crate::Error;

/// A 2-d convolution in factored form; it never forms the dense weight.
///
/// The cores of the input modes are contracted with the channels of every pixel, then a convolution with the
/// kernel core goes from `r_b` to `r_a` channels, then the cores of the output modes follow. With one mode
/// on each side these are three convolutions: 1x1, `Kh x Kw` (with stride and padding), 1x1.
#[derive(Module, Debug)]
pub struct TtConv2d {
    /// Cores `(r, i_k, r')` of the input modes.
    pub input: Vec<Param<Tensor<3>>>,
    /// The convolution with the kernel core.
    pub kernel: Conv2d,
    /// Cores `(r, o_k, r')` of the output modes.
    pub output: Vec<Param<Tensor<3>>>,
    /// The bias of the dense layer.
    pub bias: Option<Param<Tensor<1>>>,
}

impl TtConv2d {
    /// The layer that takes the place of a dense one; stride, padding, dilation and bias stay.
    ///
    /// # Errors
    ///
    /// [`Error::Layer`] if the layout is not one of [`Tensorization::conv`](tt_admm::Tensorization::conv), if
    /// the factors make a weight of another shape, or if the convolution has groups.
    pub fn new(name: &str, dense: &Conv2d, factors: &Factors<f32>) -> Result<Self, Error> {
        let refuse = |reason: String| Error::Layer {
            name: name.to_owned(),
            reason,
        };
        let weight = dense.weight.val();
        if dense.groups != 1 {
            return Err(refuse(format!("it has {} groups", dense.groups)));
        }
        if factors.weight_shape() != weight.dims() {
            return Err(refuse(format!(
                "its weight has shape {:?}, the factors make {:?}",
                weight.dims(),
                factors.weight_shape()
            )));
        }
        let cores = ConvCores::try_from(factors).map_err(|e| refuse(e.to_string()))?;
        let device = weight.device();
        let kernel = Conv2d {
            weight: parameter(&cores.kernel, &device),
            bias: None,
            ..dense.clone()
        };
        Ok(Self {
            input: cores.input.iter().map(|c| parameter(c, &device)).collect(),
            kernel,
            output: cores.output.iter().map(|c| parameter(c, &device)).collect(),
            bias: dense.bias.clone(),
        })
    }

    /// The convolution of a batch `(N, I, H, W)`.
    #[must_use]
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, channels, height, width] = x.dims();
        let x = contract_input(x.reshape([batch, channels, height * width]), &self.input);
        let [_, rank, _] = x.dims();
        let x = self.kernel.forward(x.reshape([batch, rank, height, width]));
        let [_, rank, height, width] = x.dims();
        let x = expand_output(x.reshape([batch, rank, height * width]), &self.output);
        let [_, channels, _] = x.dims();
        let x = x.reshape([batch, channels, height, width]);
        match &self.bias {
            Some(bias) => x + bias.val().reshape([1, channels, 1, 1]),
            None => x,
        }
    }
}
