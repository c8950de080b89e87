//! Sums, multiples and rounding.

use super::error::TtMatrixError;
use super::matrix::TtMatrix;
use crate::scalar::Scalar;
use crate::tensor_train::TensorTrain;
use crate::truncation::Truncation;

impl<A: Scalar> TtMatrix<A> {
    /// The sum with a matrix of the same modes; the ranks add up. See [`TensorTrain::add`].
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::Modes`] if row or column modes differ, and the errors of [`TensorTrain::add`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TtMatrix;
    ///
    /// let m = TtMatrix::tridiagonal_toeplitz([3, 4], [-1.0, 2.0, -1.0])?;
    /// let shifted = m.add(&TtMatrix::identity([3, 4])?)?;
    /// assert_eq!(shifted.ranks(), [1, 4, 1]);
    /// assert_eq!([shifted.get(7, 7)?, shifted.get(7, 8)?], [3.0, -1.0]);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn add(&self, other: &Self) -> Result<Self, TtMatrixError> {
        self.check_modes_of(other)?;
        Ok(self.with_train(self.train.add(&other.train)?))
    }

    /// The difference to a matrix of the same modes; the ranks add up. See [`TensorTrain::sub`].
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::Modes`] if row or column modes differ, and the errors of [`TensorTrain::sub`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TtMatrix;
    ///
    /// let m = TtMatrix::tridiagonal_toeplitz([3, 4], [-1.0, 2.0, -1.0])?;
    /// let difference = m.sub(&m.transpose())?;
    /// assert_eq!([difference.get(7, 7)?, difference.get(7, 8)?], [0.0, 0.0]);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn sub(&self, other: &Self) -> Result<Self, TtMatrixError> {
        self.check_modes_of(other)?;
        Ok(self.with_train(self.train.sub(&other.train)?))
    }

    /// The matrix times a number.
    ///
    /// # Errors
    ///
    /// Those of [`TensorTrain::scale`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TtMatrix;
    ///
    /// let m = TtMatrix::identity([3, 4])?.scale(-2.5)?;
    /// assert_eq!([m.get(7, 7)?, m.trace()?], [-2.5, -30.0]);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn scale(&self, factor: A) -> Result<Self, TtMatrixError> {
        Ok(self.with_train(self.train.scale(factor)?))
    }

    /// A matrix near this one of smaller ranks, in the Frobenius norm. See [`TensorTrain::round`].
    ///
    /// # Errors
    ///
    /// Those of [`TensorTrain::round`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{Truncation, TtMatrix};
    ///
    /// let m = TtMatrix::tridiagonal_toeplitz([3, 4, 5], [-1.0, 2.0, -1.0])?;
    /// let twice = m.add(&m)?;
    /// assert_eq!(twice.ranks(), [1, 6, 6, 1]);
    /// let rounded = twice.round(Truncation::relative(1e-12))?;
    /// assert_eq!(rounded.ranks(), [1, 3, 3, 1]);
    /// assert!((rounded.get(30, 30)? - 4.0_f64).abs() < 1e-12);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn round(&self, truncation: impl Into<Truncation>) -> Result<Self, TtMatrixError> {
        Ok(self.with_train(self.train.round(truncation)?))
    }

    /// Another train of the same modes.
    pub(super) fn with_train(&self, train: TensorTrain<A>) -> Self {
        Self {
            row_modes: self.row_modes.clone(),
            col_modes: self.col_modes.clone(),
            train,
        }
    }
}
