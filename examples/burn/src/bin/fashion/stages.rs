//! Networks kept as files, so that a run that is taken up again does not train them anew.

use std::fs;
use std::path::PathBuf;

use burn::module::Module;
use burn::store::ModuleRecord;
use burn_admm::{Cnn, Error};
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
            let failed = |e| format!("{}: {e}", folder.display());
            fs::create_dir_all(folder).map_err(failed)?;
            let file = folder.join("settings.txt");
            match fs::read_to_string(&file) {
                Ok(other) if other != settings => {
                    let message = format!(
                        "{} belongs to a run with {other}, not with {settings}",
                        folder.display()
                    );
                    return Err(message.into());
                }
                Ok(_) => {}
                Err(_) => fs::write(&file, settings).map_err(failed)?,
            }
        }
        Ok(Self { folder })
    }

    /// The network of this stage: from its file if there is one, else trained, and kept.
    pub(crate) fn get(
        &self,
        stage: &str,
        start: Cnn,
        train: impl FnOnce(&mut Cnn) -> Result<(), Error>,
    ) -> Result<Cnn, BoxError> {
        let file = self
            .folder
            .as_ref()
            .map(|folder| folder.join(format!("{stage}.bpk")));
        if let Some(file) = file.as_ref().filter(|file| file.exists()) {
            let record =
                ModuleRecord::load(file).map_err(|e| format!("{}: {e}", file.display()))?;
            println!("{stage}: from {}", file.display());
            return Ok(start.try_load_record(record)?);
        }
        let mut net = start;
        train(&mut net)?;
        if let Some(file) = file {
            // Written under another name first: a file that is there is complete.
            let partial = file.with_extension("part");
            net.clone()
                .into_record()
                .save(&partial)
                .map_err(|e| format!("{}: {e}", partial.display()))?;
            fs::rename(&partial, &file).map_err(|e| format!("{}: {e}", file.display()))?;
        }
        Ok(net)
    }
}
