//! The network of the job: three strided convolutions and two dense layers.

use candle_core::Tensor;
use candle_nn::{Conv2d, Conv2dConfig, Linear, Module, VarBuilder, conv2d, linear};
use tt_admm::Factors;

use crate::{ConvLayer, Error, LinearLayer};

/// Channels of the three convolutions, and width of the hidden dense layer.
const CHANNELS: [usize; 3] = [16, 32, 64];
const HIDDEN: usize = 128;

/// A network for small images; its convolutions have stride 2, because candle's gradients of convolutions are slow on
/// the CPU and their cost is that of the positions.
#[derive(Debug, Clone)]
pub struct Cnn {
    conv1: ConvLayer,
    conv2: ConvLayer,
    conv3: ConvLayer,
    fc1: LinearLayer,
    fc2: LinearLayer,
}

impl Cnn {
    /// A dense network for images of this many channels and this side. The values of the variables are left to
    /// [`init::he_uniform`](crate::init::he_uniform).
    ///
    /// # Errors
    ///
    /// What candle says if a name is taken by a variable of another shape.
    pub fn dense(
        channels: usize,
        side: usize,
        classes: usize,
        vb: VarBuilder<'_>,
    ) -> Result<Self, Error> {
        let config = Conv2dConfig {
            padding: 1,
            stride: 2,
            ..Conv2dConfig::default()
        };
        let [a, b, c] = CHANNELS;
        // A convolution with padding 1 and stride 2 halves the side, rounding up.
        let positions = (0..3).fold(side, |side, _| side.div_ceil(2)).pow(2);
        let conv = |from, to, name: &str| conv2d(from, to, 3, config, vb.pp(name));
        Ok(Self {
            conv1: ConvLayer::Dense(conv(channels, a, "conv1")?),
            conv2: ConvLayer::Dense(conv(a, b, "conv2")?),
            conv3: ConvLayer::Dense(conv(b, c, "conv3")?),
            fc1: LinearLayer::Dense(linear(c * positions, HIDDEN, vb.pp("fc1"))?),
            fc2: LinearLayer::Dense(linear(HIDDEN, classes, vb.pp("fc2"))?),
        })
    }

    /// A copy of this dense network in other variables, with cores in place of the weights in the list.
    ///
    /// # Errors
    ///
    /// [`Error::Layer`] if a layer is decomposed already, or if factors do not fit theirs.
    pub fn decomposed(
        &self,
        factors: &[(String, Factors<f32>)],
        vb: VarBuilder<'_>,
    ) -> Result<Self, Error> {
        let known =
            ["conv1", "conv2", "conv3", "fc1", "fc2"].map(|layer| format!("{layer}.weight"));
        if let Some((name, _)) = factors.iter().find(|(name, _)| !known.contains(name)) {
            let nearest = example_support::names::nearest(name, &known, 3);
            let name = name.clone();
            return Err(Error::UnknownVariable { name, nearest });
        }
        let of = |layer: &str| {
            let named = |name: &str| name.strip_suffix(".weight") == Some(layer);
            factors.iter().find(|(name, _)| named(name)).map(|(_, f)| f)
        };
        let conv = |layer: &ConvLayer, name: &str| {
            ConvLayer::rebuild(dense_conv(layer, name)?, of(name), vb.pp(name))
        };
        let linear = |layer: &LinearLayer, name: &str| {
            LinearLayer::rebuild(dense_linear(layer, name)?, of(name), vb.pp(name))
        };
        Ok(Self {
            conv1: conv(&self.conv1, "conv1")?,
            conv2: conv(&self.conv2, "conv2")?,
            conv3: conv(&self.conv3, "conv3")?,
            fc1: linear(&self.fc1, "fc1")?,
            fc2: linear(&self.fc2, "fc2")?,
        })
    }
}

fn dense_conv<'a>(layer: &'a ConvLayer, name: &str) -> Result<&'a Conv2d, Error> {
    match layer {
        ConvLayer::Dense(layer) => Ok(layer),
        ConvLayer::Tt(_) => Err(already(name)),
    }
}

fn dense_linear<'a>(layer: &'a LinearLayer, name: &str) -> Result<&'a Linear, Error> {
    match layer {
        LinearLayer::Dense(layer) => Ok(layer),
        LinearLayer::Tt(_) => Err(already(name)),
    }
}

fn already(name: &str) -> Error {
    Error::Layer {
        layer: name.to_owned(),
        reason: "it is decomposed already".to_owned(),
    }
}

/// Images `(B, C, H, W)` to scores `(B, classes)`.
impl Module for Cnn {
    fn forward(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        let h = self.conv1.forward(images)?.relu()?;
        let h = self.conv2.forward(&h)?.relu()?;
        let h = self.conv3.forward(&h)?.relu()?;
        let h = self.fc1.forward(&h.flatten_from(1)?)?.relu()?;
        self.fc2.forward(&h)
    }
}
