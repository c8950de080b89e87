//! Saving a model with all that its next epoch depends on, and taking it up again.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};
use candle_nn::VarMap;

use crate::variables::sorted;
use crate::{Error, Sgd};

/// Prefixes of the tensors in a saved state.
const VARIABLE: &str = "variable/";
const STATE: &str = "state/";

/// State of a training beside the variables: optimiser, counters, seeds.
///
/// The value is expressed as named tensors, so that a saved model is one file in the safetensors format.
///
/// # Examples
///
/// ```
/// use std::collections::BTreeMap;
/// use candle_admm::{Error, Sgd, State, take_scalar};
/// use candle_core::{Device, Tensor};
///
/// struct Session { optimizer: Sgd, epoch: i64 }
///
/// impl State for Session {
///     fn save(&self) -> Result<Vec<(String, Tensor)>, Error> {
///         let mut list = self.optimizer.save()?;
///         list.push(("epoch".to_string(), Tensor::new(self.epoch, &Device::Cpu)?));
///         Ok(list)
///     }
///     fn load(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), Error> {
///         let epoch = take_scalar(tensors, "epoch")?;
///         self.optimizer.load(tensors)?;
///         self.epoch = epoch;
///         Ok(())
///     }
/// }
/// ```
pub trait State {
    /// The state as named tensors on any device.
    ///
    /// # Errors
    ///
    /// If a tensor cannot be made.
    fn save(&self) -> Result<Vec<(String, Tensor)>, Error>;

    /// Takes over a saved state; the tensors are in the memory of the CPU.
    ///
    /// # Errors
    ///
    /// [`Error::State`] if a tensor is missing or has the wrong shape; nothing should be changed then.
    fn load(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), Error>;
}

/// No state: a training that depends on the variables only.
impl State for () {
    fn save(&self) -> Result<Vec<(String, Tensor)>, Error> {
        Ok(Vec::new())
    }

    fn load(&mut self, _: &BTreeMap<String, Tensor>) -> Result<(), Error> {
        Ok(())
    }
}

/// A saved number.
///
/// # Errors
///
/// [`Error::State`] if there is none of this name and type.
pub fn take_scalar<T: candle_core::WithDType>(
    tensors: &BTreeMap<String, Tensor>,
    name: &str,
) -> Result<T, Error> {
    let missing = || Error::State(format!("it has no `{name}`"));
    let tensor = tensors.get(name).ok_or_else(missing)?;
    tensor
        .to_scalar()
        .map_err(|e| Error::State(format!("`{name}`: {e}")))
}

impl State for Sgd {
    fn save(&self) -> Result<Vec<(String, Tensor)>, Error> {
        let rate = Tensor::new(self.config.learning_rate, &Device::Cpu)?;
        let mut list = vec![("sgd/learning_rate".to_owned(), rate)];
        for slot in &self.slots {
            if let Some(velocity) = &slot.velocity {
                list.push((format!("sgd/velocity/{}", slot.name), velocity.clone()));
            }
        }
        Ok(list)
    }

    fn load(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), Error> {
        let learning_rate = take_scalar(tensors, "sgd/learning_rate")?;
        let mut velocities = Vec::with_capacity(self.slots.len());
        for slot in &self.slots {
            let name = format!("sgd/velocity/{}", slot.name);
            // A variable that had no gradient yet has no velocity.
            let saved = tensors.get(&name).map(|saved| {
                fits(&name, saved, &slot.var)?;
                Ok::<_, Error>(saved.to_device(slot.var.device())?)
            });
            velocities.push(saved.transpose()?);
        }
        self.config.learning_rate = learning_rate;
        for (slot, velocity) in self.slots.iter_mut().zip(velocities) {
            slot.velocity = velocity;
        }
        Ok(())
    }
}

/// The variables and a state as bytes in the safetensors format.
///
/// # Errors
///
/// What candle and safetensors say if a tensor cannot be copied or written.
pub fn to_bytes(vars: &VarMap, state: &impl State) -> Result<Vec<u8>, Error> {
    let mut all = BTreeMap::new();
    for (name, var) in sorted(vars) {
        all.insert(format!("{VARIABLE}{name}"), var.to_device(&Device::Cpu)?);
    }
    for (name, tensor) in state.save()? {
        let tensor = tensor.to_device(&Device::Cpu)?.contiguous()?;
        all.insert(format!("{STATE}{name}"), tensor);
    }
    safetensors::serialize(all, None).map_err(Error::other)
}

/// Takes over what [`to_bytes`] has written. Everything about the variables is checked before anything is changed.
///
/// # Errors
///
/// [`Error::State`] if the bytes are not such a state, or belong to other variables.
pub fn from_bytes(vars: &VarMap, state: &mut impl State, bytes: &[u8]) -> Result<(), Error> {
    let all = candle_core::safetensors::load_buffer(bytes, &Device::Cpu)
        .map_err(|e| Error::State(e.to_string()))?;
    let (mut variables, mut rest) = (BTreeMap::new(), BTreeMap::new());
    for (name, tensor) in all {
        if let Some(name) = name.strip_prefix(VARIABLE) {
            variables.insert(name.to_owned(), tensor);
        } else if let Some(name) = name.strip_prefix(STATE) {
            rest.insert(name.to_owned(), tensor);
        } else {
            return Err(Error::State(format!("it has an unknown entry `{name}`")));
        }
    }
    let mut pairs = Vec::new();
    for (name, var) in sorted(vars) {
        let missing = || Error::State(format!("it has no variable `{name}`"));
        let saved = variables.remove(&name).ok_or_else(missing)?;
        fits(&name, &saved, &var)?;
        pairs.push((var, saved));
    }
    if let Some(name) = variables.keys().next() {
        return Err(Error::State(format!("the model has no variable `{name}`")));
    }
    state.load(&rest)?;
    for (var, saved) in pairs {
        var.set(&saved.to_device(var.device())?)?;
    }
    Ok(())
}

fn fits(name: &str, saved: &Tensor, own: &Tensor) -> Result<(), Error> {
    if saved.dims() == own.dims() && saved.dtype() == own.dtype() {
        return Ok(());
    }
    Err(Error::State(format!(
        "`{name}` is {:?} {:?} there and {:?} {:?} here",
        saved.dtype(),
        saved.dims(),
        own.dtype(),
        own.dims()
    )))
}
