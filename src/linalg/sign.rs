//! The sign convention of factors.

use ndarray::{Array2, ArrayRef, Ix1, Ix2};

use crate::scalar::Scalar;

/// Whether the entry of largest magnitude (the first of equals) is negative.
pub(super) fn largest_is_negative<A: Scalar>(column: &ArrayRef<A, Ix1>) -> bool {
    let mut largest = A::zero();
    for &x in column {
        if x.abs() > largest.abs() {
            largest = x;
        }
    }
    largest < A::zero()
}

/// Makes the largest entry of every column of `left` positive, and flips the matching row of `right`, so
/// that their product stays.
pub(super) fn fix_signs<A: Scalar>(left: &mut ArrayRef<A, Ix2>, mut right: Option<&mut Array2<A>>) {
    for k in 0..left.ncols() {
        if largest_is_negative(&left.column(k)) {
            left.column_mut(k).mapv_inplace(|x| -x);
            if let Some(right) = right.as_deref_mut() {
                right.row_mut(k).mapv_inplace(|x| -x);
            }
        }
    }
}
