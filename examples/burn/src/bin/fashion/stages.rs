//! Networks kept as files, so that a run that is taken up again does not train them anew.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use burn_admm::{Cnn, Error};
use example_support::files;
use tt_admm::BoxError;

/// A folder of trained networks, or nothing.
#[derive(Debug)]
pub(crate) struct Stages {
    folder: Option<PathBuf>,
}

impl Stages {
    /// Opens the folder. Networks that were trained with other settings are refused.
    pub(crate) fn open(folder: Option<PathBuf>, settings: &str) -> Result<Self, BoxError> {
        if let Some(folder) = &folder {
            fs::create_dir_all(folder).map_err(|e| failed(folder, e))?;
            let path = folder.join("settings.txt");
            match fs::read_to_string(&path) {
                Ok(other) if other == settings => {}
                Ok(other) => {
                    let folder = folder.display();
                    return Err(
                        format!("{folder} is of a run with {other}, not with {settings}").into(),
                    );
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    files::write(&path, settings.as_bytes()).map_err(|e| failed(&path, e))?;
                }
                Err(error) => return Err(failed(&path, error).into()),
            }
        }
        Ok(Self { folder })
    }

    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// The network of this stage: from its file if there is one, else trained, and kept.
    pub(crate) fn get(
        &self,
        stage: &str,
        start: Cnn,
        train: impl FnOnce(&mut Cnn) -> Result<(), Error>,
    ) -> Result<Cnn, BoxError> {
        let mut net = start;
        let Some(folder) = self.folder() else {
            train(&mut net)?;
            return Ok(net);
        };
        let path = folder.join(format!("{stage}.bpk"));
        if path.exists() {
            let bytes = fs::read(&path).map_err(|e| failed(&path, e))?;
            let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes))
                .map_err(|e| failed(&path, e))?;
            let loaded = net.try_load_record(record);
            return Ok(loaded.map_err(|e| failed(&path, e))?);
        }
        train(&mut net)?;
        let bytes = net.clone().into_record().into_bytes()?;
        files::write(&path, &bytes).map_err(|e| failed(&path, e))?;
        Ok(net)
    }
}

fn failed(path: &Path, error: impl std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}
