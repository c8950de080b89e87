//! A dense layer that computes with its tensor-train cores.

use example_support::cores::LinearCores;
use tch::nn::Path;
use tch::{TchError, Tensor};
use tt_admm::Factors;

use super::{cores_of, input_matrices, output_matrices};
use crate::Error;

/// The product with a matrix that is a tensor train `[o_1, ..., o_p, i_1, ..., i_q]`; no bias.
///
/// The variables below the layer's path are `input.0`, `input.1`, ... and `output.0`, `output.1`, ...
#[derive(Debug)]
pub struct TtLinear {
    /// `[r, i_k r']` of every input mode.
    input: Vec<Tensor>,
    /// `[r o_k, r']` of every output mode.
    output: Vec<Tensor>,
    features: i64,
}

impl TtLinear {
    /// The layer for a weight of this size, with the factors as its variables.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if the factors are those of another size, [`Error::Cores`] if their layout is not
    /// one of [`Tensorization::linear`](tt_admm::Tensorization::linear).
    pub fn new(path: &Path<'_>, size: [i64; 2], factors: &Factors<f32>) -> Result<Self, Error> {
        let cores: LinearCores = cores_of("weight of a dense layer", &size, factors)?;
        Ok(Self {
            input: input_matrices(path, &cores.input)?,
            output: output_matrices(path, &cores.output)?,
            features: size[0],
        })
    }

    /// The product for features `[N, I]`: input cores last to first, then output cores last to first.
    ///
    /// # Errors
    ///
    /// Torch's, for example for another number of features.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let (samples, _) = x.size2()?;
        let mut x = x.shallow_clone();
        for core in self.input.iter().rev() {
            let (_, features) = core.size2()?;
            x = x
                .f_reshape(&[-1, features][..])?
                .f_linear::<Tensor>(core, None)?;
        }
        for core in self.output.iter().rev() {
            let (_, rank) = core.size2()?;
            x = core.f_matmul(&x.f_reshape(&[samples, rank, -1][..])?)?;
        }
        x.f_reshape(&[samples, self.features][..])
    }
}
