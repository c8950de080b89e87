//! The state of an optimiser and of a trainer, to be stored.

use ndarray::ArrayD;
use serde::{Deserialize, Serialize};

use super::{GradientModel, OptimError, Optimizer, Trainer};
use crate::error::first_non_finite;
use crate::scalar::Scalar;
use crate::store::{DecodeError, Kind, StoredArray, open, seal};

/// What an [`Optimizer`] remembers between steps: arrays and whole numbers whose meaning is its own.
///
/// # Examples
///
/// ```
/// use tt_admm::ndarray::arr1;
/// use tt_admm::optim::{Optimizer, Sgd};
///
/// let mut sgd = Sgd::new(0.5).momentum(0.5);
/// let (mut w, g) = (arr1(&[1.0]).into_dyn(), arr1(&[1.0]).into_dyn());
/// sgd.step(0, 1.0, w.view_mut(), g.view());
/// let state = sgd.state();
/// assert_eq!(state.arrays, [g]);                  // the velocity
///
/// let mut other = Sgd::new(0.5).momentum(0.5);
/// other.set_state(state)?;
/// let mut same = w.clone();
/// let g = arr1(&[0.25]).into_dyn();
/// sgd.step(0, 1.0, w.view_mut(), g.view());
/// other.step(0, 1.0, same.view_mut(), g.view());
/// assert_eq!(w, same);
/// # Ok::<(), tt_admm::optim::OptimError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OptimizerState<A> {
    /// The optimiser that made it, such as `"sgd"`; no other takes it.
    pub optimizer: String,
    /// Arrays of any shape; their memory layout is not kept when they are stored.
    pub arrays: Vec<ArrayD<A>>,
    /// Whole numbers.
    pub counters: Vec<u64>,
}

impl<A> OptimizerState<A> {
    /// The state of an optimiser that remembers nothing.
    #[must_use]
    pub fn new(optimizer: impl Into<String>) -> Self {
        Self {
            optimizer: optimizer.into(),
            arrays: Vec::new(),
            counters: Vec::new(),
        }
    }

    /// Whether this is a state of the optimiser called `name`.
    ///
    /// # Errors
    ///
    /// [`OptimError::State`] if it is one of another.
    pub fn check_optimizer(&self, name: &str) -> Result<(), OptimError> {
        if self.optimizer == name {
            return Ok(());
        }
        let what = format!(
            "a state of the optimiser `{}`, not `{name}`",
            self.optimizer
        );
        Err(DecodeError::Malformed { what }.into())
    }
}

const KIND: Kind = Kind {
    magic: *b"TTADMMTR",
    name: "state of a tt-admm trainer",
    version: 1,
    oldest: 1,
};

#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "A: Scalar")]
struct Stored<A> {
    epochs_done: usize,
    parameters: Vec<(String, StoredArray<A>)>,
    optimizer: String,
    arrays: Vec<StoredArray<A>>,
    counters: Vec<u64>,
}

impl<M: GradientModel, O: Optimizer<M::Elem>> Trainer<M, O> {
    /// The parameters, the state of the optimiser and the number of epochs done, as bytes with a version and
    /// a checksum. Settings and data are not in it, nor is anything else that the model may hold: a model
    /// that keeps more than parameters (running statistics, its own random numbers) has to store that
    /// itself.
    ///
    /// # Errors
    ///
    /// [`OptimError::State`] if the state cannot be encoded; none such is known.
    ///
    /// # Examples
    ///
    /// ```
    /// # use tt_admm::ndarray::{ArrayD, ArrayViewD, ArrayViewMutD, IxDyn};
    /// # #[derive(Clone)]
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
    /// # let model = Line { data: vec![(1.0, 3.0), (2.0, 1.0)], w: ArrayD::zeros(IxDyn(&[1])) };
    /// let new = |model| Trainer::builder(model, Sgd::new(0.1).momentum(0.9)).batch_size(1).build();
    /// let mut trainer = new(model.clone())?;
    /// trainer.fit(3)?;
    /// let state = trainer.save_state()?;
    /// trainer.fit(4)?;
    ///
    /// let mut resumed = new(model)?;
    /// resumed.load_state(&state)?;
    /// assert_eq!(resumed.epochs_done(), 3);
    /// resumed.fit(4)?;
    /// assert_eq!(resumed.model().w, trainer.model().w); // the same bits
    /// # Ok::<(), tt_admm::optim::OptimError>(())
    /// ```
    pub fn save_state(&self) -> Result<Vec<u8>, OptimError> {
        let state = self.optimizer().state();
        let parameters = self.model().parameters();
        let stored = Stored {
            epochs_done: self.epochs_done(),
            parameters: parameters
                .iter()
                .map(|(name, value)| ((*name).to_owned(), StoredArray::new(value)))
                .collect(),
            optimizer: state.optimizer,
            arrays: state.arrays.iter().map(|a| StoredArray::new(a)).collect(),
            counters: state.counters,
        };
        Ok(seal::<M::Elem, _>(&KIND, &stored, &[])?)
    }

