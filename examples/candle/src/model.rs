//! `Trainable` for any model whose parameters live in a `VarMap`.

use std::fmt;
use std::marker::PhantomData;

use candle_nn::VarMap;
use tt_admm::admm::Resumable;
use tt_admm::ndarray::{ArrayViewD, CowArray, IxDyn};
use tt_admm::{Proximal, TrainSummary, Trainable};

use crate::state::{self, State};
use crate::{Element, Error, Pull, variables};

/// A model for `Admm::run`: a `VarMap`, the state of its training, and a function that trains for a while.
///
/// The function is the user's own training loop with the user's own optimiser, schedule and data; all it has to do
/// for ADMM is to call [`Pull::backward`] or [`Pull::add_to`] in every step. What changes from epoch to epoch
/// (optimiser, counters) lives in the state `S`, so that it can be reached between epochs and saved with the
/// variables; `()` is a state too.
///
/// Names of weights are names of the `VarMap`, for example `conv2.weight`.
///
/// # Examples
///
/// ```
/// use candle_admm::{VarMapModel, init};
/// use candle_core::{DType, Device, Tensor};
/// use candle_nn::{Module, Optimizer, SGD, VarBuilder, VarMap, linear, loss};
/// use tt_admm::{Admm, TrainSummary, TtProjection};
///
/// let vars = VarMap::new();
/// let layer = linear(6, 4, VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu).pp("fc"))?;
/// init::he_uniform(&vars, 1)?;
/// let x = Tensor::arange(0f32, 192.0, &Device::Cpu)?.sqr()?.sin()?.reshape((32, 6))?;
/// let y = Tensor::arange(0f32, 128.0, &Device::Cpu)?.sin()?.reshape((32, 4))?;
/// let optimizer = SGD::new(vars.all_vars(), 0.1)?;
///
/// let mut model = VarMapModel::new(&vars, optimizer, |optimizer, pull| {
///     let mut total = 0.0;
///     for _ in 0..50 {
///         let (loss, grads) = pull.backward(&loss::mse(&layer.forward(&x)?, &y)?)?;
///         optimizer.step(&grads)?;
///         total += loss;
///     }
///     Ok(TrainSummary::new().loss(total / 50.0))
/// });
/// let mut admm = Admm::builder()
///     .constrain("fc.weight", TtProjection::new(2))
///     .rho(0.5)
///     .build(&model)?;
/// let report = admm.run(&mut model, &mut ())?;
/// assert!(report.primal_residual() < 1e-5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct VarMapModel<S, F, A = f32> {
    vars: VarMap,
    state: S,
    train: F,
    check: bool,
    element: PhantomData<A>,
}

impl<S: fmt::Debug, F, A> fmt::Debug for VarMapModel<S, F, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = variables::sorted(&self.vars)
            .into_iter()
            .map(|(name, _)| name);
        f.debug_struct("VarMapModel")
            .field("vars", &names.collect::<Vec<_>>())
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl<S, F> VarMapModel<S, F, f32>
where
    F: FnMut(&mut S, &Pull) -> Result<TrainSummary, Error>,
{
    /// A model with `f32` weights. `train` is called once per iteration of ADMM.
    pub fn new(vars: &VarMap, state: S, train: F) -> Self {
        Self::with_element(vars, state, train)
    }
}

impl<S, F> VarMapModel<S, F, f64>
where
    F: FnMut(&mut S, &Pull) -> Result<TrainSummary, Error>,
{
    /// A model with `f64` weights.
    pub fn new_f64(vars: &VarMap, state: S, train: F) -> Self {
        Self::with_element(vars, state, train)
    }
}

impl<S, F, A> VarMapModel<S, F, A> {
    fn with_element(vars: &VarMap, state: S, train: F) -> Self {
        Self {
            vars: vars.clone(),
            state,
            train,
            check: true,
            element: PhantomData,
        }
    }

    /// Leaves out the check of every gradient, as [`Pull::unchecked`] does.
    #[must_use]
    pub fn unchecked(mut self) -> Self {
        self.check = false;
        self
    }

    /// The variables; a `VarMap` is a handle, so they are those given to [`VarMapModel::new`].
    pub fn vars(&self) -> &VarMap {
        &self.vars
    }

    /// The state of training.
    pub fn state(&self) -> &S {
        &self.state
    }

    /// The state of training, for changes.
    pub fn state_mut(&mut self) -> &mut S {
        &mut self.state
    }

    /// The state of training by value.
    pub fn into_state(self) -> S {
        self.state
    }
}

impl<S, F, A> Trainable for VarMapModel<S, F, A>
where
    A: Element,
    F: FnMut(&mut S, &Pull) -> Result<TrainSummary, Error>,
{
    type Elem = A;
    type Error = Error;

    fn weight(&self, name: &str) -> Result<CowArray<'_, A, IxDyn>, Error> {
        variables::read(&self.vars, name).map(CowArray::from)
    }

    fn set_weight(&mut self, name: &str, value: ArrayViewD<'_, A>) -> Result<(), Error> {
        variables::write(&self.vars, name, value)
    }

    fn train(&mut self, proximal: &Proximal<'_, A>) -> Result<TrainSummary, Error> {
        let mut pull = Pull::new(&self.vars, proximal)?;
        if !self.check {
            pull = pull.unchecked();
        }
        let summary = (self.train)(&mut self.state, &pull)?;
        // The library sees the anchors read above and cannot tell that they were never used.
        if pull.steps() == 0 {
            return Err(Error::PullUnused {
                iteration: pull.iteration(),
            });
        }
        Ok(summary)
    }
}

/// With a state that can be saved, `Admm::run_resumable` goes on after an interruption as if there had been none.
impl<S, F, A> Resumable for VarMapModel<S, F, A>
where
    S: State,
    A: Element,
    F: FnMut(&mut S, &Pull) -> Result<TrainSummary, Error>,
{
    fn save_state(&self) -> Result<Vec<u8>, Error> {
        state::to_bytes(&self.vars, &self.state)
    }

    fn load_state(&mut self, bytes: &[u8]) -> Result<(), Error> {
        state::from_bytes(&self.vars, &mut self.state, bytes)
    }
}
