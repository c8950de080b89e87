//! Dense matrices to TT-matrices and back.

use ndarray::{Array2, ArrayRef, Ix2};

use super::error::TtMatrixError;
use super::matrix::{TtMatrix, check_modes};
use crate::error::{checked_size, first_non_finite};
use crate::scalar::Scalar;
use crate::tensor_train::{TtError, TtSvd};
use crate::tensorize::Tensorization;
use crate::truncation::Truncation;

impl<A: Scalar> TtMatrix<A> {
    /// Decomposes a dense matrix of any memory layout: TT-SVD of its tensor of merged modes `m_k n_k`.
    ///
    /// `truncation` is one rank for all bonds, a list of ranks, or a [`Truncation`] with tolerances. The error in the
    /// Frobenius norm is [`TtMatrix::truncation_error`], exactly, and within `sqrt(d - 1)` of the smallest possible at the
    /// same ranks.
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::NoModes`], [`TtMatrixError::ModeCounts`], [`TtMatrixError::EmptyMode`] for such modes,
    /// [`TtMatrixError::MatrixShape`] if their products are not the sides of the matrix, and
    /// [`TtMatrixError::Train`] with the errors of [`tt_svd`](crate::tt_svd).
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{Truncation, TtMatrix, ndarray::Array2};
    ///
    /// let dense = Array2::from_shape_fn((6, 20), |(i, j)| 1.0 / (1.0 + (i + j) as f64));
    /// let m = TtMatrix::from_dense(&dense, [2, 3], [4, 5], Truncation::relative(0.1))?;
    /// assert_eq!(m.ranks(), [1, 2, 1]);
    /// let distance = (&m.to_dense()? - &dense).mapv(|e| e * e).sum().sqrt();
    /// assert!((m.truncation_error().total() - distance).abs() < 1e-13);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn from_dense(
        matrix: &ArrayRef<A, Ix2>,
        row_modes: impl Into<Vec<usize>>,
        col_modes: impl Into<Vec<usize>>,
        truncation: impl Into<Truncation>,
    ) -> Result<Self, TtMatrixError> {
        let (row_modes, col_modes) = (row_modes.into(), col_modes.into());
        check_modes(&row_modes, &col_modes)?;
        let (rows, cols) = matrix.dim();
        let sides = (checked_size(&row_modes), checked_size(&col_modes));
        if sides != (Some(rows), Some(cols)) {
            return Err(TtMatrixError::MatrixShape {
                rows,
                cols,
                row_modes,
                col_modes,
            });
        }
        let tensor = match layout(&row_modes, &col_modes)?.tensorize(matrix) {
            Ok(tensor) => tensor,
            Err(error) => unreachable!("the sides were compared: {error}"),
        };
        let train = match TtSvd::new(truncation).decompose_into(tensor) {
            // The place in the matrix, not in the tensor.
            Err(TtError::NonFinite { what, index, value }) => {
                let place = first_non_finite(matrix);
                let (index, value) = place.unwrap_or((index, value));
                let what = what.replace("tensor", "matrix");
                return Err(TtError::NonFinite { what, index, value }.into());
            }
            train => train?,
        };
        Ok(Self {
            row_modes,
            col_modes,
            train,
        })
    }

    /// The dense matrix, row-major.
    ///
    /// The cores are contracted as in [`TensorTrain::to_dense`](crate::TensorTrain::to_dense), and the pairs of modes taken
    /// apart.
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::TooLarge`] if the matrix has more elements than memory can address.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TtMatrix, TtMatrixError, ndarray::Array2};
    ///
    /// assert_eq!(TtMatrix::<f64>::identity([2, 3])?.to_dense()?, Array2::eye(6));
    /// let large = TtMatrix::<f64>::identity([2; 60])?;
    /// assert!(matches!(large.to_dense(), Err(TtMatrixError::TooLarge { .. })));
    /// # Ok::<(), TtMatrixError>(())
    /// ```
    pub fn to_dense(&self) -> Result<Array2<A>, TtMatrixError> {
        let layout = layout(&self.row_modes, &self.col_modes)?;
        let dense = layout.detensorize(&self.train.to_dense());
        match dense.map(ndarray::ArrayD::into_dimensionality) {
            Ok(Ok(dense)) => Ok(dense),
            _ => unreachable!("the modes of the train are those of the layout"),
        }
    }

    /// The element in row `row` and column `col`, in `O(sum_k r_{k-1} r_k)`.
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::IndexOutOfBounds`] for a row or a column outside the matrix.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TtMatrix;
    ///
    /// // Minus the second derivative on 2^40 points.
    /// let m = TtMatrix::tridiagonal_toeplitz([2; 40], [-1.0, 2.0, -1.0])?;
    /// let i = 123_456_789_012;
    /// assert_eq!([m.get(i, i)?, m.get(i, i + 1)?, m.get(i, i + 2)?], [2.0, -1.0, 0.0]);
    /// assert!(m.get(1 << 40, 0).is_err());
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn get(&self, row: usize, col: usize) -> Result<A, TtMatrixError> {
        let (i, j) = (digits(row, &self.row_modes), digits(col, &self.col_modes));
        let (Some(i), Some(j)) = (i, j) else {
            return Err(TtMatrixError::IndexOutOfBounds {
                row,
                col,
                row_modes: self.row_modes.clone(),
                col_modes: self.col_modes.clone(),
            });
        };
        let pairs = i.iter().zip(&j).zip(&self.col_modes);
        let index: Vec<usize> = pairs.map(|((i, j), n)| i * n + j).collect();
        Ok(self.train.get(&index)?)
    }
}

/// The layout of a dense matrix with these modes, which were checked.
fn layout(row_modes: &[usize], col_modes: &[usize]) -> Result<Tensorization, TtMatrixError> {
    Tensorization::tt_matrix(row_modes, col_modes).map_err(|_| TtMatrixError::TooLarge {
        row_modes: row_modes.to_vec(),
        col_modes: col_modes.to_vec(),
    })
}

/// The digits of a number, the first most significant; `None` if it has too many.
fn digits(mut number: usize, modes: &[usize]) -> Option<Vec<usize>> {
    let mut digits = vec![0; modes.len()];
    for (digit, n) in digits.iter_mut().zip(modes).rev() {
        *digit = number % n;
        number /= n;
    }
    (number == 0).then_some(digits)
}
