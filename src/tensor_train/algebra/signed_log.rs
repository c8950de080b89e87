//! Numbers beyond the range of every float.

use crate::tensor_train::graded::Scaled;

/// A number by its sign and the logarithm of its magnitude, which never over- nor underflows.
///
/// # Examples
///
/// ```
/// use tt_admm::{TensorTrain, ndarray::Array3};
///
/// // The sum of 2^400 elements, each (-10)^399 * 10.
/// let mut cores = vec![Array3::from_elem((1, 2, 1), -10.0_f64); 400];
/// cores[0].fill(10.0);
/// let sum = TensorTrain::from_cores(cores)?.log_sum();
/// assert_eq!(sum.sign, -1.0);
/// assert!((sum.log_abs / (400.0 * 20.0_f64.ln()) - 1.0).abs() < 1e-14);
/// assert_eq!(sum.value(), f64::NEG_INFINITY);
/// # Ok::<(), tt_admm::TtError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedLog {
    /// 1, -1, or 0 for zero.
    pub sign: f64,
    /// Natural logarithm of the magnitude, minus infinity for zero.
    pub log_abs: f64,
}

impl SignedLog {
    /// The number itself; infinite or zero where it is outside the range of `f64`.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.sign * self.log_abs.exp()
    }
}

impl From<Scaled> for SignedLog {
    fn from(scaled: Scaled) -> Self {
        let zero = scaled.mantissa == 0.0;
        Self {
            sign: if zero { 0.0 } else { scaled.mantissa.signum() },
            log_abs: scaled.log_abs(),
        }
    }
}
