//! A burn module as something ADMM can train.

use burn::module::Module;
use tt_admm::ndarray::{ArrayViewD, CowArray, IxDyn};
use tt_admm::{BoxError, Proximal, TrainSummary, Trainable};

use super::finite::first_bad_parameter;
use crate::{Error, Parameters, Pull, catch_panic};

/// The user's own training: an optimiser, a schedule, data.
///
/// Closures `FnMut(&mut M, &mut Pull) -> Result<TrainSummary, E>` implement it. A type of its own is needed
/// only for checkpoints, see [`SaveTraining`](crate::SaveTraining).
pub trait Training<M> {
    /// What can go wrong.
    type Error: Into<BoxError>;

    /// Trains for a while, usually an epoch, and calls [`Pull::add_to`] for every mini-batch.
    ///
    /// # Errors
    ///
    /// If training fails; the run ends then. So it does if this panics: [`Error::Panic`].
    fn epoch(&mut self, module: &mut M, pull: &mut Pull) -> Result<TrainSummary, Self::Error>;
}

impl<M, F, E> Training<M> for F
where
    F: FnMut(&mut M, &mut Pull) -> Result<TrainSummary, E>,
    E: Into<BoxError>,
{
    type Error = E;

    fn epoch(&mut self, module: &mut M, pull: &mut Pull) -> Result<TrainSummary, E> {
        self(module, pull)
    }
}

/// Any burn module, with the user's own training: a [`Trainable`].
///
/// Per W-step and constrained parameter one array goes to the device and one comes back; mini-batches move
/// nothing.
///
/// # Examples
///
/// ```
/// use burn::module::Module;
/// use burn::nn::{Linear, LinearConfig};
/// use burn::optim::{GradientsParams, SgdConfig};
/// use burn::tensor::{Device, Distribution, Tensor};
/// use burn_admm::{BurnModel, Error, Pull};
/// use tt_admm::{Admm, TrainSummary, TtProjection};
///
/// let device = Device::flex().autodiff();
/// let x = Tensor::<2>::random([64, 6], Distribution::Default, &device);
/// let mut optimizer = SgdConfig::new().init();
/// let mut model = BurnModel::new(
///     LinearConfig::new(6, 4).init(&device),
///     |layer: &mut Linear, pull: &mut Pull| {
///         for _mini_batch in 0..30 {
///             let loss = (layer.forward(x.clone()) - x.clone().narrow(1, 0, 4)).square().mean();
///             let mut gradients = GradientsParams::from_grads(loss.backward(), layer);
///             pull.add_to(layer, &mut gradients)?;
///             *layer = optimizer.step(0.1, layer.clone(), gradients);
///         }
///         Ok::<_, Error>(TrainSummary::new())
///     },
/// )
/// .transposed("weight");                                        // as (out, in) = (4, 6)
/// let mut admm = Admm::builder().constrain("weight", TtProjection::new(2)).rho(1.0).build(&model)?;
/// let report = admm.run(&mut model, &mut ())?;
/// assert!(report.primal_residual() < 0.01);
/// assert_eq!(admm.z("weight").unwrap().shape(), [4, 6]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct BurnModel<M, T> {
    pub(crate) module: M,
    pub(crate) training: T,
    parameters: Parameters,
}

impl<M: Module, T: Training<M>> BurnModel<M, T> {
    /// A module and its training.
    pub fn new(module: M, training: T) -> Self {
        Self {
            module,
            training,
            parameters: Parameters::new(),
        }
    }
}

impl<M, T> BurnModel<M, T> {
    /// Presents the matrix of this name transposed; see [`Parameters::transposed`].
    #[must_use]
    pub fn transposed(mut self, name: impl Into<String>) -> Self {
        self.parameters = self.parameters.transposed(name);
        self
    }

    /// The module.
    pub fn module(&self) -> &M {
        &self.module
    }

    /// The module, to be changed.
    pub fn module_mut(&mut self) -> &mut M {
        &mut self.module
    }

    /// The training.
    pub fn training(&self) -> &T {
        &self.training
    }

    /// The training, to be changed.
    pub fn training_mut(&mut self) -> &mut T {
        &mut self.training
    }

    /// The module and the training by value.
    pub fn into_parts(self) -> (M, T) {
        (self.module, self.training)
    }
}

impl<M: Module, T: Training<M>> Trainable for BurnModel<M, T> {
    type Elem = f32;
    type Error = Error;

    fn weight(&self, name: &str) -> Result<CowArray<'_, f32, IxDyn>, Error> {
        self.parameters.read(&self.module, name).map(CowArray::from)
    }

    fn set_weight(&mut self, name: &str, value: ArrayViewD<'_, f32>) -> Result<(), Error> {
        self.parameters.write(&mut self.module, name, value)
    }

    fn train(&mut self, proximal: &Proximal<'_, f32>) -> Result<TrainSummary, Error> {
        let mut pull = self.parameters.pull(&self.module, proximal)?;
        let iteration = pull.iteration();
        let outcome = catch_panic(|| self.training.epoch(&mut self.module, &mut pull));
        let summary = outcome
            .map_err(|message| Error::Panic {
                iteration,
                step: pull.steps() + 1,
                message,
            })?
            .map_err(|source| Error::training(source.into()))?;
        if pull.steps() == 0 {
            return Err(Error::PullUnused { iteration });
        }
        match summary.loss {
            Some(loss) if !loss.is_finite() => Err(Error::NonFiniteLoss {
                iteration,
                step: pull.steps(),
                loss,
                culprit: first_bad_parameter(&self.module)?,
            }),
            _ => Ok(summary),
        }
    }
}
