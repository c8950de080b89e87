//! Models with hand-written gradients are trainable through the crate's own optimisers.

use ndarray::{ArrayViewD, CowArray, IxDyn};

use super::{Proximal, Resumable, TrainSummary, Trainable};
use crate::optim::{GradientModel, OptimError, Optimizer, Trainer};

/// The W-step is [`Trainer::epochs_per_update`] epochs, the proximal gradient added to every mini-batch's.
impl<M: GradientModel, O: Optimizer<M::Elem>> Trainable for Trainer<M, O> {
    type Elem = M::Elem;
    type Error = OptimError;

    fn weight(&self, name: &str) -> Result<CowArray<'_, M::Elem, IxDyn>, OptimError> {
        self.parameter(name).map(CowArray::from)
    }

    fn set_weight(&mut self, name: &str, value: ArrayViewD<'_, M::Elem>) -> Result<(), OptimError> {
        self.set_parameter(name, value)
    }

    fn train(&mut self, proximal: &Proximal<'_, M::Elem>) -> Result<TrainSummary, OptimError> {
        let summary = self.fit_with(self.epochs_per_update(), |name, weight, mut gradient| {
            Ok(proximal.add_gradient(name, &weight, &mut gradient)?)
        })?;
        Ok(TrainSummary::new().loss(summary.loss()))
    }
}

/// The state is that of [`Trainer::save_state`].
impl<M: GradientModel, O: Optimizer<M::Elem>> Resumable for Trainer<M, O> {
    fn save_state(&self) -> Result<Vec<u8>, OptimError> {
        Trainer::save_state(self)
    }

    fn load_state(&mut self, state: &[u8]) -> Result<(), OptimError> {
        Trainer::load_state(self, state)
    }
}
