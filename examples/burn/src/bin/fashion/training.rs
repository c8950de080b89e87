//! Mini-batch training, with and without the pull of ADMM.

use burn::grad_clipping::GradientClippingConfig;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::Device;
use burn_admm::{
    Cnn, Error, Pull, SaveTraining, Training, correct, images, labels, optimizer_state,
    restore_optimizer,
};
use example_support::data::{Batch, Loader};
use example_support::results::Stopwatch;
use tt_admm::{BoxError, TrainSummary};

use crate::settings::{MOMENTUM, UPDATES_PER_EPOCH, admm_rate};

/// SGD with momentum.
pub(crate) fn sgd() -> ModuleOptimizer {
    let momentum = MomentumConfig::new()
        .with_momentum(MOMENTUM)
        .with_dampening(0.0);
    SgdConfig::new().with_momentum(Some(momentum)).init()
}

/// Adam, for the cores: their gradients differ in size by orders of magnitude.
pub(crate) fn adam() -> ModuleOptimizer {
    AdamConfig::new()
        .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
        .init()
}

/// Trains for some epochs, the learning rate falling to 0 along a quarter of a cosine.
pub(crate) fn fit(
    net: &mut Cnn,
    mut optimizer: ModuleOptimizer,
    loader: &Loader<'_>,
    epochs: usize,
    rate: f64,
    device: &Device,
) -> Result<(), Error> {
    let total = epochs * loader.batches();
    let mut done = 0_usize;
    for epoch in 0..epochs {
        for batch in loader.epoch(epoch) {
            let progress = done as f64 / total as f64;
            let rate = rate * (progress * std::f64::consts::FRAC_PI_2).cos();
            step(net, &mut optimizer, rate, &batch, device, None)?;
            done += 1;
        }
    }
    Ok(())
}

/// The training that ADMM drives: SGD over a part of an epoch per W-step.
pub(crate) struct Parts<'a> {
    loader: &'a Loader<'a>,
    optimizer: ModuleOptimizer,
    device: Device,
    watch: &'a Stopwatch,
    /// W-steps done so far: which part of which epoch is next.
    done: usize,
}

impl<'a> Parts<'a> {
    pub(crate) fn new(loader: &'a Loader<'a>, watch: &'a Stopwatch, device: &Device) -> Self {
        Self {
            loader,
            optimizer: sgd(),
            device: device.clone(),
            watch,
            done: 0,
        }
    }
}

impl Training<Cnn> for Parts<'_> {
    type Error = Error;

    fn epoch(&mut self, net: &mut Cnn, pull: &mut Pull) -> Result<TrainSummary, Error> {
        let (epoch, part) = (self.done / UPDATES_PER_EPOCH, self.done % UPDATES_PER_EPOCH);
        let batches = self.loader.batches();
        let rate = admm_rate(self.done);
        let bounds = [part, part + 1].map(|k| k * batches / UPDATES_PER_EPOCH);
        let (mut loss, mut hits, mut total) = (0.0, 0, 0);
        let watch = self.watch;
        watch.training(|| {
            let part = self.loader.epoch(epoch).take(bounds[1]).skip(bounds[0]);
            for batch in part {
                let optimizer = &mut self.optimizer;
                let told = step(net, optimizer, rate, &batch, &self.device, Some(pull))?;
                loss += told.loss * batch.len as f64;
                hits += told.hits;
                total += batch.len;
            }
            Ok::<_, Error>(())
        })?;
        self.done += 1;
        let total = total as f64;
        Ok(TrainSummary::new()
            .loss(loss / total)
            .metric("accuracy", hits as f64 / total))
    }
}

impl SaveTraining for Parts<'_> {
    fn save(&self) -> Result<Vec<u8>, BoxError> {
        let done = (self.done as u64).to_le_bytes();
        Ok([&done[..], &optimizer_state(&self.optimizer)?].concat())
    }

    fn load(&mut self, state: &[u8]) -> Result<(), BoxError> {
        let (done, optimizer) = state
            .split_first_chunk()
            .ok_or("the state of the training has fewer than 8 bytes")?;
        restore_optimizer(&mut self.optimizer, optimizer)?;
        self.done = u64::from_le_bytes(*done).try_into()?;
        Ok(())
    }
}

/// What a step tells about its batch: the mean loss, and how many images were classified rightly.
struct Told {
    loss: f64,
    hits: usize,
}

fn step(
    net: &mut Cnn,
    optimizer: &mut ModuleOptimizer,
    rate: f64,
    batch: &Batch,
    device: &Device,
    pull: Option<&mut Pull>,
) -> Result<Told, Error> {
    let labels = labels(batch, device);
    let scores = net.forward(images(batch, device));
    let hits = correct(scores.clone(), labels.clone())?;
    let loss = CrossEntropyLossConfig::new()
        .init(device)
        .forward(scores, labels);
    let value = loss
        .clone()
        .try_into_scalar::<f32>()
        .map_err(|e| Error::burn("reading the loss", e.to_string()))?;
    let mut gradients = GradientsParams::from_grads(loss.backward(), net);
    if let Some(pull) = pull {
        pull.check(f64::from(value), net, &gradients)?;
        pull.add_to(net, &mut gradients)?;
    }
    *net = optimizer.step(rate, net.clone(), gradients);
    Ok(Told {
        loss: f64::from(value),
        hits,
    })
}
