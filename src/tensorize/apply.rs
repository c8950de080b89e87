//! Moving the elements, in both directions.

use super::copy::{copy_permuted, mismatch};
use super::{Tensorization, TensorizeError};
use crate::scalar::Scalar;
use ndarray::{ArrayD, ArrayRef, ArrayViewMut, Dimension, IxDyn};

impl Tensorization {
    /// The tensor of a weight, as a new array in standard (row-major) layout.
    ///
    /// The weight may have any dimension type and memory layout.
    ///
    /// # Errors
    ///
    /// [`TensorizeError::ShapeMismatch`] if the weight does not have shape
    /// [`weight_shape`](Self::weight_shape).
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::ndarray::arr2;
    /// use tt_admm::tensorize::Tensorization;
    ///
    /// let map = Tensorization::tt_matrix([2, 1], [1, 2])?;
    /// let weight = arr2(&[[1.0_f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(map.tensorize(&weight)?, weight.into_dyn());
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    pub fn tensorize<A: Scalar, D: Dimension>(
        &self,
        weight: &ArrayRef<A, D>,
    ) -> Result<ArrayD<A>, TensorizeError> {
        require("weight", &self.weight_shape, weight)?;
        let mut tensor = ArrayD::zeros(IxDyn(&self.tensor_shape));
        self.tensorize_into(weight, tensor.view_mut())?;
        Ok(tensor)
    }

    /// The weight of a tensor, as a new array in standard (row-major) layout: the exact inverse of
    /// [`tensorize`](Self::tensorize).
    ///
    /// # Errors
    ///
    /// [`TensorizeError::ShapeMismatch`] if the tensor does not have shape
    /// [`tensor_shape`](Self::tensor_shape).
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::ndarray::{Array4, Array3};
    /// use tt_admm::tensorize::Tensorization;
    ///
    /// let map = Tensorization::conv([2], [1, 2], [2])?;
    /// let tensor = Array3::from_shape_fn((2, 2, 2), |(o, k, i)| (100 * o + 10 * k + i) as f64);
    /// let weight = map.detensorize(&tensor)?;
    /// assert_eq!(weight.shape(), &[2, 2, 1, 2]);
    /// assert_eq!(weight[[1, 0, 0, 1]], 110.0);
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    pub fn detensorize<A: Scalar, D: Dimension>(
        &self,
        tensor: &ArrayRef<A, D>,
    ) -> Result<ArrayD<A>, TensorizeError> {
        require("tensor", &self.tensor_shape, tensor)?;
        let mut weight = ArrayD::zeros(IxDyn(&self.weight_shape));
        self.detensorize_into(tensor, weight.view_mut())?;
        Ok(weight)
    }

    /// [`tensorize`](Self::tensorize) into a buffer of the caller, of any memory layout.
    ///
    /// No array is allocated, unless the axes of the weight are strided in a way that the reshape cannot
    /// express as a view; a weight in standard layout never is.
    ///
    /// # Errors
    ///
    /// [`TensorizeError::ShapeMismatch`] if either array has the wrong shape; nothing is written then.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::ndarray::{Array2, Array3};
    /// use tt_admm::tensorize::Tensorization;
    ///
    /// let map = Tensorization::linear([2, 2], [3])?;
    /// let mut buffer = Array3::<f64>::zeros((2, 2, 3));
    /// map.tensorize_into(&Array2::from_elem((4, 3), 7.0), buffer.view_mut())?;
    /// assert_eq!(buffer.sum(), 84.0);
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    pub fn tensorize_into<A: Scalar, D: Dimension, E: Dimension>(
        &self,
        weight: &ArrayRef<A, D>,
        tensor: ArrayViewMut<'_, A, E>,
    ) -> Result<(), TensorizeError> {
        require("weight", &self.weight_shape, weight)?;
        require("tensor buffer", &self.tensor_shape, &tensor)?;
        copy_permuted(weight, &self.expanded, &self.permutation, tensor)
    }

    /// [`detensorize`](Self::detensorize) into a buffer of the caller, of any memory layout.
    ///
    /// No array is allocated, unless the axes of the tensor are strided in a way that the reshape cannot
    /// express as a view; a tensor in standard layout never is.
    ///
    /// # Errors
    ///
    /// [`TensorizeError::ShapeMismatch`] if either array has the wrong shape; nothing is written then.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::ndarray::{Array2, Array3};
    /// use tt_admm::tensorize::Tensorization;
    ///
    /// let map = Tensorization::linear([2, 2], [3])?;
    /// let mut weight = Array2::<f64>::zeros((4, 3));
    /// map.detensorize_into(&Array3::from_elem((2, 2, 3), 7.0), weight.view_mut())?;
    /// assert_eq!(weight, Array2::from_elem((4, 3), 7.0));
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    pub fn detensorize_into<A: Scalar, D: Dimension, E: Dimension>(
        &self,
        tensor: &ArrayRef<A, D>,
        weight: ArrayViewMut<'_, A, E>,
    ) -> Result<(), TensorizeError> {
        require("tensor", &self.tensor_shape, tensor)?;
        require("weight buffer", &self.weight_shape, &weight)?;
        let permuted: Vec<usize> = self.permutation.iter().map(|&k| self.expanded[k]).collect();
        let mut inverse = vec![0; self.permutation.len()];
        for (to, &from) in self.permutation.iter().enumerate() {
            inverse[from] = to;
        }
        copy_permuted(tensor, &permuted, &inverse, weight)
    }
}

fn require<A, D: Dimension>(
    what: &'static str,
    expected: &[usize],
    array: &ArrayRef<A, D>,
) -> Result<(), TensorizeError> {
    if array.shape() == expected {
        Ok(())
    } else {
        Err(mismatch(what, expected, array))
    }
}
