//! The residual networks for CIFAR-10 of He et al., 2016, section 4.2.

use tch::nn::Path;
use tch::{TchError, Tensor};

use crate::layer::{BatchNorm, Conv, Decomposition, Geometry, Linear, Mode};
use crate::{Error, Network};

const CHANNELS: [i64; 3] = [16, 32, 64];
const CLASSES: i64 = 10;

/// ResNet-20, 32, 44, ... with shortcuts of option A: where the size changes, every second pixel and zeros
/// for the new channels, without weights.
///
/// The variables have PyTorch's names: `conv1.weight`, `bn1.running_mean`, `layer1.0.conv1.weight`, ...,
/// `linear.bias`. A decomposed kernel `layer1.0.conv1.weight` becomes `layer1.0.conv1.input.0`,
/// `layer1.0.conv1.kernel` and `layer1.0.conv1.output.0`.
#[derive(Debug)]
pub struct ResNet {
    conv1: Conv,
    bn1: BatchNorm,
    blocks: Vec<Block>,
    linear: Linear,
}

#[derive(Debug)]
struct Block {
    conv1: Conv,
    bn1: BatchNorm,
    conv2: Conv,
    bn2: BatchNorm,
    /// Stride and channels added, for the shortcut.
    shortcut: (i64, i64),
}

impl ResNet {
    /// The network of this depth, 6 n + 2, with the factors in place of the weights they are named for.
    ///
    /// # Errors
    ///
    /// [`Error::Other`] for another depth or a factor of a weight that there is not, and those of
    /// [`Conv::new`].
    pub fn new(path: &Path<'_>, depth: usize, factors: &Decomposition) -> Result<Self, Error> {
        let kernels = Self::kernels(depth)?;
        if let Some(name) = factors
            .keys()
            .find(|name| kernels.iter().all(|(k, _)| k != *name))
        {
            return Err(Error::other(format!(
                "ResNet-{depth} has no kernel `{name}`"
            )));
        }
        let mut blocks = Vec::new();
        for (stage, block, [inputs, outputs]) in plan(depth)? {
            let stride = outputs / inputs;
            let layer = format!("layer{stage}");
            let at = path / &layer / block;
            let conv = |name: &str, size: [i64; 4], stride: i64| {
                let weight = format!("{layer}.{block}.{name}.weight");
                let geometry = Geometry::square(stride, 1);
                Conv::new(&(&at / name), size, geometry, factors.get(&weight))
            };
            blocks.push(Block {
                conv1: conv("conv1", [outputs, inputs, 3, 3], stride)?,
                bn1: BatchNorm::new(&(&at / "bn1"), outputs)?,
                conv2: conv("conv2", [outputs, outputs, 3, 3], 1)?,
                bn2: BatchNorm::new(&(&at / "bn2"), outputs)?,
                shortcut: (stride, outputs - inputs),
            });
        }
        let [first, .., last] = CHANNELS;
        Ok(Self {
            conv1: Conv::dense(&(path / "conv1"), [first, 3, 3, 3], Geometry::square(1, 1))?,
            bn1: BatchNorm::new(&(path / "bn1"), first)?,
            blocks,
            linear: Linear::new(&(path / "linear"), [CLASSES, last], None)?,
        })
    }

    /// Names and shapes `[O, I, 3, 3]` of the kernels in the blocks: all but that of the first layer.
    ///
    /// # Errors
    ///
    /// [`Error::Other`] for a depth that is not 6 n + 2.
    pub fn kernels(depth: usize) -> Result<Vec<(String, [usize; 4])>, Error> {
        let mut kernels = Vec::new();
        for (stage, block, [inputs, outputs]) in plan(depth)? {
            for (name, inputs) in [("conv1", inputs), ("conv2", outputs)] {
                let size = [outputs, inputs, 3, 3].map(|n| usize::try_from(n).unwrap_or(0));
                kernels.push((format!("layer{stage}.{block}.{name}.weight"), size));
            }
        }
        Ok(kernels)
    }
}

/// Stage (from 1), number in the stage, and input and output channels of every block.
fn plan(depth: usize) -> Result<Vec<(usize, usize, [i64; 2])>, Error> {
    let Some(blocks) = depth
        .checked_sub(2)
        .filter(|n| *n > 0 && n % 6 == 0)
        .map(|n| n / 6)
    else {
        return Err(Error::other(format!(
            "no ResNet for CIFAR-10 has {depth} layers, but 6 n + 2"
        )));
    };
    let mut plan = Vec::new();
    let mut inputs = CHANNELS[0];
    for (stage, outputs) in (1..).zip(CHANNELS) {
        for block in 0..blocks {
            plan.push((stage, block, [inputs, outputs]));
            inputs = outputs;
        }
    }
    Ok(plan)
}

impl Block {
    fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let y = self.bn1.forward(&self.conv1.forward(x)?, mode)?.f_relu()?;
        let y = self.bn2.forward(&self.conv2.forward(&y)?, mode)?;
        y.f_add(&self.shortcut(x)?)?.f_relu()
    }

    fn shortcut(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let (stride, added) = self.shortcut;
        if stride == 1 && added == 0 {
            return Ok(x.shallow_clone());
        }
        let sampled = x
            .f_slice(2, None, None, stride)?
            .f_slice(3, None, None, stride)?;
        // Half of the zeros before the channels and half after them.
        let (before, after) = (added / 2, added - added / 2);
        sampled.f_constant_pad_nd(&[0, 0, 0, 0, before, after][..])
    }
}

impl Network for ResNet {
    fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let mut x = self.bn1.forward(&self.conv1.forward(x)?, mode)?.f_relu()?;
        for block in &self.blocks {
            x = block.forward(&x, mode)?;
        }
        let pooled = x.f_adaptive_avg_pool2d(&[1_i64, 1][..])?.f_flatten(1, -1)?;
        self.linear.forward(&pooled)
    }
}
