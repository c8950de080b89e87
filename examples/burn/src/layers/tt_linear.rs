//! A dense layer whose weight is a tensor train.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::Tensor;
use example_support::cores::LinearCores;
use tt_admm::Factors;

use super::cores::{contract_input, expand_output, parameter};
use crate::Error;

/// A dense layer in factored form; it never forms the dense weight.
///
/// The cores of the input modes are contracted with the features, last to first, then those of the output
/// modes, last to first. One mode on each side is the matrix of rank `r`.
#[derive(Module, Debug)]
pub struct TtLinear {
    /// Cores `(r, i_k, r')` of the input modes.
    pub input: Vec<Param<Tensor<3>>>,
    /// Cores `(r, o_k, r')` of the output modes.
    pub output: Vec<Param<Tensor<3>>>,
    /// The bias of the dense layer.
    pub bias: Option<Param<Tensor<1>>>,
}

impl TtLinear {
    /// The layer that takes the place of a dense one; the bias stays. The factors are those of the weight as
    /// `(out, in)`, see [`Parameters::transposed`](crate::Parameters::transposed).
    ///
    /// # Errors
    ///
    /// [`Error::Layer`] if the layout is not one of [`Tensorization::linear`](tt_admm::Tensorization::linear)
    /// or if the factors make a weight of another shape.
    pub fn new(name: &str, dense: &Linear, factors: &Factors<f32>) -> Result<Self, Error> {
        let refuse = |reason: String| Error::Layer {
            name: name.to_owned(),
            reason,
        };
        let weight = dense.weight.val();
        let [inputs, outputs] = weight.dims();
        if factors.weight_shape() != [outputs, inputs] {
            return Err(refuse(format!(
                "as (out, in) its weight has shape {:?}, the factors make {:?}",
                [outputs, inputs],
                factors.weight_shape()
            )));
        }
        let cores = LinearCores::try_from(factors).map_err(|e| refuse(e.to_string()))?;
        let device = weight.device();
        Ok(Self {
            input: cores.input.iter().map(|c| parameter(c, &device)).collect(),
            output: cores.output.iter().map(|c| parameter(c, &device)).collect(),
            bias: dense.bias.clone(),
        })
    }

    /// The outputs `(N, O)` for a batch `(N, I)`.
    #[must_use]
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let [batch, features] = x.dims();
        let x = contract_input(x.reshape([batch, features, 1]), &self.input);
        let x = expand_output(x, &self.output);
        let [_, features, _] = x.dims();
        let x = x.reshape([batch, features]);
        match &self.bias {
            Some(bias) => x + bias.val().reshape([1, features]),
            None => x,
        }
    }
}
