//! Kronecker products and Kronecker sums.

use ndarray::{Array2, Array4, Axis, s};

use super::error::TtMatrixError;
use super::matrix::{TtMatrix, check_modes};
use crate::scalar::Scalar;

impl<A: Scalar> TtMatrix<A> {
    /// The Kronecker product of these matrices, of rank 1: element `(i, j)` is the product of the elements `(i_k, j_k)`.
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::NoModes`] without matrices, [`TtMatrixError::EmptyMode`] if one has no elements,
    /// [`TtError::NonFinite`](crate::TtError::NonFinite) if one has NaN or infinities.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TtMatrix, ndarray::array};
    ///
    /// let m = TtMatrix::from_kronecker(&[array![[1.0, 2.0]], array![[3.0], [4.0]]])?;
    /// assert_eq!(m.to_dense()?, array![[3.0, 6.0], [4.0, 8.0]]);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn from_kronecker(factors: &[Array2<A>]) -> Result<Self, TtMatrixError> {
        check_factors(factors)?;
        let core = |factor: &Array2<A>| {
            let core = factor.view().insert_axis(Axis(0)).insert_axis(Axis(3));
            core.to_owned()
        };
        Self::from_cores(factors.iter().map(core).collect())
    }

    /// The Kronecker sum of these square matrices, `A_1 x 1 x ... x 1 + 1 x A_2 x 1 x ... + ...`, of rank 2.
    ///
    /// With second differences as the `A_k` this is the Laplace operator on a grid (Oseledets, SIAM J. Matrix Anal. Appl.
    /// 31, 2010).
    ///
    /// # Errors
    ///
    /// Those of [`TtMatrix::from_kronecker`], and [`TtMatrixError::NotSquare`] if a matrix is not square.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TtMatrix, ndarray::array};
    ///
    /// // The Laplace operator on a grid of 3 x 2 points.
    /// let m = TtMatrix::from_kronecker_sum(&[
    ///     array![[2.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 2.0]],
    ///     array![[2.0, -1.0], [-1.0, 2.0]],
    /// ])?;
    /// assert_eq!(m.ranks(), [1, 2, 1]);
    /// assert_eq!([m.get(2, 2)?, m.get(2, 0)?, m.get(2, 3)?, m.get(2, 1)?], [4.0, -1.0, -1.0, 0.0]);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn from_kronecker_sum(factors: &[Array2<A>]) -> Result<Self, TtMatrixError> {
        check_factors(factors)?;
        if factors.iter().any(|factor| !factor.is_square()) {
            return Err(TtMatrixError::NotSquare {
                row_modes: factors.iter().map(Array2::nrows).collect(),
                col_modes: factors.iter().map(Array2::ncols).collect(),
            });
        }
        let last = factors.len() - 1;
        let core = |(k, factor)| term(factor, k == 0, k == last);
        Self::from_cores(factors.iter().enumerate().map(core).collect())
    }

    /// The Kronecker product with another matrix, whose digits become the less significant ones: the cores of both, one
    /// after the other.
    ///
    /// # Errors
    ///
    /// [`TtError::NonFinite`](crate::TtError::NonFinite) if NaN or infinities were written into a core.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TtMatrix, ndarray::array};
    ///
    /// let m = TtMatrix::from_kronecker(&[array![[1.0, 2.0], [3.0, 4.0]]])?;
    /// let both = m.kron(&TtMatrix::identity([2])?)?;
    /// assert_eq!(both.row_modes(), [2, 2]);
    /// assert_eq!([both.get(1, 3)?, both.get(1, 2)?, both.get(2, 0)?], [2.0, 0.0, 3.0]);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn kron(&self, other: &Self) -> Result<Self, TtMatrixError> {
        let cores = self.cores().chain(other.cores());
        Self::from_cores(cores.map(|core| core.to_owned()).collect())
    }
}

/// A core of a Kronecker sum. An index of a bond is 0 where the term has had its own factor, and 1 where it is still to
/// come.
fn term<A: Scalar>(factor: &Array2<A>, first: bool, last: bool) -> Array4<A> {
    let n = factor.nrows();
    let (before, after) = (if first { 1 } else { 2 }, if last { 1 } else { 2 });
    let mut core = Array4::zeros((before, n, n, after));
    core.slice_mut(s![before - 1, .., .., 0]).assign(factor);
    if !first {
        core.slice_mut(s![0, .., .., 0]).diag_mut().fill(A::one());
    }
    if !last {
        let mut to_come = core.slice_mut(s![before - 1, .., .., 1]);
        to_come.diag_mut().fill(A::one());
    }
    core
}

/// At least one factor, each with elements.
fn check_factors<A>(factors: &[Array2<A>]) -> Result<(), TtMatrixError> {
    let rows: Vec<usize> = factors.iter().map(Array2::nrows).collect();
    let cols: Vec<usize> = factors.iter().map(Array2::ncols).collect();
    check_modes(&rows, &cols)
}
