//! Tensorization: the invertible map between a weight array of a layer and a higher-order tensor.
//!
//! A dense matrix or a convolution kernel has two or four axes; tensor-train compression pays off when
//! it sees more and shorter ones. A [`Tensorization`] rearranges the elements, without any arithmetic:
//! the weight is reshaped (row-major) to finer axes, the axes are permuted, and the result is reshaped
//! to the shape of the tensor. The layouts in use:
//!
//! | layer | weight | layout |
//! |---|---|---|
//! | dense | `(O, I)` | [`Tensorization::linear`], [`Tensorization::tt_matrix`] |
//! | convolution | `(O, I, Kh, Kw)` | [`Tensorization::conv`], [`Tensorization::conv_garipov`] |
//! | LSTM, GRU | `(gates H, I)` | [`Tensorization::recurrent`], [`Tensorization::recurrent_tt_matrix`] |
//! | embedding | `(V, D)` | [`Tensorization::embedding`] |
//! | any other | any | [`Tensorization::identity`], [`Tensorization::custom`] |
//!
//! [`Tensorization::roles`] says what every mode of the tensor means for the layer.
//!
//! The two directions are called [`Tensorization::tensorize`] and [`Tensorization::detensorize`]: two
//! verbs, because both move data, and one word apart, because each undoes the other exactly.

mod apply;
mod canonical;
mod conv;
mod copy;
mod error;
mod factor;
mod general;
mod layouts;
mod modes;
mod recurrent;
mod roles;
mod stored;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use stored::Stored;

pub use error::TensorizeError;
pub use modes::balanced_modes;
pub use roles::Role;

/// An invertible map from a weight array to a higher-order tensor.
///
/// It holds sizes only, so one value serves arrays of every scalar type. Values compare by shape and by
/// the order in which elements are visited, not by the constructor that made them.
///
/// # Examples
///
/// ```
/// use tt_admm::ndarray::Array2;
/// use tt_admm::tensorize::Tensorization;
///
/// // A 6 x 4 matrix as the tensor [2, 3, 2, 2]: two output modes, two input modes.
/// let map = Tensorization::linear([2, 3], [2, 2])?;
/// let weight = Array2::from_shape_fn((6, 4), |(o, i)| (10 * o + i) as f64);
/// let tensor = map.tensorize(&weight)?;
/// assert_eq!(tensor.shape(), &[2, 3, 2, 2]);
/// assert_eq!(tensor[[1, 2, 1, 0]], 52.0); // row 1 * 3 + 2 = 5, column 1 * 2 + 0 = 2
/// assert_eq!(map.detensorize(&tensor)?, weight.into_dyn());
/// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Tensorization {
    weight_shape: Vec<usize>,
    /// Weight axes after splitting, with axes of length 1 dropped and axes that stay neighbours merged.
    expanded: Vec<usize>,
    /// Axis `j` of the permuted array is axis `permutation[j]` of the expanded one.
    permutation: Vec<usize>,
    tensor_shape: Vec<usize>,
}

impl Tensorization {
    /// The shape of the weight array, as the layer stores it.
    ///
    /// # Examples
    ///
    /// ```
    /// let map = tt_admm::tensorize::Tensorization::conv([2, 4], [3, 3], [5])?;
    /// assert_eq!(map.weight_shape(), &[8, 5, 3, 3]);
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    #[must_use]
    pub fn weight_shape(&self) -> &[usize] {
        &self.weight_shape
    }

    /// The shape of the tensor.
    ///
    /// # Examples
    ///
    /// ```
    /// let map = tt_admm::tensorize::Tensorization::conv([2, 4], [3, 3], [5])?;
    /// assert_eq!(map.tensor_shape(), &[2, 4, 9, 5]);
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    #[must_use]
    pub fn tensor_shape(&self) -> &[usize] {
        &self.tensor_shape
    }

    /// The order of the tensor: its number of modes.
    ///
    /// # Examples
    ///
    /// ```
    /// let map = tt_admm::tensorize::Tensorization::tt_matrix([4, 4, 2], [2, 2, 3])?;
    /// assert_eq!(map.order(), 3);
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    #[must_use]
    pub fn order(&self) -> usize {
        self.tensor_shape.len()
    }

    /// Whether elements keep their row-major order, so that both directions are plain copies.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::tensorize::Tensorization;
    ///
    /// assert!(Tensorization::linear([2, 3], [4])?.is_reshape());
    /// assert!(!Tensorization::conv([6], [3, 3], [4])?.is_reshape());
    /// assert!(Tensorization::conv([6], [1, 1], [4])?.is_reshape()); // nothing to move past
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    #[must_use]
    pub fn is_reshape(&self) -> bool {
        // The stored form has merged all axes that stay neighbours.
        self.permutation.len() <= 1
    }
}
