//! The one place for tolerances. Every other file asks here, by scalar type and problem size.

use tt_admm::Scalar;

/// Machine epsilon as `f64`.
pub(crate) fn eps<A: Scalar>() -> f64 {
    A::epsilon().widen()
}

/// Whether this is the `f32` run.
pub(crate) fn is_single<A: Scalar>() -> bool {
    eps::<A>() > 1e-10
}

/// What rounding may do, relative to the norm of the data, in a backward-stable algorithm on `size` numbers:
/// a modest multiple of `eps sqrt(size)`.
pub(crate) fn tol<A: Scalar>(size: usize) -> f64 {
    32.0 * eps::<A>() * (size as f64).sqrt().max(1.0)
}

/// For the error of a tensor train of a normed tensor: `1e-10` in `f64`, and the same number of lost digits
/// in `f32`. Looser than [`tol`], because the Pythagorean sum squares and roots.
pub(crate) fn tol_error<A: Scalar>() -> f64 {
    if is_single::<A>() { 1e-4 } else { 1e-10 }
}

/// For sums of squares relative to the squared norm: twice the relative error of the norm.
pub(crate) fn tol_squares<A: Scalar>(size: usize) -> f64 {
    2.0 * tol::<A>(size)
}

/// For a least-squares residual relative to `|a|^2 |x|`, with `size` elements in `a`.
pub(crate) fn tol_normal_equations<A: Scalar>(size: usize) -> f64 {
    4.0 * tol::<A>(size)
}

/// Relative accuracy of a central difference in `f64` with a step near the cube root of epsilon.
pub(crate) const FINITE_DIFFERENCE: f64 = 1e-7;

/// The step of that central difference.
pub(crate) const FINITE_DIFFERENCE_STEP: f64 = 1e-5;

/// Relative accuracy at which a figure from the literature, printed with 15 digits, is met in `f64`.
pub(crate) const PRINTED: f64 = 2e-13;

/// Fails with both numbers unless `|got - expected| <= tolerance`.
#[track_caller]
pub(crate) fn assert_near(got: f64, expected: f64, tolerance: f64) {
    assert!(
        (got - expected).abs() <= tolerance,
        "got {got:e}, expected {expected:e}, difference {:e} above {tolerance:e}",
        (got - expected).abs()
    );
}

/// Fails unless `got <= bound`.
#[track_caller]
pub(crate) fn assert_below(got: f64, bound: f64, what: &str) {
    assert!(got <= bound, "{what}: {got:e} is above {bound:e}");
}
