//! The element-wise product.

use ndarray::{Array3, Axis};

use super::spread::new_core;
use crate::scalar::Scalar;
use crate::tensor_train::certificate::TruncationError;
use crate::tensor_train::{TensorTrain, TtError};

impl<A: Scalar> TensorTrain<A> {
    /// The element-wise product `X(i) Y(i)` with a train of the same shape.
    ///
    /// The inner ranks are multiplied: slice `i` of core `k` is the Kronecker product of the slices `i` of the two
    /// cores `k`. Costs `O(sum_k n_k r^4)` time and memory for two trains of rank `r`;
    /// [`TensorTrain::round`] finds the smallest ranks of the result. If products of entries leave the range of `A`,
    /// powers of two are moved between the cores first.
    ///
    /// # Errors
    ///
    /// [`TtError::ShapeMismatch`] if the shapes differ, [`TtError::NonFinite`] if an entry is NaN or infinite,
    /// [`TtError::CoreTooLarge`] if memory cannot hold a core, [`TtError::OutOfRange`] if the cores cannot hold the
    /// result.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{Truncation, tt_svd, ndarray::Array3};
    ///
    /// let x = tt_svd(&Array3::from_shape_fn((4, 5, 6), |(i, j, k)| (i + j + k) as f64), 2)?;
    /// let square = x.hadamard(&x)?;
    /// assert_eq!(square.ranks(), [1, 4, 4, 1]);
    /// assert!((square.get(&[1, 2, 3])? - 36.0).abs() < 1e-12);
    /// assert_eq!(square.round(Truncation::relative(1e-12))?.ranks(), [1, 3, 3, 1]);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn hadamard(&self, other: &Self) -> Result<Self, TtError> {
        self.check_same_shape(other)?;
        self.check_finite()?;
        other.check_finite()?;
        let nothing = TruncationError::none(self.order() - 1);
        let plain = self.cores.iter().zip(&other.cores).all(|(x, y)| {
            let ((x_least, x_most), (y_least, y_most)) = (magnitudes(x), magnitudes(y));
            (x_most * y_most).is_finite() && (x_least * y_least).is_normal()
        });
        if plain {
            return Ok(Self::assemble(
                products(&self.cores, &other.cores)?,
                nothing,
            ));
        }
        let ((x, p), (y, q)) = (self.leveled(), other.leveled());
        Self::assemble(products(&x, &y)?, nothing).spread(p + q)
    }
}

/// The smallest magnitude that is not zero, and the largest; 1 and 1 if all are zero.
fn magnitudes<A: Scalar>(core: &Array3<A>) -> (A, A) {
    let mut nonzero = core.iter().map(|x| x.abs()).filter(|&x| x > A::zero());
    let first = nonzero.next().unwrap_or_else(A::one);
    nonzero.fold((first, first), |(least, most), x| {
        (least.min(x), most.max(x))
    })
}

/// Core by core, the Kronecker products of the slices.
fn products<A: Scalar>(x: &[Array3<A>], y: &[Array3<A>]) -> Result<Vec<Array3<A>>, TtError> {
    let product = |(k, (x, y)): (usize, (&Array3<A>, &Array3<A>))| {
        let ((xr, n, xs), (yr, _, ys)) = (x.dim(), y.dim());
        let shape = [xr.saturating_mul(yr), n, xs.saturating_mul(ys)];
        let mut core = new_core(k, shape)?;
        for (row, mut slices) in core.outer_iter_mut().enumerate() {
            let x = x.index_axis(Axis(0), row / yr);
            let y = y.index_axis(Axis(0), row % yr);
            for (mut slice, (x, y)) in slices
                .outer_iter_mut()
                .zip(x.outer_iter().zip(y.outer_iter()))
            {
                for (mut part, &x) in slice.exact_chunks_mut(ys).into_iter().zip(x) {
                    part.zip_mut_with(&y, |e, &y| *e = x * y);
                }
            }
        }
        Ok(core)
    };
    x.iter().zip(y).enumerate().map(product).collect()
}
