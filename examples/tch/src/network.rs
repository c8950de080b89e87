//! Running a network on images: loss, accuracy, statistics.

use example_support::data::{Batch, ImageSet, Loader, Normalization};
use tch::nn::VarStore;
use tch::{Device, Kind, Reduction, TchError, Tensor, no_grad};

use crate::layer::Mode;
use crate::transfer::{as_size, upload};
use crate::{Error, Feed};

/// A network for images.
pub trait Network {
    /// The scores `[N, classes]` of images `[N, C, H, W]`.
    ///
    /// # Errors
    ///
    /// Torch's.
    fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor, TchError>;
}

/// Images and labels of a batch, on the device.
pub(crate) fn to_device(batch: &Batch, device: Device) -> Result<(Tensor, Tensor), Error> {
    let images = upload(&batch.images, &as_size(&batch.shape()), device)?;
    let labels = upload(&batch.labels, &as_size(&[batch.len]), device)?;
    Ok((images, labels))
}

/// The mean cross-entropy of scores `[N, classes]`.
pub(crate) fn cross_entropy(scores: &Tensor, labels: &Tensor) -> Result<Tensor, TchError> {
    scores.f_cross_entropy_loss::<Tensor>(labels, None, Reduction::Mean, -100, 0.0)
}

/// Labelled images on the device, to measure accuracy on again and again.
#[derive(Debug)]
pub struct TestImages {
    batches: Vec<(Tensor, Tensor)>,
    len: usize,
}

impl TestImages {
    /// Uploads all images.
    ///
    /// # Errors
    ///
    /// [`Error::Torch`].
    pub fn new(
        set: &ImageSet,
        normalization: Normalization,
        device: Device,
    ) -> Result<Self, Error> {
        let loader = Loader::new(set, 500, normalization);
        let batches = loader.epoch(0).map(|batch| to_device(&batch, device));
        Ok(Self {
            batches: batches.collect::<Result<_, _>>()?,
            len: set.len(),
        })
    }

    /// The share of images whose label has the highest score.
    ///
    /// # Errors
    ///
    /// [`Error::Torch`].
    pub fn accuracy(&self, network: &dyn Network) -> Result<f64, Error> {
        no_grad(|| {
            let mut hits = Vec::with_capacity(self.batches.len());
            for (images, labels) in &self.batches {
                let scores = network.forward(images, Mode::Evaluate)?;
                let hit = scores.f_argmax(1, false)?.f_eq_tensor(labels)?;
                hits.push(hit.f_sum(Kind::Int64)?);
            }
            let hits = Tensor::f_stack(&hits, 0)?
                .f_sum(Kind::Int64)?
                .f_int64_value(&[])?;
            Ok(hits as f64 / self.len as f64)
        })
    }
}

/// Estimates the running statistics of all [`BatchNorm`](crate::layer::BatchNorm) layers anew, as the mean
/// over the first `batches` batches of training images, without changing any weight.
///
/// The images are changed as in training: statistics of unchanged images would not be those that the
/// weights were trained with.
///
/// # Errors
///
/// [`Error::Torch`].
pub fn estimate_statistics(
    network: &dyn Network,
    store: &VarStore,
    feed: &Feed,
    batches: usize,
) -> Result<(), Error> {
    no_grad(|| {
        for (k, batch) in feed.loader().epoch(0).take(batches).enumerate() {
            let (x, _) = to_device(&batch, store.device())?;
            // The k-th batch with weight 1/k: a running mean, whatever the statistics were before.
            let momentum = 1.0 / (k + 1) as f64;
            let _ = network.forward(&x, Mode::Estimate { momentum })?;
        }
        Ok(())
    })
}
