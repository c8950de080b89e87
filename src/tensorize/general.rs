//! The general layout, and the checks that every layout passes.

use super::canonical::canonical;
use super::{Tensorization, TensorizeError};
use crate::error::checked_size;

impl Tensorization {
    /// Any layout: reshape the weight to `expanded`, permute, reshape to `tensor_shape`.
    ///
    /// Axis `j` of the permuted array is axis `permutation[j]` of `expanded`. All reshapes are row-major.
    ///
    /// # Errors
    ///
    /// An empty shape, a length of 0, shapes that differ in their number of elements or overflow, or a
    /// `permutation` that is not one of the axes of `expanded`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::ndarray::arr2;
    /// use tt_admm::tensorize::Tensorization;
    ///
    /// let transpose = Tensorization::custom([2, 3], [2, 3], [1, 0], [3, 2])?;
    /// let weight = arr2(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let expected = arr2(&[[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]);
    /// assert_eq!(transpose.tensorize(&weight)?, expected.into_dyn());
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    pub fn custom(
        weight_shape: impl Into<Vec<usize>>,
        expanded: impl Into<Vec<usize>>,
        permutation: impl Into<Vec<usize>>,
        tensor_shape: impl Into<Vec<usize>>,
    ) -> Result<Self, TensorizeError> {
        Self::build(
            weight_shape.into(),
            &expanded.into(),
            &permutation.into(),
            tensor_shape.into(),
        )
    }

    /// The tensor is the weight itself.
    ///
    /// # Errors
    ///
    /// An empty shape, a length of 0, or more elements than fit in `isize`.
    ///
    /// # Examples
    ///
    /// ```
    /// let map = tt_admm::tensorize::Tensorization::identity([8, 3, 3])?;
    /// assert_eq!(map.weight_shape(), map.tensor_shape());
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    pub fn identity(shape: impl Into<Vec<usize>>) -> Result<Self, TensorizeError> {
        let shape = shape.into();
        Self::build(shape.clone(), &shape, &in_order(shape.len()), shape.clone())
    }

    /// Checks every part and stores the shortest description of the map.
    pub(super) fn build(
        weight_shape: Vec<usize>,
        expanded: &[usize],
        permutation: &[usize],
        tensor_shape: Vec<usize>,
    ) -> Result<Self, TensorizeError> {
        let weight_size = size_of("weight shape", &weight_shape)?;
        for (what, lengths) in [
            ("expanded shape", expanded),
            ("tensor shape", &tensor_shape),
        ] {
            let size = size_of(what, lengths)?;
            if size != weight_size {
                let lengths = lengths.to_vec();
                return Err(TensorizeError::SizeMismatch {
                    what,
                    lengths,
                    size,
                    weight_shape,
                    weight_size,
                });
            }
        }
        let mut sorted = permutation.to_vec();
        sorted.sort_unstable();
        if sorted != in_order(expanded.len()) {
            return Err(TensorizeError::NotAPermutation {
                permutation: permutation.to_vec(),
                axes: expanded.len(),
            });
        }
        let (expanded, permutation) = canonical(expanded, permutation);
        Ok(Self {
            weight_shape,
            expanded,
            permutation,
            tensor_shape,
        })
    }
}

/// The axes `0..axes`: the permutation that moves nothing.
pub(super) fn in_order(axes: usize) -> Vec<usize> {
    (0..axes).collect()
}

/// The number of elements, refusing empty lists, zeros and overflow.
pub(super) fn size_of(what: &'static str, lengths: &[usize]) -> Result<usize, TensorizeError> {
    if lengths.is_empty() {
        return Err(TensorizeError::Empty { what });
    }
    if let Some(position) = lengths.iter().position(|&n| n == 0) {
        return Err(TensorizeError::ZeroLength {
            what,
            lengths: lengths.to_vec(),
            position,
        });
    }
    checked_size(lengths).ok_or_else(|| TensorizeError::TooLarge {
        what,
        lengths: lengths.to_vec(),
    })
}
