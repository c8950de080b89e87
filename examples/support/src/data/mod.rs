//! Image sets from their original files, and batches of them.
//!
//! # Examples
//!
//! ```no_run
//! use std::path::Path;
//! use example_support::data::{self, Augment, Loader, Normalization};
//!
//! let (train, test) = data::cifar10(Path::new("cifar"))?;
//! let loader = Loader::new(&train, 128, Normalization::cifar10())
//!     .shuffled(7)
//!     .augmented(Augment::pad_crop_flip(4));
//! for epoch in 0..10 {
//!     for batch in loader.epoch(epoch) {
//!         let [n, c, h, w] = batch.shape();
//!         assert_eq!(batch.images.len(), n * c * h * w);
//!     }
//! }
//! # Ok::<(), data::DataError>(())
//! ```

mod augment;
mod cifar;
mod error;
mod files;
mod idx;
mod image_set;
mod loader;
mod normalization;
#[cfg(test)]
mod tests;

pub use augment::Augment;
pub use cifar::cifar10;
pub use error::DataError;
pub use idx::idx;
pub use image_set::ImageSet;
pub use loader::{Batch, Epoch, Loader};
pub use normalization::Normalization;
