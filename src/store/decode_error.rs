//! Why stored state was refused.

/// Why bytes could not be read as stored state.
///
/// # Examples
///
/// ```
/// use tt_admm::admm::Checkpoint;
/// use tt_admm::DecodeError;
///
/// let error = Checkpoint::<f32>::from_bytes(b"something else").unwrap_err();
/// assert!(matches!(error, DecodeError::Foreign { .. }));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes are something else altogether.
    #[error("this is no {expected}: it begins with {found:?}")]
    Foreign {
        /// What was looked for.
        expected: &'static str,
        /// The first bytes, as text.
        found: String,
    },
    /// The bytes were written by a newer version of this crate.
    #[error(
        "format version {version} is newer than {supported}, the newest this version of tt-admm reads"
    )]
    Newer {
        /// The version found.
        version: u32,
        /// The newest version this crate reads.
        supported: u32,
    },
    /// The bytes were written by an older version of this crate, whose format is no longer read.
    #[error(
        "format version {version} is older than {supported}, the oldest this version of tt-admm reads"
    )]
    Older {
        /// The version found.
        version: u32,
        /// The oldest version this crate reads.
        supported: u32,
    },
    /// The end is missing.
    #[error("truncated: {expected} bytes announced, {got} there")]
    Truncated {
        /// The length that the header announces, in bytes.
        expected: u64,
        /// The length there is, in bytes.
        got: u64,
    },
    /// There are bytes after the end.
    #[error("{extra} bytes after the end at byte {expected}")]
    Trailing {
        /// The length that the header announces, in bytes.
        expected: u64,
        /// The number of bytes after it.
        extra: u64,
    },
    /// The bytes were changed since they were written.
    #[error("damaged: checksum {computed:08x} instead of {stored:08x}")]
    Checksum {
        /// The checksum that was written.
        stored: u32,
        /// The checksum of the bytes as they are.
        computed: u32,
    },
    /// The numbers are of another type.
    #[error("the elements have {got} bits, {expected} were expected")]
    ElementType {
        /// Bits of the type asked for.
        expected: u32,
        /// Bits of the type that was stored.
        got: u32,
    },
    /// The bytes are whole, but what they say makes no sense.
    #[error("inconsistent: {what}")]
    Malformed {
        /// What is wrong.
        what: String,
    },
}

impl DecodeError {
    pub(crate) fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed { what: what.into() }
    }
}
