//! Files made by the tests, in temporary folders, and the original ones where they are at hand.

// Sizes and pixels of the tests are small.
#![allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]

mod cifar;
mod idx;
mod loader;
mod originals;
