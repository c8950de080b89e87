//! Saving all that training depends on.

use tt_admm::admm::Resumable;

use crate::{Error, Model, State, WStep};

/// A W-step that can be taken up again: what it keeps besides the variables of the store.
pub trait Persistent: WStep {
    /// Adds the optimiser's state, the epoch, seeds. Names must not start with `variable.`.
    ///
    /// # Errors
    ///
    /// Those of [`State::put`].
    fn save(&self, state: &mut State) -> Result<(), Error>;

    /// Takes them back.
    ///
    /// # Errors
    ///
    /// Those of [`State::restore`].
    fn load(&mut self, state: &State) -> Result<(), Error>;
}

impl<W: Persistent> Model<'_, W> {
    /// All variables of the store, trainable or not, and what the W-step keeps.
    ///
    /// # Errors
    ///
    /// Those of [`State::put`].
    pub fn state(&self) -> Result<State, Error> {
        let mut state = State::new();
        state.put_store("variable.", self.store)?;
        self.w_step.save(&mut state)?;
        Ok(state)
    }

    /// Takes up the training where [`Model::state`] was called.
    ///
    /// # Errors
    ///
    /// [`Error::Saved`] and [`Error::Shape`] if the state is that of another network.
    pub fn restore(&mut self, state: &State) -> Result<(), Error> {
        state.restore_store("variable.", self.store)?;
        self.w_step.load(state)
    }
}

/// A checkpoint of ADMM holds the [`Model::state`] as a safetensors file.
impl<W: Persistent> Resumable for Model<'_, W> {
    fn save_state(&self) -> Result<Vec<u8>, Error> {
        self.state()?.to_bytes()
    }

    fn load_state(&mut self, state: &[u8]) -> Result<(), Error> {
        self.restore(&State::from_bytes("checkpoint", state)?)
    }
}
