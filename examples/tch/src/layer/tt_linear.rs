//! A dense layer that computes with its tensor-train cores.

use example_support::cores::LinearCores;
use tch::nn::Path;
use tch::{TchError, Tensor};
use tt_admm::Factors;

use super::{input_matrix, output_matrix};
use crate::Error;
use crate::transfer::as_size;

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
        let name = || "weight of a dense layer".to_owned();
        if as_size(factors.weight_shape()) != size {
            return Err(Error::Shape {
                name: name(),
                expected: size.to_vec(),
                got: as_size(factors.weight_shape()),
            });
        }
        let cores = LinearCores::try_from(factors).map_err(|source| Error::Cores {
            name: name(),
            source,
        })?;
        let input = cores.input.iter().enumerate();
        let output = cores.output.iter().enumerate();
        Ok(Self {
            input: input
                .map(|(k, core)| input_matrix(path, k, core))
                .collect::<Result<_, _>>()?,
            output: output
                .map(|(k, core)| output_matrix(path, k, core))
                .collect::<Result<_, _>>()?,
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
