//! From cores back to elements.

use ndarray::{Array2, Array3, ArrayD, ArrayViewMut2, Axis, IxDyn};

use super::{TensorRing, TrError};
use crate::error::checked_size;
use crate::linalg::{Work, matmul, matmul_into};
use crate::scalar::Scalar;
use crate::tensor_train::{as_core, matrix};

impl<A: Scalar> TensorRing<A> {
    /// The dense tensor, row-major.
    ///
    /// The ring is cut at its closing bond and at the bond that makes it cheapest; the product of the two halves
    /// writes the result and costs `2 N r_0 r_k` operations for `N` elements.
    ///
    /// # Panics
    ///
    /// Panics if the dense tensor has more elements than memory can address.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tr_svd, ndarray::Array3};
    ///
    /// let x = Array3::from_shape_fn((4, 3, 2), |(i, j, k)| (i + j + k) as f64);
    /// let back = tr_svd(&x, [2, 2, 4])?.to_dense();
    /// assert_eq!(back.shape(), [4, 3, 2]);
    /// assert!((back[[3, 2, 1]] - 6.0).abs() < 1e-13);
    /// # Ok::<(), tt_admm::TrError>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn to_dense(&self) -> ArrayD<A> {
        let size = checked_size(&self.shape);
        assert!(
            size.is_some(),
            "a dense tensor of shape {:?} is too large",
            self.shape
        );
        let mut dense = ArrayD::zeros(IxDyn(&self.shape));
        if let Some(slice) = dense.as_slice_mut() {
            self.write_dense(slice, &mut Work::default());
        }
        dense
    }

    /// Writes the dense tensor in row-major order into `out`, whose length must be the number of elements.
    pub(crate) fn write_dense(&self, out: &mut [A], work: &mut Work<A>) {
        write_ring(&self.cores, out, work);
    }

    /// One element, in `O(r_0 sum_k r_{k-1} r_k)`.
    ///
    /// # Errors
    ///
    /// [`TrError::IndexOutOfBounds`] for an index outside the shape or of the wrong length.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tr_svd, ndarray::Array2};
    ///
    /// let ring = tr_svd(&Array2::from_shape_fn((30, 40), |(i, j)| (i * j) as f64), [1, 1])?;
    /// assert!((ring.get(&[10, 20])? - 200.0).abs() < 1e-10);
    /// assert!(ring.get(&[10, 40]).is_err());
    /// # Ok::<(), tt_admm::TrError>(())
    /// ```
    pub fn get(&self, index: &[usize]) -> Result<A, TrError> {
        if index.len() != self.order() || index.iter().zip(&self.shape).any(|(i, n)| i >= n) {
            return Err(TrError::IndexOutOfBounds {
                index: index.to_vec(),
                shape: self.shape.clone(),
            });
        }
        let mut slices = self
            .cores
            .iter()
            .zip(index)
            .map(|(core, &i)| core.index_axis(Axis(1), i));
        let Some(first) = slices.next() else {
            unreachable!("a ring has at least one core");
        };
        let product = slices.fold(first.to_owned(), |product, slice| {
            matmul(product.view(), slice)
        });
        Ok(product.diag().sum())
    }
}

/// Writes the dense tensor of these cores in row-major order.
pub(super) fn write_ring<A: Scalar>(cores: &[Array3<A>], out: &mut [A], work: &mut Work<A>) {
    if let [only] = cores {
        for (i, x) in out.iter_mut().enumerate() {
            *x = only.index_axis(Axis(1), i).diag().sum();
        }
        return;
    }
    let bond = cheapest_bond(cores);
    let left = left_half(cores, bond, work);
    let right = right_half(cores, bond, work);
    write_halves(&left, &right, out);
    work.give(left);
    work.give(right);
}

/// The product of both halves, each with the pairs of `r_0` and `r_k` as rows.
pub(super) fn write_halves<A: Scalar>(left: &Array2<A>, right: &Array2<A>, out: &mut [A]) {
    if let Ok(out) = ArrayViewMut2::from_shape((left.ncols(), right.ncols()), out) {
        matmul_into(left.t(), right.view(), out);
    }
}

