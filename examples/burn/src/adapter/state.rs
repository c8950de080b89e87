//! The state of a model and its training as bytes.

use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use tt_admm::BoxError;
use tt_admm::admm::Resumable;

use crate::{BurnModel, Error, Training};

/// A training that can be saved: all that the next W-step depends on, apart from the module. That is the state
/// of the optimiser (see [`optimizer_state`]), and counters such as the epoch.
pub trait SaveTraining {
    /// The state as bytes.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    fn save(&self) -> Result<Vec<u8>, BoxError>;

    /// Takes up a saved state.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn load(&mut self, state: &[u8]) -> Result<(), BoxError>;
}

/// The state of an optimiser as bytes, in burn's own format.
///
/// # Errors
///
/// [`Error::Burn`].
pub fn optimizer_state(optimizer: &ModuleOptimizer) -> Result<Vec<u8>, Error> {
    let bytes = optimizer.into_bytes();
    let bytes = bytes.map_err(|e| Error::burn("saving the optimiser", e))?;
    Ok(bytes.to_vec())
}

/// Gives an optimiser a saved state. Its settings are not part of the state.
///
/// # Errors
///
/// [`Error::Burn`]; the optimiser is unchanged then.
pub fn restore_optimizer(optimizer: &mut ModuleOptimizer, state: &[u8]) -> Result<(), Error> {
    let bytes = Bytes::from_bytes_vec(state.to_vec());
    let loaded = optimizer.clone().from_bytes(bytes);
    *optimizer = loaded.map_err(|e| Error::burn("loading the optimiser", e))?;
    Ok(())
}

/// Says what the bytes are, with the version of the format.
const MAGIC: &[u8; 8] = b"ttburn01";

/// Parameters, buffers and what [`SaveTraining`] gives. A module that a state is loaded into must have the same
/// structure; it is unchanged if the state does not fit.
impl<M: Module, T: Training<M> + SaveTraining> Resumable for BurnModel<M, T> {
    fn save_state(&self) -> Result<Vec<u8>, Error> {
        // Running statistics are averaged over threads late; `valid` does that first.
        let record = self.module.valid().into_record();
        let bytes = record.into_bytes();
        let module = bytes.map_err(|e| Error::burn("saving the module", e))?;
        let training = self.training.save().map_err(Error::State)?;
        let length = (module.len() as u64).to_le_bytes();
        Ok([MAGIC, &length[..], &module, &training].concat())
    }

    fn load_state(&mut self, state: &[u8]) -> Result<(), Error> {
        let (module, training) = split(state)?;
        let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(module.to_vec()))
            .map_err(|e| Error::burn("reading the module", e))?;
        // A copy of its own, without statistics still to be averaged: those would overwrite the loaded ones.
        let empty = self.module.valid().train();
        let loaded = empty
            .try_load_record(record)
            .map_err(|e| Error::burn("loading the module", e))?;
        self.training.load(training).map_err(Error::State)?;
        self.module = loaded;
        Ok(())
    }
}

/// The parts of the module and of the training.
fn split(state: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let broken = || Error::State("these bytes are not the state of a burn model".into());
    let rest = state.strip_prefix(MAGIC).ok_or_else(broken)?;
    let (length, rest) = rest.split_first_chunk::<8>().ok_or_else(broken)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| broken())?;
    rest.split_at_checked(length).ok_or_else(broken)
}
