//! From cores back to elements.

use ndarray::{Array2, Array3, ArrayD, ArrayView2, ArrayViewMut2, IxDyn};

use super::train::TensorTrain;
use crate::error::checked_size;
use crate::linalg::{Work, matmul_into};
use crate::scalar::Scalar;

impl<A: Scalar> TensorTrain<A> {
    /// The dense tensor, row-major.
    ///
    /// The cores are contracted from both ends towards the bond that makes it cheapest; the last product
    /// writes the result and costs `2 N r` operations for `N` elements and a bond of rank `r`.
    ///
    /// # Panics
    ///
    /// Panics if the dense tensor has more elements than memory can address (a train of order 400 is fine,
    /// its dense tensor is not).
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tt_svd, ndarray::Array3};
    ///
    /// let x = Array3::from_shape_fn((3, 4, 2), |(i, j, k)| (i + j + k + 3) as f64);
    /// let back = tt_svd(&x, 2)?.to_dense();
    /// assert_eq!(back.shape(), [3, 4, 2]);
    /// assert!((back[[2, 3, 1]] - 9.0).abs() < 1e-13);
    /// # Ok::<(), tt_admm::TtError>(())
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
        let order = self.order();
        let bond = self.cheapest_bond();
        let left = left_product(&self.cores[..bond], work);
        let right = right_product(&self.cores[bond..], work);
        if bond == order {
            out.iter_mut().zip(&left).for_each(|(o, &x)| *o = x);
        } else if let Ok(out) = ArrayViewMut2::from_shape((left.nrows(), right.ncols()), out) {
            matmul_into(left.view(), right.view(), out);
        }
        work.give(left);
        work.give(right);
    }

    /// The bond at which joining a left and a right product needs the fewest operations.
    fn cheapest_bond(&self) -> usize {
        let order = self.order();
        let cost = |bond: usize| {
            let mut total = 0.0_f64;
            let mut rows = 1.0_f64;
            for core in &self.cores[..bond] {
                total += rows * core.len() as f64;
                rows *= core.dim().1 as f64;
            }
            let mut cols = 1.0_f64;
            for core in self.cores[bond..].iter().rev() {
                total += cols * core.len() as f64;
                cols *= core.dim().1 as f64;
            }
            total + rows * cols * self.ranks[bond] as f64
        };
        // The last product goes where the result is; only a train of one core is copied there.
        (1..order)
            .min_by(|&a, &b| cost(a).total_cmp(&cost(b)))
            .unwrap_or(order)
    }
}

/// `G_1 ... G_k` of these cores as a matrix `(n_1 ... n_k) x r_k`; a 1 x 1 one for no cores.
pub(super) fn left_product<A: Scalar>(cores: &[Array3<A>], work: &mut Work<A>) -> Array2<A> {
    let Some((first, others)) = cores.split_first() else {
        return work.identity(1);
    };
    let (_, n, s) = first.dim();
    let mut left = work.matrix(n, s);
    left.assign(&matrix(first, (n, s)));
    for core in others {
        let (r, n, s) = core.dim();
        let mut next = work.matrix(left.nrows(), n * s);
        matmul_into(left.view(), matrix(core, (r, n * s)), next.view_mut());
        work.give(left);
        left = reshape(next, |rows| (rows * n, s));
    }
    left
}

/// `G_{k+1} ... G_d` of these cores as a matrix `r_k x (n_{k+1} ... n_d)`; a 1 x 1 one for no cores.
pub(super) fn right_product<A: Scalar>(cores: &[Array3<A>], work: &mut Work<A>) -> Array2<A> {
    let Some((last, others)) = cores.split_last() else {
        return work.identity(1);
    };
    let (r, n, _) = last.dim();
    let mut right = work.matrix(r, n);
    right.assign(&matrix(last, (r, n)));
    for core in others.iter().rev() {
        let (r, n, s) = core.dim();
        let cols = right.ncols();
        let mut next = work.matrix(r * n, cols);
        matmul_into(matrix(core, (r * n, s)), right.view(), next.view_mut());
        work.give(right);
        right = reshape(next, |_| (r, n * cols));
    }
    right
}

/// A core (row-major) as a matrix.
pub(crate) fn matrix<A: Scalar>(
    core: &Array3<A>,
    (rows, cols): (usize, usize),
) -> ArrayView2<'_, A> {
    reshaped(core.view(), (rows, cols))
}

/// A row-major array as a view of another shape with as many elements.
pub(crate) fn reshaped<A, D: ndarray::Dimension, E: ndarray::IntoDimension>(
    array: ndarray::ArrayView<'_, A, D>,
    shape: E,
) -> ndarray::ArrayView<'_, A, E::Dim> {
    match array.into_shape_with_order(shape) {
        Ok(view) => view,
        Err(error) => unreachable!("cores are row-major and sizes agree: {error}"),
    }
}

/// A row-major matrix with other sides, without copying.
fn reshape<A>(a: Array2<A>, sides: impl Fn(usize) -> (usize, usize)) -> Array2<A> {
    let sides = sides(a.nrows());
    match a.into_shape_with_order(sides) {
        Ok(a) => a,
        Err(error) => unreachable!("products are row-major and sizes agree: {error}"),
    }
}