/// The inner bond at which joining the two halves of the ring needs the fewest operations; the order for one core.
pub(super) fn cheapest_bond<A: Scalar>(cores: &[Array3<A>]) -> usize {
    let order = cores.len();
    let closing = cores[0].dim().0 as f64;
    let cost = |bond: usize| {
        let half = |cores: &[Array3<A>]| {
            let (mut total, mut size) = (0.0, closing);
            for core in cores {
                total += size * core.len() as f64;
                size *= core.dim().1 as f64;
            }
            (total, size / closing)
        };
        let (left, rows) = half(&cores[..bond]);
        let (right, cols) = half(&cores[bond..]);
        left + right + rows * cols * closing * cores[bond].dim().0 as f64
    };
    (1..order)
        .min_by(|&a, &b| cost(a).total_cmp(&cost(b)))
        .unwrap_or(order)
}

/// The product of these cores, `(r, n n' ..., s)`; the identity of this side for no cores.
pub(super) fn chain<'a, A: Scalar>(
    cores: impl IntoIterator<Item = &'a Array3<A>>,
    side: usize,
    work: &mut Work<A>,
) -> Array3<A> {
    let mut cores = cores.into_iter();
    let Some(first) = cores.next() else {
        return as_core(work.identity(side), (side, 1, side));
    };
    let mut product = work.core(first.dim());
    product.assign(first);
    for core in cores {
        let ((r, m, b), (_, n, s)) = (product.dim(), core.dim());
        let mut next = work.matrix(r * m, n * s);
        matmul_into(
            matrix(&product, (r * m, b)),
            matrix(core, (b, n * s)),
            next.view_mut(),
        );
        work.give(product);
        product = as_core(next, (r, m * n, s));
    }
    product
}

/// The cores left of a bond as a matrix `(r_0 r_k) x (n_1 ... n_k)`.
pub(super) fn left_half<A: Scalar>(
    cores: &[Array3<A>],
    bond: usize,
    work: &mut Work<A>,
) -> Array2<A> {
    let product = open_product(&cores[..bond], cores[0].dim().0, work);
    let (s, r, n) = product.dim();
    let turned = permuted(product, [1, 0, 2], work);
    flattened(turned, (r * s, n))
}

/// The cores right of a bond as a matrix `(r_0 r_k) x (n_{k+1} ... n_d)`.
pub(super) fn right_half<A: Scalar>(
    cores: &[Array3<A>],
    bond: usize,
    work: &mut Work<A>,
) -> Array2<A> {
    let product = open_product(&cores[bond..], cores[0].dim().0, work);
    let (s, r, n) = product.dim();
    flattened(product, (s * r, n))
}

/// The product of these cores with the right index first, `(s, r, n n' ...)`; the identity of this side for no cores.
fn open_product<A: Scalar>(cores: &[Array3<A>], side: usize, work: &mut Work<A>) -> Array3<A> {
    let Some((last, others)) = cores.split_last() else {
        return as_core(work.identity(side), (side, side, 1));
    };
    let mut product = right_index_first(last, work);
    for core in others.iter().rev() {
        let longer = prepended(core, &product, work);
        work.give(product);
        product = longer;
    }
    product
}

/// A core as `(s, r, n)`.
pub(super) fn right_index_first<A: Scalar>(core: &Array3<A>, work: &mut Work<A>) -> Array3<A> {
    let view = core.view().permuted_axes([2, 0, 1]);
    let mut turned = work.core(view.dim());
    turned.assign(&view);
    turned
}

/// A core times the product of those after it, the right index first in both.
///
/// There is one matrix product for every right index, so that nothing large is rearranged.
pub(super) fn prepended<A: Scalar>(
    core: &Array3<A>,
    product: &Array3<A>,
    work: &mut Work<A>,
) -> Array3<A> {
    let ((r, n, s), (right, _, rest)) = (core.dim(), product.dim());
    let mut longer = work.core((right, r, n * rest));
    for (part, longer) in product.outer_iter().zip(longer.outer_iter_mut()) {
        let Ok(longer) = longer.into_shape_with_order((r * n, rest)) else {
            unreachable!("row-major, and sizes agree");
        };
        matmul_into(matrix(core, (r * n, s)), part, longer);
    }
    longer
}

/// A row-major copy with the axes in another order.
pub(super) fn permuted<A: Scalar>(
    array: Array3<A>,
    axes: [usize; 3],
    work: &mut Work<A>,
) -> Array3<A> {
    let view = array.view().permuted_axes(axes);
    let mut copy = work.core(view.dim());
    copy.assign(&view);
    work.give(array);
    copy
}

/// A row-major array as a matrix, without copying.
pub(super) fn flattened<A: Scalar>(array: Array3<A>, sides: (usize, usize)) -> Array2<A> {
    match array.into_shape_with_order(sides) {
        Ok(matrix) => matrix,
        Err(error) => unreachable!("row-major, and sizes agree: {error}"),
    }
}
