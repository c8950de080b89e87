//! Files made by the tests, in temporary folders.

mod cifar;
mod idx;
mod loader;
