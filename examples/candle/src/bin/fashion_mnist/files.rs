//! Finished stages as files.

use std::fs;
use std::path::Path;

use candle_admm::{Error, State, state};
use candle_nn::VarMap;

/// Loads a finished stage; `false` if there is none.
pub(crate) fn load(path: &Path, vars: &VarMap, origin: &mut impl State) -> Result<bool, Error> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed("read", path, error)),
    };
    state::from_bytes(vars, origin, &bytes).map_err(|error| failed("use", path, error))?;
    eprintln!("  taken from {}", path.display());
    Ok(true)
}

/// Writes a finished stage, whole or not at all.
pub(crate) fn save(path: &Path, vars: &VarMap, origin: &impl State) -> Result<(), Error> {
    let bytes = state::to_bytes(vars, origin)?;
    example_support::files::write(path, &bytes).map_err(|error| failed("write", path, error))
}

fn failed(action: &str, path: &Path, error: impl std::fmt::Display) -> Error {
    Error::other(format!("cannot {action} {}: {error}", path.display()))
}
