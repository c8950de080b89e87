//! Elements from the order of a file to row-major and little-endian.

use ndarray::{ArrayView, IxDyn};

use crate::io::{Dtype, IoErrorKind};

/// Turns the bytes of every number around.
pub(super) fn swap_bytes(dtype: Dtype, bytes: &mut [u8]) {
    let parts = if matches!(dtype, Dtype::C64 | Dtype::C128) {
        2
    } else {
        1
    };
    bytes
        .chunks_exact_mut(dtype.bits() / 8 / parts)
        .for_each(<[u8]>::reverse);
}

/// The elements row-major, from an array whose first index is the fastest. Bytes and shape fit together.
pub(super) fn to_row_major(
    dtype: Dtype,
    shape: &[usize],
    bytes: Vec<u8>,
) -> Result<Vec<u8>, IoErrorKind> {
    if shape.iter().filter(|&&n| n != 1).count() < 2 {
        return Ok(bytes);
    }
    // As an array with the axes backwards, and the bytes of an element as the last axis.
    let mut stored: Vec<usize> = shape.iter().rev().copied().collect();
    stored.push(dtype.bits() / 8);
    let mut axes: Vec<usize> = (0..shape.len()).rev().collect();
    axes.push(shape.len());
    let view = ArrayView::from_shape(IxDyn(&stored), &bytes).map_err(|_| IoErrorKind::Size {
        shape: shape.to_vec(),
        dtype,
    })?;
    Ok(view.permuted_axes(IxDyn(&axes)).iter().copied().collect())
}
