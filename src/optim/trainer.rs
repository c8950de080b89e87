//! Training by mini-batches.

use super::{
    FitSummary, GradientModel, OptimError, Optimizer, Schedule, TrainerBuilder, checks, order,
};
use crate::error::{BoxError, first_non_finite};
use crate::scalar::Scalar;
use ndarray::{ArrayD, ArrayViewD, ArrayViewMutD};

/// A function that edits the gradient of one parameter: name, weight, gradient.
type Adjust<'a, A> =
    &'a mut dyn FnMut(&str, ArrayViewD<'_, A>, ArrayViewMutD<'_, A>) -> Result<(), BoxError>;

/// Trains a [`GradientModel`] with an [`Optimizer`].
///
/// Samples are shuffled every epoch from the seed and the epoch number only. The state of the
/// optimiser lives on between fits, so `fit(a)` followed by `fit(b)` gives the same bits as
/// `fit(a + b)`.
///
/// # Examples
///
/// With `Line` of the [module](super) example; here the gradient is edited to pull the weight
/// towards 1, which adds `rho (w - 1)`:
///
/// ```
/// # use tt_admm::ndarray::{ArrayD, ArrayViewD, ArrayViewMutD, IxDyn};
/// # struct Line { data: Vec<(f64, f64)>, w: ArrayD<f64> }
/// # impl tt_admm::optim::GradientModel for Line {
/// #     type Elem = f64;
/// #     type Error = std::convert::Infallible;
/// #     fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, f64>)> { vec![("w", self.w.view())] }
/// #     fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, f64>)> {
/// #         vec![("w", self.w.view_mut())]
/// #     }
/// #     fn num_samples(&self) -> usize { self.data.len() }
/// #     fn gradient(&mut self, s: &[usize], g: &mut [ArrayD<f64>]) -> Result<f64, Self::Error> {
/// #         let mut loss = 0.0;
/// #         for &i in s {
/// #             let (x, y) = self.data[i];
/// #             let residual = self.w[[0]] * x - y;
/// #             loss += 0.5 * residual * residual / s.len() as f64;
/// #             g[0][[0]] += residual * x / s.len() as f64;
/// #         }
/// #         Ok(loss)
/// #     }
/// # }
/// use tt_admm::optim::{Sgd, Trainer};
///
/// let model = Line { data: vec![(1.0, 3.0); 8], w: ArrayD::zeros(IxDyn(&[1])) };
/// let mut trainer = Trainer::builder(model, Sgd::new(0.25)).batch_size(3).build()?;
/// let rho = 1.0;
/// let summary = trainer.fit_with(40, |name, weight, mut gradient| {
///     assert_eq!(name, "w");
///     gradient.zip_mut_with(&weight, |g, w| *g += rho * (w - 1.0));
///     Ok(())
/// })?;
/// assert_eq!((summary.epochs(), summary.steps(), trainer.epochs_done()), (40, 120, 40));
/// assert!((trainer.model().w[[0]] - 2.0).abs() < 1e-12); // half-way between 1 and 3
/// assert!((summary.loss() - 0.5).abs() < 1e-12);
/// # Ok::<(), tt_admm::optim::OptimError>(())
/// ```
pub struct Trainer<M: GradientModel, O: Optimizer<M::Elem>> {
    model: M,
    optimizer: O,
    batch_size: usize,
    epochs_per_update: usize,
    schedule: Schedule,
    seed: u64,
    epochs_done: usize,
    // Buffers, kept between steps and fits.
    gradients: Vec<ArrayD<M::Elem>>,
    order: Vec<usize>,
}

impl<M: GradientModel, O: Optimizer<M::Elem>> Trainer<M, O> {
    /// Starts a trainer with batches of 32 samples, a constant learning rate and seed 0.
    pub fn builder(model: M, optimizer: O) -> TrainerBuilder<M, O> {
        TrainerBuilder::new(model, optimizer)
    }

    pub(super) fn new(settings: TrainerBuilder<M, O>) -> Self {
        Self {
            model: settings.model,
            optimizer: settings.optimizer,
            batch_size: settings.batch_size,
            epochs_per_update: settings.epochs_per_update,
            schedule: settings.schedule,
            seed: settings.seed,
            epochs_done: settings.epochs_done,
            gradients: Vec::new(),
            order: Vec::new(),
        }
    }

    /// The model.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// The model, to change its parameters or data between fits. The next fit checks it again.
    pub fn model_mut(&mut self) -> &mut M {
        &mut self.model
    }

