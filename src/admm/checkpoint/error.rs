//! Why a checkpoint could not be written, read or used.

use std::io;
use std::path::PathBuf;

use crate::store::DecodeError;

/// Why a checkpoint could not be written, read or used. Nothing is changed then.
///
/// # Examples
///
/// ```
/// use tt_admm::admm::{Checkpoint, CheckpointError};
///
/// let error = Checkpoint::<f32>::read("no/such/file").unwrap_err();
/// assert!(matches!(error, CheckpointError::Io { ref path, .. } if path.ends_with("file")));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The file system refused.
    #[error("cannot {action} `{path}`: {source}", path = path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The file is not a whole checkpoint of this element type.
    #[error("`{path}`: {source}", path = path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// The folder holds a later checkpoint than the one to be saved: it belongs to another run, or the run
    /// was started anew instead of resumed.
    #[error(
        "`{folder}` holds a checkpoint of iteration {found}, later than {saving}; resume from it or use another folder",
        folder = folder.display()
    )]
    Behind {
        /// The folder.
        folder: PathBuf,
        /// The iteration of the checkpoint found.
        found: usize,
        /// The iteration to be saved.
        saving: usize,
    },
    /// The state could not be encoded.
    #[error("cannot encode the state: {0}")]
    Encode(DecodeError),
    /// The checkpoint constrains other weights than this loop.
    #[error("the checkpoint is of a run that constrains {got:?}; this one constrains {expected:?}")]
    OtherBlocks {
        /// The constrained weights of the loop, once for every block.
        expected: Vec<String>,
        /// Those of the checkpoint.
        got: Vec<String>,
    },
    /// A weight has another shape.
    #[error("weight `{weight}` has shape {expected:?}, in the checkpoint {got:?}")]
    OtherShape {
        /// The weight.
        weight: String,
        /// Its shape.
        expected: Vec<usize>,
        /// Its shape in the checkpoint.
        got: Vec<usize>,
    },
}
