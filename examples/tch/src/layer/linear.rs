//! Dense layers, of which the weight may be decomposed.

use tch::nn::Path;
use tch::{TchError, Tensor};
use tt_admm::Factors;

use super::matrix::{Matrix, uniform};
use crate::Error;

/// A fully connected layer with a bias, its weight `[O, I]` dense or as cores.
#[derive(Debug)]
pub struct Linear {
    matrix: Matrix,
    bias: Tensor,
}

impl Linear {
    /// A layer with variables `weight` and `bias`, or with cores in place of `weight` if there are factors.
    /// Random values are uniform within `1/sqrt(I)`.
    ///
    /// # Errors
    ///
    /// [`Error::Torch`] and those of [`TtLinear::new`](super::TtLinear::new).
    pub fn new(
        path: &Path<'_>,
        [outputs, inputs]: [i64; 2],
        factors: Option<&Factors<f32>>,
    ) -> Result<Self, Error> {
        let init = uniform(inputs);
        let matrix = Matrix::new((path, "weight"), path, [outputs, inputs], init, factors)?;
        let bias = path.f_var("bias", &[outputs], init)?;
        Ok(Self { matrix, bias })
    }

    /// The layer's output for features `[N, I]`.
    ///
    /// # Errors
    ///
    /// Torch's, for example for another number of features.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        self.matrix.apply(x, Some(&self.bias))
    }
}
