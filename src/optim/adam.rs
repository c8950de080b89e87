//! Adam and `AdamW`.

use super::state::slot;
use super::{OptimError, Optimizer, OptimizerState, checks};
use crate::scalar::Scalar;
use crate::store::DecodeError;
use ndarray::{ArrayD, ArrayViewD, ArrayViewMutD, Zip};
use std::collections::BTreeMap;

/// Adam, with bias correction, and with decoupled weight decay `AdamW`.
///
/// With gradient `g`, decay rates `b1` and `b2`, learning rate `l` and step number `t` from 1,
///
/// ```text
/// m <- b1 m + (1 - b1) g
/// v <- b2 v + (1 - b2) g^2
/// w <- w - l (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)
/// ```
///
/// The weight decay `d` is added to the gradient as `d w`, or, if decoupled, shrinks the weight by
/// `w <- w - l d w` before the step. The step number is kept per parameter.
///
/// Sources: Kingma and Ba, "Adam: a method for stochastic optimization" (ICLR 2015); Loshchilov and
/// Hutter, "Decoupled weight decay regularization" (ICLR 2019).
///
/// # Examples
///
/// The first step has the length of the learning rate, whatever the size of the gradient:
///
/// ```
/// use tt_admm::ndarray::arr1;
/// use tt_admm::optim::{Adam, Optimizer};
///
/// let mut adam = Adam::new(0.25);
/// let mut w = arr1(&[1.0, 1.0]).into_dyn();
/// adam.step(0, 1.0, w.view_mut(), arr1(&[1e-3, -1e3]).into_dyn().view());
/// assert!((w[[0]] - 0.75_f64).abs() < 1e-5);
/// assert!((w[[1]] - 1.25_f64).abs() < 1e-5);
/// ```
#[derive(Clone, Debug)]
pub struct Adam<A> {
    learning_rate: f64,
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    weight_decay: f64,
    decoupled: bool,
    moments: BTreeMap<usize, Moments<A>>,
}

#[derive(Clone, Debug)]
struct Moments<A> {
    steps: i32,
    first: ArrayD<A>,
    second: ArrayD<A>,
}

const NAME: &str = "adam";

impl<A: Scalar> Adam<A> {
    /// Adam at this learning rate, which must be finite and `> 0`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::optim::{Adam, Optimizer};
    ///
    /// assert_eq!(Adam::<f32>::new(1e-3).learning_rate(), 1e-3);
    /// assert!(Adam::<f32>::new(f64::NAN).check().is_err());
    /// ```
    #[must_use]
    pub fn new(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
            decoupled: false,
            moments: BTreeMap::new(),
        }
    }

    /// The decay rates of the first and the second moment, each in `[0, 1)`; 0.9 and 0.999 by default.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::optim::{Adam, Optimizer};
    ///
    /// assert!(Adam::<f64>::new(1e-3).betas(0.9, 0.99).check().is_ok());
    /// assert!(Adam::<f64>::new(1e-3).betas(0.9, 1.0).check().is_err());
    /// ```
    #[must_use]
    pub fn betas(mut self, beta1: f64, beta2: f64) -> Self {
        self.beta1 = beta1;
        self.beta2 = beta2;
        self
    }

    /// The number added to the root of the second moment; finite and `> 0`, `1e-8` by default.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::ndarray::arr1;
    /// use tt_admm::optim::{Adam, Optimizer};
    ///
    /// let mut adam = Adam::new(1.0).epsilon(1.0);
    /// let mut w = arr1(&[0.0]).into_dyn();
    /// adam.step(0, 1.0, w.view_mut(), arr1(&[3.0]).into_dyn().view());
    /// assert!((w[[0]] + 0.75_f64).abs() < 1e-12); // 3 / (3 + 1)
    /// ```
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// The weight decay; finite and `>= 0`, 0 by default. See [`Adam::decoupled`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::optim::{Adam, Optimizer};
    ///
    /// assert!(Adam::<f64>::new(1e-3).weight_decay(1e-4).check().is_ok());
    /// assert!(Adam::<f64>::new(1e-3).weight_decay(-1e-4).check().is_err());
    /// ```
    #[must_use]
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = weight_decay;
        self
    }

    /// Whether the weight decay acts on the weights (`AdamW`) instead of the gradients; off by default.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::ndarray::arr1;
    /// use tt_admm::optim::{Adam, Optimizer};
    ///
    /// let mut adam = Adam::new(0.5).weight_decay(0.5).decoupled(true);
    /// let mut w = arr1(&[4.0]).into_dyn();
    /// adam.step(0, 1.0, w.view_mut(), arr1(&[0.0]).into_dyn().view());
    /// assert_eq!(w[[0]], 3.0);
    /// ```
    #[must_use]
    pub fn decoupled(mut self, decoupled: bool) -> Self {
        self.decoupled = decoupled;
        self
    }
}

