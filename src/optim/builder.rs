//! Settings of a trainer.

use super::{GradientModel, OptimError, Optimizer, Schedule, Trainer, checks};

/// Builder of a [`Trainer`]; see [`Trainer::builder`].
///
/// # Examples
///
/// ```
/// use tt_admm::optim::{GradientModel, OptimError, Schedule, Sgd, Trainer};
///
/// fn trainer<M: GradientModel>(model: M) -> Result<Trainer<M, Sgd<M::Elem>>, OptimError> {
///     Trainer::builder(model, Sgd::new(0.1).momentum(0.9))
///         .batch_size(128)
///         .schedule(Schedule::step(30, 0.1))
///         .seed(7)
///         .build()
/// }
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct TrainerBuilder<M: GradientModel, O: Optimizer<M::Elem>> {
    pub(super) model: M,
    pub(super) optimizer: O,
    pub(super) batch_size: usize,
    pub(super) epochs_per_update: usize,
    pub(super) schedule: Schedule,
    pub(super) seed: u64,
    pub(super) epochs_done: usize,
}

impl<M: GradientModel, O: Optimizer<M::Elem>> TrainerBuilder<M, O> {
    pub(super) fn new(model: M, optimizer: O) -> Self {
        Self {
            model,
            optimizer,
            batch_size: 32,
            epochs_per_update: 1,
            schedule: Schedule::constant(),
            seed: 0,
            epochs_done: 0,
        }
    }

    /// Samples per mini-batch, at least 1; 32 by default. The last mini-batch of an epoch is smaller
    /// if the number of samples is not a multiple; it is used too.
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.batch_size = batch_size;
        self
    }

    /// Epochs of training per outer update, for a loop that alternates training with something else,
    /// such as ADMM; at least 1, 1 by default. [`Trainer::fit`] does not use it.
    pub fn epochs_per_update(mut self, epochs: usize) -> Self {
        self.epochs_per_update = epochs;
        self
    }

    /// Schedule of the learning rate; constant by default. Its epochs count over all fits.
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// Seed of the order of the samples; 0 by default.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Number of epochs the model has been trained for before, to resume training with the order of
    /// the samples and the place in the schedule of an uninterrupted run; 0 by default.
    pub fn epochs_done(mut self, epochs: usize) -> Self {
        self.epochs_done = epochs;
        self
    }

    /// Checks all settings and the model.
    ///
    /// # Errors
    ///
    /// - [`OptimError::Zero`] for a batch size, epochs per update, or schedule length of 0;
    /// - [`OptimError::HyperParameter`] and [`OptimError::NesterovWithoutMomentum`] for illegal
    ///   numbers of the optimiser or the schedule;
    /// - [`OptimError::NoSamples`], [`OptimError::NoParameters`],
    ///   [`OptimError::DuplicateParameter`] for a model that cannot be trained;
    /// - [`OptimError::ParameterCount`], [`OptimError::ParameterMismatch`] if its two lists of
    ///   parameters differ.
    pub fn build(mut self) -> Result<Trainer<M, O>, OptimError> {
        checks::at_least_one("batch size", self.batch_size)?;
        checks::at_least_one("epochs per update", self.epochs_per_update)?;
        self.schedule.check()?;
        self.optimizer.check()?;
        checks::model(&mut self.model)?;
        Ok(Trainer::new(self))
    }
}

// By hand, so that the model need not be `Debug`.
impl<M: GradientModel, O: Optimizer<M::Elem>> std::fmt::Debug for TrainerBuilder<M, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrainerBuilder")
            .field("optimizer", &self.optimizer)
            .field("batch_size", &self.batch_size)
            .field("epochs_per_update", &self.epochs_per_update)
            .field("schedule", &self.schedule)
            .field("seed", &self.seed)
            .field("epochs_done", &self.epochs_done)
            .finish_non_exhaustive()
    }
}
