//! Alternating least squares: exact rings, monotone errors, starts, stops.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::common::oracle::{distance, norm};
use crate::common::random;
use crate::common::strategy::check;
use crate::common::tol::{assert_below, assert_near, eps, is_single, tol};
use crate::support::{closed, ring, shape_and_ring_ranks, smooth};
use tt_admm::ndarray::ArrayD;
use tt_admm::{Scalar, TrAls, TrFit, TrStatus, TrTruncation, tr_als, tr_svd};

/// The errors are those of the rings, and never rise.
#[track_caller]
fn assert_honest<A: Scalar>(x: &ArrayD<A>, fit: &TrFit<A>) {
    let size = norm(x);
    let measured = distance(x, &fit.ring.to_dense()) / size;
    // A residual of the last update that is known to four digits at the least.
    let slack = 1e-3 * measured + 8.0 * tol::<A>(x.len());
    assert_near(fit.relative_error, measured, slack);
    assert_near(
        fit.ring.truncation_error().relative(),
        fit.relative_error,
        1e-12,
    );
    assert_eq!(fit.errors.len(), fit.sweeps + 1);
    for pair in fit.errors.windows(2) {
        let rise = 1e-3 * pair[0] + 32.0 * tol::<A>(x.len());
        assert_below(pair[1], pair[0] + rise, "monotone");
    }
    let best = fit.errors.iter().copied().fold(f64::INFINITY, f64::min);
    assert_near(fit.relative_error, best, 1e-12);
}

fn random_tensors_and_ranks<A: Scalar>() {
    let cases = (shape_and_ring_ranks(1_usize..=5, 200, 4), 0_u64..1 << 40);
    check(48, &cases, |((shape, ranks), seed)| {
        let x = random::tensor::<A>(&shape, seed);
        let fit = TrAls::new(&ranks).max_sweeps(6).decompose(&x).unwrap();
        assert_eq!(fit.ring.ranks(), ranks);
        assert_eq!(fit.ring.shape(), shape);
        assert_honest(&x, &fit);
        // Better than TR-SVD at these ranks, where that exists.
        if let Ok(svd) = tr_svd(&x, &ranks) {
            let limit = svd.truncation_error().relative() + tol::<A>(x.len());
            assert_below(fit.relative_error, limit, "no worse than TR-SVD");
        }
        let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
        let fit = TrAls::new(&ranks)
            .max_sweeps(4)
            .decompose_random(&x, rng)
            .unwrap();
        assert_honest(&x, &fit);
    });
}

/// An exact ring of ranks 2 on 6^4: TR-SVD cannot, alternating least squares can.
#[test]
fn an_exact_ring_is_found_from_tr_svd_and_from_random_cores() {
    let x = ring::<f64>(&[6, 6, 6, 6], &[2, 2, 2, 2, 2], 77).to_dense();
    let own = tr_svd(&x, 2).unwrap();
    assert_eq!(own.ranks(), [2; 5]);
    assert!(own.truncation_error().relative() > 1e-3);
    // Balanced or as a train, its exact ranks are above those of the ring.
    let exact = tr_svd(&x, TrTruncation::relative(1e-10)).unwrap();
    assert_eq!(exact.ranks()[0] * exact.ranks()[1], 4);
    assert!(exact.num_parameters() > 96);
    let als = TrAls::new(2).max_sweeps(400).tolerance(0.0).target(1e-10);
    let fit = als.decompose(&x).unwrap();
    assert_eq!(fit.status, TrStatus::Converged, "{}", fit.relative_error);
    assert_below(fit.relative_error, 1e-10, "from TR-SVD");
    assert_honest(&x, &fit);
    for seed in 1..4 {
        let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
        let fit = als.clone().restarts(5).decompose_random(&x, rng).unwrap();
        assert_below(fit.relative_error, 1e-10, "from random cores");
        assert_honest(&x, &fit);
    }
}

fn exact_rings_of_unequal_ranks<A: Scalar>() {
    let target = if is_single::<A>() { 1e-4 } else { 1e-9 };
    for (shape, ranks) in [
        (&[7, 6, 5][..], vec![2, 3, 2]),
        (&[5, 6, 7], vec![1, 2, 3]),
        (&[4, 5, 4, 5], vec![2, 1, 2, 3]),
    ] {
        let ranks = closed(ranks);
        let x = ring::<A>(shape, &ranks, 5).to_dense();
        let als = TrAls::new(&ranks)
            .max_sweeps(500)
            .tolerance(1e-5)
            .target(target);
        let fit = als.restarts(6).seed(1).decompose(&x).unwrap();
        assert_below(fit.relative_error, target, &format!("{shape:?} {ranks:?}"));
        assert_eq!(fit.status, TrStatus::Converged);
    }
}

