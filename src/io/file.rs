//! The collection of tensors.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ndarray::{ArrayD, ArrayRef, Dimension};

use super::document::FACTORS;
use super::named::Named;
use super::tensor::Tensor;
use super::{Dtype, IoError, IoErrorKind};
use crate::scalar::Scalar;

/// The name under which containers keep metadata.
pub(super) const METADATA: &str = "__metadata__";

/// Named tensors in order, with text metadata, independent of the container that they come from or go to.
///
/// Tensors read from one file share its bytes, so that to copy one is cheap and keeps all of them in memory.
///
/// # Examples
///
/// ```
/// use tt_admm::io::{Dtype, TensorFile};
/// use tt_admm::ndarray::array;
///
/// let mut file = TensorFile::new();
/// file.insert("w", &array![[1.0_f32, 2.0], [3.0, 4.0]])?;
/// file.insert_raw("step", Dtype::I64, [], 7_i64.to_le_bytes())?;
/// assert_eq!(file.names().collect::<Vec<_>>(), ["w", "step"]);
/// assert_eq!((file.dtype("w")?, file.shape("w")?), (Dtype::F32, &[2, 2][..]));
/// assert_eq!(file.get::<f64>("w")?, array![[1.0, 2.0], [3.0, 4.0]].into_dyn());
/// let error = file.get::<f32>("step").unwrap_err();
/// assert_eq!(error.to_string(), "tensor `step`: its elements are I64; F16, BF16, F32 or F64 were expected");
/// # Ok::<(), tt_admm::io::IoError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct TensorFile {
    pub(super) path: Option<PathBuf>,
    pub(super) tensors: Named<Tensor>,
    pub(super) metadata: BTreeMap<String, String>,
}

