//! Copying between arrays of different shapes, whatever their memory layout.

use super::TensorizeError;
use crate::scalar::Scalar;
use ndarray::{ArrayRef, ArrayViewMut, Dimension, IxDyn};

/// `out <- reshape(permute(reshape(source, axes), permutation))`, all reshapes row-major.
pub(super) fn copy_permuted<A: Scalar, D: Dimension, E: Dimension>(
    source: &ArrayRef<A, D>,
    axes: &[usize],
    permutation: &[usize],
    out: ArrayViewMut<'_, A, E>,
) -> Result<(), TensorizeError> {
    // One axis at most: nothing moves, and even an odd layout needs no intermediate copy.
    if permutation.len() <= 1 {
        return copy_in_order(source, out);
    }
    let split = source
        .to_shape(IxDyn(axes))
        .map_err(|_| mismatch("array", axes, source))?;
    copy_in_order(&split.view().permuted_axes(IxDyn(permutation)), out)
}

/// Copies in row-major order between arrays of the same size and any shapes.
fn copy_in_order<A: Scalar, D: Dimension, E: Dimension>(
    source: &ArrayRef<A, D>,
    out: ArrayViewMut<'_, A, E>,
) -> Result<(), TensorizeError> {
    let mut out = out.into_dyn();
    // `assign` picks the loop order that suits both layouts, so it is worth reshaping either side when
    // that needs no copy. Two strided sides are walked element by element.
    if out.is_standard_layout() {
        let error = mismatch("output", source.shape(), &out);
        let mut out = out
            .into_shape_with_order(source.raw_dim())
            .map_err(|_| error)?;
        out.assign(source);
    } else if source.is_standard_layout() {
        let same = source.to_shape(out.raw_dim());
        let same = same.map_err(|_| mismatch("array", out.shape(), source))?;
        out.assign(&same);
    } else {
        out.iter_mut()
            .zip(source.iter())
            .for_each(|(to, &from)| *to = from);
    }
    Ok(())
}

/// The error for an array that does not have the expected shape.
pub(super) fn mismatch<A, D: Dimension>(
    what: &'static str,
    expected: &[usize],
    array: &ArrayRef<A, D>,
) -> TensorizeError {
    TensorizeError::ShapeMismatch {
        what,
        expected: expected.to_vec(),
        got: array.shape().to_vec(),
    }
}