fn given_cores_are_never_made_worse<A: Scalar>() {
    let x = smooth::<A>(&[6, 7, 8]);
    let start = tr_svd(&x, [2, 3, 2]).unwrap();
    let als = TrAls::new([2, 3, 2]).max_sweeps(3);
    let fit = als.improve(&x, &start).unwrap();
    assert_near(
        fit.errors[0],
        start.truncation_error().relative(),
        tol::<A>(x.len()),
    );
    assert_below(fit.relative_error, fit.errors[0], "improved");
    assert_honest(&x, &fit);
    // Again from the result: nothing is lost.
    let again = als.improve(&x, &fit.ring).unwrap();
    let slack = 8.0 * tol::<A>(x.len());
    assert_below(
        again.relative_error,
        fit.relative_error * (1.0 + 1e-3) + slack,
        "again",
    );
    let none = als.max_sweeps(0).improve(&x, &start).unwrap();
    assert_eq!((none.status, none.sweeps), (TrStatus::MaxSweeps, 0));
    let limit = tol::<A>(x.len()) * norm(&x);
    assert_below(
        distance(&none.ring.to_dense(), &start.to_dense()),
        limit,
        "no sweep",
    );
}

fn runs_are_the_same_bits_again<A: Scalar>() {
    let x = random::tensor::<A>(&[4, 5, 6], 8);
    let als = TrAls::new(2).max_sweeps(5).restarts(2).seed(9);
    assert_eq!(als.decompose(&x).unwrap(), als.decompose(&x).unwrap());
    let fit = als.decompose(&x).unwrap();
    let turned = crate::common::layout::column_major(&x);
    assert_eq!(als.decompose(&turned).unwrap(), fit);
    let draw = |seed| {
        let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
        als.decompose_random(&x, rng).unwrap()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1).ring, draw(2).ring);
}

/// A ridge trades error for cores of moderate size.
fn a_ridge_keeps_cores_small<A: Scalar>() {
    let x = random::tensor::<A>(&[5, 5, 5], 10);
    let size = |fit: &TrFit<A>| -> f64 { fit.ring.cores().iter().map(|c| norm(c).powi(2)).sum() };
    let als = TrAls::new(3).max_sweeps(40).tolerance(0.0);
    let free = als.decompose(&x).unwrap();
    let mut last = free.clone();
    for ridge in [1e-3, 1e-2, 1e-1] {
        let fit = als.clone().ridge(ridge).decompose(&x).unwrap();
        assert_below(size(&fit), size(&last), "smaller cores");
        assert_below(
            last.relative_error,
            fit.relative_error + 1e-3,
            "larger error",
        );
        last = fit;
    }
    assert!(last.relative_error < 1.0);
}

/// At the end of a sweep all cores have norms of one size.
fn cores_are_balanced<A: Scalar>() {
    let fit = tr_als(&random::tensor::<A>(&[4, 9, 5, 3], 11), 2).unwrap();
    let norms: Vec<f64> = fit.ring.cores().iter().map(|c| norm(c)).collect();
    let largest = norms.iter().copied().fold(0.0, f64::max);
    for own in &norms {
        assert!(largest <= 4.0 * own, "{norms:?}");
    }
}

/// Without a tolerance the iteration ends where rounding takes over, and says so.
fn every_run_ends<A: Scalar>() {
    let x = random::tensor::<A>(&[3, 4, 3], 12);
    let fit = TrAls::new(2)
        .tolerance(0.0)
        .max_sweeps(20_000)
        .decompose(&x)
        .unwrap();
    assert_ne!(fit.status, TrStatus::MaxSweeps, "{}", fit.sweeps);
    let loose = TrAls::new(2).tolerance(0.1).decompose(&x).unwrap();
    assert_eq!(loose.status, TrStatus::Converged);
    assert!(loose.sweeps < fit.sweeps && loose.relative_error >= fit.relative_error);
    let reached = TrAls::new(2).target(0.999).decompose(&x).unwrap();
    assert_eq!((reached.status, reached.sweeps), (TrStatus::Converged, 0));
    assert!(eps::<A>() < 1.0);
}

for_both_scalars!(
    random_tensors_and_ranks,
    exact_rings_of_unequal_ranks,
    given_cores_are_never_made_worse,
    runs_are_the_same_bits_again,
    a_ridge_keeps_cores_small,
    cores_are_balanced,
    every_run_ends,
);
