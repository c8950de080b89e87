//! Inner product and norm.

use ndarray::{Array, Array2, Array3, Dimension};

use super::dense::{matrix, reshaped};
use super::error::TtError;
use super::train::TensorTrain;
use crate::linalg::{matmul, power_of_two_scale};
use crate::scalar::Scalar;

/// `mantissa * 2^exponent`, so that products over hundreds of cores neither under- nor overflow.
pub(crate) struct Scaled {
    pub(crate) mantissa: f64,
    pub(crate) exponent: f64,
}

impl Scaled {
    pub(crate) fn value(&self) -> f64 {
        // 0 times an infinite power would be NaN.
        if self.mantissa == 0.0 {
            return 0.0;
        }
        // In two steps: 2^exponent alone may overflow where the product does not.
        let half = (self.exponent / 2.0).floor();
        self.mantissa * half.exp2() * (self.exponent - half).exp2()
    }
}

impl<A: Scalar> TensorTrain<A> {
    /// Inner product `sum_i X(i) Y(i)` with a train of the same shape, in `O(sum_k n_k r^3)`.
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
        if self.shape != other.shape {
            return Err(TtError::ShapeMismatch {
                expected: self.shape.clone(),
                got: other.shape.clone(),
            });
        }
        let mut exponent = 0.0;
        let mut overlap = Array2::<A>::ones((1, 1));
        for (x, y) in self.cores.iter().zip(&other.cores) {
            let (x, y) = (&unit(x, &mut exponent), &unit(y, &mut exponent));
            let ((xr, n, xs), (yr, _, ys)) = (x.dim(), y.dim());
            // overlap(a, b) x(a, i, c) y(b, i, d)
            let mut half = matmul(overlap.view(), matrix(y, (yr, n * ys)));
            exponent -= rescale(&mut half);
            let half = reshaped(half.view(), (xr * n, ys));
            overlap = matmul(matrix(x, (xr * n, xs)).t(), half);
            exponent -= rescale(&mut overlap);
        }
        let result = Scaled {
            mantissa: overlap[[0, 0]].widen(),
            exponent,
        };
        Ok(A::narrow(result.value()))
    }

    /// Frobenius norm, by a sweep of QR factorisations: accurate to rounding, also for the difference of
    /// nearly equal tensors, where the square root of [`TensorTrain::dot`] would lose half the digits.
    ///
    /// Infinite or zero if the norm is outside the range of `A`; see [`TensorTrain::log_norm`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tt_svd, ndarray::Array3};
    ///
    /// let x = Array3::from_shape_fn((3, 4, 2), |(i, j, k)| (i + j + k + 3) as f64);
    /// assert!((tt_svd(&x, 2)?.norm() - 30.265491900843113).abs() < 1e-12);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    #[must_use]
    pub fn norm(&self) -> A {
        A::narrow(self.scaled_norm().value())
    }

    /// Natural logarithm of the Frobenius norm, minus infinity for a zero tensor. Never over- or underflows.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorTrain, ndarray::Array3};
    ///
    /// // All elements 10, order 400: the norm is (10 sqrt 2)^400, far above the largest f64.
    /// let tt = TensorTrain::from_cores(vec![Array3::from_elem((1, 2, 1), 10.0_f64); 400])?;
    /// assert!((tt.log_norm() / (400.0 * (10.0 * 2.0_f64.sqrt()).ln()) - 1.0).abs() < 1e-13);
    /// assert!(tt.norm().is_infinite());
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    #[must_use]
    pub fn log_norm(&self) -> f64 {
        let norm = self.scaled_norm();
        norm.mantissa.ln() + norm.exponent * std::f64::consts::LN_2
    }

    fn scaled_norm(&self) -> Scaled {
        let mut exponent = 0.0;
        let mut carry = Array2::<A>::ones((1, 1));
        for core in &self.cores {
            let (r, n, s) = core.dim();
            let core = &unit(core, &mut exponent);
            let mut block = matmul(carry.view(), matrix(core, (r, n * s)));
            exponent -= rescale(&mut block);
            let tall = reshaped(block.view(), (block.nrows() * n, s));
            // Without a QR (out of memory) the block itself carries the norm as well.
            carry = A::qr_r(tall).unwrap_or_else(|| tall.to_owned());
        }
        let mantissa = carry.iter().map(|x| x.widen().powi(2)).sum::<f64>().sqrt();
        Scaled { mantissa, exponent }
    }
}

/// Scales the block to entries near 1; returns the exponent of the power of two it was multiplied by.
pub(crate) fn rescale<A: Scalar, D: Dimension>(block: &mut Array<A, D>) -> f64 {
    let scale = power_of_two_scale(block);
    block.mapv_inplace(|x| x * scale);
    scale.widen().log2()
}

/// A core with entries near 1, what was divided out added to the exponent.
pub(super) fn unit<A: Scalar>(core: &Array3<A>, exponent: &mut f64) -> Array3<A> {
    let mut core = core.clone();
    *exponent -= rescale(&mut core);
    core
}
