//! Square matrices whose row modes are their column modes: identity, diagonal, trace.

use ndarray::{Array3, Array4, ArrayView4, s};

use super::error::TtMatrixError;
use super::matrix::{TtMatrix, check_modes};
use crate::error::checked_size;
use crate::scalar::Scalar;
use crate::tensor_train::TensorTrain;

impl<A: Scalar> TtMatrix<A> {
    /// The identity with these row and column modes, of rank 1.
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::NoModes`], [`TtMatrixError::EmptyMode`] for such modes, [`TtMatrixError::CoreTooLarge`] if a mode
    /// squared is more than memory can address.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TtMatrix;
    ///
    /// let m = TtMatrix::<f64>::identity([2; 60])?;
    /// assert_eq!(m.num_parameters(), 240);
    /// assert_eq!(m.trace()?, 2.0_f64.powi(60));
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn identity(modes: impl Into<Vec<usize>>) -> Result<Self, TtMatrixError> {
        let modes = modes.into();
        check_square_cores(&modes, 1)?;
        let ones = modes.iter().map(|&n| Array3::ones((1, n, 1)));
        Self::from_cores(ones.map(|core| spread(&core)).collect())
    }

    /// The diagonal matrix with this tensor train as its diagonal, of the same ranks.
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::CoreTooLarge`] if a core has more elements than memory can address.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TtMatrix, tt_svd, ndarray::array};
    ///
    /// let x = tt_svd(&array![[1.0_f64, 2.0, 3.0], [4.0, 5.0, 6.0]], 2)?;
    /// let m = TtMatrix::from_diagonal(&x)?;
    /// assert!((m.get(4, 4)? - 5.0).abs() < 1e-13 && m.get(4, 3)? == 0.0);
    /// assert!((m.trace()? - 21.0).abs() < 1e-13);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn from_diagonal(diagonal: &TensorTrain<A>) -> Result<Self, TtMatrixError> {
        let largest = diagonal
            .ranks()
            .iter()
            .fold(1, |largest, &r| largest.max(r));
        check_square_cores(diagonal.shape(), largest)?;
        Self::from_cores(diagonal.cores().iter().map(spread).collect())
    }

    /// The diagonal of a square matrix as a tensor train of the same ranks.
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::NotSquare`] if the row modes are not the column modes.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TtMatrix, ndarray::Array2};
    ///
    /// let dense = Array2::from_shape_fn((6, 6), |(i, j)| (10 * i + j) as f64);
    /// let diagonal = TtMatrix::from_dense(&dense, [2, 3], [2, 3], 2)?.diagonal()?;
    /// assert_eq!(diagonal.shape(), [2, 3]);
    /// assert!((diagonal.get(&[1, 2])? - 55.0).abs() < 1e-12);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn diagonal(&self) -> Result<TensorTrain<A>, TtMatrixError> {
        self.check_square()?;
        Ok(TensorTrain::from_cores(
            self.cores().map(diagonal).collect(),
        )?)
    }

    /// The trace of a square matrix, in `O(sum_k n_k r_{k-1} r_k)`: the sum of its [`TtMatrix::diagonal`].
    ///
    /// Infinite or zero if it is outside the range of `A`; `diagonal()?.log_sum()` has no such limit.
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::NotSquare`] if the row modes are not the column modes.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TtMatrix, ndarray::array};
    ///
    /// let m = TtMatrix::from_kronecker(&[array![[1.0, 2.0], [3.0, 4.0]], array![[5.0, 6.0], [7.0, 8.0]]])?;
    /// assert_eq!(m.trace()?, 5.0 * 13.0);
    /// // 400 digits: 2^400 is above the largest f32.
    /// let large = TtMatrix::<f32>::identity([2; 400])?;
    /// assert_eq!(large.trace()?, f32::INFINITY);
    /// assert!((large.diagonal()?.log_sum().log_abs - 400.0 * 2.0_f64.ln()).abs() < 1e-4);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn trace(&self) -> Result<A, TtMatrixError> {
        Ok(self.diagonal()?.sum())
    }

    fn check_square(&self) -> Result<(), TtMatrixError> {
        if self.row_modes == self.col_modes {
            return Ok(());
        }
        Err(TtMatrixError::NotSquare {
            row_modes: self.row_modes.clone(),
            col_modes: self.col_modes.clone(),
        })
    }
}

/// `G(:, i, i, :) = x(:, i, :)`, and zeros beside the diagonal.
fn spread<A: Scalar>(x: &Array3<A>) -> Array4<A> {
    let (r, n, t) = x.dim();
    let mut core = Array4::zeros((r, n, n, t));
    for i in 0..n {
        core.slice_mut(s![.., i, i, ..])
            .assign(&x.slice(s![.., i, ..]));
    }
    core
}

/// `x(:, i, :) = G(:, i, i, :)`.
fn diagonal<A: Scalar>(core: ArrayView4<'_, A>) -> Array3<A> {
    let (r, n, _, t) = core.dim();
    let mut diagonal = Array3::zeros((r, n, t));
    for i in 0..n {
        let pair = core.slice(s![.., i, i, ..]);
        diagonal.slice_mut(s![.., i, ..]).assign(&pair);
    }
    diagonal
}

/// Modes of a square matrix, and room for cores with these bonds on both sides.
pub(super) fn check_square_cores(modes: &[usize], bond: usize) -> Result<(), TtMatrixError> {
    check_modes(modes, modes)?;
    for (core, &n) in modes.iter().enumerate() {
        let shape = [bond, n, n, bond];
        if checked_size(&shape).is_none() {
            return Err(TtMatrixError::CoreTooLarge { core, shape });
        }
    }
    Ok(())
}
