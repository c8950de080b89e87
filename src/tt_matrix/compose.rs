//! Products in the format: of two TT-matrices, and with a tensor train.

use ndarray::Array3;

use super::error::TtMatrixError;
use super::matrix::TtMatrix;
use crate::error::checked_size;
use crate::linalg::matmul;
use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, magnitudes, reshaped};
use crate::truncation::Truncation;

impl<A: Scalar> TtMatrix<A> {
    /// The product with a vector in the format: a tensor train of shape `n_1 x ... x n_d` goes in, one of shape
    /// `m_1 x ... x m_d` comes out.
    ///
    /// Exact up to rounding, and the ranks multiply: `r_k s_k` for ranks `s_k` of the vector;
    /// [`TensorTrain::round`] makes them small again. Costs `2 sum_k m_k n_k r_{k-1} r_k s_{k-1} s_k` operations
    /// (Oseledets, SIAM J. Sci. Comput. 33, 2011, section 4.3).
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::Modes`] if the train does not have the column modes as shape,
    /// [`TtMatrixError::CoreTooLarge`] if memory cannot hold a core, [`TtError::OutOfRange`](crate::TtError::OutOfRange) if the
    /// cores cannot hold the product.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorTrain, TtMatrix, ndarray::Array3};
    ///
    /// // The second difference of a constant on 2^60 points is zero but at the two ends.
    /// let ones = TensorTrain::from_cores(vec![Array3::ones((1, 2, 1)); 60])?;
    /// let m = TtMatrix::tridiagonal_toeplitz([2; 60], [-1.0, 2.0, -1.0])?;
    /// let y = m.apply(&ones)?;
    /// assert_eq!(y.get(&[0; 60])?, 1.0);
    /// assert_eq!(y.get(&[[0; 59].as_slice(), &[1]].concat())?, 0.0);
    /// assert!((y.norm() - 2.0_f64.sqrt()).abs() < 1e-8);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn apply(&self, x: &TensorTrain<A>) -> Result<TensorTrain<A>, TtMatrixError> {
        if x.shape() != self.col_modes {
            return Err(TtMatrixError::Modes {
                what: "the shape of the tensor train",
                expected: self.col_modes.clone(),
                got: x.shape().to_vec(),
            });
        }
        self.multiplied(x, &vec![1; x.order()])
    }

    /// The product `self other` of two TT-matrices, exact up to rounding; the ranks multiply.
    ///
    /// Costs `2 sum_k m_k n_k p_k r_{k-1} r_k s_{k-1} s_k` operations for `p_k` column modes and ranks `s_k` of the other.
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::Modes`] if the column modes of this matrix are not the row modes of the other,
    /// [`TtMatrixError::CoreTooLarge`] if memory cannot hold a core, [`TtError::OutOfRange`](crate::TtError::OutOfRange) if the
    /// cores cannot hold the product.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TtMatrix;
    ///
    /// let m = TtMatrix::tridiagonal_toeplitz([3, 4], [-1.0, 2.0, -1.0])?;
    /// let square = m.compose(&m)?;
    /// assert_eq!(square.ranks(), [1, 9, 1]);
    /// assert_eq!([square.get(5, 5)?, square.get(5, 6)?, square.get(5, 7)?], [6.0, -4.0, 1.0]);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn compose(&self, other: &Self) -> Result<Self, TtMatrixError> {
        if self.col_modes != other.row_modes {
            return Err(TtMatrixError::Modes {
                what: "the row modes of the second matrix",
                expected: self.col_modes.clone(),
                got: other.row_modes.clone(),
            });
        }
        Ok(Self {
            row_modes: self.row_modes.clone(),
            col_modes: other.col_modes.clone(),
            train: self.multiplied(&other.train, &other.col_modes)?,
        })
    }

    /// The product `self other` of two TT-matrices, rounded: [`TtMatrix::compose`], then [`TtMatrix::round`].
    ///
    /// [`TtMatrix::truncation_error`] of the result is what rounding discarded.
    ///
    /// # Errors
    ///
    /// Those of both.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{Truncation, TtMatrix};
    ///
    /// // Five diagonals have rank 3, their two outer corners two more; the product of the ranks is 9.
    /// let m = TtMatrix::tridiagonal_toeplitz([3, 4], [-1.0, 2.0, -1.0])?;
    /// let square = m.compose_rounded(&m, Truncation::relative(1e-12))?;
    /// assert_eq!(square.ranks(), [1, 5, 1]);
    /// assert!((square.get(5, 6)? + 4.0_f64).abs() < 1e-12);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn compose_rounded(
        &self,
        other: &Self,
        truncation: impl Into<Truncation>,
    ) -> Result<Self, TtMatrixError> {
        self.compose(other)?.round(truncation)
    }

    /// The product with a train whose mode `k` is the pair of `n_k` rows and `cols[k]` columns.
    fn multiplied(
        &self,
        other: &TensorTrain<A>,
        cols: &[usize],
    ) -> Result<TensorTrain<A>, TtMatrixError> {
        for (core, &p) in cols.iter().enumerate() {
            let (r, s) = (self.ranks(), other.ranks());
            let bond = |k: usize| r[k].saturating_mul(s[k]);
            let shape = [bond(core), self.row_modes[core], p, bond(core + 1)];
            if checked_size(&shape).is_none() {
                return Err(TtMatrixError::CoreTooLarge { core, shape });
            }
        }
        let products = |x: &[Array3<A>], y: &[Array3<A>]| {
            let pairs = x.iter().zip(y).zip(&self.row_modes).zip(cols);
            TensorTrain::from_cores(
                pairs
                    .map(|(((x, y), &m), &p)| product(x, y, m, p))
                    .collect(),
            )
        };
        let plain = self.train.cores().iter().zip(other.cores()).all(|(x, y)| {
            let ((x_least, x_most), (y_least, y_most)) = (magnitudes(x), magnitudes(y));
            let terms = A::narrow(x.dim().1 as f64);
            (x_most * y_most * terms).is_finite() && (x_least * y_least).is_normal()
        });
        if plain {
            return Ok(products(self.train.cores(), other.cores())?);
        }
        let ((x, p), (y, q)) = (self.train.leveled(), other.leveled());
        Ok(products(&x, &y)?.spread(p + q)?)
    }
}

/// The core `(a t, i l, c u)` from `sum_j A(a, i j, c) B(t, j l, u)`, with `m` rows `i` and `p` columns `l`.
fn product<A: Scalar>(a: &Array3<A>, b: &Array3<A>, m: usize, p: usize) -> Array3<A> {
    let ((r, pair, s), (t, _, u)) = (a.dim(), b.dim());
    let n = pair / m;
    let a = reshaped(a.view(), (r, m, n, s)).permuted_axes([0, 1, 3, 2]);
    let b = reshaped(b.view(), (t, n, p, u)).permuted_axes([1, 0, 2, 3]);
    let (a, b) = (a.as_standard_layout(), b.as_standard_layout());
    let product = matmul(
        reshaped(a.view(), (r * m * s, n)),
        reshaped(b.view(), (n, t * p * u)),
    );
    let product = reshaped(product.view(), (r, m, s, t, p, u)).permuted_axes([0, 3, 1, 4, 2, 5]);
    let product = product.as_standard_layout();
    reshaped(product.view(), (r * t, m * p, s * u)).to_owned()
}
