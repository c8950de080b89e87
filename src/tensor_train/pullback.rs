//! Gradients with respect to the cores.

use ndarray::{Array2, Array3, ArrayRef, Dimension};

use super::dense::{matrix, reshaped};
use super::error::TtError;
use super::orthogonal::core;
use super::train::TensorTrain;
use crate::linalg::matmul;
use crate::scalar::Scalar;

impl<A: Scalar> TensorTrain<A> {
    /// The gradient with respect to every core, given the gradient with respect to the dense tensor.
    ///
    /// For a loss `f(X)` and `gradient = df/dX` (same shape as the tensor, any memory layout), returns
    /// `df/dG_k` with the shape of core `k`: the transpose of the map from cores to tensor. This is all that
    /// training in core space needs. Costs `O(N sum_k r_k)` for `N` elements.
    ///
    /// # Errors
    ///
    /// [`TtError::ShapeMismatch`] if the gradient does not have the shape of the tensor.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tt_svd, ndarray::array};
    ///
    /// // f(X) = sum_i X_i, so df/dX is all ones; every core gradient satisfies <dG_k, G_k> = f(X).
    /// let x = array![[1.0, 2.0], [3.0, 4.0]];
    /// let tt = tt_svd(&x, 2)?;
    /// let gradients = tt.pullback(&array![[1.0, 1.0], [1.0, 1.0]])?;
    /// for (core, gradient) in tt.cores().iter().zip(&gradients) {
    ///     assert!(((core * gradient).sum() - 10.0_f64).abs() < 1e-12);
    /// }
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn pullback<D: Dimension>(
        &self,
        gradient: &ArrayRef<A, D>,
    ) -> Result<Vec<Array3<A>>, TtError> {
        if gradient.shape() != self.shape {
            return Err(TtError::ShapeMismatch {
                expected: self.shape.clone(),
                got: gradient.shape().to_vec(),
            });
        }
        let order = self.order();
        // rights[k] = G_{k+1} ... G_{d-1}, an r_{k+1} x (rest) matrix.
        let mut rights = vec![Array2::<A>::ones((1, 1)); order];
        for k in (0..order - 1).rev() {
            let (r, n, s) = self.cores[k + 1].dim();
            let product = matmul(matrix(&self.cores[k + 1], (r * n, s)), rights[k + 1].view());
            let cols = n * rights[k + 1].ncols();
            rights[k] = reshaped(product.view(), (r, cols)).to_owned();
        }
        let dense = gradient.as_standard_layout();
        let mut carry = reshaped(dense.view(), (1, dense.len())).to_owned();
        let mut gradients = Vec::with_capacity(order);
        for (k, (g, right)) in self.cores.iter().zip(&rights).enumerate() {
            // carry is the gradient contracted with the cores before k: r_{k-1} x (n_k ... n_d).
            let (r, n, s) = g.dim();
            let rest = carry.len() / (r * n);
            let by_core = reshaped(carry.view(), (r * n, rest));
            gradients.push(core(&matmul(by_core, right.t()), (r, n, s)));
            if k + 1 < order {
                carry = matmul(matrix(g, (r * n, s)).t(), by_core);
            }
        }
        Ok(gradients)
    }
}
