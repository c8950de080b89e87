//! Layers that are dense or decomposed.

use burn::module::Module;
use burn::nn::Linear as DenseLinear;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use tt_admm::Factors;

use super::{TtConv2d, TtLinear};
use crate::Error;

/// A convolution, dense or decomposed.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // boxes would save nothing: a network has a handful of layers
pub enum Conv {
    /// burn's own.
    Dense(Conv2d),
    /// A tensor train.
    Tt(TtConv2d),
}

impl Conv {
    /// The convolution of a batch `(N, I, H, W)`.
    #[must_use]
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Dense(layer) => layer.forward(x),
            Self::Tt(layer) => layer.forward(x),
        }
    }

    /// Replaces the dense layer by factors of its weight. The name is for errors.
    ///
    /// # Errors
    ///
    /// [`Error::Layer`] if it is decomposed already, and those of [`TtConv2d::new`].
    pub fn decompose(&mut self, name: &str, factors: &Factors<f32>) -> Result<(), Error> {
        let Self::Dense(dense) = self else {
            return Err(decomposed_already(name));
        };
        *self = Self::Tt(TtConv2d::new(name, dense, factors)?);
        Ok(())
    }
}

impl From<Conv2d> for Conv {
    fn from(dense: Conv2d) -> Self {
        Self::Dense(dense)
    }
}

/// A dense layer, or its decomposed form.
#[derive(Module, Debug)]
pub enum Linear {
    /// burn's own.
    Dense(DenseLinear),
    /// A tensor train.
    Tt(TtLinear),
}

impl Linear {
    /// The outputs `(N, O)` for a batch `(N, I)`.
    #[must_use]
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Dense(layer) => layer.forward(x),
            Self::Tt(layer) => layer.forward(x),
        }
    }

    /// Replaces the dense layer by factors of its weight `(out, in)`. The name is for errors.
    ///
    /// # Errors
    ///
    /// [`Error::Layer`] if it is decomposed already, and those of [`TtLinear::new`].
    pub fn decompose(&mut self, name: &str, factors: &Factors<f32>) -> Result<(), Error> {
        let Self::Dense(dense) = self else {
            return Err(decomposed_already(name));
        };
        *self = Self::Tt(TtLinear::new(name, dense, factors)?);
        Ok(())
    }
}

impl From<DenseLinear> for Linear {
    fn from(dense: DenseLinear) -> Self {
        Self::Dense(dense)
    }
}

fn decomposed_already(name: &str) -> Error {
    Error::Layer {
        name: name.to_owned(),
        reason: "it is decomposed already".to_owned(),
    }
}
