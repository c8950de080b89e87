//! Alternating least squares on sampled equations.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::common::oracle::{distance, norm};
use crate::common::random;
use crate::common::tol::{assert_below, assert_near, is_single};
use crate::support::{ring, smooth};
use tt_admm::{Scalar, TrAls, TrStatus, tr_als};

fn samples_are_enough_for_an_exact_ring<A: Scalar>() {
    let x = ring::<A>(&[9, 10, 11], &[2, 2, 2, 2], 1).to_dense();
    let target = if is_single::<A>() { 1e-4 } else { 1e-9 };
    let als = TrAls::new(2)
        .sampled(60)
        .max_sweeps(300)
        .target(target)
        .restarts(4);
    let fit = als.decompose(&x).unwrap();
    assert_eq!(fit.status, TrStatus::Converged);
    let measured = distance(&x, &fit.ring.to_dense()) / norm(&x);
    assert_below(measured, target + 1e-6 * target, "measured");
}

/// Near the fit of all equations, and the best of all sweeps.
fn noise_is_fitted_nearly_as_well_as_by_all_equations<A: Scalar>() {
    let x = smooth::<A>(&[10, 11, 12]);
    let all = tr_als(&x, 2).unwrap();
    let fit = TrAls::new(2).sampled(80).seed(3).decompose(&x).unwrap();
    let best = fit.errors.iter().copied().fold(f64::INFINITY, f64::min);
    assert_near(fit.relative_error, best, 1e-12);
    assert_below(fit.relative_error, 2.0 * all.relative_error, "near");
    let measured = distance(&x, &fit.ring.to_dense()) / norm(&x);
    assert_near(fit.relative_error, measured, 1e-3 * measured);
}

fn samples_depend_on_the_seed_alone<A: Scalar>() {
    let x = random::tensor::<A>(&[5, 6, 7], 2);
    let als = TrAls::new(2).sampled(30).max_sweeps(8);
    let with = |seed| als.clone().seed(seed).decompose(&x).unwrap();
    assert_eq!(with(1), with(1));
    assert_ne!(with(1).errors, with(2).errors);
    let draw = |seed| {
        let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
        als.decompose_random(&x, rng).unwrap()
    };
    assert_eq!(draw(1), draw(1));
}

/// Fewer equations than unknowns: the smallest solution, no failure, and an end.
fn one_sample_is_no_failure<A: Scalar>() {
    for shape in [&[7][..], &[4, 5], &[3, 4, 5]] {
        let x = random::tensor::<A>(shape, 3);
        let fit = TrAls::new(2).sampled(1).decompose(&x).unwrap();
        assert!(fit.relative_error.is_finite());
        assert_below(fit.relative_error, fit.errors[0], "the best is kept");
    }
}

for_both_scalars!(
    samples_are_enough_for_an_exact_ring,
    noise_is_fitted_nearly_as_well_as_by_all_equations,
    samples_depend_on_the_seed_alone,
    one_sample_is_no_failure,
);
