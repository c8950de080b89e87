//! Tolerances and limits on the ranks, in any mix.

use super::{ALGORITHMS, spectra};
use crate::common::{jacobi, oracle, random, strategy, tol};
use proptest::prelude::*;
use tt_admm::{Scalar, TuckerSvd, TuckerTruncation, tucker};

for_both_scalars!(
    tolerances_are_kept,
    limits_win_over_tolerances,
    exact_ranks_are_found
);

fn tolerances_are_kept<A: Scalar>() {
    let cases = (
        strategy::shape(1_usize..=4, 400),
        any::<u64>(),
        0.01..0.95_f64,
        0..ALGORITHMS.len(),
    );
    strategy::check(96, &cases, |(shape, seed, share, which)| {
        let x = random::tensor::<A>(&shape, seed);
        let norm = oracle::norm(&x);
        for truncation in [
            TuckerTruncation::relative(share),
            TuckerTruncation::absolute(share * norm),
            TuckerTruncation::relative(0.99).and_absolute(share * norm),
        ] {
            let svd = TuckerSvd::new(truncation).algorithm(ALGORITHMS[which]);
            let t = svd.decompose(&x).unwrap();
            let bound = share * norm * (1.0 + tol::tol_error::<A>());
            tol::assert_below(oracle::distance(&x, &t.to_dense()), bound, "the tolerance");
            tol::assert_below(t.truncation_error().total(), bound, "the reported error");
            assert!(t.truncation_error().tolerance_met());
        }
    });
}

/// A matrix has one cut that counts: it gets at least half of the squared tolerance.
#[test]
fn a_matrix_uses_its_tolerance() {
    for seed in 0..20 {
        let x = random::matrix::<f64>(9, 12, seed);
        let norm = oracle::norm(&x);
        let t = tucker(&x, TuckerTruncation::relative(0.5)).unwrap();
        let enough = jacobi::smallest_rank(&spectra(&x)[0], 0.5 * norm / 2_f64.sqrt());
        assert!(
            t.ranks()[0] <= enough && t.ranks()[1] <= enough,
            "{:?}",
            t.ranks()
        );
    }
}

fn limits_win_over_tolerances<A: Scalar>() {
    let x = random::tensor::<A>(&[6, 7, 8], 3);
    let tight = TuckerTruncation::relative(1e-3);
    let t = tucker(&x, tight.clone().and_max_ranks([3, 4, 2])).unwrap();
    assert_eq!(t.ranks(), [3, 4, 2]);
    assert!(!t.truncation_error().tolerance_met());
    // Pairs limit the modes they name; a tolerance of less than that loses is kept by the others.
    let t = tucker(&x, tight.clone().and_max_ranks([(1, 2)])).unwrap();
    assert_eq!(t.ranks(), [6, 2, 8]);
    let outer = TuckerTruncation::ranks([(0, 2), (2, 20)]).and_relative(0.3);
    let t = tucker(&x, outer).unwrap();
    assert_eq!((t.ranks()[0], t.ranks()[1]), (2, 7));
    assert!(t.factors()[1].is_none());
    let list = TuckerTruncation::ranks([5, 3]).and_modes([2, 0]);
    assert_eq!(tucker(&x, list).unwrap().ranks(), [3, 7, 5]);
    let nothing = TuckerTruncation::ranks(1).and_modes([]);
    let t = tucker(&x, nothing).unwrap();
    assert_eq!((t.to_dense(), t.num_parameters()), (x.clone(), x.len()));
}

fn exact_ranks_are_found<A: Scalar>() {
    let low = tucker(&random::tensor::<A>(&[8, 7, 6], 5), [3, 2, 4])
        .unwrap()
        .to_dense();
    // Rounding of the dense tensor is below this, and the tensor is not.
    let truncation = if tol::is_single::<A>() {
        TuckerTruncation::relative(1e-5)
    } else {
        TuckerTruncation::exact()
    };
    for algorithm in ALGORITHMS {
        let svd = TuckerSvd::new(truncation.clone().and_max_ranks(6)).algorithm(algorithm);
        assert_eq!(
            svd.decompose(&low).unwrap().ranks(),
            [3, 2, 4],
            "{algorithm:?}"
        );
    }
    // Full rank: nothing is cut, and no factor is stored.
    let full = random::tensor::<A>(&[4, 5, 3], 6);
    let t = tucker(&full, TuckerTruncation::exact()).unwrap();
    assert!(t.factors().iter().all(Option::is_none));
    assert_eq!(t.to_dense(), full);
}
