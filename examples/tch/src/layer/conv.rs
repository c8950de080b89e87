//! Convolutions, dense or decomposed.

use tch::nn::Path;
use tch::nn::init::DEFAULT_KAIMING_NORMAL;
use tch::{TchError, Tensor};
use tt_admm::Factors;

use super::TtConv;
use crate::Error;

/// Stride and padding of a convolution, rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// Step between the places where the kernel is applied.
    pub stride: [i64; 2],
    /// Zeros around the image.
    pub padding: [i64; 2],
}

impl Geometry {
    /// The same in both directions.
    #[must_use]
    pub fn square(stride: i64, padding: i64) -> Self {
        Self {
            stride: [stride; 2],
            padding: [padding; 2],
        }
    }

    /// The convolution of this geometry, without a bias.
    pub(super) fn apply(self, x: &Tensor, weight: &Tensor) -> Result<Tensor, TchError> {
        let (stride, padding, dilation) = (&self.stride[..], &self.padding[..], [1_i64; 2]);
        x.f_conv2d::<Tensor>(weight, None, stride, padding, &dilation[..], 1)
    }
}

/// A convolution without a bias, its weight `[O, I, Kh, Kw]` dense or as cores.
#[derive(Debug)]
pub enum Conv {
    /// One dense weight, the variable `weight`.
    Dense {
        /// `[O, I, Kh, Kw]`.
        weight: Tensor,
        /// Stride and padding.
        geometry: Geometry,
    },
    /// The cores of a tensor train or a tensor ring.
    Tt(TtConv),
}

impl Conv {
    /// A dense convolution with random weights (He et al., 2015).
    ///
    /// # Errors
    ///
    /// [`Error::Torch`].
    pub fn dense(path: &Path<'_>, size: [i64; 4], geometry: Geometry) -> Result<Self, Error> {
        let weight = path.f_var("weight", &size, DEFAULT_KAIMING_NORMAL)?;
        Ok(Self::Dense { weight, geometry })
    }

    /// Decomposed if there are factors, dense if not.
    ///
    /// # Errors
    ///
    /// Those of [`Conv::dense`] and [`TtConv::new`].
    pub fn new(
        path: &Path<'_>,
        size: [i64; 4],
        geometry: Geometry,
        factors: Option<&Factors<f32>>,
    ) -> Result<Self, Error> {
        match factors {
            None => Self::dense(path, size, geometry),
            Some(factors) => TtConv::new(path, size, geometry, factors).map(Self::Tt),
        }
    }

    /// The layer's output for images `[N, I, H, W]`.
    ///
    /// # Errors
    ///
    /// Torch's, for example for another number of channels.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        match self {
            Self::Dense { weight, geometry } => geometry.apply(x, weight),
            Self::Tt(layer) => layer.forward(x),
        }
    }
}
