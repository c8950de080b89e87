//! The residual networks for CIFAR-10.

use burn::module::Module;
use burn::nn::conv::Conv2dConfig;
use burn::nn::{BatchNorm, BatchNormConfig, Initializer, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::ops::PadMode;
use burn::tensor::{Device, Tensor, s};

use crate::layers::{Conv, Decompose, LayerMut, Linear};
use crate::{Error, WeightFile};

/// A residual network for 32x32 images: three stages of 16, 32 and 64 channels (He et al., 2015, section
/// 4.2), with shortcuts that have no weights (option A).
///
/// Parameters have the names that PyTorch models use, `layer1.0.conv1.weight`; see
/// [`WeightFile`].
#[derive(Module, Debug)]
pub struct ResNet {
    conv1: Conv,
    bn1: BatchNorm,
    layer1: Vec<BasicBlock>,
    layer2: Vec<BasicBlock>,
    layer3: Vec<BasicBlock>,
    linear: Linear,
}

impl ResNet {
    /// A network with `blocks` residual blocks in each stage and random weights: 3 for ResNet-20, 5 for
    /// ResNet-32.
    #[must_use]
    pub fn new(blocks: usize, classes: usize, device: &Device) -> Self {
        let stage = |from: usize, to: usize, stride: usize| {
            (0..blocks)
                .map(|k| match k {
                    0 => BasicBlock::new(from, to, stride, device),
                    _ => BasicBlock::new(to, to, 1, device),
                })
                .collect::<Vec<_>>()
        };
        Self {
            conv1: convolution(3, 16, 1, device),
            bn1: BatchNormConfig::new(16).init(device),
            layer1: stage(16, 16, 1),
            layer2: stage(16, 32, 2),
            layer3: stage(32, 64, 2),
            linear: LinearConfig::new(64, classes).init(device).into(),
        }
    }

    /// The network of a weight file; its depth and its number of classes are those of the file.
    ///
    /// # Errors
    ///
    /// Those of [`WeightFile::load`].
    pub fn from_file(file: WeightFile, device: &Device) -> Result<Self, Error> {
        let mut blocks = 1;
        while file
            .shape(&format!("layer1.{blocks}.conv1.weight"))
            .is_some()
        {
            blocks += 1;
        }
        let classes = file.shape("linear.weight").map_or(10, |shape| shape[0]);
        file.load(Self::new(blocks, classes, device))
    }

    /// The number of layers with weights: 20 with 3 blocks in each stage, 32 with 5.
    #[must_use]
    pub fn depth(&self) -> usize {
        6 * self.layer1.len() + 2
    }

    /// The scores `(N, classes)` of a batch `(N, 3, H, W)`.
    #[must_use]
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = relu(self.bn1.forward(self.conv1.forward(images)));
        let stages = [&self.layer1, &self.layer2, &self.layer3];
        let x = stages
            .into_iter()
            .flatten()
            .fold(x, |x, block| block.forward(x));
        let [batch, channels, height, width] = x.dims();
        let mean = x.reshape([batch, channels, height * width]).mean_dim(2);
        self.linear.forward(mean.reshape([batch, channels]))
    }
}

impl Decompose for ResNet {
    fn layers(&mut self) -> Vec<(String, LayerMut<'_>)> {
        let mut layers = vec![("conv1.weight".to_owned(), LayerMut::Conv(&mut self.conv1))];
        let stages = [&mut self.layer1, &mut self.layer2, &mut self.layer3];
        for (stage, blocks) in stages.into_iter().enumerate() {
            for (k, block) in blocks.iter_mut().enumerate() {
                let name = |conv: usize| format!("layer{}.{k}.conv{conv}.weight", stage + 1);
                layers.push((name(1), LayerMut::Conv(&mut block.conv1)));
                layers.push((name(2), LayerMut::Conv(&mut block.conv2)));
            }
        }
        layers.push((
            "linear.weight".to_owned(),
            LayerMut::Linear(&mut self.linear),
        ));
        layers
    }
}

/// Two convolutions and a shortcut.
#[derive(Module, Debug)]
struct BasicBlock {
    conv1: Conv,
    bn1: BatchNorm,
    conv2: Conv,
    bn2: BatchNorm,
    stride: usize,
    /// Channels that the shortcut adds, half before and half after.
    added: usize,
}

impl BasicBlock {
    fn new(from: usize, to: usize, stride: usize, device: &Device) -> Self {
        Self {
            conv1: convolution(from, to, stride, device),
            bn1: BatchNormConfig::new(to).init(device),
            conv2: convolution(to, to, 1, device),
            bn2: BatchNormConfig::new(to).init(device),
            stride,
            added: to - from,
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = relu(self.bn1.forward(self.conv1.forward(x.clone())));
        let y = self.bn2.forward(self.conv2.forward(y));
        relu(y + self.shortcut(x))
    }

    /// Every second pixel, and zeros for the channels that the block adds.
    fn shortcut(&self, x: Tensor<4>) -> Tensor<4> {
        let x = match self.stride {
            1 => x,
            stride => x.slice(s![.., .., ..;stride, ..;stride]),
        };
        match self.added {
            0 => x,
            added => {
                let half = added / 2;
                let padding = [(0, 0), (half, added - half), (0, 0), (0, 0)];
                x.pad(padding, PadMode::Constant(0.0))
            }
        }
    }
}

/// A 3x3 convolution without bias.
fn convolution(from: usize, to: usize, stride: usize, device: &Device) -> Conv {
    Conv2dConfig::new([from, to], [3, 3])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .with_bias(false)
        .with_initializer(Initializer::KaimingNormal {
            gain: std::f64::consts::SQRT_2,
            fan_out_only: false,
        })
        .init(device)
        .into()
}
