//! Contractions with the cores of channel modes: reshapes and matrix products, without moving any axis.

use candle_core::{Result, Tensor};

/// Contracts the channels of `x`, `(B, i_1 ... i_q, N)`, with the input cores `(r, i_k, s)`, last to first; the result is
/// `(B, r, N)` with the rank on the left of the first core.
pub(super) fn contract(x: &Tensor, cores: &[Tensor]) -> Result<Tensor> {
    let (batch, mut channels, positions) = x.dims3()?;
    let mut x = x.clone();
    for core in cores.iter().rev() {
        let (left, mode, right) = core.dims3()?;
        // The rank on the right is already the last part of the channels, so the core's own order fits.
        let others = channels / (mode * right);
        let matrix = core.reshape((left, mode * right))?;
        let y = x.reshape((batch * others, mode * right, positions))?;
        channels = others * left;
        x = product(&matrix, &y)?.reshape((batch, channels, positions))?;
    }
    Ok(x)
}

/// Expands `h`, `(B, r, N)`, by the output cores `(r', o_k, r)`, last to first, to `(B, o_1 ... o_p, N)`.
pub(super) fn expand(h: &Tensor, cores: &[Tensor]) -> Result<Tensor> {
    let (batch, _, positions) = h.dims3()?;
    let (mut h, mut channels) = (h.clone(), 1);
    for core in cores.iter().rev() {
        let (left, mode, right) = core.dims3()?;
        let matrix = core.reshape((left * mode, right))?;
        h = product(&matrix, &h.reshape((batch, right, channels * positions))?)?;
        channels *= mode;
    }
    h.reshape((batch, channels, positions))
}

/// `matrix (R, C)` times every `(C, N)` of `x (B, C, N)`: a 1 x 1 convolution.
fn product(matrix: &Tensor, x: &Tensor) -> Result<Tensor> {
    matrix.broadcast_left(x.dim(0)?)?.matmul(x)
}
