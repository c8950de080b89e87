//! A small network for 28x28 images.

use burn::module::Module;
use burn::nn::conv::Conv2dConfig;
use burn::nn::{LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use crate::layers::{Conv, Decompose, LayerMut, Linear};

/// Three convolutions with stride 2, 1 to 16 to 32 to 64 channels, and two dense layers.
#[derive(Module, Debug)]
pub struct Cnn {
    conv1: Conv,
    conv2: Conv,
    conv3: Conv,
    fc1: Linear,
    fc2: Linear,
}

impl Cnn {
    /// Inputs of `fc1`: 64 channels of 4x4 pixels.
    pub const FEATURES: usize = 64 * 4 * 4;
    /// Outputs of `fc1`.
    pub const HIDDEN: usize = 128;

    /// A network with random weights.
    #[must_use]
    pub fn new(classes: usize, device: &Device) -> Self {
        Self {
            conv1: convolution(1, 16, device),
            conv2: convolution(16, 32, device),
            conv3: convolution(32, 64, device),
            fc1: LinearConfig::new(Self::FEATURES, Self::HIDDEN)
                .init(device)
                .into(),
            fc2: LinearConfig::new(Self::HIDDEN, classes).init(device).into(),
        }
    }

    /// The scores `(N, classes)` of a batch `(N, 1, 28, 28)`.
    #[must_use]
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = relu(self.conv1.forward(images));
        let x = relu(self.conv2.forward(x));
        let x = relu(self.conv3.forward(x));
        let x = relu(self.fc1.forward(x.flatten(1, 3)));
        self.fc2.forward(x)
    }
}

impl Decompose for Cnn {
    fn layers(&mut self) -> Vec<(String, LayerMut<'_>)> {
        vec![
            ("conv1.weight".to_owned(), LayerMut::Conv(&mut self.conv1)),
            ("conv2.weight".to_owned(), LayerMut::Conv(&mut self.conv2)),
            ("conv3.weight".to_owned(), LayerMut::Conv(&mut self.conv3)),
            ("fc1.weight".to_owned(), LayerMut::Linear(&mut self.fc1)),
            ("fc2.weight".to_owned(), LayerMut::Linear(&mut self.fc2)),
        ]
    }
}

/// A 3x3 convolution with stride 2 that halves the image, rounding up.
fn convolution(from: usize, to: usize, device: &Device) -> Conv {
    Conv2dConfig::new([from, to], [3, 3])
        .with_stride([2, 2])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .init(device)
        .into()
}
