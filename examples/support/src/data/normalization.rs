//! From bytes to the numbers a network sees.

/// Mean and standard deviation of every channel, of pixels divided by 255.
///
/// A pixel `p` becomes `(p / 255 - mean) / std`. Channels beyond the lists take their last entries; without
/// any, and for a `std` that is not positive, the mean is 0 and the standard deviation 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalization {
    /// Mean of every channel.
    pub mean: Vec<f32>,
    /// Standard deviation of every channel.
    pub std: Vec<f32>,
}

impl Normalization {
    /// Those of the training images of CIFAR-10.
    #[must_use]
    pub fn cifar10() -> Self {
        Self {
            mean: vec![0.4914, 0.4822, 0.4465],
            std: vec![0.2470, 0.2435, 0.2616],
        }
    }

    /// Those of the training images of Fashion-MNIST.
    #[must_use]
    pub fn fashion_mnist() -> Self {
        Self {
            mean: vec![0.2860],
            std: vec![0.3530],
        }
    }

    /// Those of the training images of MNIST.
    #[must_use]
    pub fn mnist() -> Self {
        Self {
            mean: vec![0.1307],
            std: vec![0.3081],
        }
    }

    /// The number for every byte, in this channel.
    pub(super) fn table(&self, channel: usize) -> [f32; 256] {
        let entry = |list: &[f32]| list.get(channel).or(list.last()).copied();
        let mean = entry(&self.mean).unwrap_or(0.0);
        let std = entry(&self.std).filter(|&std| std > 0.0).unwrap_or(1.0);
        let mut table = [0.0; 256];
        for (number, byte) in table.iter_mut().zip(0_u8..=255) {
            *number = (f32::from(byte) / 255.0 - mean) / std;
        }
        table
    }
}
