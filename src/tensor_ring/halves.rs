//! A tensor contracted with one half of a ring, and with all cores of the other half but one.

use std::ops::Range;

use ndarray::{Array3, ArrayView2};

use super::dense::{chain, left_half, permuted, right_half};
use crate::linalg::{Work, matmul_into};
use crate::scalar::Scalar;
use crate::tensor_train::{as_core, matrix, reshaped};

/// The tensor contracted with the cores right of a bond: `(r_0, n_1 ... n_k, r_k)`. Costs `2 N r_0 r_k`.
pub(super) fn seen_from_left<A: Scalar>(
    elements: &[A],
    cores: &[Array3<A>],
    bond: usize,
    work: &mut Work<A>,
) -> Array3<A> {
    let (closing, own) = (cores[0].dim().0, cores[bond - 1].dim().2);
    let right = right_half(cores, bond, work);
    let tensor = unfolding(elements, right.ncols());
    let rows = tensor.nrows();
    let mut seen = work.matrix(rows, closing * own);
    matmul_into(tensor, right.t(), seen.view_mut());
    work.give(right);
    let seen = as_core(seen, (rows, closing, own));
    permuted(seen, [1, 0, 2], work)
}

/// The tensor contracted with the cores left of a bond: `(r_k, n_{k+1} ... n_d, r_0)`. Costs `2 N r_0 r_k`.
pub(super) fn seen_from_right<A: Scalar>(
    elements: &[A],
    cores: &[Array3<A>],
    bond: usize,
    work: &mut Work<A>,
) -> Array3<A> {
    let (closing, own) = (cores[0].dim().0, cores[bond].dim().0);
    let left = left_half(cores, bond, work);
    let cols = elements.len() / left.nrows();
    let mut seen = work.matrix(closing * own, cols);
    matmul_into(left.t(), unfolding(elements, cols), seen.view_mut());
    work.give(left);
    let seen = as_core(seen, (closing, own, cols));
    permuted(seen, [1, 2, 0], work)
}

/// Calls `update` for every core of a half, left to right, with what is left of the tensor when all other cores
/// have been contracted with it: an array of the shape of the core. A core that is changed counts for those
/// after it.
pub(super) fn for_each_core<A: Scalar, E>(
    cores: &mut [Array3<A>],
    half: Range<usize>,
    seen: Array3<A>,
    work: &mut Work<A>,
    mut update: impl FnMut(&mut [Array3<A>], usize, Array3<A>, &mut Work<A>) -> Result<(), E>,
) -> Result<(), E> {
    // The products of the cores after each.
    let mut after = Vec::with_capacity(half.len());
    for k in half.clone().skip(1).rev() {
        let product = match after.last() {
            None => chain([&cores[k]], 1, work),
            Some(last) => chain([&cores[k], last], 1, work),
        };
        after.push(product);
    }
    let mut carry = seen;
    for k in half {
        let (r, n, s) = cores[k].dim();
        let rest = carry.len() / (r * n);
        let own = if let Some(product) = after.pop() {
            let mut own = work.matrix(r * n, s);
            matmul_into(
                matrix(&carry, (r * n, rest)),
                matrix(&product, (s, rest)).t(),
                own.view_mut(),
            );
            work.give(product);
            as_core(own, (r, n, s))
        } else {
            let mut own = work.core((r, n, s));
            own.assign(&reshaped(carry.view(), (r, n, s)));
            own
        };
        update(cores, k, own, work)?;
        let mut next = work.matrix(s, rest);
        matmul_into(
            matrix(&cores[k], (r * n, s)).t(),
            matrix(&carry, (r * n, rest)),
            next.view_mut(),
        );
        work.give(carry);
        carry = as_core(next, (s, 1, rest));
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
