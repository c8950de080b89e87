//! The adapter: any network in a `VarStore` is trainable by ADMM.

use ndarray::{ArrayViewD, CowArray, IxDyn};
use tch::nn::VarStore;
use tch::no_grad;
use tt_admm::{Proximal, TrainSummary, Trainable};

use crate::finite::first_non_finite;
use crate::transfer::{as_size, require_float, require_size, to_array, to_tensor, variable};
use crate::{Error, Pull};

/// What trains a network for one W-step: the user's optimiser, schedule and data.
///
/// Any closure `FnMut(&Pull) -> Result<TrainSummary, Error>` is one; a type of its own is needed only for
/// [`Persistent`](crate::Persistent).
pub trait WStep {
    /// Trains for a while, calling [`Pull::add_to_gradients`] in every mini-batch.
    ///
    /// # Errors
    ///
    /// Anything that ends the run; wrap errors of one's own with [`Error::other`].
    fn train(&mut self, pull: &Pull) -> Result<TrainSummary, Error>;
}

impl<F: FnMut(&Pull) -> Result<TrainSummary, Error>> WStep for F {
    fn train(&mut self, pull: &Pull) -> Result<TrainSummary, Error> {
        self(pull)
    }
}

/// A network that ADMM can train: the variables of a store, by their names there, and a function that trains
/// them for one W-step.
///
/// In an outer iteration every constrained weight is uploaded once (its anchor) and downloaded once.
///
/// # Examples
///
/// ```
/// use tch::nn::{self, OptimizerConfig};
/// use tch::{Device, Kind, Tensor};
/// use tch_admm::{Model, Pull};
/// use tt_admm::{Admm, TrainSummary, TtProjection};
///
/// tch::manual_seed(1);
/// let store = nn::VarStore::new(Device::Cpu);
/// let layer = nn::linear(store.root() / "fc", 6, 4, Default::default());
/// let mut optimiser = nn::Sgd::default().build(&store, 0.5)?;
/// let x = Tensor::randn(&[32_i64, 6][..], (Kind::Float, Device::Cpu));
/// let y = Tensor::randn(&[32_i64, 4][..], (Kind::Float, Device::Cpu));
///
/// let mut model = Model::new(&store, |pull: &Pull| {
///     let mut losses = pull.losses();
///     for _mini_batch in 0..10 {
///         let loss = (x.apply(&layer) - &y).square().mean(Kind::Float);
///         optimiser.zero_grad();
///         loss.backward();
///         pull.add_to_gradients()?;              // the only line that ADMM needs
///         optimiser.step();
///         losses.push(&loss);
///     }
///     Ok(TrainSummary::new().loss(losses.mean()?))
/// });
/// let mut admm = Admm::builder()
///     .constrain("fc.weight", TtProjection::new(1))
///     .rho(1.0)
///     .build(&model)?;
/// let report = admm.run(&mut model, &mut ())?;
/// assert!(report.primal_residual() < 1e-2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Model<'a, W> {
    pub(crate) store: &'a VarStore,
    pub(crate) w_step: W,
}

impl<'a, F: FnMut(&Pull) -> Result<TrainSummary, Error>> Model<'a, F> {
    /// A network with its variables in `store`, trained by a closure.
    pub fn new(store: &'a VarStore, w_step: F) -> Self {
        Self { store, w_step }
    }
}

impl<'a, W: WStep> Model<'a, W> {
    /// [`Model::new`] with a type of one's own in place of a closure.
    pub fn with(store: &'a VarStore, w_step: W) -> Self {
        Self { store, w_step }
    }

    /// What trains the network.
    #[must_use]
    pub fn w_step(&self) -> &W {
        &self.w_step
    }

    /// What trains the network, to train it without ADMM.
    pub fn w_step_mut(&mut self) -> &mut W {
        &mut self.w_step
    }

    /// What trains the network, by value.
    #[must_use]
    pub fn into_w_step(self) -> W {
        self.w_step
    }
}

impl<W: WStep> Trainable for Model<'_, W> {
    type Elem = f32;
    type Error = Error;

    fn weight(&self, name: &str) -> Result<CowArray<'_, f32, IxDyn>, Error> {
        to_array(name, &variable(self.store, name)?).map(CowArray::from)
    }

    fn set_weight(&mut self, name: &str, value: ArrayViewD<'_, f32>) -> Result<(), Error> {
        let mut weight = variable(self.store, name)?;
        require_float(name, &weight)?;
        require_size(name, &weight, &as_size(value.shape()))?;
        let value = to_tensor(&value, weight.device())?;
        Ok(no_grad(|| weight.f_copy_(&value))?)
    }

    fn train(&mut self, proximal: &Proximal<'_, f32>) -> Result<TrainSummary, Error> {
        let pull = Pull::new(self.store, proximal)?;
        let iteration = pull.iteration();
        let outcome = self.w_step.train(&pull);
        match outcome {
            Err(Error::NonFiniteLoss { loss, step, .. }) => Err(Error::NonFiniteLoss {
                loss,
                step,
                iteration,
                parameter: first_non_finite(self.store)?.map(|(_, name)| name),
            }),
            Err(error) => Err(error),
            // What is not finite would be found in the constrained weights only, and later.
            Ok(summary) => match first_non_finite(self.store)? {
                None => Ok(summary),
                Some((what, name)) => Err(Error::NonFinite {
                    what,
                    name,
                    iteration,
                }),
            },
        }
    }
}
