//! Training without constraints, epoch by epoch.

use std::path::Path;

use crate::{Error, Model, Network, Pull, State, Trainer, WStep};

/// Trains up to this number of epochs, going on from the file if there is one, and saving to it after every
/// epoch.
pub(super) fn train<N: Network>(
    name: &str,
    model: &mut Model<'_, Trainer<'_, N>>,
    epochs: usize,
    file: Option<&Path>,
) -> Result<(), Error> {
    if let Some(file) = file.filter(|file| file.exists()) {
        model.restore(&State::read(file)?)?;
        eprintln!(
            "{name}: {} of {epochs} epochs are done",
            model.w_step().epoch()
        );
    }
    while model.w_step().epoch() < epochs {
        let summary = model.w_step_mut().train(&Pull::none())?;
        let loss = summary.loss.unwrap_or_default();
        let accuracy = summary
            .metrics
            .first()
            .map_or(0.0, |(_, accuracy)| *accuracy);
        let epoch = model.w_step().epoch();
        let seconds = model.w_step().times().total.as_secs_f64();
        eprintln!(
            "{name}: epoch {epoch} of {epochs}, loss {loss:.4}, accuracy {accuracy:.4}, {seconds:.1} s"
        );
        if let Some(file) = file {
            model.state()?.write(file)?;
        }
    }
    Ok(())
}
