//! Dense layers, of which the weight may be decomposed.

use tch::nn::{Init, Path};
use tch::{TchError, Tensor};
use tt_admm::Factors;

use super::TtLinear;
use crate::Error;

/// A fully connected layer with a bias, its weight `[O, I]` dense or as cores.
#[derive(Debug)]
pub struct Linear {
    matrix: Matrix,
    bias: Tensor,
}

/// The weight of a [`Linear`].
#[derive(Debug)]
enum Matrix {
    Dense(Tensor),
    Tt(TtLinear),
}

impl Linear {
    /// A layer with variables `weight` and `bias`, or with cores in place of `weight` if there are factors.
    /// Random values are uniform within `1/sqrt(I)`.
    ///
    /// # Errors
    ///
    /// [`Error::Torch`] and those of [`TtLinear::new`].
    pub fn new(
        path: &Path<'_>,
        [outputs, inputs]: [i64; 2],
        factors: Option<&Factors<f32>>,
    ) -> Result<Self, Error> {
        let bound = 1.0 / (inputs.max(1) as f64).sqrt();
        let uniform = Init::Uniform {
            lo: -bound,
            up: bound,
        };
        let matrix = match factors {
            None => Matrix::Dense(path.f_var("weight", &[outputs, inputs], uniform)?),
            Some(factors) => Matrix::Tt(TtLinear::new(path, [outputs, inputs], factors)?),
        };
        let bias = path.f_var("bias", &[outputs], uniform)?;
        Ok(Self { matrix, bias })
    }

    /// The layer's output for features `[N, I]`.
    ///
    /// # Errors
    ///
    /// Torch's, for example for another number of features.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        match &self.matrix {
            Matrix::Dense(weight) => x.f_linear(weight, Some(&self.bias)),
            Matrix::Tt(layer) => layer.forward(x)?.f_add(&self.bias),
        }
    }
}
