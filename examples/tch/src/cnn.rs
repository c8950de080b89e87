//! A small convolutional network for 28 x 28 images.

use tch::nn::Path;
use tch::{TchError, Tensor};
use tt_admm::Tensorization;

use crate::experiment::Architecture;
use crate::layer::{Conv, Decomposition, Geometry, Linear, Mode};
use crate::{Error, Network};

/// Three convolutions, each with a maximum over 2 x 2 pixels, and two dense layers; no normalisation.
#[derive(Debug)]
pub struct Cnn {
    convolutions: [Conv; 3],
    fc1: Linear,
    fc2: Linear,
}

impl Network for Cnn {
    fn forward(&self, x: &Tensor, _: Mode) -> Result<Tensor, TchError> {
        let mut x = x.shallow_clone();
        let (window, none, one) = ([2_i64; 2], [0_i64; 2], [1_i64; 2]);
        for layer in &self.convolutions {
            let y = layer.forward(&x)?.f_relu()?;
            x = y.f_max_pool2d(&window[..], &window[..], &none[..], &one[..], false)?;
        }
        let hidden = self.fc1.forward(&x.f_flatten(1, -1)?)?.f_relu()?;
        self.fc2.forward(&hidden)
    }
}

/// Builds [`Cnn`]. Of the weights to be decomposed, one convolution has plain channels, three cores that are
/// convolutions; another one and the dense layer have factorised ones.
#[derive(Debug, Clone, Copy)]
pub struct SmallCnn;

impl Architecture for SmallCnn {
    type Net = Cnn;

    fn name(&self) -> String {
        "cnn".into()
    }

    fn build(&self, path: &Path<'_>, factors: &Decomposition) -> Result<Cnn, Error> {
        let conv = |name: &str, size: [i64; 4]| {
            let geometry = Geometry::square(1, 1);
            Conv::new(
                &(path / name),
                size,
                geometry,
                factors.get(&format!("{name}.weight")),
            )
        };
        Ok(Cnn {
            convolutions: [
                conv("conv1", [16, 1, 3, 3])?,
                conv("conv2", [32, 16, 3, 3])?,
                conv("conv3", [64, 32, 3, 3])?,
            ],
            fc1: Linear::new(&(path / "fc1"), [128, 576], factors.get("fc1.weight"))?,
            fc2: Linear::new(&(path / "fc2"), [10, 128], None)?,
        })
    }

    fn layouts(&self) -> Result<Vec<(String, Tensorization)>, Error> {
        Ok(vec![
            (
                "conv2.weight".into(),
                Tensorization::conv([32], [3, 3], [16]).map_err(Error::other)?,
            ),
            (
                "conv3.weight".into(),
                Tensorization::conv([8, 8], [3, 3], [32]).map_err(Error::other)?,
            ),
            (
                "fc1.weight".into(),
                Tensorization::linear([8, 16], [64, 9]).map_err(Error::other)?,
            ),
        ])
    }
}