impl TensorFile {
    /// No tensors and no metadata.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The file that this was read from; errors name it.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The number of tensors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tensors.len()
    }

    /// Whether there are no tensors.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names of all tensors, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.iter().map(|(name, _)| name)
    }

    /// Whether there is a tensor of this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.tensors.get(name).is_some()
    }

    /// The type of the elements of a tensor.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::Missing`].
    pub fn dtype(&self, name: &str) -> Result<Dtype, IoError> {
        Ok(self.tensor(name)?.dtype())
    }

    /// The shape of a tensor; empty for a tensor of order 0.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::Missing`].
    pub fn shape(&self, name: &str) -> Result<&[usize], IoError> {
        Ok(self.tensor(name)?.shape())
    }

    /// The bytes of a tensor: row-major, little-endian.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::Missing`].
    pub fn bytes(&self, name: &str) -> Result<&[u8], IoError> {
        Ok(self.tensor(name)?.bytes())
    }

    /// A tensor of real numbers as an array in standard layout.
    ///
    /// `F16`, `BF16` and `F32` become `f32` or `f64` exactly. `F64` is rounded to `f32`, and what is beyond its range
    /// becomes infinite. NaN and infinite elements are passed on; see [`get_finite`](Self::get_finite).
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::Missing`]; [`IoErrorKind::NotReal`] for integers, truth values, complex numbers and those of
    /// 8 bits and less.
    pub fn get<A: Scalar>(&self, name: &str) -> Result<ArrayD<A>, IoError> {
        let array = self.tensor(name)?.to_array();
        array.map_err(|kind| self.error(kind, name))
    }

    /// [`get`](Self::get), where every element must be finite after the conversion: what a decomposition needs.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::NonFinite`] with the index of the first one, and those of [`get`](Self::get).
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::io::TensorFile;
    /// use tt_admm::ndarray::array;
    ///
    /// let mut file = TensorFile::new();
    /// file.insert("w", &array![[1.0, 1e300]])?;
    /// assert_eq!(file.get_finite::<f64>("w")?[[0, 1]], 1e300);
    /// let error = file.get_finite::<f32>("w").unwrap_err();
    /// assert_eq!(error.to_string(), "tensor `w`: inf at index [0, 1]; all elements must be finite");
    /// # Ok::<(), tt_admm::io::IoError>(())
    /// ```
    pub fn get_finite<A: Scalar>(&self, name: &str) -> Result<ArrayD<A>, IoError> {
        let array = self.tensor(name)?.to_finite_array();
        array.map_err(|kind| self.error(kind, name))
    }

    /// Adds an array of any memory layout, as `F32` or `F64`.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::Duplicate`] if there is a tensor of this name, [`IoErrorKind::Reserved`] for `__metadata__`,
    /// [`IoErrorKind::Axes`] for more than 64 axes.
    pub fn insert<A: Scalar, D: Dimension>(
        &mut self,
        name: impl Into<String>,
        array: &ArrayRef<A, D>,
    ) -> Result<(), IoError> {
        let name = name.into();
        let tensor = Tensor::of_array(array).map_err(|kind| self.error(kind, &name))?;
        self.put(name, tensor)
    }

    /// Adds a tensor of any type by its bytes: row-major, little-endian.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::ByteCount`] and [`IoErrorKind::Size`] if the bytes are not those of such a tensor, and those of
    /// [`insert`](Self::insert).
    pub fn insert_raw(
        &mut self,
        name: impl Into<String>,
        dtype: Dtype,
        shape: impl Into<Vec<usize>>,
        bytes: impl Into<Vec<u8>>,
    ) -> Result<(), IoError> {
        let name = name.into();
        let tensor = Tensor::new(dtype, shape.into(), bytes.into());
        let tensor = tensor.map_err(|kind| self.error(kind, &name))?;
        self.put(name, tensor)
    }

    /// Adds a tensor of another file as it is, whatever its type.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::Missing`] if the other has none of this name, [`IoErrorKind::Duplicate`] if this has one.
    pub fn copy_from(&mut self, other: &Self, name: &str) -> Result<(), IoError> {
        let tensor = other.tensor(name)?.clone();
        self.put(name.to_owned(), tensor)
    }

    /// Takes a tensor out; `false` if there is none of this name.
    pub fn remove(&mut self, name: &str) -> bool {
        self.tensors.remove(name).is_some()
    }

    /// The metadata: text by key.
    #[must_use]
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Sets the metadata of a key and returns what it was before.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::Reserved`] for the key `tt-admm`, which belongs to [`insert_factors`](Self::insert_factors).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut file = tt_admm::io::TensorFile::new();
    /// assert_eq!(file.set_metadata("epoch", "12")?, None);
    /// assert_eq!(file.set_metadata("epoch", "13")?.as_deref(), Some("12"));
    /// assert_eq!(file.metadata()["epoch"], "13");
    /// assert!(file.set_metadata("tt-admm", "").is_err());
    /// # Ok::<(), tt_admm::io::IoError>(())
    /// ```
    pub fn set_metadata(
        &mut self,
        key: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Option<String>, IoError> {
        let name = key.into();
        if name == FACTORS {
            return Err(IoError::from(IoErrorKind::Reserved { name }).at(self.path()));
        }
        Ok(self.metadata.insert(name, value.into()))
    }

    /// Takes the metadata of a key out. Without that of `tt-admm` there are no factored weights, only their tensors.
    pub fn remove_metadata(&mut self, key: &str) -> Option<String> {
        self.metadata.remove(key)
    }

    /// Adds a tensor under a name that is free.
    pub(super) fn put(&mut self, name: String, tensor: Tensor) -> Result<(), IoError> {
        if name == METADATA {
            return Err(self.error(IoErrorKind::Reserved { name }, METADATA));
        }
        let added = self.tensors.insert(name.clone(), tensor);
        added.map_err(|kind| self.error(kind, &name))
    }

    pub(super) fn tensor(&self, name: &str) -> Result<&Tensor, IoError> {
        let tensors = self.len();
        let missing = || self.error(IoErrorKind::Missing { tensors }, name);
        self.tensors.get(name).ok_or_else(missing)
    }

    /// The error of this tensor, with the file.
    pub(super) fn error(&self, kind: IoErrorKind, tensor: &str) -> IoError {
        kind.of(tensor).at(self.path())
    }
}