    /// Takes a state that [`Trainer::save_state`] gave.
    ///
    /// # Errors
    ///
    /// [`OptimError::State`] if the bytes are no such state, or one of other parameters: names, order and
    /// shapes must be the same. The trainer is then unchanged.
    pub fn load_state(&mut self, state: &[u8]) -> Result<(), OptimError> {
        let stored: Stored<M::Elem> = open::<M::Elem, _>(&KIND, state)?.state;
        let restored =
            |array: StoredArray<M::Elem>| array.restore().map_err(DecodeError::malformed);
        let mut parameters = Vec::with_capacity(stored.parameters.len());
        for (name, value) in stored.parameters {
            parameters.push((name, restored(value)?));
        }
        let mut optimizer = OptimizerState::new(stored.optimizer);
        optimizer.arrays = stored
            .arrays
            .into_iter()
            .map(restored)
            .collect::<Result<_, _>>()?;
        optimizer.counters = stored.counters;
        check_parameters(&self.model().parameters(), &parameters)?;
        self.optimizer_mut().set_state(optimizer)?;
        for (name, value) in &parameters {
            self.set_parameter(name, value.view())?;
        }
        self.set_epochs_done(stored.epochs_done);
        Ok(())
    }
}

/// The slot with this number.
pub(super) fn slot(number: u64) -> Result<usize, OptimError> {
    usize::try_from(number).map_err(|_| DecodeError::malformed(format!("slot {number}")).into())
}

/// Whether stored parameters are those of the model.
fn check_parameters<A: Scalar>(
    model: &[(&str, ndarray::ArrayViewD<'_, A>)],
    stored: &[(String, ArrayD<A>)],
) -> Result<(), DecodeError> {
    let expected: Vec<_> = model.iter().map(|(name, _)| *name).collect();
    let got: Vec<_> = stored.iter().map(|(name, _)| name.as_str()).collect();
    if expected != got {
        let what = format!("the parameters are {got:?}, the model has {expected:?}");
        return Err(DecodeError::Malformed { what });
    }
    for ((name, parameter), (_, value)) in model.iter().zip(stored) {
        if parameter.shape() != value.shape() {
            let (got, expected) = (value.shape(), parameter.shape());
            let what = format!("parameter `{name}` has shape {got:?}, in the model {expected:?}");
            return Err(DecodeError::Malformed { what });
        }
        if let Some((index, value)) = first_non_finite(value) {
            let what = format!("parameter `{name}` is {value} at index {index:?}");
            return Err(DecodeError::Malformed { what });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_parameters;
    use ndarray::{ArrayD, arr1};

    #[test]
    fn names_are_compared_one_by_one() {
        let x: ArrayD<f64> = arr1(&[1.0]).into_dyn();
        let model = [("a, b", x.view())];
        let stored = [("a".to_owned(), x.clone()), ("b".to_owned(), x.clone())];
        let error = check_parameters(&model, &stored).unwrap_err().to_string();
        assert!(
            error.contains(r#"["a", "b"], the model has ["a, b"]"#),
            "{error}"
        );
        assert!(check_parameters(&model, &[("a, b".to_owned(), x.clone())]).is_ok());
    }
}
