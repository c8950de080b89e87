//! Inner product and norm.

use super::error::TtMatrixError;
use super::matrix::TtMatrix;
use crate::scalar::Scalar;

impl<A: Scalar> TtMatrix<A> {
    /// Frobenius norm, accurate to rounding; see [`TensorTrain::norm`](crate::TensorTrain::norm).
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TtMatrix;
    ///
    /// // The identity of side 2^60.
    /// let m = TtMatrix::<f64>::identity([2; 60])?;
    /// assert!((m.norm() / 2.0_f64.powi(30) - 1.0).abs() < 1e-13);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    #[must_use]
    pub fn norm(&self) -> A {
        self.train.norm()
    }

    /// Natural logarithm of the Frobenius norm, minus infinity for a zero matrix. Never over- or underflows.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TtMatrix;
    ///
    /// let m = TtMatrix::<f32>::identity([2; 400])?;
    /// assert!((m.log_norm() - 200.0 * 2.0_f64.ln()).abs() < 1e-3);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    #[must_use]
    pub fn log_norm(&self) -> f64 {
        self.train.log_norm()
    }

    /// Inner product `sum_ij M(i, j) N(i, j)`, the trace of `M^T N`, with a matrix of the same modes. See
    /// [`TensorTrain::dot`](crate::TensorTrain::dot).
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::Modes`] if row or column modes differ.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TtMatrix;
    ///
    /// let m = TtMatrix::tridiagonal_toeplitz([3, 4], [-1.0, 2.0, -1.0])?;
    /// assert_eq!(m.dot(&TtMatrix::identity([3, 4])?)?, 24.0);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn dot(&self, other: &Self) -> Result<A, TtMatrixError> {
        self.check_modes_of(other)?;
        Ok(self.train.dot(&other.train)?)
    }

    pub(super) fn check_modes_of(&self, other: &Self) -> Result<(), TtMatrixError> {
        for (what, expected, got) in [
            (
                "the row modes of the other matrix",
                &self.row_modes,
                &other.row_modes,
            ),
            (
                "the column modes of the other matrix",
                &self.col_modes,
                &other.col_modes,
            ),
        ] {
            if expected != got {
                return Err(TtMatrixError::Modes {
                    what,
                    expected: expected.clone(),
                    got: got.clone(),
                });
            }
        }
        Ok(())
    }
}
