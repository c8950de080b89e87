//! The Frobenius norm.

use ndarray::Array2;

use crate::linalg::frobenius;
use crate::scalar::Scalar;
use crate::tensor_train::TensorTrain;
use crate::tensor_train::graded::{Scaled, carried, normalize_columns, rescale};

impl<A: Scalar> TensorTrain<A> {
    /// Frobenius norm, by a sweep of QR factorisations: accurate to rounding, also for the difference of
    /// nearly equal tensors, where the square root of [`TensorTrain::dot`] would lose half the digits. With a known
    /// [`TensorTrain::orthogonality_center`] it is the norm of that core, and costs no factorisation.
    ///
    /// Infinite or zero if the norm is outside the range of `A`; see [`TensorTrain::log_norm`]. NaN if an entry of a
    /// core became NaN or infinite.
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
        self.scaled_norm().log_abs()
    }

    fn scaled_norm(&self) -> Scaled {
        if let Some(center) = self.center {
            let mut core = self.cores[center].clone();
            let exponent = -rescale(&mut core);
            let mantissa = frobenius(core.iter().copied());
            return Scaled { mantissa, exponent };
        }
        // Factorisations may lose a NaN.
        if self.check_finite().is_err() {
            let (mantissa, exponent) = (f64::NAN, 0.0);
            return Scaled { mantissa, exponent };
        }
        let mut exponents = vec![0.0];
        let mut carry: Option<Array2<A>> = None;
        for core in &self.cores {
            let block = carried(carry.as_ref(), core.view(), &mut exponents);
            // Without a QR (out of memory) the block itself carries the norm as well.
            let mut rest = A::qr_r(block.view()).unwrap_or(block);
            normalize_columns(&mut rest, &mut exponents);
            carry = Some(rest);
        }
        let mantissa = carry.map_or(0.0, |carry| frobenius(carry.iter().copied()));
        let exponent = if mantissa == 0.0 { 0.0 } else { exponents[0] };
        Scaled { mantissa, exponent }
    }
}
