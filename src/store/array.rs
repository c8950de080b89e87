//! Arrays as stored: shape and elements in row-major order.

use ndarray::{ArrayD, ArrayRef, Dimension, IxDyn};
use serde::{Deserialize, Serialize};

use crate::error::checked_size;
use crate::scalar::Scalar;

/// An array of any memory layout, stored row-major. Nothing is trusted until [`StoredArray::restore`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "A: Scalar")]
pub(crate) struct StoredArray<A> {
    shape: Vec<usize>,
    elements: Vec<A>,
}

impl<A: Scalar> StoredArray<A> {
    pub(crate) fn new<D: Dimension>(array: &ArrayRef<A, D>) -> Self {
        Self {
            shape: array.shape().to_vec(),
            elements: array.iter().copied().collect(),
        }
    }

    /// The array, or what is wrong with it.
    pub(crate) fn restore(self) -> Result<ArrayD<A>, String> {
        let Self { shape, elements } = self;
        if checked_size(&shape) != Some(elements.len()) {
            return Err(format!(
                "an array of shape {shape:?} with {} elements",
                elements.len()
            ));
        }
        ArrayD::from_shape_vec(IxDyn(&shape), elements).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::StoredArray;
    use ndarray::{Array2, Array3, ShapeBuilder};

    #[test]
    fn any_layout_comes_back_row_major() {
        let a = Array3::from_shape_fn((2, 3, 4).f(), |(i, j, k)| (100 * i + 10 * j + k) as f64);
        let back = StoredArray::new(&a).restore().unwrap();
        assert!(back.is_standard_layout());
        assert_eq!(back, a.into_dyn());
        let empty = Array2::<f32>::zeros((0, 5));
        assert_eq!(StoredArray::new(&empty).restore().unwrap().shape(), [0, 5]);
    }

    #[test]
    fn a_shape_that_does_not_fit_is_refused() {
        let stored = StoredArray::<f32> {
            shape: vec![usize::MAX, 2],
            elements: vec![0.0; 3],
        };
        assert!(stored.restore().unwrap_err().contains("3 elements"));
    }
}
