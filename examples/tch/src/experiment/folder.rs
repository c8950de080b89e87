//! The folder of a run.

use std::path::{Path, PathBuf};

use super::Settings;
use crate::{Error, files};

/// Where the stages of a run leave their files; or nowhere.
#[derive(Debug)]
pub(super) struct Folder(Option<PathBuf>);

impl Folder {
    /// Opens the folder, or makes it. One folder belongs to one network and one
    /// set of settings.
    pub(super) fn open(settings: &Settings, network: &str) -> Result<Self, Error> {
        let Some(folder) = &settings.folder else {
            return Ok(Self(None));
        };
        files::make_folder(folder)?;
        let file = folder.join("settings.txt");
        let wanted = settings.fingerprint(network);
        if !file.exists() {
            files::write(&file, wanted.as_bytes())?;
            return Ok(Self(Some(folder.clone())));
        }
        let found = String::from_utf8_lossy(&files::read(&file)?).into_owned();
        let differing = found
            .lines()
            .zip(wanted.lines())
            .find(|(old, new)| old != new);
        match differing {
            Some((old, new)) => Err(Error::Saved {
                place: file.display().to_string(),
                what: format!(
                    "the run in this folder has other settings: `{}`, now `{}`",
                    old.trim(),
                    new.trim()
                ),
            }),
            None => Ok(Self(Some(folder.clone()))),
        }
    }

    /// The path of a file or folder in it.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.0.as_deref().map(|folder: &Path| folder.join(name))
    }
}
