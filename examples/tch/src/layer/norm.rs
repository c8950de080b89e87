//! Batch normalisation.

use tch::nn::{Init, Path};
use tch::{TchError, Tensor};

use crate::Error;

/// What a network is run for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mode {
    /// Training: normalisation by the batch, running statistics with momentum 0.1.
    Train,
    /// Use: normalisation by the running statistics.
    Evaluate,
    /// Normalisation by the batch, running statistics with this momentum: to estimate them anew.
    Estimate {
        /// The weight of the batch in the running statistics.
        momentum: f64,
    },
}

/// Batch normalisation of images (Ioffe and Szegedy, 2015), with the names and constants of PyTorch.
///
/// Variables: `weight`, `bias`, `running_mean`, `running_var`.
#[derive(Debug)]
pub struct BatchNorm {
    weight: Tensor,
    bias: Tensor,
    mean: Tensor,
    variance: Tensor,
}

impl BatchNorm {
    /// For this many channels, as the identity.
    ///
    /// # Errors
    ///
    /// [`Error::Torch`].
    pub fn new(path: &Path<'_>, channels: i64) -> Result<Self, Error> {
        Ok(Self {
            weight: path.f_var("weight", &[channels], Init::Const(1.0))?,
            bias: path.f_var("bias", &[channels], Init::Const(0.0))?,
            mean: path.f_zeros_no_train("running_mean", &[channels])?,
            variance: path.f_ones_no_train("running_var", &[channels])?,
        })
    }

    /// The layer's output for images `[N, C, H, W]`.
    ///
    /// # Errors
    ///
    /// Torch's, for example for another number of channels.
    pub fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let (training, momentum) = match mode {
            Mode::Train => (true, 0.1),
            Mode::Evaluate => (false, 0.1),
            Mode::Estimate { momentum } => (true, momentum),
        };
        x.f_batch_norm(
            Some(&self.weight),
            Some(&self.bias),
            Some(&self.mean),
            Some(&self.variance),
            training,
            momentum,
            1e-5,
            true,
        )
    }
}
