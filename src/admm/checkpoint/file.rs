//! One checkpoint.

use std::fs;
use std::path::Path;

use super::CheckpointError;
use super::saved::{BlockState, Saved, SavedBlock, check_history};
use crate::admm::record::Record;
use crate::admm::state::Admm;
use crate::scalar::Scalar;
use crate::store::{DecodeError, Frame, Kind, open, seal, write_atomically};

const KIND: Kind = Kind {
    magic: *b"TTADMMCK",
    name: "checkpoint of tt-admm",
    // 2: factors in any format, and in groups.
    version: 2,
    oldest: 2,
};

/// The state of a loop at one moment: `Z`, `U`, `rho`, factors and warm start of every block, the history,
/// and a blob of bytes for whatever the caller needs to go on, usually the model and its optimiser.
///
/// The settings of the loop (prox operators, tolerances, how `rho` changes) are not in it: they come from the
/// program, which builds the same loop again and calls [`Admm::restore`]. From there on the loop does the same
/// as the one that was saved, to the bit.
///
/// The file is written whole or not at all, carries a version and a checksum, and is checked entirely when it
/// is read. For a folder of checkpoints see [`Checkpoints`](super::Checkpoints).
///
/// # Examples
///
/// ```
/// use tt_admm::admm::Checkpoint;
/// use tt_admm::{Admm, TtProjection, ndarray::array};
///
/// let w = array![[1.0, 0.0], [0.0, 0.5]];
/// let build = || Admm::<f64>::builder()
///     .constrain("w", TtProjection::new(1))
///     .rho(2.0)
///     .build_from(|_| w.view().into_dyn());
/// let mut admm = build()?;
/// admm.update(|_| w.view().into_dyn())?;
/// let bytes = Checkpoint::new(&admm, b"my model").to_bytes()?;
///
/// let checkpoint = Checkpoint::from_bytes(&bytes)?;
/// let mut resumed = build()?;
/// resumed.restore(&checkpoint)?;
/// assert_eq!(resumed.history(), admm.history());
/// assert_eq!(resumed.u("w"), admm.u("w"));
/// assert_eq!(checkpoint.blob(), b"my model");
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Checkpoint<A: Scalar> {
    pub(super) blocks: Vec<BlockState<A>>,
    pub(super) history: Vec<Record>,
    pub(super) best: (f64, usize),
    pub(super) w_step_due: bool,
    blob: Vec<u8>,
}

impl<A: Scalar> Checkpoint<A> {
    /// The state of the loop now, with a blob of the caller's.
    #[must_use]
    pub fn new(admm: &Admm<A>, blob: impl Into<Vec<u8>>) -> Self {
        Self {
            blocks: admm.blocks.iter().map(BlockState::from).collect(),
            history: admm.history.clone(),
            best: admm.best,
            w_step_due: admm.w_step_due,
            blob: blob.into(),
        }
    }

    /// The number of updates done.
    #[must_use]
    pub fn iteration(&self) -> usize {
        self.history.len()
    }

    /// The constrained weights, once for every block, in the order of the builder.
    pub fn weights(&self) -> impl Iterator<Item = &str> {
        self.blocks.iter().map(|block| block.weight.as_str())
    }

    /// One record for every update.
    #[must_use]
    pub fn history(&self) -> &[Record] {
        &self.history
    }

    /// The caller's bytes.
    #[must_use]
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }

    /// The checkpoint as bytes.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Malformed`] if the state cannot be encoded; none such is known.
    pub fn to_bytes(&self) -> Result<Vec<u8>, DecodeError> {
        let saved = Saved {
            blocks: self.blocks.iter().map(SavedBlock::new).collect(),
            history: self.history.clone(),
            best: self.best,
            w_step_due: self.w_step_due,
        };
        seal::<A, _>(&KIND, &saved, &self.blob)
    }

    /// Reads a checkpoint from bytes and checks all of it.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] that says whether the bytes are foreign, of a newer version, truncated, damaged, of
    /// the other element type, or inconsistent.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let Frame { state, blob } = open::<A, Saved<A>>(&KIND, bytes)?;
        let blocks = state
            .blocks
            .into_iter()
            .map(SavedBlock::restore)
            .collect::<Result<Vec<_>, _>>()
            .map_err(DecodeError::malformed)?;
        check_history(&state.history, &blocks).map_err(DecodeError::malformed)?;
        if state.best.1 > state.history.len() || state.best.0.is_nan() {
            return Err(DecodeError::malformed(
                "the best residual is of no iteration",
            ));
        }
        Ok(Self {
            blocks,
            history: state.history,
            best: state.best,
            w_step_due: state.w_step_due,
            blob,
        })
    }

    /// Writes the checkpoint to a file, through a temporary file beside it and a rename: a crash leaves the
    /// old file or the new one.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Io`] if the file system refuses, [`CheckpointError::Encode`].
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), CheckpointError> {
        let path = path.as_ref();
        let bytes = self.to_bytes().map_err(CheckpointError::Encode)?;
        write_atomically(path, &bytes).map_err(|source| CheckpointError::Io {
            action: "write",
            path: path.to_owned(),
            source,
        })
    }

    /// Reads a checkpoint from a file and checks all of it.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Io`] if the file cannot be read, [`CheckpointError::Decode`] if it is no whole
    /// checkpoint of this element type.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, CheckpointError> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| CheckpointError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        })?;
        Self::from_bytes(&bytes).map_err(|source| CheckpointError::Decode {
            path: path.to_owned(),
            source,
        })
    }
}
