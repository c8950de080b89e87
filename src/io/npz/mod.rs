//! Npz: a zip archive with one `.npy` file for every array.

mod literal;
mod npy;
mod order;
mod read;
mod write;

pub(super) use read::read;
pub(super) use write::write;

/// What the name of an entry adds to that of its array.
const EXTENSION: &str = ".npy";
/// The first bytes of a `.npy` file.
const MAGIC: [u8; 6] = *b"\x93NUMPY";
