//! Gradients with respect to the cores.

use std::convert::Infallible;

use ndarray::{Array3, ArrayRef, Dimension};

use super::dense::{cheapest_bond, left_half, right_half};
use super::halves::{for_each_core, seen_from_left, seen_from_right};
use super::least_squares::core_of;
use super::{TensorRing, TrError};
use crate::linalg::Work;
use crate::scalar::Scalar;

impl<A: Scalar> TensorRing<A> {
    /// The gradient with respect to every core, given the gradient with respect to the dense tensor.
    ///
    /// For a loss `f(X)` and `gradient = df/dX` (same shape as the tensor, any memory layout), returns `df/dG_k` with
    /// the shape of core `k`: the transpose of the map from cores to tensor. Costs twice as much as
    /// [`TensorRing::to_dense`]: each half of the ring is contracted with the gradient once.
    ///
    /// # Errors
    ///
    /// [`TrError::ShapeMismatch`] if the gradient does not have the shape of the tensor.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tr_svd, ndarray::array};
    ///
    /// // f(X) = sum_i X_i, so df/dX is all ones; every core gradient satisfies <dG_k, G_k> = f(X).
    /// let ring = tr_svd(&array![[1.0, 2.0], [3.0, 4.0]], [1, 2])?;
    /// let gradients = ring.pullback(&array![[1.0, 1.0], [1.0, 1.0]])?;
    /// for (core, gradient) in ring.cores().iter().zip(&gradients) {
    ///     assert!(((core * gradient).sum() - 10.0_f64).abs() < 1e-12);
    /// }
    /// # Ok::<(), tt_admm::TrError>(())
    /// ```
    pub fn pullback<D: Dimension>(
        &self,
        gradient: &ArrayRef<A, D>,
    ) -> Result<Vec<Array3<A>>, TrError> {
        self.check_same_shape(gradient.shape())?;
        let dense = gradient.as_standard_layout();
        let Some(elements) = dense.as_slice() else {
            unreachable!("the copy is row-major");
        };
        let (mut cores, order) = (self.cores.clone(), self.order());
        let mut gradients = Vec::with_capacity(order);
        let work = &mut Work::default();
        let bond = cheapest_bond(&cores);
        let mut keep = |cores: &mut [Array3<A>], k: usize, own, work: &mut Work<A>| {
            gradients.push(core_of(own, cores[k].dim(), work));
            Ok::<(), Infallible>(())
        };
        let closing = cores[0].dim().0;
        let right = right_half(&cores, bond, work);
        let seen = seen_from_left(elements, &right, closing, work);
        let Ok(()) = for_each_core(&mut cores, 0..bond, seen, work, &mut keep);
        if bond < order {
            let left = left_half(&cores, bond, work);
            let seen = seen_from_right(elements, &left, closing, work);
            let Ok(()) = for_each_core(&mut cores, bond..order, seen, work, &mut keep);
        }
        Ok(gradients)
    }
}
