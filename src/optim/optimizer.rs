//! The interface of an optimiser.

use super::{OptimError, OptimizerState};
use crate::scalar::Scalar;
use ndarray::{ArrayViewD, ArrayViewMutD};

/// A first-order optimiser: turns the gradient of one parameter into a step of that parameter.
///
/// The trait is object-safe, and `Box<dyn Optimizer<A>>` is an optimiser again.
///
/// # Examples
///
/// An optimiser of one's own that moves every weight by a fixed amount:
///
/// ```
/// use tt_admm::ndarray::{ArrayViewD, ArrayViewMutD, Zip, arr1};
/// use tt_admm::optim::{OptimError, Optimizer, OptimizerState};
///
/// #[derive(Debug)]
/// struct SignDescent(f64);
///
/// impl Optimizer<f64> for SignDescent {
///     fn check(&self) -> Result<(), OptimError> {
///         Ok(())
///     }
///     fn step(
///         &mut self,
///         _slot: usize,
///         lr_factor: f64,
///         parameter: ArrayViewMutD<'_, f64>,
///         gradient: ArrayViewD<'_, f64>,
///     ) {
///         let rate = self.0 * lr_factor;
///         Zip::from(parameter).and(gradient).for_each(|w, g| *w -= rate * g.signum());
///     }
///     fn reset(&mut self) {}
///     fn state(&self) -> OptimizerState<f64> {
///         OptimizerState::new("sign descent") // nothing is remembered from step to step
///     }
///     fn set_state(&mut self, state: OptimizerState<f64>) -> Result<(), OptimError> {
///         state.check_optimizer("sign descent")
///     }
///     fn learning_rate(&self) -> f64 {
///         self.0
///     }
/// }
///
/// let mut optimizer: Box<dyn Optimizer<f64>> = Box::new(SignDescent(0.5));
/// let mut w = arr1(&[1.0, 1.0]).into_dyn();
/// let g = arr1(&[7.0, -0.1]).into_dyn();
/// optimizer.step(0, 0.5, w.view_mut(), g.view());
/// assert_eq!(w, arr1(&[0.75, 1.25]).into_dyn());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an optimiser of `{A}` parameters",
    label = "the trait `Optimizer<{A}>` is needed here",
    note = "use `Sgd` or `Adam`, with the element type of the model"
)]
pub trait Optimizer<A: Scalar>: std::fmt::Debug {
    /// Whether the hyper-parameters are legal.
    ///
    /// # Errors
    ///
    /// [`OptimError::HyperParameter`] names the first illegal one; optimisers have further rules.
    fn check(&self) -> Result<(), OptimError>;

    /// Updates `parameter` in place from its `gradient`, at `lr_factor` times the learning rate.
    ///
    /// `slot` is the position of the parameter in the model's list; state such as momentum is kept
    /// per slot. State of a slot whose shape changed is started anew.
    ///
    /// # Panics
    ///
    /// May panic if `parameter` and `gradient` have different shapes, as the arithmetic of `ndarray`
    /// does. [`Trainer`](super::Trainer) checks the shapes before.
    fn step(
        &mut self,
        slot: usize,
        lr_factor: f64,
        parameter: ArrayViewMutD<'_, A>,
        gradient: ArrayViewD<'_, A>,
    );

    /// Forgets all state, as if no step had been made. Hyper-parameters stay.
    fn reset(&mut self);

    /// All that the next step depends on besides hyper-parameters, to be stored.
    fn state(&self) -> OptimizerState<A>;

    /// Takes a state that [`Optimizer::state`] gave.
    ///
    /// # Errors
    ///
    /// [`OptimError::State`] if it is no state of this optimiser, which is then unchanged.
    fn set_state(&mut self, state: OptimizerState<A>) -> Result<(), OptimError>;

    /// The learning rate before any schedule.
    fn learning_rate(&self) -> f64;
}

impl<A: Scalar, O: Optimizer<A> + ?Sized> Optimizer<A> for Box<O> {
    fn check(&self) -> Result<(), OptimError> {
        (**self).check()
    }

    fn step(
        &mut self,
        slot: usize,
        lr_factor: f64,
        parameter: ArrayViewMutD<'_, A>,
        gradient: ArrayViewD<'_, A>,
    ) {
        (**self).step(slot, lr_factor, parameter, gradient);
    }

    fn reset(&mut self) {
        (**self).reset();
    }

    fn state(&self) -> OptimizerState<A> {
        (**self).state()
    }

    fn set_state(&mut self, state: OptimizerState<A>) -> Result<(), OptimError> {
        (**self).set_state(state)
    }

    fn learning_rate(&self) -> f64 {
        (**self).learning_rate()
    }
}
