//! The proximal terms of one W-step, on the device.

use std::cell::Cell;

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::VarMap;
use tt_admm::Proximal;

use crate::variables::{find_typed, sorted, upload};
use crate::{Element, Error, finite};

/// What pulls the constrained weights: `rho (W - anchor)`, added to their gradients.
///
/// The anchors are copied to the device when the value is made; from then on everything happens there. Use it
/// between `backward` and the optimiser's step, once per step:
///
/// ```
/// # use candle_core::Tensor;
/// # use candle_nn::Optimizer;
/// # fn step(loss: Tensor, pull: &candle_admm::Pull, optimizer: &mut impl Optimizer) -> Result<(), candle_admm::Error> {
/// let mut grads = loss.backward()?;
/// pull.add_to(&mut grads)?;
/// optimizer.step(&grads)?;
/// # Ok(())
/// # }
/// ```
///
/// or let [`Pull::backward`] do the first two lines and check the loss as well.
///
/// # Examples
///
/// In a training loop of your own, without [`VarMapModel`](crate::VarMapModel):
///
/// ```
/// use candle_admm::{Pull, init, variables};
/// use candle_core::{DType, Device, Tensor};
/// use candle_nn::{Module, Optimizer, SGD, VarBuilder, VarMap, linear, loss};
/// use tt_admm::{Admm, TtProjection};
///
/// let vars = VarMap::new();
/// let layer = linear(6, 4, VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu).pp("fc"))?;
/// init::he_uniform(&vars, 1)?;
/// let x = Tensor::arange(0f32, 192.0, &Device::Cpu)?.sqr()?.sin()?.reshape((32, 6))?;
/// let y = Tensor::arange(0f32, 128.0, &Device::Cpu)?.sin()?.reshape((32, 4))?;
/// let mut optimizer = SGD::new(vars.all_vars(), 0.1)?;
///
/// let read = |name: &str| variables::read::<f32>(&vars, name);
/// let mut admm = Admm::builder()
///     .constrain("fc.weight", TtProjection::new(2))
///     .rho(0.5)
///     .try_build_from(read)?;
/// for _epoch in 0..60 {
///     let pull = Pull::new(&vars, &admm.proximal())?;
///     for _batch in 0..50 {
///         let mut grads = loss::mse(&layer.forward(&x)?, &y)?.backward()?;
///         pull.add_to(&mut grads)?;
///         optimizer.step(&grads)?;
///     }
///     admm.try_update(read)?;
/// }
/// assert!(admm.history()[59].primal_residual() < 1e-5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Pull {
    terms: Vec<Term>,
    /// Every variable by name, for the check of the gradients.
    variables: Vec<(String, Var)>,
    check: bool,
    iteration: usize,
    steps: Cell<usize>,
}

#[derive(Debug)]
struct Term {
    weight: Var,
    anchor: Tensor,
    rho: f64,
}

impl Pull {
    /// The terms of a W-step: of the one that `Trainable::train` was called for, or of `admm.proximal()` in a
    /// training loop of your own.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownVariable`], [`Error::DType`] or [`Error::Shape`] if a constrained weight is not a variable
    /// of the map, and what candle says if the copy fails.
    pub fn new<A: Element>(vars: &VarMap, proximal: &Proximal<'_, A>) -> Result<Self, Error> {
        let mut terms = Vec::new();
        for name in proximal.names() {
            let (Some(anchor), Some(rho)) = (proximal.anchor(name), proximal.rho(name)) else {
                continue;
            };
            let weight = find_typed::<A>(vars, name)?;
            terms.push(Term {
                anchor: upload(&weight, name, anchor)?,
                weight,
                rho: rho.widen(),
            });
        }
        Ok(Self {
            terms,
            ..Self::none(vars, proximal.iteration())
        })
    }

    /// No terms, for training without ADMM by the same loop and with the same checks; errors give this epoch as
    /// the iteration.
    #[must_use]
    pub fn none(vars: &VarMap, epoch: usize) -> Self {
        Self {
            terms: Vec::new(),
            variables: sorted(vars),
            check: true,
            iteration: epoch,
            steps: Cell::new(0),
        }
    }

    /// Leaves out the check that every gradient is finite. The check costs one pass over the gradients and one
    /// number copied from the device per step.
    #[must_use]
    pub fn unchecked(mut self) -> Self {
        self.check = false;
        self
    }

    /// Adds `rho (W - anchor)` to the gradient of every constrained weight.
    ///
    /// # Errors
    ///
    /// [`Error::NonFiniteGradient`] if a gradient of any variable of the map is not finite, and what candle says
    /// if a gradient does not have the shape or type of its variable.
    pub fn add_to(&self, grads: &mut GradStore) -> Result<(), Error> {
        self.steps.set(self.steps.get() + 1);
        for term in &self.terms {
            // Detached, or the sum would carry a graph of its own.
            let weight = term.weight.as_detached_tensor();
            let pull = ((weight - &term.anchor)? * term.rho)?;
            // A weight that the loss does not depend on has no gradient yet.
            let sum = match grads.remove(&term.weight) {
                Some(gradient) => (gradient.detach() + pull)?,
                None => pull,
            };
            grads.insert(&term.weight, sum);
        }
        if self.check
            && !finite::gradients_are_finite(&self.variables, grads)?
            && let Some(name) = finite::first_gradient(&self.variables, grads)?
        {
            return Err(Error::NonFiniteGradient {
                name,
                iteration: self.iteration,
                step: self.steps(),
            });
        }
        Ok(())
    }

    /// Back-propagates the loss of a mini-batch and adds the proximal terms; returns the loss with the gradients.
    ///
    /// # Errors
    ///
    /// [`Error::NonFiniteLoss`], and those of [`Pull::add_to`].
    pub fn backward(&self, loss: &Tensor) -> Result<(f64, GradStore), Error> {
        // On the CPU: not every device has f64.
        let value = loss.detach().to_device(&Device::Cpu)?;
        let value = value.to_dtype(DType::F64)?.to_scalar::<f64>()?;
        if !value.is_finite() {
            return Err(Error::NonFiniteLoss {
                loss: value,
                iteration: self.iteration,
                step: self.steps() + 1,
                variable: self.culprit(loss)?,
            });
        }
        let mut grads = loss.backward()?;
        self.add_to(&mut grads)?;
        Ok((value, grads))
    }

    /// The iteration of ADMM that the terms belong to, counted from 1.
    #[must_use]
    pub fn iteration(&self) -> usize {
        self.iteration
    }

    /// How often the terms were added so far.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps.get()
    }

    /// Where a loss that is not finite may come from: a variable, or else a gradient.
    fn culprit(&self, loss: &Tensor) -> Result<Option<String>, Error> {
        if let Some(name) = finite::first_variable(&self.variables)? {
            return Ok(Some(name));
        }
        Ok(finite::first_gradient(&self.variables, &loss.backward()?)?)
    }
}