    /// The current value of the parameter called `name`.
    ///
    /// # Errors
    ///
    /// [`OptimError::UnknownParameter`] if the model has none of that name.
    pub fn parameter(&self, name: &str) -> Result<ArrayViewD<'_, M::Elem>, OptimError> {
        let parameters = self.model.parameters();
        let known = || parameters.iter().map(|(n, _)| (*n).to_owned()).collect();
        let unknown = || OptimError::UnknownParameter {
            name: name.to_owned(),
            known: known(),
        };
        let found = parameters
            .iter()
            .position(|(n, _)| *n == name)
            .ok_or_else(unknown)?;
        let mut parameters = parameters;
        Ok(parameters.swap_remove(found).1)
    }

    /// Overwrites the parameter called `name`.
    ///
    /// # Errors
    ///
    /// [`OptimError::UnknownParameter`] if the model has none of that name,
    /// [`OptimError::ParameterShape`] if `value` does not have its shape.
    pub fn set_parameter(
        &mut self,
        name: &str,
        value: ArrayViewD<'_, M::Elem>,
    ) -> Result<(), OptimError> {
        let expected = self.parameter(name)?.shape().to_vec();
        if expected != value.shape() {
            let (name, got) = (name.to_owned(), value.shape().to_vec());
            return Err(OptimError::ParameterShape {
                name,
                expected,
                got,
            });
        }
        for (n, mut parameter) in self.model.parameters_mut() {
            if n == name && parameter.shape() == value.shape() {
                parameter.assign(&value);
            }
        }
        Ok(())
    }

    /// The model, by value.
    #[must_use]
    pub fn into_model(self) -> M {
        self.model
    }

    /// The model and the optimiser with its state, by value.
    #[must_use]
    pub fn into_parts(self) -> (M, O) {
        (self.model, self.optimizer)
    }

    /// Number of complete epochs over all fits, including those given to
    /// [`TrainerBuilder::epochs_done`].
    pub fn epochs_done(&self) -> usize {
        self.epochs_done
    }

    pub(super) fn set_epochs_done(&mut self, epochs: usize) {
        self.epochs_done = epochs;
    }

    /// Epochs per outer update, as given to [`TrainerBuilder::epochs_per_update`].
    pub fn epochs_per_update(&self) -> usize {
        self.epochs_per_update
    }

    /// The optimiser.
    pub fn optimizer(&self) -> &O {
        &self.optimizer
    }

    /// The optimiser, for example to reset its state. The next fit checks it again.
    pub fn optimizer_mut(&mut self) -> &mut O {
        &mut self.optimizer
    }

    /// Trains for `epochs >= 1` epochs.
    ///
    /// # Errors
    ///
    /// - [`OptimError::Zero`] for 0 epochs, and the errors of [`TrainerBuilder::build`] if the model
    ///   or the optimiser was changed in between;
    /// - [`OptimError::Model`] if the model fails, [`OptimError::NonFiniteLoss`] and
    ///   [`OptimError::NonFiniteGradient`] if training diverges;
    /// - [`OptimError::GradientShape`], [`OptimError::ParametersChanged`] if the model breaks its
    ///   contract.
    ///
    /// The mini-batch that fails changes no parameter; those before it have. The trainer stays
    /// usable: the next fit starts the unfinished epoch anew, in the same order of samples.
    pub fn fit(&mut self, epochs: usize) -> Result<FitSummary, OptimError> {
        self.run(epochs, None)
    }

    /// Like [`Trainer::fit`], with the gradients edited before the optimiser sees them.
    ///
    /// `adjust(name, weight, gradient)` is called for every parameter of every mini-batch, in the
    /// order of [`GradientModel::parameters`], after the gradients are computed and before any
    /// parameter changes. The gradient is finite and has the shape of the weight. The reported loss is
    /// the model's own.
    ///
    /// # Errors
    ///
    /// Those of [`Trainer::fit`], and [`OptimError::Adjust`] if `adjust` fails,
    /// [`OptimError::NonFiniteAdjustedGradient`] if what it leaves is not finite.
    pub fn fit_with(
        &mut self,
        epochs: usize,
        mut adjust: impl FnMut(
            &str,
            ArrayViewD<'_, M::Elem>,
            ArrayViewMutD<'_, M::Elem>,
        ) -> Result<(), BoxError>,
    ) -> Result<FitSummary, OptimError> {
        self.run(epochs, Some(&mut adjust))
    }

    fn run(
        &mut self,
        epochs: usize,
        mut adjust: Option<Adjust<'_, M::Elem>>,
    ) -> Result<FitSummary, OptimError> {
        checks::at_least_one("epochs", epochs)?;
        self.prepare()?;
        let num_samples = self.model.num_samples();
        let mut samples = std::mem::take(&mut self.order);
        let mut summary = FitSummary {
            loss: 0.0,
            steps: 0,
            epochs,
        };
        let mut outcome = Ok(());
        for _ in 0..epochs {
            order::shuffle(&mut samples, num_samples, self.seed, self.epochs_done);
            outcome = self.epoch(&samples, &mut summary, &mut adjust);
            if outcome.is_err() {
                break;
            }
            self.epochs_done = self.epochs_done.saturating_add(1);
        }
        self.order = samples;
        outcome.map(|()| summary)
    }

    /// Checks optimiser and model, and makes the gradient buffers fit the parameters.
    fn prepare(&mut self) -> Result<(), OptimError> {
        self.optimizer.check()?;
        checks::model(&mut self.model)?;
        let parameters = self.model.parameters();
        self.gradients
            .resize_with(parameters.len(), Default::default);
        for (buffer, (_, weight)) in self.gradients.iter_mut().zip(&parameters) {
            if buffer.shape() != weight.shape() || !buffer.is_standard_layout() {
                *buffer = ArrayD::zeros(weight.raw_dim());
            }
        }
        Ok(())
    }

    fn epoch(
        &mut self,
        samples: &[usize],
        summary: &mut FitSummary,
        adjust: &mut Option<Adjust<'_, M::Elem>>,
    ) -> Result<(), OptimError> {
        let batches = samples.len().div_ceil(self.batch_size);
        let mut total = 0.0;
        for (batch, chosen) in samples.chunks(self.batch_size).enumerate() {
            let loss = self.loss_and_gradients(batch, chosen)?;
            total += loss * chosen.len() as f64;
            self.edit(batch, adjust)?;
            let at = self.epochs_done as f64 + batch as f64 / batches as f64;
            self.step(batch, self.schedule.factor(at))?;
            summary.steps += 1;
        }
        summary.loss = total / samples.len() as f64;
        Ok(())
    }

    fn loss_and_gradients(&mut self, batch: usize, samples: &[usize]) -> Result<f64, OptimError> {
        let epoch = self.epochs_done;
        for buffer in &mut self.gradients {
            buffer.fill(M::Elem::default());
        }
        let loss = self
            .model
            .gradient(samples, &mut self.gradients)
            .map_err(|error| OptimError::Model {
                epoch,
                batch,
                source: error.into(),
            })?
            .widen();
        if loss.is_finite() {
            Ok(loss)
        } else {
            Err(OptimError::NonFiniteLoss { epoch, batch, loss })
        }
    }

    /// Checks the gradients of all parameters and lets `adjust` edit them.
    fn edit(
        &mut self,
        batch: usize,
        adjust: &mut Option<Adjust<'_, M::Elem>>,
    ) -> Result<(), OptimError> {
        let epoch = self.epochs_done;
        let parameters = self.model.parameters();
        let place = Place { epoch, batch };
        place.same_count(self.gradients.len(), parameters.len())?;
        // Shape and size of all gradients first, so that no edit is made for a batch that is refused.
        for ((name, weight), gradient) in parameters.iter().zip(&self.gradients) {
            place.same_shape(name, weight.shape(), gradient.shape())?;
            if let Some((index, value)) = first_non_finite(gradient) {
                let parameter = (*name).to_owned();
                return Err(OptimError::NonFiniteGradient {
                    parameter,
                    epoch,
                    batch,
                    index,
                    value,
                });
            }
        }
        let Some(adjust) = adjust else { return Ok(()) };
        for ((name, weight), gradient) in parameters.into_iter().zip(&mut self.gradients) {
            let parameter = || name.to_owned();
            adjust(name, weight, gradient.view_mut()).map_err(|source| OptimError::Adjust {
                parameter: parameter(),
                epoch,
                batch,
                source,
            })?;
            if let Some((index, value)) = first_non_finite(gradient) {
                return Err(OptimError::NonFiniteAdjustedGradient {
                    parameter: parameter(),
                    epoch,
                    batch,
                    index,
                    value,
                });
            }
        }
        Ok(())
    }

    fn step(&mut self, batch: usize, lr_factor: f64) -> Result<(), OptimError> {
        let place = Place {
            epoch: self.epochs_done,
            batch,
        };
        let parameters = self.model.parameters_mut();
        // All shapes before the first step: a batch is applied to all parameters or to none.
        place.same_count(self.gradients.len(), parameters.len())?;
        for ((name, weight), gradient) in parameters.iter().zip(&self.gradients) {
            place.same_shape(name, weight.shape(), gradient.shape())?;
        }
        for (slot, ((_, weight), gradient)) in
            parameters.into_iter().zip(&self.gradients).enumerate()
        {
            self.optimizer
                .step(slot, lr_factor, weight, gradient.view());
        }
        Ok(())
    }
}

/// Where a check failed.
struct Place {
    epoch: usize,
    batch: usize,
}

impl Place {
    fn same_count(&self, expected: usize, got: usize) -> Result<(), OptimError> {
        if expected == got {
            return Ok(());
        }
        let Self { epoch, batch } = *self;
        Err(OptimError::ParametersChanged {
            epoch,
            batch,
            expected,
            got,
        })
    }

    fn same_shape(&self, name: &str, weight: &[usize], grad: &[usize]) -> Result<(), OptimError> {
        if weight == grad {
            return Ok(());
        }
        Err(OptimError::GradientShape {
            parameter: name.to_owned(),
            epoch: self.epoch,
            batch: self.batch,
            expected: weight.to_vec(),
            got: grad.to_vec(),
        })
    }
}

// By hand, so that the model need not be `Debug`.
impl<M: GradientModel, O: Optimizer<M::Elem>> std::fmt::Debug for Trainer<M, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trainer")
            .field("optimizer", &self.optimizer)
            .field("batch_size", &self.batch_size)
            .field("epochs_per_update", &self.epochs_per_update)
            .field("schedule", &self.schedule)
            .field("seed", &self.seed)
            .field("epochs_done", &self.epochs_done)
            .finish_non_exhaustive()
    }
}
