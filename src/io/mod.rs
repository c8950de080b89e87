//! Trained weights and factors in files that other programs read: safetensors (feature `safetensors`) and npz (feature
//! `npz`).
//!
//! A [`TensorFile`] is a list of named tensors with text metadata, whatever the container. It is read whole, checked
//! whole, and written whole or not at all. Tensors of any type are carried along; those of real numbers become arrays.
//! [`TensorFile::insert_factors`] keeps [`Factors`](crate::Factors) in the same file, one tensor for every core.
//!
//! # Untrusted files
//!
//! Nothing in a file is trusted: names, types, shapes, positions, sizes and the description of factors are checked before
//! they are used. A file that lies is refused with an error that says where. What is allocated before that is bounded by a
//! small multiple of the size of the file; an npz entry that is compressed takes the memory that it really fills, 1032
//! times its own size at most.
//!
//! # Examples
//!
//! ```
//! use tt_admm::io::{Overwrite, TensorFile};
//! use tt_admm::{Factors, Tensorization, tt_svd, ndarray::{Array2, array}};
//!
//! # #[cfg(feature = "safetensors")] {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("model.safetensors");
//! // A trained model, as another program may have written it.
//! let mut trained = TensorFile::new();
//! trained.insert("fc.weight", &Array2::from_shape_fn((6, 4), |(i, j)| (i + 2 * j) as f32))?;
//! trained.insert("fc.bias", &array![0.5_f32, 1.5])?;
//! trained.write(&path, Overwrite::Refuse)?;
//!
//! // Its weight as factors; all else as it is.
//! let trained = TensorFile::read(&path)?;
//! let weight = trained.get_finite::<f32>("fc.weight")?;
//! let layout = Tensorization::linear([2, 3], [4])?;
//! let factors = Factors::new(tt_svd(&layout.tensorize(&weight)?, 2)?, layout)?;
//! let mut small = TensorFile::new();
//! small.insert_factors("fc.weight", &factors)?;
//! small.copy_from(&trained, "fc.bias")?;
//! small.write(&path, Overwrite::Replace)?;
//!
//! let small = TensorFile::read(&path)?;
//! let names: Vec<_> = small.names().collect();
//! assert_eq!(names, ["fc.weight/core0", "fc.weight/core1", "fc.weight/core2", "fc.bias"]);
//! assert_eq!(small.get_factors::<f32>("fc.weight")?, factors);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod container;
mod disk;
mod document;
mod dtype;
mod error;
mod factors;
mod file;
mod named;
#[cfg(feature = "npz")]
mod npz;
#[cfg(feature = "safetensors")]
mod safetensors;
mod tensor;
mod texts;

pub use container::Container;
pub use disk::Overwrite;
pub use dtype::Dtype;
pub use error::{IoError, IoErrorKind};
pub use file::TensorFile;
