//! Powers of two, put back where they were taken out.

use ndarray::{Array, Dimension};

use super::error::TtMatrixError;
use crate::linalg::power_of_two_scale;
use crate::scalar::Scalar;

/// Multiplies by `2^exponent`.
///
/// # Errors
///
/// [`TtMatrixError::OutOfRange`] if an element is then beyond the largest number.
pub(super) fn multiply<A: Scalar, D: Dimension>(
    array: &mut Array<A, D>,
    exponent: f64,
) -> Result<(), TtMatrixError> {
    if exponent == 0.0 {
        return Ok(());
    }
    let scale = power_of_two_scale(array).widen();
    // In three steps, each inside the range; beyond these limits everything is zero or infinite.
    let bounded = exponent.clamp(-2100.0, 2100.0);
    let third = (bounded / 3.0).trunc();
    let (step, last) = (third.exp2(), (bounded - 2.0 * third).exp2());
    let mut finite = true;
    array.mapv_inplace(|x| {
        let x = A::narrow(x.widen() * step * step * last);
        finite &= x.is_finite();
        x
    });
    if finite {
        return Ok(());
    }
    Err(TtMatrixError::OutOfRange {
        log_largest: (exponent - scale.log2()) * std::f64::consts::LN_2,
    })
}
