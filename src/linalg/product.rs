//! Matrix products through the backend.

use ndarray::{Array2, ArrayView2, ArrayViewMut2};

use crate::scalar::Scalar;

/// `a b`.
pub(crate) fn matmul<A: Scalar>(a: ArrayView2<'_, A>, b: ArrayView2<'_, A>) -> Array2<A> {
    let mut c = Array2::zeros((a.nrows(), b.ncols()));
    matmul_into(a, b, c.view_mut());
    c
}

/// `c <- c + a b`.
pub(crate) fn add_matmul<A: Scalar>(
    a: ArrayView2<'_, A>,
    b: ArrayView2<'_, A>,
    c: ArrayViewMut2<'_, A>,
) {
    A::gemm(A::one(), a, b, true, c);
}

/// The lower triangle of `a a^T`; what is above the diagonal is unspecified.
pub(crate) fn lower_gram<A: Scalar>(a: ArrayView2<'_, A>) -> Array2<A> {
    let mut gram = Array2::zeros((a.nrows(), a.nrows()));
    A::gram(a, false, gram.view_mut());
    gram
}

/// `c <- a b`, without allocating when the operands are contiguous.
pub(crate) fn matmul_into<A: Scalar>(
    a: ArrayView2<'_, A>,
    b: ArrayView2<'_, A>,
    c: ArrayViewMut2<'_, A>,
) {
    debug_assert_eq!(a.ncols(), b.nrows());
    debug_assert_eq!(c.dim(), (a.nrows(), b.ncols()));
    A::gemm(A::one(), a, b, false, c);
}
