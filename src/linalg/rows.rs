//! Products with matrices of many short rows, a chunk of rows after the other.
//!
//! A chunk stays in the second-level cache while everything that needs it is done. The chunks depend on the shape
//! alone, and so do the sums.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, s};
use rayon::prelude::*;

use super::norm::sum_of_squares;
use crate::scalar::Scalar;

/// Elements of a chunk.
const CHUNK: usize = 1 << 14;

fn height(cols: usize) -> usize {
    (CHUNK / cols).max(64)
}

/// `|a - b v|_F`.
pub(super) fn residual_norm<A: Scalar>(
    a: ArrayView2<'_, A>,
    b: ArrayView2<'_, A>,
    v: ArrayView2<'_, A>,
) -> f64 {
    let height = height(a.ncols());
    let chunks = a.nrows().div_ceil(height);
    let squares: Vec<f64> = (0..chunks)
        .into_par_iter()
        .map_init(Vec::new, |buffer, chunk| {
            let rows = s![chunk * height..((chunk + 1) * height).min(a.nrows()), ..];
            residual_square(a.slice(rows), b.slice(rows), v, buffer)
        })
        .collect();
    squares.iter().sum::<f64>().sqrt()
}

/// `b <- a v^T` for a row-major `b`; returns `|a - b v|_F` if it is asked for.
pub(crate) fn project_rows<A: Scalar>(
    a: ArrayView2<'_, A>,
    v: ArrayView2<'_, A>,
    b: &mut Array2<A>,
    measured: bool,
) -> Option<f64> {
    let (rank, height) = (v.nrows(), height(a.ncols()));
    debug_assert_eq!(b.dim(), (a.nrows(), rank));
    let Some(elements) = b.as_slice_mut() else {
        unreachable!("b is row-major");
    };
    let squares: Vec<f64> = elements
        .par_chunks_mut(height * rank)
        .enumerate()
        .map_init(Vec::new, |buffer, (chunk, b)| {
            let rows = b.len() / rank;
            let a = a.slice(s![chunk * height..chunk * height + rows, ..]);
            let Ok(mut b) = ArrayViewMut2::from_shape((rows, rank), b) else {
                unreachable!("whole rows");
            };
            A::gemm(A::one(), a, v.t(), false, b.view_mut());
            if measured {
                residual_square(a, b.view(), v, buffer)
            } else {
                0.0
            }
        })
        .collect();
    measured.then(|| squares.iter().sum::<f64>().sqrt())
}

/// `|a - b v|_F^2`.
fn residual_square<A: Scalar>(
    a: ArrayView2<'_, A>,
    b: ArrayView2<'_, A>,
    v: ArrayView2<'_, A>,
    buffer: &mut Vec<A>,
) -> f64 {
    // The contiguous direction stays contiguous.
    let columns = a.strides()[0] == 1;
    let (rows, cols) = if columns {
        (a.ncols(), a.nrows())
    } else {
        a.dim()
    };
    buffer.resize(rows * cols, A::zero());
    let Ok(copy) = ArrayViewMut2::from_shape((rows, cols), buffer) else {
        unreachable!("the buffer has the length of the chunk");
    };
    let mut difference = if columns { copy.reversed_axes() } else { copy };
    difference.assign(&a);
    A::gemm(-A::one(), b, v, true, difference);
    sum_of_squares(buffer)
}
