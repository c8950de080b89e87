//! A convolution that computes with its cores.

use example_support::cores::ConvCores;
use tch::nn::Path;
use tch::{TchError, Tensor};
use tt_admm::Factors;

use super::{Geometry, closing_rank, cores_of, input_matrices, output_matrices, variable_from};
use crate::Error;
use crate::transfer::as_size;

/// A convolution whose weight is a tensor train or a tensor ring `[o_1, ..., o_p, Kh Kw, i_1, ..., i_q]`.
///
/// Nothing is ever multiplied out: the input cores act on the channels of every pixel, last to first; then
/// comes the convolution with the kernel core, from `r_b` to `r_a` channels, with the layer's stride and
/// padding; then the output cores, last to first. With `p = q = 1` these are three ordinary convolutions,
/// 1 x 1, `Kh x Kw` and 1 x 1. The index of a ring's closing bond, of rank `R`, goes along with the batch from the
/// first of them to the last: the kernel is applied to `R` times as many images of `r_b` channels.
///
/// The variables below the layer's path are `input.0`, `input.1`, ..., `kernel` and `output.0`, ...
#[derive(Debug)]
pub struct TtConv {
    /// `[r, i_k r']` of every input mode, the last one `[R r, i_q]`.
    input: Vec<Tensor>,
    /// `[r_a, r_b, Kh, Kw]`.
    kernel: Tensor,
    /// `[r o_k, r']` of every output mode, the first one `[o_1, R r']`.
    output: Vec<Tensor>,
    geometry: Geometry,
    channels: i64,
    /// `R`, 1 for a train.
    closing: i64,
}

impl TtConv {
    /// The layer for a weight of this size, with the factors as its variables.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if the factors are those of another size, [`Error::Cores`] if their layout is not
    /// one of [`Tensorization::conv`](tt_admm::Tensorization::conv).
    pub fn new(
        path: &Path<'_>,
        size: [i64; 4],
        geometry: Geometry,
        factors: &Factors<f32>,
    ) -> Result<Self, Error> {
        let name = "weight of a convolution";
        let cores = cores_of(name, &size, factors, ConvCores::cyclic)?;
        let (ra, rb, height, width) = cores.kernel.dim();
        let kernel = as_size(&[ra, rb, height, width]);
        Ok(Self {
            input: input_matrices(path, &cores.input)?,
            kernel: variable_from(path, "kernel", &cores.kernel.view(), &kernel)?,
            output: output_matrices(path, &cores.output)?,
            geometry,
            channels: size[0],
            closing: closing_rank(&cores.output),
        })
    }

    /// The layer's output for images `[N, I, H, W]`.
    ///
    /// # Errors
    ///
    /// Torch's, for example for another number of channels.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let (images, _, height, width) = x.size4()?;
        // The last input mode is the fastest among the channels: with the modes before it in the place of
        // the batch, its contraction is a 1 x 1 convolution, and its rank joins the next mode.
        let mut x = x.shallow_clone();
        for (k, core) in self.input.iter().rev().enumerate() {
            let (outputs, channels) = core.size2()?;
            x = pointwise(&x.f_reshape(&[-1, channels, height, width][..])?, core)?;
            if k == 0 && self.closing > 1 {
                let own = [-1, self.closing, outputs / self.closing, height, width];
                x = x.f_reshape(&own[..])?.f_transpose(0, 1)?;
            }
        }
        let batch = self.closing * images;
        let (_, rank, _, _) = self.kernel.size4()?;
        let x = x.f_reshape(&[batch, rank, height, width][..])?;
        let mut x = self.geometry.apply(&x, &self.kernel)?;
        let (_, _, height, width) = x.size4()?;
        // Backwards: the rank is the slowest channel axis, and the modes already there wait with the rows.
        for (k, core) in self.output.iter().enumerate().rev() {
            let (_, rank) = core.size2()?;
            let mut images = batch;
            if k == 0 && self.closing > 1 {
                images /= self.closing;
                let own = [self.closing, images, rank / self.closing, -1, width];
                x = x.f_reshape(&own[..])?.f_transpose(0, 1)?;
            }
            x = pointwise(&x.f_reshape(&[images, rank, -1, width][..])?, core)?;
        }
        x.f_reshape(&[images, self.channels, height, width][..])
    }
}

/// The 1 x 1 convolution with the matrix `[out, in]`.
fn pointwise(x: &Tensor, matrix: &Tensor) -> Result<Tensor, TchError> {
    let (outputs, inputs) = matrix.size2()?;
    let weight = matrix.f_reshape(&[outputs, inputs, 1, 1][..])?;
    Geometry::square(1, 0).apply(x, &weight)
}
