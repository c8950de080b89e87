//! Finding and opening files, compressed or not.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::DataError;

/// The paths of all these files in a folder; each may also end in one of the other suffixes.
pub(super) fn find<const N: usize>(
    folder: &Path,
    names: [&str; N],
    suffixes: &[&str],
    source_of_files: &'static str,
) -> Result<[PathBuf; N], DataError> {
    if !folder.is_dir() {
        let folder = folder.to_owned();
        return Err(DataError::MissingFolder {
            folder,
            source_of_files,
        });
    }
    let existing = |name: &str| {
        let mut paths = suffixes.iter().map(|s| folder.join(format!("{name}{s}")));
        paths.find(|path| path.is_file())
    };
    let found = names.map(existing);
    let missing: Vec<String> = names
        .iter()
        .zip(&found)
        .filter(|(_, path)| path.is_none())
        .map(|(&name, _)| name.to_owned())
        .collect();
    if !missing.is_empty() {
        return Err(DataError::MissingFiles {
            folder: folder.to_owned(),
            missing,
            source_of_files,
        });
    }
    Ok(found.map(Option::unwrap_or_default))
}

/// A reader of the file's content, uncompressed if its name ends in `.gz`.
pub(super) fn open(path: &Path) -> Result<Box<dyn Read>, DataError> {
    let file = File::open(path).map_err(|source| read_error(path, source))?;
    let file = BufReader::new(file);
    Ok(if path.extension().is_some_and(|e| e == "gz") {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    })
}

/// All the rest, if it is no longer than `most`; one byte more if it is. A header that promises too much
/// does not make this allocate too much.
pub(super) fn rest(reader: impl Read, most: u64, path: &Path) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::new();
    reader
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|source| read_error(path, source))?;
    Ok(bytes)
}

pub(super) fn read_error(path: &Path, source: std::io::Error) -> DataError {
    DataError::Read {
        path: path.to_owned(),
        source,
    }
}
