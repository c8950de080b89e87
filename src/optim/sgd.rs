//! Stochastic gradient descent.

use super::state::slot;
use super::{OptimError, Optimizer, OptimizerState, checks};
use crate::scalar::Scalar;
use crate::store::DecodeError;
use ndarray::{ArrayD, ArrayViewD, ArrayViewMutD, Zip};
use std::collections::BTreeMap;

/// Stochastic gradient descent with optional momentum, Nesterov momentum and weight decay.
///
/// With gradient `g`, weight decay `d`, momentum `m` and learning rate `l`, one step is
///
/// ```text
/// g <- g + d w
/// v <- m v + g             (v = g at the first step)
/// w <- w - l v             (Nesterov: w <- w - l (g + m v))
/// ```
///
/// as in PyTorch. The learning rate is outside of the velocity, so that a schedule acts at once.
/// Nesterov momentum in this form is due to Sutskever, Martens, Dahl and Hinton, "On the importance
/// of initialization and momentum in deep learning" (ICML 2013).
///
/// # Examples
///
/// ```
/// use tt_admm::ndarray::arr1;
/// use tt_admm::optim::{Optimizer, Sgd};
///
/// let mut sgd = Sgd::new(0.5).momentum(0.5);
/// let mut w = arr1(&[1.0]).into_dyn();
/// let g = arr1(&[1.0]).into_dyn();
/// sgd.step(0, 1.0, w.view_mut(), g.view()); // v = 1
/// assert_eq!(w[[0]], 0.5);
/// sgd.step(0, 1.0, w.view_mut(), g.view()); // v = 1.5
/// assert_eq!(w[[0]], -0.25);
/// ```
#[derive(Clone, Debug)]
pub struct Sgd<A> {
    learning_rate: f64,
    momentum: f64,
    nesterov: bool,
    weight_decay: f64,
    velocities: BTreeMap<usize, ArrayD<A>>,
}

const NAME: &str = "sgd";

impl<A: Scalar> Sgd<A> {
    /// Plain gradient descent at this learning rate, which must be finite and `> 0`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::optim::{Optimizer, Sgd};
    ///
    /// assert_eq!(Sgd::<f32>::new(0.1).learning_rate(), 0.1);
    /// assert!(Sgd::<f32>::new(0.0).check().is_err());
    /// ```
    #[must_use]
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            momentum: 0.0,
            nesterov: false,
            weight_decay: 0.0,
            velocities: BTreeMap::new(),
        }
    }

    /// The momentum, in `[0, 1)`; 0 by default.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::optim::{Optimizer, Sgd};
    ///
    /// assert!(Sgd::<f64>::new(0.1).momentum(0.9).check().is_ok());
    /// assert!(Sgd::<f64>::new(0.1).momentum(1.0).check().is_err());
    /// ```
    #[must_use]
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Whether the momentum is Nesterov's, which needs a momentum `> 0`; off by default.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::ndarray::arr1;
    /// use tt_admm::optim::{Optimizer, Sgd};
    ///
    /// let mut sgd = Sgd::new(0.5).momentum(0.5).nesterov(true);
    /// let mut w = arr1(&[1.0]).into_dyn();
    /// sgd.step(0, 1.0, w.view_mut(), arr1(&[1.0]).into_dyn().view());
    /// assert_eq!(w[[0]], 0.25); // 1 - 0.5 (1 + 0.5)
    /// ```
    #[must_use]
    pub fn nesterov(mut self, nesterov: bool) -> Self {
        self.nesterov = nesterov;
        self
    }

    /// The weight decay `d`, added to the gradient as `d w`; finite and `>= 0`, 0 by default.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::ndarray::arr1;
    /// use tt_admm::optim::{Optimizer, Sgd};
    ///
    /// let mut sgd = Sgd::new(0.5).weight_decay(0.5);
    /// let mut w = arr1(&[4.0]).into_dyn();
    /// sgd.step(0, 1.0, w.view_mut(), arr1(&[0.0]).into_dyn().view());
    /// assert_eq!(w[[0]], 3.0);
    /// ```
    #[must_use]
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = weight_decay;
        self
    }
}

impl<A: Scalar> Optimizer<A> for Sgd<A> {
    fn check(&self) -> Result<(), OptimError> {
        checks::positive::<A>("learning rate", self.learning_rate)?;
        checks::below_one::<A>("momentum", self.momentum)?;
        checks::non_negative::<A>("weight decay", self.weight_decay)?;
        if self.nesterov && self.momentum == 0.0 {
            return Err(OptimError::NesterovWithoutMomentum);
        }
        Ok(())
    }

    fn step(
        &mut self,
        slot: usize,
        lr_factor: f64,
        parameter: ArrayViewMutD<'_, A>,
        gradient: ArrayViewD<'_, A>,
    ) {
        let rate = A::narrow(self.learning_rate * lr_factor);
        let decay = A::narrow(self.weight_decay);
        let momentum = A::narrow(self.momentum);
        if self.momentum == 0.0 {
            Zip::from(parameter)
                .and(gradient)
                .for_each(|w, &g| *w -= rate * (g + decay * *w));
            return;
        }
        // A velocity of zero makes the first step v = g.
        let velocity = self.velocities.entry(slot).or_default();
        if velocity.shape() != parameter.shape() {
            *velocity = parameter.map(|_| A::zero());
        }
        let zip = Zip::from(parameter).and(gradient).and(velocity);
        if self.nesterov {
            zip.for_each(|w, &g, v| {
                let g = g + decay * *w;
                *v = momentum * *v + g;
                *w -= rate * (g + momentum * *v);
            });
        } else {
            zip.for_each(|w, &g, v| {
                *v = momentum * *v + (g + decay * *w);
                *w -= rate * *v;
            });
        }
    }

    fn reset(&mut self) {
        self.velocities.clear();
    }

    fn state(&self) -> OptimizerState<A> {
        let mut state = OptimizerState::new(NAME);
        state.arrays = self.velocities.values().cloned().collect();
        state.counters = self.velocities.keys().map(|&slot| slot as u64).collect();
        state
    }

    /// One velocity for every slot named in the counters.
    fn set_state(&mut self, state: OptimizerState<A>) -> Result<(), OptimError> {
        state.check_optimizer(NAME)?;
        let (arrays, counters) = (state.arrays, state.counters);
        if arrays.len() != counters.len() {
            let (arrays, counters) = (arrays.len(), counters.len());
            let what = format!("SGD has one array for each counter, got {arrays} and {counters}");
            return Err(DecodeError::Malformed { what }.into());
        }
        let slots = counters.into_iter().map(slot);
        self.velocities = slots
            .zip(arrays)
            .map(|(slot, velocity)| Ok((slot?, velocity)))
            .collect::<Result<_, OptimError>>()?;
        Ok(())
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }
}
