//! Exponents kept beside the numbers, so that sweeps over hundreds of cores of any size neither under- nor overflow.

use ndarray::{Array, Array2, Array3, ArrayView3, Dimension};

use super::dense::{matrix, reshaped};
use crate::linalg::{matmul, power_of_two_scale};
use crate::scalar::Scalar;

/// `mantissa * 2^exponent`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scaled {
    pub(crate) mantissa: f64,
    pub(crate) exponent: f64,
}

impl Scaled {
    pub(crate) fn value(self) -> f64 {
        // 0 times an infinite power would be NaN.
        if self.mantissa == 0.0 {
            return 0.0;
        }
        let (first, second) = power_of_two(self.exponent);
        self.mantissa * first * second
    }

    /// Natural logarithm of the magnitude, minus infinity for zero.
    pub(crate) fn log_abs(self) -> f64 {
        if self.mantissa == 0.0 {
            return f64::NEG_INFINITY;
        }
        self.mantissa.abs().ln() + self.exponent * std::f64::consts::LN_2
    }
}

/// `2^exponent` as two factors: it may overflow where its product with a small number does not.
fn power_of_two(exponent: f64) -> (f64, f64) {
    let half = (exponent / 2.0).floor();
    (half.exp2(), (exponent - half).exp2())
}

/// Scales the block to entries near 1; returns the exponent of the power of two it was multiplied by.
pub(crate) fn rescale<A: Scalar, D: Dimension>(block: &mut Array<A, D>) -> f64 {
    let scale = power_of_two_scale(block);
    block.mapv_inplace(|x| x * scale);
    scale.widen().log2()
}

/// Multiplies a core by `2^exponent`; `false` if that lost digits, as the largest entry is then no normal number.
pub(crate) fn raise<A: Scalar>(core: &mut Array3<A>, exponent: f64) -> bool {
    let (first, second) = power_of_two(exponent);
    let zero = core.iter().all(|&x| x == A::zero());
    if !zero {
        core.mapv_inplace(|x| A::narrow(x.widen() * first * second));
    }
    zero || is_held(core)
}

/// Whether all entries are finite and the largest is a normal number.
pub(super) fn is_held<A: Scalar>(core: &Array3<A>) -> bool {
    core.iter().all(|x| x.is_finite()) && core.iter().any(|x| x.is_normal())
}

/// A core with the exponents of its left bond taken in, and those of its right bond taken out: index `a` of a bond
/// stands for `2^exponents[a]` times what is stored.
///
/// The largest entry for every index of the right bond is then near 1. So the terms of a sum of trains keep their
/// digits, however much smaller one of them is than the other on the way. An index that meets only zeros has the
/// exponent minus infinity.
pub(super) fn graded<A: Scalar>(core: ArrayView3<'_, A>, exponents: &mut Vec<f64>) -> Array3<A> {
    let (r, n, s) = core.dim();
    let mut largest = Array2::<A>::zeros((r, s));
    for (mut largest, block) in largest.outer_iter_mut().zip(core.outer_iter()) {
        for row in block.outer_iter() {
            largest.zip_mut_with(&row, |m, x| *m = m.max(x.abs()));
        }
    }
    let size = |(a, b): (usize, usize)| exponents[a] + largest[[a, b]].widen().log2().floor();
    let right: Vec<f64> = (0..s)
        .map(|b| {
            (0..r)
                .map(|a| size((a, b)))
                .fold(f64::NEG_INFINITY, f64::max)
        })
        .collect();
    let mut scaled = Array3::zeros((r, n, s));
    for (a, (mut scaled, block)) in scaled.outer_iter_mut().zip(core.outer_iter()).enumerate() {
        let factors: Vec<_> = (0..s)
            .map(|b| match exponents[a] - right[b] {
                shift if shift.is_finite() && largest[[a, b]] != A::zero() => power_of_two(shift),
                _ => (0.0, 0.0),
            })
            .collect();
        for (mut scaled, row) in scaled.outer_iter_mut().zip(block.outer_iter()) {
            for ((y, x), (first, second)) in scaled.iter_mut().zip(row).zip(&factors) {
                *y = A::narrow(x.widen() * first * second);
            }
        }
    }
    *exponents = right;
    scaled
}

/// A carry (rows x left bond; the identity if there is none yet) times a core, both with exponents: a matrix
/// `(rows n) x (right bond)`.
pub(super) fn carried<A: Scalar>(
    carry: Option<&Array2<A>>,
    core: ArrayView3<'_, A>,
    exponents: &mut Vec<f64>,
) -> Array2<A> {
    let (r, n, s) = core.dim();
    let core = graded(core, exponents);
    match carry {
        None => reshaped(core.view(), (r * n, s)).to_owned(),
        Some(carry) => {
            let product = matmul(carry.view(), matrix(&core, (r, n * s)));
            reshaped(product.view(), (carry.nrows() * n, s)).to_owned()
        }
    }
}

/// Scales every column to entries near 1, the powers of two going to the exponents.
pub(super) fn normalize_columns<A: Scalar>(a: &mut Array2<A>, exponents: &mut [f64]) {
    for (mut column, exponent) in a.columns_mut().into_iter().zip(exponents) {
        if column.iter().all(|&x| x == A::zero()) {
            *exponent = f64::NEG_INFINITY;
            continue;
        }
        let scale = power_of_two_scale(&column);
        column.mapv_inplace(|x| x * scale);
        *exponent -= scale.widen().log2();
    }
}
