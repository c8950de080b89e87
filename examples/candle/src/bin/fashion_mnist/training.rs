//! An epoch of training, and the accuracy on the test images: an ordinary candle loop.

use candle_admm::network::Cnn;
use candle_admm::{Error, Pull, Sgd};
use candle_core::{DType, Device, Tensor};
use candle_nn::{Module, Optimizer, VarMap, loss};
use example_support::data::{Batch, ImageSet, Loader, Normalization};

use crate::settings::{BATCH, Phase};

/// The images and how they are fed.
pub(crate) struct Data {
    pub(crate) train: ImageSet,
    pub(crate) test: ImageSet,
    pub(crate) seed: u64,
    pub(crate) device: Device,
}

/// Means over the training images of an epoch, each with the weights of its step.
pub(crate) struct Means {
    pub(crate) loss: f64,
    pub(crate) accuracy: f64,
}

impl Data {
    fn tensors(&self, batch: Batch) -> Result<(Tensor, Tensor), Error> {
        let [n, c, h, w] = batch.shape();
        let images = Tensor::from_vec(batch.images, (n, c, h, w), &self.device)?;
        let labels = Tensor::from_vec(batch.labels, n, &self.device)?;
        Ok((images, labels))
    }

    /// One epoch, with the terms of ADMM in `pull` or without any.
    pub(crate) fn epoch(
        &self,
        network: &Cnn,
        optimizer: &mut Sgd,
        epoch: usize,
        pull: &Pull,
    ) -> Result<Means, Error> {
        let loader = Loader::new(&self.train, BATCH, Normalization::fashion_mnist());
        let (mut loss_sum, mut hits) = (0.0, 0);
        for batch in loader.shuffled(self.seed).epoch(epoch) {
            let size = batch.len as f64;
            let (images, labels) = self.tensors(batch)?;
            let scores = network.forward(&images)?;
            hits += correct(&scores, &labels)?;
            let (loss, grads) = pull.backward(&loss::cross_entropy(&scores, &labels)?)?;
            optimizer.step(&grads)?;
            loss_sum += loss * size;
        }
        let images = self.train.len() as f64;
        Ok(Means {
            loss: loss_sum / images,
            accuracy: hits as f64 / images,
        })
    }

    /// A phase without any constraint.
    pub(crate) fn fit(&self, network: &Cnn, vars: &VarMap, phase: Phase) -> Result<(), Error> {
        let mut optimizer = Sgd::of(vars, phase.sgd());
        for epoch in 0..phase.epochs {
            optimizer.set_learning_rate(phase.learning_rate(epoch));
            let pull = Pull::none(vars, epoch + 1);
            let means = self.epoch(network, &mut optimizer, epoch, &pull)?;
            eprintln!("  epoch {:>2}: loss {:.4}", epoch + 1, means.loss);
        }
        Ok(())
    }

    /// The share of test images that are classified correctly.
    pub(crate) fn accuracy(&self, network: &Cnn) -> Result<f64, Error> {
        let loader = Loader::new(&self.test, 250, Normalization::fashion_mnist());
        let mut hits = 0;
        for batch in loader.epoch(0) {
            let (images, labels) = self.tensors(batch)?;
            hits += correct(&network.forward(&images)?, &labels)?;
        }
        Ok(hits as f64 / self.test.len() as f64)
    }
}

/// How many of the labels have the largest score.
fn correct(scores: &Tensor, labels: &Tensor) -> Result<usize, Error> {
    let found = scores.argmax(1)?.to_dtype(labels.dtype())?;
    let hits = found.eq(labels)?.to_dtype(DType::U32)?.sum_all()?;
    Ok(hits.to_scalar::<u32>()? as usize)
}
