//! Why a file of tensors could not be read, written or used.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::Dtype;
use crate::projection::ProjectionError;

/// Why a file of tensors could not be read, written or used: where, and what. One line when printed.
///
/// # Examples
///
/// ```
/// use tt_admm::io::{IoErrorKind, TensorFile};
///
/// let error = TensorFile::read("no/such/model.safetensors").unwrap_err();
/// assert!(error.to_string().starts_with("no/such/model.safetensors: cannot read it: "));
/// let error = TensorFile::new().get::<f32>("fc.weight").unwrap_err();
/// assert!(matches!(error.kind(), IoErrorKind::Missing { tensors: 0 }));
/// assert_eq!(error.to_string(), "tensor `fc.weight`: there is no such tensor among 0");
/// ```
#[derive(Debug)]
pub struct IoError {
    path: Option<PathBuf>,
    tensor: Option<String>,
    // Boxed, so that results stay small.
    kind: Box<IoErrorKind>,
}

impl IoError {
    /// The file, where it is known.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The tensor or the factored weight, where there is one.
    #[must_use]
    pub fn tensor(&self) -> Option<&str> {
        self.tensor.as_deref()
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &IoErrorKind {
        &self.kind
    }

    pub(super) fn at(mut self, path: Option<&Path>) -> Self {
        self.path = self.path.or_else(|| path.map(Path::to_owned));
        self
    }
}

impl From<IoErrorKind> for IoError {
    fn from(kind: IoErrorKind) -> Self {
        Self {
            path: None,
            tensor: None,
            kind: Box::new(kind),
        }
    }
}

impl fmt::Display for IoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        if let Some(tensor) = &self.tensor {
            // A name may hold line breaks.
            write!(f, "tensor `{}`: ", tensor.escape_debug())?;
        }
        self.kind.fmt(f)
    }
}

impl std::error::Error for IoError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&*self.kind)
    }
}

/// What is wrong with a file of tensors or with what was asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IoErrorKind {
    /// The file system refused.
    #[error("cannot {action} it: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The reason.
        source: io::Error,
    },
    /// There is a file already, and it was not asked to be replaced.
    #[error("there is such a file already")]
    Exists,
    /// The file name does not say which container to write.
    #[error("the extension {got:?} is of no known container; write .safetensors or .npz")]
    Extension {
        /// The extension.
        got: String,
    },
    /// The bytes are of no known container.
    #[error("this is neither safetensors nor npz: it begins with {found:?}")]
    Foreign {
        /// The first bytes, as text.
        found: String,
    },
    /// The crate was built without this container.
    #[error("this is {container}, which needs the feature `{container}` of tt-admm")]
    Unavailable {
        /// The container and the feature.
        container: &'static str,
    },
    /// The end is missing.
    #[error("truncated: {expected} bytes announced, {got} there")]
    Truncated {
        /// The length announced, in bytes.
        expected: u64,
        /// The length there is, in bytes.
        got: u64,
    },
    /// The header, or the description of one tensor, makes no sense.
    #[error("malformed header: {what}")]
    Header {
        /// What is wrong.
        what: String,
    },
    /// The zip archive is damaged, or uses what an npz file does not.
    #[error("damaged or foreign archive: {what}")]
    Archive {
        /// What is wrong.
        what: String,
    },
    /// The elements of a tensor do not lie where the one before it ends.
    #[error("it lies in bytes {begin}..{end} of {length}; it should begin at {expected}")]
    Offsets {
        /// The first byte announced.
        begin: u64,
        /// The byte after the last one announced.
        end: u64,
        /// Where the tensor before it ends.
        expected: u64,
        /// The number of bytes of all tensors.
        length: u64,
    },
    /// There are bytes that belong to no tensor.
    #[error("the last {extra} bytes belong to no tensor")]
    Trailing {
        /// The number of bytes.
        extra: u64,
    },
    /// The number of bytes is not the one that shape and type ask for.
    #[error("shape {shape:?} of {dtype} has {expected} bytes, {got} are there")]
    ByteCount {
        /// The shape.
        shape: Vec<usize>,
        /// The type of the elements.
        dtype: Dtype,
        /// The bytes of such a tensor.
        expected: u64,
        /// The bytes there are.
        got: u64,
    },
    /// The size does not fit in the address space, or is not a whole number of bytes.
    #[error("shape {shape:?} of {dtype} is no tensor that memory can hold")]
    Size {
        /// The shape.
        shape: Vec<usize>,
        /// The type of the elements.
        dtype: Dtype,
    },
    /// More axes than the array libraries know.
    #[error("{got} axes; there can be {most}")]
    Axes {
        /// The number of axes.
        got: usize,
        /// The largest number.
        most: usize,
    },
    /// A size that its compressed form cannot have.
    #[error("{compressed} compressed bytes cannot hold the {declared} bytes announced")]
    Bomb {
        /// Compressed size, in bytes.
        compressed: u64,
        /// Size announced, in bytes.
        declared: u64,
    },
    /// A type of elements that is not known.
    #[error("unknown type of elements {got:?}")]
    UnknownDtype {
        /// The name in the file.
        got: String,
    },
    /// There is no tensor of this name.
    #[error("there is no such tensor among {tensors}")]
    Missing {
        /// The number of tensors there are.
        tensors: usize,
    },
    /// There is a tensor of this name already.
    #[error("there are two of this name")]
    Duplicate,
    /// The name is one that the format needs for itself.
    #[error("the name `{name}` is reserved")]
    Reserved {
        /// The name of a tensor, or the key of metadata.
        name: String,
    },
    /// The container cannot hold this name.
    #[error("{container} cannot hold this name: {reason}")]
    Name {
        /// The container.
        container: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// The container cannot hold elements of this type.
    #[error("{container} cannot hold elements of type {dtype}")]
    DtypeNotStored {
        /// The container.
        container: &'static str,
        /// The type.
        dtype: Dtype,
    },
    /// The elements are no real numbers.
    #[error("its elements are {dtype}; F16, BF16, F32 or F64 were expected")]
    NotReal {
        /// The type of the elements.
        dtype: Dtype,
    },
    /// An element is NaN or infinite.
    #[error("{value} at index {index:?}; all elements must be finite")]
    NonFinite {
        /// Index of the first such element.
        index: Vec<usize>,
        /// The element.
        value: f64,
    },
    /// The metadata cannot be understood.
    #[error("metadata `{key}`: {what}")]
    Metadata {
        /// The key.
        key: String,
        /// What is wrong.
        what: String,
    },
    /// The description of factors is of a newer version of this crate.
    #[error(
        "factors of version {version}, newer than {supported}, the newest this version of tt-admm reads"
    )]
    Newer {
        /// The version found.
        version: u32,
        /// The newest version this crate reads.
        supported: u32,
    },
    /// There is no factored weight of this name.
    #[error("there is no such factored weight among {weights}")]
    NotFactored {
        /// The number of factored weights there are.
        weights: usize,
    },
    /// The tensors of a factored weight do not fit together.
    #[error("the factors do not fit: {what}")]
    Factors {
        /// What is wrong.
        what: String,
    },
    /// The tensors of a factored weight make no factors.
    #[error("the factors do not fit: {0}")]
    Projection(#[source] ProjectionError),
}

impl IoErrorKind {
    /// The error of this tensor.
    pub(super) fn of(self, tensor: &str) -> IoError {
        IoError {
            tensor: Some(tensor.to_owned()),
            ..IoError::from(self)
        }
    }
}
