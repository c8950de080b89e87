//! The containers: which one a file is, and which one to write.

use std::path::Path;

use super::{IoError, IoErrorKind, TensorFile};

/// A format of files.
///
/// Both store all tensors row-major and little-endian, and the same content as the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Container {
    /// The format of the `safetensors` libraries: a JSON header, then the bytes of all tensors. Metadata is in its
    /// `__metadata__`. Needs the feature `safetensors`.
    #[cfg(feature = "safetensors")]
    Safetensors,
    /// NumPy's archive of arrays, not compressed; compressed ones are read too. Metadata is an array of bytes
    /// `__metadata__` that holds JSON. Needs the feature `npz`.
    #[cfg(feature = "npz")]
    Npz,
}

impl Container {
    /// The container that the extension of a file name stands for: `.safetensors` or `.npz`, in any case.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::Extension`] for any other, [`IoErrorKind::Unavailable`] if the crate was built without the
    /// feature.
    pub fn of_path(path: impl AsRef<Path>) -> Result<Self, IoError> {
        let path = path.as_ref();
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        let found = match &*extension.to_ascii_lowercase() {
            "safetensors" => Self::safetensors(),
            "npz" => Self::npz(),
            _ => Err(IoErrorKind::Extension {
                got: extension.into_owned(),
            }),
        };
        found.map_err(|kind| IoError::from(kind).at(Some(path)))
    }

    /// The container whose content this is.
    pub(super) fn of_content(bytes: &[u8]) -> Result<Self, IoErrorKind> {
        // Entries of an archive, or the end of an empty one.
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            return Self::npz();
        }
        // Eight bytes of length, then an object of JSON.
        if bytes.get(8) == Some(&b'{') {
            return Self::safetensors();
        }
        let beginning = &bytes[..bytes.len().min(16)];
        Err(IoErrorKind::Foreign {
            found: String::from_utf8_lossy(beginning).into_owned(),
        })
    }

    #[cfg(feature = "safetensors")]
    #[allow(clippy::unnecessary_wraps)] // fails without the feature
    fn safetensors() -> Result<Self, IoErrorKind> {
        Ok(Self::Safetensors)
    }

    #[cfg(not(feature = "safetensors"))]
    fn safetensors() -> Result<Self, IoErrorKind> {
        let container = "safetensors";
        Err(IoErrorKind::Unavailable { container })
    }

    #[cfg(feature = "npz")]
    #[allow(clippy::unnecessary_wraps)] // fails without the feature
    fn npz() -> Result<Self, IoErrorKind> {
        Ok(Self::Npz)
    }

    #[cfg(not(feature = "npz"))]
    fn npz() -> Result<Self, IoErrorKind> {
        let container = "npz";
        Err(IoErrorKind::Unavailable { container })
    }

    pub(super) fn read(self, bytes: Vec<u8>) -> Result<TensorFile, IoError> {
        match self {
            #[cfg(feature = "safetensors")]
            Self::Safetensors => super::safetensors::read(bytes),
            #[cfg(feature = "npz")]
            Self::Npz => super::npz::read(&bytes),
        }
    }

    pub(super) fn write(self, file: &TensorFile) -> Result<Vec<u8>, IoError> {
        match self {
            #[cfg(feature = "safetensors")]
            Self::Safetensors => super::safetensors::write(file),
            #[cfg(feature = "npz")]
            Self::Npz => super::npz::write(file),
        }
    }
}
