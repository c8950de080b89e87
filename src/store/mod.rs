//! How state becomes bytes and files: a framed, checksummed encoding and atomic writes.

mod array;
mod atomic;
mod decode_error;
mod frame;

pub(crate) use array::StoredArray;
#[cfg(feature = "history")]
pub(crate) use atomic::temporary;
pub(crate) use atomic::write_atomically;
pub use decode_error::DecodeError;
pub(crate) use frame::{Frame, Kind, open, seal};
