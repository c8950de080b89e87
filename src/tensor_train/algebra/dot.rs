//! Inner product, and the sum of all elements.

use ndarray::{Array2, Array3};

use super::SignedLog;
use crate::linalg::matmul;
use crate::scalar::Scalar;
use crate::tensor_train::dense::{matrix, reshaped};
use crate::tensor_train::graded::{Scaled, graded, normalize_columns};
use crate::tensor_train::{TensorTrain, TtError};

impl<A: Scalar> TensorTrain<A> {
    /// Inner product `sum_i X(i) Y(i)` with a train of the same shape, in `O(sum_k n_k r^3)`.
    ///
    /// Infinite or zero only if the result is outside the range of `A`; see [`TensorTrain::log_dot`].
    ///
    /// # Errors
    ///
    /// [`TtError::ShapeMismatch`] if the shapes differ.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tt_svd, ndarray::{Array2, array}};
    ///
    /// let x = tt_svd(&array![[1.0_f64, 2.0], [3.0, 4.0]], 2)?;
    /// let y = tt_svd(&array![[0.5, 0.0], [0.0, 1.0]], 2)?;
    /// assert!((x.dot(&y)? - 4.5).abs() < 1e-13);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn dot(&self, other: &Self) -> Result<A, TtError> {
        self.check_same_shape(other)?;
        Ok(A::narrow(contracted(&self.cores, &other.cores).value()))
    }

    /// [`TensorTrain::dot`] as sign and logarithm, for results no number holds.
    ///
    /// # Errors
    ///
    /// [`TtError::ShapeMismatch`] if the shapes differ.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorTrain, ndarray::Array3};
    ///
    /// // Elements 10^400 and -10^400 in 2^400 places.
    /// let cores = vec![Array3::from_elem((1, 2, 1), 10.0_f64); 400];
    /// let x = TensorTrain::from_cores(cores)?;
    /// let dot = x.log_dot(&-&x)?;
    /// assert_eq!(dot.sign, -1.0);
    /// assert!((dot.log_abs / (400.0 * 200.0_f64.ln()) - 1.0).abs() < 1e-13);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn log_dot(&self, other: &Self) -> Result<SignedLog, TtError> {
        self.check_same_shape(other)?;
        Ok(contracted(&self.cores, &other.cores).into())
    }

    /// The sum of all elements, in `O(sum_k n_k r^2)`; the tensor is never formed.
    ///
    /// Infinite or zero only if the result is outside the range of `A`; see [`TensorTrain::log_sum`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorTrain, ndarray::Array3};
    ///
    /// let ones = [2, 3, 4].map(|n| Array3::from_elem((1, n, 1), 1.0));
    /// assert_eq!(TensorTrain::from_cores(ones.to_vec())?.sum(), 24.0);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    #[must_use]
    pub fn sum(&self) -> A {
        A::narrow(contracted(&self.cores, &self.ones()).value())
    }

    /// [`TensorTrain::sum`] as sign and logarithm, for results no number holds.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorTrain, ndarray::Array3};
    ///
    /// // 3^800 elements, all of them 1.
    /// let ones = TensorTrain::from_cores(vec![Array3::from_elem((1, 3, 1), 1.0); 800])?;
    /// let sum = ones.log_sum();
    /// assert!((sum.log_abs / (800.0 * 3.0_f64.ln()) - 1.0).abs() < 1e-14);
    /// assert_eq!((sum.sign, ones.sum()), (1.0, f64::INFINITY));
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    #[must_use]
    pub fn log_sum(&self) -> SignedLog {
        contracted(&self.cores, &self.ones()).into()
    }

    /// The cores of the tensor of this shape whose elements are all 1.
    fn ones(&self) -> Vec<Array3<A>> {
        self.shape
            .iter()
            .map(|&n| Array3::ones((1, n, 1)))
            .collect()
    }

    pub(super) fn check_same_shape(&self, other: &Self) -> Result<(), TtError> {
        if self.shape == other.shape {
            return Ok(());
        }
        Err(TtError::ShapeMismatch {
            expected: self.shape.clone(),
            got: other.shape.clone(),
        })
    }
}

/// The inner product of two trains of the same shape.
fn contracted<A: Scalar>(x: &[Array3<A>], y: &[Array3<A>]) -> Scaled {
    let (mut left, mut right) = (vec![0.0], vec![0.0]);
    let mut overlap = Array2::<A>::ones((1, 1));
    for (x, y) in x.iter().zip(y) {
        let (x, y) = (graded(x.view(), &mut left), graded(y.view(), &mut right));
        let ((xr, n, xs), (yr, _, ys)) = (x.dim(), y.dim());
        // overlap(a, b) x(a, i, c) y(b, i, d)
        let half = matmul(overlap.view(), matrix(&y, (yr, n * ys)));
        let half = reshaped(half.view(), (xr * n, ys));
        let full = matmul(half.t(), matrix(&x, (xr * n, xs)));
        let mut turned = full;
        normalize_columns(&mut turned, &mut left);
        overlap = turned.reversed_axes();
        normalize_columns(&mut overlap, &mut right);
    }
    let mantissa = overlap[[0, 0]].widen();
    Scaled {
        mantissa,
        exponent: if mantissa == 0.0 {
            0.0
        } else {
            left[0] + right[0]
        },
    }
}
