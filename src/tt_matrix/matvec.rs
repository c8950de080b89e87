//! Products with dense vectors and batches of them.

use ndarray::{Array1, Array2, ArrayRef, ArrayView2, Axis, Ix1, Ix2};

use super::contract::{Block, Contraction, size};
use super::error::TtMatrixError;
use super::matrix::TtMatrix;
use super::scaled::multiply;
use crate::error::{checked_size, first_non_finite};
use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TtError};

impl<A: Scalar> TtMatrix<A> {
    /// The product with a dense vector of any memory layout, without forming the matrix.
    ///
    /// See [`TtMatrix::matmul`] for how and for the cost.
    ///
    /// # Errors
    ///
    /// Those of [`TtMatrix::matmul`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TtMatrix, ndarray::array};
    ///
    /// let m = TtMatrix::tridiagonal_toeplitz([2, 2], [-1.0, 2.0, -1.0])?;
    /// assert_eq!(m.matvec(&array![1.0, 4.0, 9.0, 16.0])?, array![-2.0, -2.0, -2.0, 23.0]);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn matvec(&self, x: &ArrayRef<A, Ix1>) -> Result<Array1<A>, TtMatrixError> {
        self.check_operand("the vector", x.view().insert_axis(Axis(1)), &self.col_modes)?;
        if let Some((index, value)) = first_non_finite(x) {
            let what = "the vector".into();
            return Err(TtError::NonFinite { what, index, value }.into());
        }
        let y = self.product(x.view().insert_axis(Axis(1)))?;
        Ok(y.index_axis_move(Axis(1), 0))
    }

    /// The product `M X` with a batch: every column of `X`, `(n_1 ... n_d) x batch`, is a vector. The result is row-major,
    /// `(m_1 ... m_d) x batch`.
    ///
    /// A batch with its vectors in rows goes in and comes out transposed, `m.matmul(&x.t())?.reversed_axes()`; any memory
    /// layout is taken.
    ///
    /// The matrix is not formed: one core after the other is multiplied in, from the left or from the right end, whichever
    /// takes fewer operations. From the left, core `k` costs
    /// `2 batch (m_1 ... m_k) (n_k ... n_d) r_{k-1} r_k` operations (Novikov et al., 2015, section 4), done as one matrix
    /// product. Results too large or too small for the type on the way are avoided by powers of two.
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::Length`] if the columns do not have the length of a row of the matrix, [`TtError::NonFinite`] if
    /// `X` or a core has NaN or infinities, [`TtMatrixError::TooLarge`] if the result or something on the way to it has more elements
    /// than memory can address, [`TtMatrixError::OutOfRange`] if the type cannot hold the result.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TtMatrix, ndarray::{Array2, array}};
    ///
    /// // The Kronecker product of [[1, 2]] and [[3], [4]]: a 2 x 2 matrix.
    /// let m = TtMatrix::from_kronecker(&[array![[1.0, 2.0]], array![[3.0], [4.0]]])?;
    /// assert_eq!(m.matmul(&Array2::eye(2))?, array![[3.0, 6.0], [4.0, 8.0]]);
    /// // Vectors in rows.
    /// let x = array![[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]];
    /// let y = m.matmul(&x.t())?.reversed_axes();
    /// assert_eq!(y, array![[3.0, 4.0], [9.0, 12.0], [12.0, 16.0]]);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn matmul(&self, x: &ArrayRef<A, Ix2>) -> Result<Array2<A>, TtMatrixError> {
        self.check_operand("a column of X", x.view(), &self.col_modes)?;
        check_finite("X", x)?;
        self.product(x.view())
    }

    /// The product with a batch that fits and is finite.
    fn product(&self, x: ArrayView2<'_, A>) -> Result<Array2<A>, TtMatrixError> {
        let batch = x.ncols();
        if batch == 0 {
            return Ok(Array2::zeros((self.num_rows().unwrap_or(0), 0)));
        }
        let far = size(&x);
        let mut contraction = Contraction::new(self, batch, far)?;
        let mut power = 0.0;
        if contraction.is_careful() {
            // Cores with entries near 1 for every index of a bond, so that no term of a sum vanishes beside another.
            let (cores, exponent) = self.train.leveled();
            let leveled = self.with_train(TensorTrain::from_cores(cores)?);
            contraction = Contraction::new(&leveled, batch, far)?;
            power = exponent;
        }
        let x = contraction.block(x);
        let mut y = contraction.forward(x, |work, operand| work.give(operand.values));
        y.exponent += power;
        held(y)
    }

    /// Whether the columns have these digits, and those of the result can be addressed.
    pub(super) fn check_operand(
        &self,
        what: &'static str,
        x: ArrayView2<'_, A>,
        modes: &[usize],
    ) -> Result<(), TtMatrixError> {
        let (got, batch) = x.dim();
        if checked_size(modes) != Some(got) {
            return Err(TtMatrixError::Length {
                what,
                got,
                modes: modes.to_vec(),
            });
        }
        let result = [&self.row_modes[..], &[batch]].concat();
        if self.num_rows().is_none() || checked_size(&result).is_none() {
            return Err(TtMatrixError::TooLarge {
                row_modes: self.row_modes.clone(),
                col_modes: self.col_modes.clone(),
            });
        }
        Ok(())
    }
}

/// Refuses NaN and infinities.
pub(super) fn check_finite<A: Scalar>(
    what: &str,
    x: &ArrayRef<A, Ix2>,
) -> Result<(), TtMatrixError> {
    if let Some((index, value)) = first_non_finite(x) {
        let what = what.to_owned();
        return Err(TtError::NonFinite { what, index, value }.into());
    }
    Ok(())
}

/// A block with its power of two, if the type can hold that.
pub(super) fn held<A: Scalar>(block: Block<A>) -> Result<Array2<A>, TtMatrixError> {
    let Block {
        mut values,
        exponent,
    } = block;
    multiply(&mut values, exponent)?;
    Ok(values)
}