impl<A: Scalar> Optimizer<A> for Adam<A> {
    fn check(&self) -> Result<(), OptimError> {
        checks::positive::<A>("learning rate", self.learning_rate)?;
        checks::below_one::<A>("beta1", self.beta1)?;
        checks::below_one::<A>("beta2", self.beta2)?;
        checks::positive::<A>("epsilon", self.epsilon)?;
        checks::non_negative::<A>("weight decay", self.weight_decay)
    }

    fn step(
        &mut self,
        slot: usize,
        lr_factor: f64,
        parameter: ArrayViewMutD<'_, A>,
        gradient: ArrayViewD<'_, A>,
    ) {
        let fresh = || Moments {
            steps: 0,
            first: parameter.map(|_| A::zero()),
            second: parameter.map(|_| A::zero()),
        };
        let moments = self.moments.entry(slot).or_insert_with(fresh);
        if moments.first.shape() != parameter.shape() {
            *moments = fresh();
        }
        // The corrections are 1 long before the count saturates.
        moments.steps = moments.steps.saturating_add(1);
        let rate = self.learning_rate * lr_factor;
        // The scalars are combined in f64, so that f32 rounds each of them once.
        let step = A::narrow(rate / (1.0 - self.beta1.powi(moments.steps)));
        let correction = A::narrow((1.0 - self.beta2.powi(moments.steps)).sqrt().recip());
        let (keep1, take1) = (A::narrow(self.beta1), A::narrow(1.0 - self.beta1));
        let (keep2, take2) = (A::narrow(self.beta2), A::narrow(1.0 - self.beta2));
        let epsilon = A::narrow(self.epsilon);
        let (decay, shrink) = if self.decoupled {
            (A::zero(), A::narrow(1.0 - rate * self.weight_decay))
        } else {
            (A::narrow(self.weight_decay), A::one())
        };
        Zip::from(parameter)
            .and(gradient)
            .and(&mut moments.first)
            .and(&mut moments.second)
            .for_each(|w, &g, m, v| {
                let g = g + decay * *w;
                *m = keep1 * *m + take1 * g;
                *v = keep2 * *v + take2 * g * g;
                *w = shrink * *w - step * *m / (v.sqrt() * correction + epsilon);
            });
    }

    fn reset(&mut self) {
        self.moments.clear();
    }

    fn state(&self) -> OptimizerState<A> {
        let mut state = OptimizerState::new(NAME);
        for (&slot, moments) in &self.moments {
            // The count starts at 0 and only grows.
            let steps = u64::try_from(moments.steps).unwrap_or(0);
            state.counters.extend([slot as u64, steps]);
            let moments = [&moments.first, &moments.second];
            state.arrays.extend(moments.into_iter().cloned());
        }
        state
    }

    /// For every slot two counters, the slot and its steps, and two arrays, its moments.
    fn set_state(&mut self, state: OptimizerState<A>) -> Result<(), OptimError> {
        state.check_optimizer(NAME)?;
        let malformed = |what: String| OptimError::from(DecodeError::Malformed { what });
        let (counters, odd) = state.counters.as_chunks::<2>();
        if !odd.is_empty() || state.arrays.len() != state.counters.len() {
            let (arrays, counters) = (state.arrays.len(), state.counters.len());
            return Err(malformed(format!(
                "Adam has two arrays and two counters for each slot, got {arrays} and {counters}"
            )));
        }
        let mut arrays = state.arrays.into_iter();
        let mut restored = BTreeMap::new();
        for &[number, steps] in counters {
            let (Some(first), Some(second)) = (arrays.next(), arrays.next()) else {
                break;
            };
            if first.shape() != second.shape() {
                let (a, b) = (first.shape(), second.shape());
                return Err(malformed(format!("moments of shapes {a:?} and {b:?}")));
            }
            let steps = i32::try_from(steps).map_err(|_| malformed(format!("{steps} steps")))?;
            let moments = Moments {
                steps,
                first,
                second,
            };
            restored.insert(slot(number)?, moments);
        }
        self.moments = restored;
        Ok(())
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }
}
