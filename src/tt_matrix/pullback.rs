//! Gradients of products with a batch.

use ndarray::{Array2, Array4, ArrayRef, Ix2};

use super::contract::{Contraction, size};
use super::error::TtMatrixError;
use super::matrix::TtMatrix;
use super::matvec::{check_finite, held};
use super::scaled::multiply;
use crate::scalar::Scalar;

impl<A: Scalar> TtMatrix<A> {
    /// The gradients with respect to every core and to the batch, given the gradient with respect to the product.
    ///
    /// For `Y = M X` as in [`TtMatrix::matmul`], a loss `f(Y)` and `gradient = df/dY`, `(m_1 ... m_d) x batch`, returns
    /// `df/dG_k` with the shape of core `k`, summed over the batch, and `df/dX = M^T gradient`. This is all that training a
    /// layer in core space needs; neither the matrix nor its gradient is formed.
    ///
    /// The product is computed once more, keeping what each core was multiplied by, and then followed backwards: three
    /// times the operations of [`TtMatrix::matmul`], and the memory of all its intermediate results.
    ///
    /// # Errors
    ///
    /// Those of [`TtMatrix::matmul`], for `X` and for the gradient; [`TtMatrixError::Batch`] if these have different numbers
    /// of columns.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TtMatrix, ndarray::{Array2, array}};
    ///
    /// // f(Y) = the sum of all elements of Y = M X, so df/dY is all ones, and <df/dG_k, G_k> = f for every core.
    /// let m = TtMatrix::from_kronecker(&[array![[1.0, 2.0]], array![[3.0], [4.0]]])?;
    /// let x = array![[1.0], [5.0]];
    /// assert_eq!(m.matmul(&x)?, array![[33.0], [44.0]]);
    /// let (cores, of_x) = m.matmul_pullback(&x, &array![[1.0], [1.0]])?;
    /// for (core, gradient) in m.cores().zip(&cores) {
    ///     assert_eq!((&core * gradient).sum(), 77.0);
    /// }
    /// assert_eq!(of_x, array![[7.0], [14.0]]);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn matmul_pullback(
        &self,
        x: &ArrayRef<A, Ix2>,
        gradient: &ArrayRef<A, Ix2>,
    ) -> Result<(Vec<Array4<A>>, Array2<A>), TtMatrixError> {
        self.check_operand("a column of X", x.view(), &self.col_modes)?;
        let side = "a column of the gradient";
        self.check_operand(side, gradient.view(), &self.row_modes)?;
        let (batch, columns) = (x.ncols(), gradient.ncols());
        if batch != columns {
            return Err(TtMatrixError::Batch {
                batch,
                gradient: columns,
            });
        }
        check_finite("X", x)?;
        check_finite("the gradient", gradient)?;
        if batch == 0 {
            let cores = self.cores().map(|core| Array4::zeros(core.raw_dim()));
            return Ok((cores.collect(), Array2::zeros(x.raw_dim())));
        }
        let mut contraction = Contraction::new(self, batch, size(x) + size(gradient))?;
        let (x, gradient) = (
            contraction.block(x.view()),
            contraction.block(gradient.view()),
        );
        let mut operands = Vec::with_capacity(self.order());
        contraction.forward(x, |_, operand| operands.push(operand));
        let (gradients, of_x) = contraction.backward(gradient, operands, self);
        let mut cores = Vec::with_capacity(self.order());
        for (mut core, exponent) in gradients {
            multiply(&mut core, exponent)?;
            cores.push(core);
        }
        Ok((cores, held(of_x)?))
    }
}
