//! Layers with a dense weight or with cores.

use candle_core::Tensor;
use candle_nn::{Conv2d, Linear, Module, VarBuilder};
use tt_admm::Factors;

use crate::tt::variable;
use crate::{Error, TtConv2d, TtLinear};

/// A convolution, dense or decomposed.
#[derive(Debug, Clone)]
pub enum ConvLayer {
    /// With a dense weight.
    Dense(Conv2d),
    /// With tensor-train cores.
    Tt(TtConv2d),
}

/// A fully connected layer, dense or decomposed.
#[derive(Debug, Clone)]
pub enum LinearLayer {
    /// With a dense weight.
    Dense(Linear),
    /// With tensor-train cores.
    Tt(TtLinear),
}

impl ConvLayer {
    /// A copy of a dense convolution in other variables: by the cores of `factors`, or dense without any.
    ///
    /// # Errors
    ///
    /// Those of [`TtConv2d::from_factors`].
    pub fn rebuild(
        dense: &Conv2d,
        factors: Option<&Factors<f32>>,
        vb: VarBuilder<'_>,
    ) -> Result<Self, Error> {
        let config = *dense.config();
        if let Some(factors) = factors {
            let layer = TtConv2d::from_factors(factors, dense.bias(), config, vb)?;
            return Ok(Self::Tt(layer));
        }
        let weight = variable(&vb, "weight", dense.weight())?;
        let bias = dense.bias().map(|b| variable(&vb, "bias", b));
        Ok(Self::Dense(Conv2d::new(weight, bias.transpose()?, config)))
    }
}

impl LinearLayer {
    /// A copy of a dense layer in other variables: by the cores of `factors`, or dense without any.
    ///
    /// # Errors
    ///
    /// Those of [`TtLinear::from_factors`].
    pub fn rebuild(
        dense: &Linear,
        factors: Option<&Factors<f32>>,
        vb: VarBuilder<'_>,
    ) -> Result<Self, Error> {
        if let Some(factors) = factors {
            let layer = TtLinear::from_factors(factors, dense.bias(), vb)?;
            return Ok(Self::Tt(layer));
        }
        let weight = variable(&vb, "weight", dense.weight())?;
        let bias = dense.bias().map(|b| variable(&vb, "bias", b));
        Ok(Self::Dense(Linear::new(weight, bias.transpose()?)))
    }
}

impl Module for ConvLayer {
    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        match self {
            Self::Dense(layer) => layer.forward(x),
            Self::Tt(layer) => layer.forward(x),
        }
    }
}

impl Module for LinearLayer {
    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        match self {
            Self::Dense(layer) => layer.forward(x),
            Self::Tt(layer) => layer.forward(x),
        }
    }
}
