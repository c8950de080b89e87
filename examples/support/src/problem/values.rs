//! Fixed numbers without a pattern.

use ndarray::{Array2, ArrayD};

/// The number of classes.
pub(super) const CLASSES: u16 = 6;

/// A matrix of numbers in `[-bound, bound)`; every number is a fraction with few bits, so that it is the
/// same in all arithmetic.
pub(super) fn matrix(stream: u32, rows: usize, columns: usize, bound: f32) -> Array2<f32> {
    let mut next = stream.wrapping_mul(0x9e37_79b9);
    Array2::from_shape_simple_fn((rows, columns), || {
        bound * (f32::from(scrambled(&mut next)) / 32768.0 - 1.0)
    })
}

/// Labels that are not a function of the inputs: something to learn by heart.
pub(super) fn labels(count: usize) -> Vec<i64> {
    let mut next = 0x5eed;
    (0..count)
        .map(|_| i64::from(scrambled(&mut next) % CLASSES))
        .collect()
}

/// The upper half of a linear congruential generator (Numerical Recipes' constants).
fn scrambled(state: &mut u32) -> u16 {
    *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    (*state >> 16) as u16
}

/// Frobenius norm.
pub(super) fn norm(array: &ArrayD<f32>) -> f64 {
    let square = |x: &f32| f64::from(*x).powi(2);
    array.iter().map(square).sum::<f64>().sqrt()
}
