//! Frobenius norms that neither under- nor overflow.

use rayon::prelude::*;

use crate::scalar::Scalar;

/// Partial sums, as many as make vector instructions of a loop.
const LANES: usize = 16;

/// Sum of squares in `f64`, in lanes that the compiler turns into vector instructions.
pub(crate) fn sum_of_squares<A: Scalar>(values: &[A]) -> f64 {
    /// Elements added up on one thread.
    const PART: usize = 1 << 16;
    if values.len() > 8 * PART {
        let sums: Vec<f64> = values.par_chunks(PART).map(sum_of_squares).collect();
        return sums.iter().sum();
    }
    let mut sums = [0.0_f64; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest: f64 = chunks.remainder().iter().map(|x| x.widen().powi(2)).sum();
    for chunk in chunks {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *sum += x.widen() * x.widen();
        }
    }
    rest + sums.iter().sum::<f64>()
}

/// Sum of the squared differences of two slices of the same length, like [`sum_of_squares`].
pub(crate) fn squared_distance<A: Scalar>(a: &[A], b: &[A]) -> f64 {
    debug_assert_eq!(a.len(), b.len());
    let mut sums = [0.0_f64; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = a_chunks.remainder().iter().zip(b_chunks.remainder());
    let rest: f64 = rest.map(|(a, b)| (a.widen() - b.widen()).powi(2)).sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            let difference = a.widen() - b.widen();
            *sum += difference * difference;
        }
    }
    rest + sums.iter().sum::<f64>()
}

/// `|a|_F` of a slice, for elements of any size.
pub(crate) fn norm<A: Scalar>(a: &[A]) -> f64 {
    let square = sum_of_squares(a);
    if SAFE.contains(&square) {
        return square.sqrt();
    }
    frobenius(a.iter().copied())
}

/// `|a - b|_F` of two slices of the same length, for elements of any size.
pub(crate) fn distance<A: Scalar>(a: &[A], b: &[A]) -> f64 {
    let square = squared_distance(a, b);
    if SAFE.contains(&square) {
        return square.sqrt();
    }
    frobenius(a.iter().zip(b).map(|(&a, &b)| a - b))
}

/// Below, squares of values that matter may have been rounded to zero.
const SAFE: std::ops::Range<f64> = 1e-280..f64::INFINITY;

/// Root of the sum of squares.
///
/// Plain sums in f64 where they are safe, and a second pass in units of the largest value where squares would
/// vanish or overflow (only `f64` values beyond about `1e150` or below `1e-150`).
pub(crate) fn frobenius<A: Scalar>(values: impl Iterator<Item = A> + Clone) -> f64 {
    let plain = values.clone().map(|x| x.widen().powi(2)).sum::<f64>();
    if SAFE.contains(&plain) {
        return plain.sqrt();
    }
    let largest = values.clone().fold(0.0_f64, |m, x| m.max(x.widen().abs()));
    if largest == 0.0 || !largest.is_finite() {
        return largest;
    }
    largest
        * values
            .map(|x| (x.widen() / largest).powi(2))
            .sum::<f64>()
            .sqrt()
}

#[cfg(test)]
mod tests {
    use super::frobenius;

    #[test]
    fn norms_of_all_sizes() {
        for scale in [1.0, 1e-300, 1e-160, 1e160, 1e300] {
            let norm = frobenius([3.0 * scale, -4.0 * scale].into_iter());
            assert!((norm / scale - 5.0).abs() < 1e-14, "{scale:e}: {norm:e}");
        }
        let zero = frobenius([0.0_f64; 3].into_iter());
        let empty = frobenius(std::iter::empty::<f32>());
        assert_eq!((zero.to_bits(), empty.to_bits()), (0, 0));
        let single = frobenius([3e30_f32, 4e30].into_iter());
        assert!((single / 5e30 - 1.0).abs() < 1e-6);
    }
}
