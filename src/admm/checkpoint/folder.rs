//! A folder of checkpoints.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Checkpoint, CheckpointError};
use crate::admm::state::Admm;
use crate::scalar::Scalar;
use crate::store::DecodeError;

const PREFIX: &str = "iteration-";
const SUFFIX: &str = ".ttadmm";

/// A folder with the last few checkpoints of one run, for [`Admm::run_resumable`] or a loop of your own.
///
/// The file of iteration 12 is called `iteration-00000012.ttadmm`. One run writes to a folder at a time.
///
/// # Examples
///
/// ```
/// use tt_admm::admm::Checkpoints;
/// use tt_admm::{Admm, TtProjection, ndarray::array};
///
/// let folder = std::env::temp_dir().join(format!("tt-admm-doc-{}", std::process::id()));
/// let checkpoints = Checkpoints::open(&folder)?.keep(2);
/// let w = array![[1.0, 0.0], [0.0, 0.5]];
/// let mut admm = Admm::<f64>::builder()
///     .constrain("w", TtProjection::new(1))
///     .rho(2.0)
///     .build_from(|_| w.view().into_dyn())?;
/// if let Some(found) = checkpoints.latest()? {
///     admm.restore(&found)?;                       // and the model from `found.blob()`
/// }
/// for _ in 0..5 {
///     // ... train w ...
///     admm.update(|_| w.view().into_dyn())?;
///     checkpoints.save(&admm, b"the model")?;
/// }
/// assert_eq!(std::fs::read_dir(&folder)?.count(), 2);
/// assert_eq!(checkpoints.latest::<f64>()?.unwrap().iteration(), 5);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Checkpoints {
    folder: PathBuf,
    keep: usize,
    every: usize,
}

impl Checkpoints {
    /// Opens the folder, and creates it if there is none. Keeps the last 2 checkpoints, one of every
    /// iteration.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Io`] if it cannot be created.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, CheckpointError> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(io("create the folder", &folder))?;
        Ok(Self {
            folder,
            keep: 2,
            every: 1,
        })
    }

    /// How many checkpoints stay; older ones are deleted. 0 is read as 1.
    #[must_use]
    pub fn keep(mut self, checkpoints: usize) -> Self {
        self.keep = checkpoints.max(1);
        self
    }

    /// [`Admm::run_resumable`] saves after every `iterations`-th iteration, and at the end. 0 is read as 1.
    #[must_use]
    pub fn every(mut self, iterations: usize) -> Self {
        self.every = iterations.max(1);
        self
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(in crate::admm) fn due(&self, iteration: usize) -> bool {
        iteration.is_multiple_of(self.every)
    }

    /// Saves the state of the loop and the caller's bytes, and deletes all but the last few checkpoints.
    /// Returns the file.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Behind`] if the folder holds a whole checkpoint of a later iteration,
    /// [`CheckpointError::Io`], [`CheckpointError::Encode`].
    pub fn save<A: Scalar>(&self, admm: &Admm<A>, blob: &[u8]) -> Result<PathBuf, CheckpointError> {
        let saving = admm.iteration();
        let files = self.files()?;
        for (found, path) in files.iter().filter(|(found, _)| *found > saving) {
            match Checkpoint::<A>::read(path) {
                Err(CheckpointError::Decode { source, .. }) if is_damage(&source) => {
                    self.set_aside(path, &source)?;
                }
                _ => {
                    return Err(CheckpointError::Behind {
                        folder: self.folder.clone(),
                        found: *found,
                        saving,
                    });
                }
            }
        }
        let path = self.folder.join(format!("{PREFIX}{saving:08}{SUFFIX}"));
        Checkpoint::new(admm, blob).write(&path)?;
        let older: Vec<_> = files.iter().filter(|(found, _)| *found < saving).collect();
        for (_, old) in older.iter().rev().skip(self.keep - 1) {
            fs::remove_file(old).map_err(io("delete", old))?;
        }
        Ok(path)
    }

    /// The newest checkpoint, or `None` if the folder has none. One that is damaged is skipped with a warning
    /// (through `log`) as long as there is an older whole one.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Decode`] if all are damaged, or the newest whole one is of another version or
    /// element type; [`CheckpointError::Io`].
    pub fn latest<A: Scalar>(&self) -> Result<Option<Checkpoint<A>>, CheckpointError> {
        let mut newest_damage = None;
        for (_, path) in self.files()?.iter().rev() {
            match Checkpoint::read(path) {
                Ok(checkpoint) => return Ok(Some(checkpoint)),
                Err(CheckpointError::Decode { path, source }) if is_damage(&source) => {
                    log::warn!("checkpoint `{}` is skipped: {source}", path.display());
                    newest_damage.get_or_insert(CheckpointError::Decode { path, source });
                }
                Err(error) => return Err(error),
            }
        }
        newest_damage.map_or(Ok(None), Err)
    }

    /// All checkpoint files with their iteration, oldest first.
    fn files(&self) -> Result<Vec<(usize, PathBuf)>, CheckpointError> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(io("list", &self.folder))? {
            let path = entry.map_err(io("list", &self.folder))?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let iteration = name
                .and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX))
                .and_then(|digits| digits.parse().ok());
            if let Some(iteration) = iteration {
                files.push((iteration, path));
            }
        }
        files.sort();
        Ok(files)
    }

    /// Renames a damaged file, so that it is in nobody's way and can still be looked at.
    fn set_aside(&self, path: &Path, damage: &DecodeError) -> Result<(), CheckpointError> {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(".damaged");
        log::warn!("checkpoint `{}` is set aside: {damage}", path.display());
        fs::rename(path, self.folder.join(name)).map_err(io("rename", path))
    }
}

/// Whether the bytes are broken, rather than meant for another program.
fn is_damage(error: &DecodeError) -> bool {
    !matches!(
        error,
        DecodeError::Newer { .. } | DecodeError::Older { .. } | DecodeError::ElementType { .. }
    )
}

fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> CheckpointError {
    let path = path.to_owned();
    move |source| CheckpointError::Io {
        action,
        path,
        source,
    }
}
