//! A dense layer that computes with its cores.

use example_support::cores::LinearCores;
use tch::nn::Path;
use tch::{TchError, Tensor};
use tt_admm::Factors;

use super::{closing_rank, cores_of, input_matrices, output_matrices};
use crate::Error;

/// The product with a matrix that is a tensor train or a tensor ring `[o_1, ..., o_p, i_1, ..., i_q]`; no bias.
///
/// The variables below the layer's path are `input.0`, `input.1`, ... and `output.0`, `output.1`, ...
#[derive(Debug)]
pub struct TtLinear {
    /// `[r, i_k r']` of every input mode, the last one `[R r, i_q]`.
    input: Vec<Tensor>,
    /// `[r o_k, r']` of every output mode, the first one `[o_1, R r']`.
    output: Vec<Tensor>,
    features: i64,
    /// `R`, 1 for a train.
    closing: i64,
}

impl TtLinear {
    /// The layer for a weight of this size, with the factors as its variables.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if the factors are those of another size, [`Error::Cores`] if their layout is not
    /// one of [`Tensorization::linear`](tt_admm::Tensorization::linear).
    pub fn new(path: &Path<'_>, size: [i64; 2], factors: &Factors<f32>) -> Result<Self, Error> {
        let name = "weight of a dense layer";
        let cores = cores_of(name, &size, factors, LinearCores::cyclic)?;
        Ok(Self {
            input: input_matrices(path, &cores.input)?,
            output: output_matrices(path, &cores.output)?,
            features: size[0],
            closing: closing_rank(&cores.output),
        })
    }

    /// The product for features `[N, I]`: input cores last to first, then output cores last to first. The index of a
    /// ring's closing bond goes along in front of the samples, from the first core that acts to the last.
    ///
    /// # Errors
    ///
    /// Torch's, for example for another number of features.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let (samples, _) = x.size2()?;
        let mut x = x.shallow_clone();
        for (k, core) in self.input.iter().rev().enumerate() {
            let (outputs, features) = core.size2()?;
            x = x
                .f_reshape(&[-1, features][..])?
                .f_linear::<Tensor>(core, None)?;
            if k == 0 {
                let rank = outputs / self.closing;
                x = x
                    .f_reshape(&[-1, self.closing, rank][..])?
                    .f_transpose(0, 1)?;
            }
        }
        let batch = self.closing * samples;
        for (k, core) in self.output.iter().enumerate().rev() {
            let (_, rank) = core.size2()?;
            if k == 0 {
                let own = [self.closing, samples, rank / self.closing, -1];
                x = x.f_reshape(&own[..])?.f_transpose(0, 1)?;
                x = core.f_matmul(&x.f_reshape(&[samples, rank, -1][..])?)?;
            } else {
                x = core.f_matmul(&x.f_reshape(&[batch, rank, -1][..])?)?;
            }
        }
        x.f_reshape(&[samples, self.features][..])
    }
}
