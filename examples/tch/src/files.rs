//! Files and folders, with errors that name them.

use std::fs;
use std::io;
use std::path::Path;

use crate::Error;

/// The content of a file.
///
/// # Errors
///
/// [`Error::File`].
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| error(path, source))
}

/// Writes a file, whole or not at all.
///
/// # Errors
///
/// [`Error::File`]; what was at `path` is then still there.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    example_support::files::write(path, bytes).map_err(|source| error(path, source))
}

/// Makes a folder, with those above it.
///
/// # Errors
///
/// [`Error::File`].
pub fn make_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|source| error(path, source))
}

fn error(path: &Path, source: io::Error) -> Error {
    Error::File {
        path: path.to_owned(),
        source,
    }
}
