//! Powers of two, taken out of arrays and put back.

use ndarray::{Array, Array4, Dimension};

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

/// Multiplies core `k`, whose entries are of moderate size, by `2^exponents[k]`, or every core by the same power where
/// that would leave the range of the type.
///
/// # Errors
///
/// [`TtMatrixError::OutOfRange`] if there is no room for it.
pub(super) fn put_back<A: Scalar>(
    cores: &mut [Array4<A>],
    mut exponents: Vec<f64>,
) -> Result<(), TtMatrixError> {
    if cores
        .iter()
        .any(|core| core.iter().all(|&x| x == A::zero()))
    {
        return Ok(());
    }
    // So that the product of any two cores is inside the range.
    let limit = A::max_value().widen().log2() / 2.0;
    let total: f64 = exponents.iter().sum();
    if exponents.iter().any(|e| e.abs() > limit) {
        let each = (total / exponents.len() as f64).trunc();
        exponents.fill(each);
        exponents[0] += total - each * cores.len() as f64;
    }
    for (core, exponent) in cores.iter_mut().zip(exponents) {
        multiply(core, exponent)?;
        if core.iter().all(|&x| x == A::zero()) {
            let log_largest = total * std::f64::consts::LN_2;
            return Err(TtMatrixError::OutOfRange { log_largest });
        }
    }
    Ok(())
}
