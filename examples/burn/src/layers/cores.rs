//! Tensor-train cores as trainable parameters, and their contraction with a batch.

use burn::module::Param;
use burn::tensor::{Device, Tensor};
use tt_admm::ndarray::{ArrayBase, Data, Dimension};

use crate::adapter::data;

/// An array as a trainable parameter.
pub(super) fn parameter<const D: usize, S: Data<Elem = f32>, E: Dimension>(
    array: &ArrayBase<S, E>,
    device: &Device,
) -> Param<Tensor<D>> {
    Param::from_data(data(&array.view().into_dyn()), device)
}

/// Contracts the cores of the input modes with the channels, last core first: `(N, i_1 ... i_q, P)` to
/// `(N, r, P)`, where `r` is the first rank of the first core and `P` counts pixels.
pub(super) fn contract_input(x: Tensor<3>, cores: &[Param<Tensor<3>>]) -> Tensor<3> {
    let [_, _, pixels] = x.dims();
    cores.iter().rev().fold(x, |x, core| {
        let core = core.val();
        let [rank, mode, next_rank] = core.dims();
        let [batch, channels, _] = x.dims();
        // The modes still to come count as part of the batch: the last mode, and the rank that an earlier
        // contraction left in its place, are the columns.
        let columns = mode * next_rank;
        let x = x.reshape([batch * channels / columns, columns, pixels]);
        pointwise(core.reshape([rank, columns]), x)
    })
}

/// Contracts the cores of the output modes, last core first: `(N, r, P)` to `(N, o_1 ... o_p, P)`, where `r`
/// is the last rank of the last core.
pub(super) fn expand_output(x: Tensor<3>, cores: &[Param<Tensor<3>>]) -> Tensor<3> {
    let [batch, _, pixels] = x.dims();
    let mut modes = 1;
    let expanded = cores.iter().rev().fold(x, |x, core| {
        let core = core.val();
        let [rank, mode, next_rank] = core.dims();
        // The modes made so far ride along with the pixels.
        let x = x.reshape([batch, next_rank, modes * pixels]);
        modes *= mode;
        pointwise(core.reshape([rank * mode, next_rank]), x)
    });
    expanded.reshape([batch, modes, pixels])
}

/// The matrix times the channels of every pixel.
fn pointwise(matrix: Tensor<2>, x: Tensor<3>) -> Tensor<3> {
    matrix.unsqueeze::<3>().matmul(x)
}
