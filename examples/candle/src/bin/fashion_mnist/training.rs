//! An epoch of training, and the accuracy on the test images: an ordinary candle loop.

use candle_admm::network::Cnn;
use candle_admm::{Error, Sgd};
use candle_core::backprop::GradStore;
use candle_core::{Device, Tensor};
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

impl Data {
    fn tensors(&self, batch: Batch) -> Result<(Tensor, Tensor), Error> {
        let [n, c, h, w] = batch.shape();
        let images = Tensor::from_vec(batch.images, (n, c, h, w), &self.device)?;
        let labels = Tensor::from_vec(batch.labels, n, &self.device)?;
        Ok((images, labels))
    }

    /// One epoch; `backward` turns the loss of a mini-batch into its value and the gradients. Returns the mean loss.
    pub(crate) fn epoch(
        &self,
        network: &Cnn,
        optimizer: &mut Sgd,
        epoch: usize,
        mut backward: impl FnMut(&Tensor) -> Result<(f64, GradStore), Error>,
    ) -> Result<f64, Error> {
        let loader = Loader::new(&self.train, BATCH, Normalization::fashion_mnist());
        let (mut total, mut count) = (0.0, 0);
        for batch in loader.shuffled(self.seed).epoch(epoch) {
            let size = batch.len;
            let (images, labels) = self.tensors(batch)?;
            let loss = loss::cross_entropy(&network.forward(&images)?, &labels)?;
            let (value, grads) = backward(&loss)?;
            optimizer.step(&grads)?;
            total += value * size as f64;
            count += size;
        }
        Ok(total / count as f64)
    }

    /// A phase without any constraint.
    pub(crate) fn fit(&self, network: &Cnn, vars: &VarMap, phase: Phase) -> Result<(), Error> {
        let mut optimizer = Sgd::of(vars, phase.sgd());
        for epoch in 0..phase.epochs {
            optimizer.set_learning_rate(phase.learning_rate(epoch));
            let plain = |loss: &Tensor| Ok((f64::from(loss.to_scalar::<f32>()?), loss.backward()?));
            let loss = self.epoch(network, &mut optimizer, epoch, plain)?;
            eprintln!("  epoch {:>2}: loss {loss:.4}", epoch + 1);
            if !loss.is_finite() {
                return Err(Error::other(format!(
                    "the loss is {loss} in epoch {}",
                    epoch + 1
                )));
            }
        }
        Ok(())
    }

    /// The share of test images that are classified correctly.
    pub(crate) fn accuracy(&self, network: &Cnn) -> Result<f64, Error> {
        let loader = Loader::new(&self.test, 250, Normalization::fashion_mnist());
        let mut right = 0;
        for batch in loader.epoch(0) {
            let labels = batch.labels.clone();
            let (images, _) = self.tensors(batch)?;
            let found = network.forward(&images)?.argmax(1)?.to_vec1::<u32>()?;
            let pairs = found.iter().zip(&labels);
            right += pairs.filter(|(f, l)| i64::from(**f) == **l).count();
        }
        Ok(right as f64 / self.test.len() as f64)
    }
}
