//! A tensor contracted with one half of a ring, and with all cores of the other half but one.

use std::ops::Range;

use ndarray::{Array2, Array3, ArrayView2};

use super::dense::{flattened, permuted, prepended, right_index_first};
use crate::linalg::{Work, add_matmul, matmul_into};
use crate::scalar::Scalar;
use crate::tensor_train::{as_core, matrix, reshaped};

/// The tensor contracted with the right half of a ring: `(r_k, r_0, n_1 ... n_k)`. Costs `2 N r_0 r_k`.
pub(super) fn seen_from_left<A: Scalar>(
    elements: &[A],
    right: &Array2<A>,
    closing: usize,
    work: &mut Work<A>,
) -> Array3<A> {
    let tensor = unfolding(elements, right.ncols());
    let (pairs, rows) = (right.nrows(), tensor.nrows());
    let mut seen = work.matrix(pairs, rows);
    matmul_into(right.view(), tensor.t(), seen.view_mut());
    let seen = as_core(seen, (closing, pairs / closing, rows));
    permuted(seen, [1, 0, 2], work)
}

/// The tensor contracted with the left half of a ring: `(r_0, r_k, n_{k+1} ... n_d)`. Costs `2 N r_0 r_k`.
pub(super) fn seen_from_right<A: Scalar>(
    elements: &[A],
    left: &Array2<A>,
    closing: usize,
    work: &mut Work<A>,
) -> Array3<A> {
    let (pairs, cols) = (left.nrows(), elements.len() / left.ncols());
    let mut seen = work.matrix(pairs, cols);
    matmul_into(left.view(), unfolding(elements, cols), seen.view_mut());
    as_core(seen, (closing, pairs / closing, cols))
}

/// Calls `update` for every core of a half, left to right, with what is left of the tensor when all other cores
/// have been contracted with it: an array `(left right) x n`. A core that is changed counts for those after it.
///
/// The half sees a tensor whose first index is that of its right end, the second one that of its left end.
pub(super) fn for_each_core<A: Scalar, E>(
    cores: &mut [Array3<A>],
    half: Range<usize>,
    seen: Array3<A>,
    work: &mut Work<A>,
    mut update: impl FnMut(&mut [Array3<A>], usize, Array2<A>, &mut Work<A>) -> Result<(), E>,
) -> Result<(), E> {
    // The products of the cores after each.
    let mut after: Vec<Array3<A>> = Vec::with_capacity(half.len());
    for k in half.clone().skip(1).rev() {
        let product = match after.last() {
            None => right_index_first(&cores[k], work),
            Some(last) => prepended(&cores[k], last, work),
        };
        after.push(product);
    }
    let mut carry = seen;
    for k in half {
        let (r, n, s) = cores[k].dim();
        let Some(product) = after.pop() else {
            let own = flattened(permuted(carry, [1, 0, 2], work), (r * s, n));
            return update(cores, k, own, work);
        };
        let (right, _, rest) = product.dim();
        // s x (r n), summed over the right end.
        let mut own = work.matrix(s, r * n);
        own.fill(A::zero());
        for (part, after) in carry.outer_iter().zip(product.outer_iter()) {
            add_matmul(after, reshaped(part, (r * n, rest)).t(), own.view_mut());
        }
        work.give(product);
        let own = permuted(as_core(own, (s, r, n)), [1, 0, 2], work);
        update(cores, k, flattened(own, (r * s, n)), work)?;
        let core = matrix(&cores[k], (r * n, s));
        let mut next = work.core((right, s, rest));
        for (part, next) in carry.outer_iter().zip(next.outer_iter_mut()) {
            matmul_into(core.t(), reshaped(part, (r * n, rest)), next);
        }
        work.give(carry);
        carry = next;
    }
    work.give(carry);
    Ok(())
}

fn unfolding<A: Scalar>(elements: &[A], cols: usize) -> ArrayView2<'_, A> {
    match ArrayView2::from_shape((elements.len() / cols, cols), elements) {
        Ok(view) => view,
        Err(error) => unreachable!("whole modes: {error}"),
    }
}
