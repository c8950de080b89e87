//! Files on the disk and in memory.

use std::fs;
use std::io;
use std::path::Path;

use super::{Container, IoError, IoErrorKind, TensorFile};
use crate::store::write_atomically;

/// What to do with a file that is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Overwrite {
    /// It stays, and nothing is written.
    Refuse,
    /// The new file takes its place.
    Replace,
}

impl TensorFile {
    /// Reads a file of either container, which its content tells, and checks all of it.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::File`] if the file cannot be read, and those of [`from_bytes`](Self::from_bytes); all with the
    /// path.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, IoError> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|source| file_error("read", source, path))?;
        let mut file = Self::from_bytes(bytes).map_err(|error| error.at(Some(path)))?;
        file.path = Some(path.to_owned());
        Ok(file)
    }

    /// Reads a file of either container from memory, and checks all of it. A vector is not copied where the container
    /// allows that.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::Foreign`] for bytes of another kind, [`IoErrorKind::Unavailable`] if the feature is off; for
    /// damage and lies, the error that says where.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::io::{IoErrorKind, TensorFile};
    ///
    /// let error = TensorFile::from_bytes(*b"\x89PNG and so on").unwrap_err();
    /// assert!(matches!(error.kind(), IoErrorKind::Foreign { .. }));
    /// ```
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self, IoError> {
        let bytes = bytes.into();
        Container::of_content(&bytes)?.read(bytes)
    }

    /// The file as bytes; the same for the same names, tensors and metadata.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::Name`] and [`IoErrorKind::DtypeNotStored`] if the container cannot hold a tensor,
    /// [`IoErrorKind::Header`] if there are too many for it.
    pub fn to_bytes(&self, container: Container) -> Result<Vec<u8>, IoError> {
        container.write(self).map_err(|error| error.at(self.path()))
    }

    /// Writes the file in the container that its extension stands for; see [`write_as`](Self::write_as).
    ///
    /// # Errors
    ///
    /// Those of [`Container::of_path`] and of [`write_as`](Self::write_as).
    pub fn write(&self, path: impl AsRef<Path>, overwrite: Overwrite) -> Result<(), IoError> {
        let path = path.as_ref();
        self.write_as(path, Container::of_path(path)?, overwrite)
    }

    /// Writes the file through a temporary one beside it, called like it with `.tmp` appended, and a rename: a crash
    /// leaves the old file or the new one. A link at the path stays a link.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::Exists`] if there is such a file and it is not to be replaced, [`IoErrorKind::File`] if the file
    /// system refuses, and those of [`to_bytes`](Self::to_bytes).
    pub fn write_as(
        &self,
        path: impl AsRef<Path>,
        container: Container,
        overwrite: Overwrite,
    ) -> Result<(), IoError> {
        let path = path.as_ref();
        let present = fs::symlink_metadata(path).is_ok();
        if present && overwrite == Overwrite::Refuse {
            return Err(IoError::from(IoErrorKind::Exists).at(Some(path)));
        }
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        // A rename would replace a device or a pipe by a file.
        if fs::metadata(&target).is_ok_and(|found| !found.is_file()) {
            let source = io::Error::other("there is something that is no file");
            return Err(file_error("write", source, path));
        }
        let bytes = container
            .write(self)
            .map_err(|error| error.at(Some(path)))?;
        write_atomically(&target, &bytes).map_err(|source| file_error("write", source, path))
    }
}

fn file_error(action: &'static str, source: io::Error, path: &Path) -> IoError {
    IoError::from(IoErrorKind::File { action, source }).at(Some(path))
}
