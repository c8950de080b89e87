//! Batches as tensors, and the accuracy over many of them.

use burn::tensor::{Device, Int, Tensor, TensorData};
use example_support::data::{Batch, Loader};

use crate::Error;

/// The images of a batch, `(N, C, H, W)`.
#[must_use]
pub fn images(batch: &Batch, device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(batch.images.clone(), batch.shape()), device)
}

/// The labels of a batch.
#[must_use]
pub fn labels(batch: &Batch, device: &Device) -> Tensor<1, Int> {
    Tensor::from_data(TensorData::new(batch.labels.clone(), [batch.len]), device)
}

/// How many of the scores `(N, classes)` are largest at the label.
///
/// # Errors
///
/// [`Error::Burn`] if the result cannot be read.
pub fn correct(scores: Tensor<2>, labels: Tensor<1, Int>) -> Result<usize, Error> {
    let hits = scores
        .without_autodiff()
        .argmax(1)
        .flatten::<1>(0, 1)
        .equal(labels.without_autodiff());
    let count = hits
        .int()
        .sum()
        .try_into_scalar::<i64>()
        .map_err(|e| Error::burn("counting hits", e.to_string()))?;
    usize::try_from(count).map_err(|e| Error::burn("counting hits", e))
}

/// The share of images that a network classifies rightly, `forward` giving the scores of a batch.
///
/// # Errors
///
/// Those of [`correct`].
pub fn accuracy(
    forward: impl Fn(Tensor<4>) -> Tensor<2>,
    loader: &Loader<'_>,
    device: &Device,
) -> Result<f64, Error> {
    let device = device.clone().without_autodiff();
    let (mut hits, mut total) = (0, 0);
    for batch in loader.epoch(0) {
        let scores = forward(images(&batch, &device));
        hits += correct(scores, labels(&batch, &device))?;
        total += batch.len;
    }
    Ok(hits as f64 / total as f64)
}
