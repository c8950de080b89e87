//! Matrices with three constant diagonals.

use ndarray::{Array4, s};

use super::error::TtMatrixError;
use super::matrix::TtMatrix;
use super::square::check_square_cores;
use crate::scalar::Scalar;

/// What the digits to the right still ask of those to the left: equal ones, or a row below the column, or above it.
const STATES: usize = 3;

impl<A: Scalar> TtMatrix<A> {
    /// The square matrix with `below` under the diagonal, `on` the diagonal and `above` it, of rank 3.
    ///
    /// `[-1, 2, -1]` is the second difference in one dimension: with all modes 2 it is the quantized Laplace operator
    /// of Kazeev and Khoromskij (SIAM J. Matrix Anal. Appl. 33, 2012).
    ///
    /// A column one to the right of the row adds one to the last digit, and to the digit before it where that makes a
    /// carry; each core passes on whether there is one.
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::NoModes`], [`TtMatrixError::EmptyMode`] for such modes, [`TtMatrixError::CoreTooLarge`] if a core
    /// has more elements than memory can address, [`TtError::NonFinite`](crate::TtError::NonFinite) if a number is NaN or
    /// infinite.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TtMatrix, ndarray::array};
    ///
    /// let m = TtMatrix::tridiagonal_toeplitz([2, 2], [1.0, 5.0, 2.0])?;
    /// assert_eq!(m.ranks(), [1, 3, 1]);
    /// assert_eq!(
    ///     m.to_dense()?,
    ///     array![[5.0, 2.0, 0.0, 0.0], [1.0, 5.0, 2.0, 0.0], [0.0, 1.0, 5.0, 2.0], [0.0, 0.0, 1.0, 5.0]],
    /// );
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn tridiagonal_toeplitz(
        modes: impl Into<Vec<usize>>,
        [below, on, above]: [A; 3],
    ) -> Result<Self, TtMatrixError> {
        let modes = modes.into();
        check_square_cores(&modes, STATES)?;
        let last = modes.len() - 1;
        let core = |(k, &n): (usize, &usize)| {
            let core = carries(n);
            // Nothing is asked of the digits before the first, and the last one gets the numbers.
            let core = if k == 0 { equal_so_far(&core) } else { core };
            if k == last {
                weighted(&core, [on, above, below])
            } else {
                core
            }
        };
        Self::from_cores(modes.iter().enumerate().map(core).collect())
    }
}

/// The core with the left state that asks for equal digits alone.
fn equal_so_far<A: Scalar>(core: &Array4<A>) -> Array4<A> {
    core.slice(s![..1, .., .., ..]).to_owned()
}

/// The sum over the right states, whose entries are zeros and ones, with these weights.
fn weighted<A: Scalar>(core: &Array4<A>, weights: [A; STATES]) -> Array4<A> {
    let (r, n, _, _) = core.dim();
    let mut sum = Array4::zeros((r, n, n, 1));
    for (state, weight) in weights.into_iter().enumerate() {
        sum.zip_mut_with(&core.slice(s![.., .., .., state..=state]), |sum, &x| {
            // Not a product: an infinite weight must not make NaN of the zeros.
            if x != A::zero() {
                *sum += weight;
            }
        });
    }
    sum
}

/// The core of a digit of size `n`: from the state that its own digit has to fulfil (right) to what it asks of the digits
/// before it (left). The states are: equal digits, column one above row, column one below row.
fn carries<A: Scalar>(n: usize) -> Array4<A> {
    let mut core = Array4::zeros((STATES, n, n, STATES));
    for i in 0..n {
        core[[0, i, i, 0]] = A::one();
        if i + 1 < n {
            core[[0, i, i + 1, 1]] = A::one();
            core[[0, i + 1, i, 2]] = A::one();
        }
    }
    core[[1, n - 1, 0, 1]] = A::one();
    core[[2, 0, n - 1, 2]] = A::one();
    core
}
