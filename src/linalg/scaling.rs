//! Screening and power-of-two scaling of a matrix before it is factorised.

use ndarray::{Array2, ArrayRef, Dimension, Ix2};

use super::LinalgError;
use crate::error::first_non_finite;
use crate::scalar::Scalar;

/// The power of two `s` for which `s * max|a|` lies in `[1, 2)` up to rounding, and 1 for a zero array.
///
/// Multiplying by it is exact, and afterwards squares neither underflow nor overflow. The exponent is kept
/// inside the range in which both `s` and `1 / s` are normal numbers.
pub(crate) fn power_of_two_scale<A: Scalar, D: Dimension>(a: &ArrayRef<A, D>) -> A {
    let largest = a.iter().fold(A::zero(), |m, &x| m.max(x.abs()));
    if largest == A::zero() {
        return A::one();
    }
    let limit = (A::max_value().widen().log2() - 8.0).floor();
    let exponent = largest.widen().log2().floor().clamp(-limit, limit);
    A::narrow((-exponent).exp2())
}

/// A row-major copy of `a` scaled by a power of two, and the scale.
pub(super) fn screened_and_scaled<A: Scalar>(
    a: &ArrayRef<A, Ix2>,
) -> Result<(Array2<A>, A), LinalgError> {
    let (rows, cols) = a.dim();
    if rows == 0 || cols == 0 {
        return Err(LinalgError::Empty { rows, cols });
    }
    if let Some((index, value)) = first_non_finite(a) {
        return Err(LinalgError::NonFinite {
            row: index[0],
            col: index[1],
            rows,
            cols,
            value,
        });
    }
    let scale = power_of_two_scale(a);
    let mut copy = Array2::zeros((rows, cols));
    ndarray::Zip::from(&mut copy)
        .and(a)
        .for_each(|c, &x| *c = x * scale);
    Ok((copy, scale))
}

#[cfg(test)]
mod tests {
    use super::power_of_two_scale;
    use ndarray::arr1;

    #[test]
    fn the_scale_is_a_power_of_two_that_brings_the_largest_entry_near_one() {
        for x in [1.0_f64, 3.0, -7.5, 1e-150, 1e150, 0.1] {
            let s = power_of_two_scale(&arr1(&[0.0, x]));
            assert_eq!(s.log2().fract().to_bits(), 0);
            assert!((1.0..2.0).contains(&(s * x.abs())), "{x}: {s}");
        }
        for x in [5e-324_f64, f64::MAX] {
            let s = power_of_two_scale(&arr1(&[x]));
            assert!(s.is_normal() && (1.0 / s).is_normal(), "{x}: {s}");
        }
        for x in [1e-45_f32, f32::MAX, 2.5] {
            let s = power_of_two_scale(&arr1(&[x]));
            assert!(s.is_normal() && (1.0 / s).is_normal(), "{x}: {s}");
        }
        assert_eq!(
            power_of_two_scale(&arr1(&[0.0_f32])).to_bits(),
            1.0_f32.to_bits()
        );
    }
}
