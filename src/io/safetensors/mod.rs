//! Safetensors: the length of the header, a header of JSON, and the bytes of all tensors one after the other.
//!
//! The format is that of the reference library, version 0.8, with two differences on the strict side: the reader refuses
//! names that come twice, and the writer gives the same bytes every time.

mod read;
mod write;

pub(super) use read::read;
pub(super) use write::write;

/// Bytes of the length of the header, and what its end is aligned to.
const PREFIX: usize = 8;
/// The longest header that the reference library reads.
const LONGEST_HEADER: usize = 100_000_000;
