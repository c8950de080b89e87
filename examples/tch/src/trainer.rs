//! Training a network for images: the W-step of the examples.

use std::time::{Duration, Instant};

use tch::nn::VarStore;
use tt_admm::TrainSummary;

use crate::batches::{Batches, Feed};
use crate::network::{TestImages, cross_entropy, to_device};
use crate::{Error, Network, Persistent, Pull, Sgd, State, WStep, layer::Mode};

/// A learning rate that falls along half a cosine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cosine {
    /// The rate of the first step.
    pub peak: f64,
    /// The epoch where it reaches zero.
    pub epochs: usize,
    /// The epoch of the schedule where this training starts.
    pub start: usize,
}

impl Cosine {
    /// The rate at a place between 0 and `epochs`.
    #[must_use]
    pub fn at(&self, epoch: f64) -> f64 {
        let share = (epoch / self.epochs.max(1) as f64).min(1.0);
        0.5 * self.peak * (1.0 + (std::f64::consts::PI * share).cos())
    }
}

/// SGD with momentum over batches of images, a part of an epoch at a time.
///
/// Every call of [`WStep::train`] does the steps up to the next of `parts` equal parts of an epoch; at the end
/// of an epoch the accuracy is measured. All that the next step depends on can be saved.
#[derive(Debug)]
pub struct Trainer<'a, N> {
    network: &'a N,
    device: tch::Device,
    optimiser: Sgd,
    schedule: Cosine,
    batches: Batches,
    test: &'a TestImages,
    parts: usize,
    /// Steps done.
    step: usize,
    clock: Clock,
}

/// Where the time of a training went, also over several processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Wall time, without that between processes.
    pub total: Duration,
    /// Steps of the optimiser, with their data.
    pub training: Duration,
    /// Measuring accuracy.
    pub testing: Duration,
}

impl Times {
    /// The share of the time that was neither training nor testing, testing left out.
    #[must_use]
    pub fn overhead(&self) -> f64 {
        let total = self.total.saturating_sub(self.testing).as_secs_f64();
        if total > 0.0 {
            (1.0 - self.training.as_secs_f64() / total).max(0.0)
        } else {
            0.0
        }
    }
}

/// A clock that runs, with the times of earlier processes.
#[derive(Debug)]
struct Clock {
    before: Times,
    since: Instant,
}

impl Clock {
    fn start(before: Times) -> Self {
        let since = Instant::now();
        Self { before, since }
    }

    fn read(&self) -> Times {
        Times {
            total: self.before.total + self.since.elapsed(),
            ..self.before
        }
    }
}

impl<'a, N: Network> Trainer<'a, N> {
    /// At the first step, with momentum 0.9 and weight decay 1e-4.
    ///
    /// # Errors
    ///
    /// [`Error::Torch`].
    pub fn new(
        network: &'a N,
        store: &VarStore,
        feed: Feed,
        test: &'a TestImages,
        schedule: Cosine,
    ) -> Result<Self, Error> {
        Ok(Self {
            network,
            device: store.device(),
            optimiser: Sgd::new(store, 0.9, 1e-4)?,
            schedule,
            batches: Batches::new(feed),
            test,
            parts: 1,
            step: 0,
            clock: Clock::start(Times {
                total: Duration::ZERO,
                training: Duration::ZERO,
                testing: Duration::ZERO,
            }),
        })
    }

    /// This many calls for an epoch.
    #[must_use]
    pub fn parts(mut self, parts: usize) -> Self {
        self.parts = parts.clamp(1, self.batches.feed.steps());
        self
    }

    /// The number of calls for an epoch.
    #[must_use]
    pub fn parts_per_epoch(&self) -> usize {
        self.parts
    }

    /// Whole epochs done.
    #[must_use]
    pub fn epoch(&self) -> usize {
        self.step / self.batches.feed.steps()
    }

    /// The times so far.
    #[must_use]
    pub fn times(&self) -> Times {
        self.clock.read()
    }

    /// The first step of the next part.
    fn next_stop(&self) -> usize {
        let steps = self.batches.feed.steps();
        let (epoch, done) = (self.step / steps, self.step % steps);
        let stops = (1..=self.parts).map(|part| part * steps / self.parts);
        epoch * steps + stops.into_iter().find(|&stop| stop > done).unwrap_or(steps)
    }
}

impl<N: Network> WStep for Trainer<'_, N> {
    fn train(&mut self, pull: &Pull) -> Result<TrainSummary, Error> {
        let started = Instant::now();
        let steps = self.batches.feed.steps();
        let mut losses = pull.losses();
        for step in self.step..self.next_stop() {
            let (images, labels) = to_device(&self.batches.get(step)?, self.device)?;
            let scores = self.network.forward(&images, Mode::Train)?;
            let loss = cross_entropy(&scores, &labels)?;
            self.optimiser.zero_gradients()?;
            loss.f_backward()?;
            pull.add_to_gradients()?;
            let epoch = self.schedule.start as f64 + step as f64 / steps as f64;
            self.optimiser.step(self.schedule.at(epoch))?;
            losses.push(&loss);
        }
        let mut summary = TrainSummary::new().loss(losses.mean()?);
        self.step = self.next_stop();
        self.clock.before.training += started.elapsed();
        if self.step.is_multiple_of(steps) {
            let started = Instant::now();
            summary = summary.metric("accuracy", self.test.accuracy(self.network)?);
            self.clock.before.testing += started.elapsed();
        }
        Ok(summary)
    }
}

impl<N: Network> Persistent for Trainer<'_, N> {
    fn save(&self, state: &mut State) -> Result<(), Error> {
        self.optimiser.save(state)?;
        state.put_number("step", self.step as u64);
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let times = self.times();
        state.put_number("time.total", micros(times.total));
        state.put_number("time.training", micros(times.training));
        state.put_number("time.testing", micros(times.testing));
        Ok(())
    }

    fn load(&mut self, state: &State) -> Result<(), Error> {
        self.optimiser.load(state)?;
        self.step = usize::try_from(state.number("step")?).map_err(Error::other)?;
        let time = |name: &str| state.number(name).map(Duration::from_micros);
        self.clock = Clock::start(Times {
            total: time("time.total")?,
            training: time("time.training")?,
            testing: time("time.testing")?,
        });
        Ok(())
    }
}
