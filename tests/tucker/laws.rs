//! What every decomposition at prescribed ranks satisfies.

use super::{ALGORITHMS, dense, spectra};
use crate::common::{jacobi, layout, oracle, random, strategy, tol};
use proptest::prelude::*;
use tt_admm::{Scalar, SplitMethod, TuckerRanks, TuckerSvd, tucker};

for_both_scalars!(
    laws_at_prescribed_ranks,
    a_second_time_changes_nothing,
    low_ranks_are_recovered,
    every_memory_layout_gives_the_same,
    all_methods_meet_the_laws
);

/// Ranks for a shape: not always attainable; some modes are not compressed.
fn shape_and_ranks() -> impl Strategy<Value = (Vec<usize>, Vec<(usize, usize)>)> {
    strategy::shape(1_usize..=5, 500).prop_flat_map(|shape| {
        let ranks = prop::collection::vec(prop::option::weighted(0.8, 1_usize..=5), shape.len());
        let pairs = ranks.prop_map(|ranks| {
            let named = ranks.into_iter().enumerate();
            named.filter_map(|(k, r)| Some((k, r?))).collect::<Vec<_>>()
        });
        (Just(shape), pairs)
    })
}

fn laws_at_prescribed_ranks<A: Scalar>() {
    let cases = (shape_and_ranks(), any::<u64>(), 0..ALGORITHMS.len());
    strategy::check(96, &cases, |((shape, pairs), seed, which)| {
        let x = random::tensor::<A>(&shape, seed);
        let ranks = TuckerRanks::from(pairs.clone()).resolve(&shape).unwrap();
        let t = TuckerSvd::new(pairs.clone())
            .algorithm(ALGORITHMS[which])
            .decompose(&x)
            .unwrap();
        assert_eq!((t.shape(), t.ranks()), (&*shape, &*ranks));
        let (norm, slack) = (oracle::norm(&x), tol::tol_error::<A>() * oracle::norm(&x));
        // The dense tensor is the one of the definition.
        let z = dense(&t);
        tol::assert_below(
            oracle::distance(&t.to_dense().mapv(A::widen), &z),
            tol::tol::<A>(x.len()) * norm,
            "to_dense",
        );
        // Factors are there exactly where something is cut, and orthonormal.
        for (mode, factor) in t.factors().iter().enumerate() {
            assert_eq!(factor.is_some(), ranks[mode] < shape[mode], "{mode}");
            if let Some(u) = factor {
                let defect = oracle::orthonormality_defect(u);
                tol::assert_below(defect, tol::tol::<A>(u.len()), "orthonormal");
            }
        }
        // The error is the distance, and the parts of different modes are orthogonal.
        let error = t.truncation_error();
        let distance = oracle::distance(&x.mapv(A::widen), &z);
        tol::assert_near(error.total(), distance, slack);
        tol::assert_near(error.relative() * norm, distance, slack);
        let squares: f64 = error.per_mode().iter().map(|e| e * e).sum();
        tol::assert_near(squares.sqrt(), distance, slack);
        tol::assert_near(oracle::norm(&z).hypot(distance), norm, slack);
        tol::assert_near(t.norm().widen(), oracle::norm(&z), slack);
        assert!(error.tolerance_met());
        // Between the largest tail, which no tensor of these ranks beats, and the root of the sum of their squares,
        // which is at most sqrt(d) times the smallest.
        let tails: Vec<f64> = spectra(&x)
            .iter()
            .zip(&ranks)
            .map(|(sigma, &rank)| jacobi::tail(sigma, rank))
            .collect();
        let least = tails.iter().copied().fold(0.0, f64::max);
        let most = tails.iter().map(|t| t * t).sum::<f64>().sqrt();
        assert!(
            distance >= least - slack && distance <= most + slack,
            "{distance} {tails:?}"
        );
    });
}

fn a_second_time_changes_nothing<A: Scalar>() {
    strategy::check(
        32,
        &(shape_and_ranks(), any::<u64>()),
        |((shape, pairs), seed)| {
            let z = tucker(&random::tensor::<A>(&shape, seed), pairs.clone())
                .unwrap()
                .to_dense();
            let again = tucker(&z, pairs).unwrap();
            let slack = tol::tol::<A>(z.len()) * oracle::norm(&z);
            tol::assert_below(oracle::distance(&z, &again.to_dense()), slack, "twice");
            tol::assert_below(again.truncation_error().total(), slack, "discarded");
        },
    );
}

fn low_ranks_are_recovered<A: Scalar>() {
    for algorithm in ALGORITHMS {
        let (shape, ranks) = ([7, 6, 5, 4], [2, 3, 2, 2]);
        let x = tucker(&random::tensor::<A>(&shape, 3), ranks)
            .unwrap()
            .to_dense();
        let t = TuckerSvd::new(ranks)
            .algorithm(algorithm)
            .decompose(&x)
            .unwrap();
        let slack = tol::tol::<A>(x.len()) * oracle::norm(&x);
        tol::assert_below(oracle::distance(&x, &t.to_dense()), slack, "recovered");
        tol::assert_below(t.truncation_error().total(), slack, "discarded");
        assert_eq!(t.num_parameters(), 24 + 14 + 18 + 10 + 8);
    }
}

fn every_memory_layout_gives_the_same<A: Scalar>() {
    let x = random::tensor::<A>(&[5, 4, 3, 4], 9);
    for algorithm in ALGORITHMS {
        let svd = TuckerSvd::new([3, 2, 3, 2]).algorithm(algorithm);
        let expected = svd.decompose(&x).unwrap();
        let mut same = 0;
        layout::for_each_layout(&x, |name, view| {
            // Inverted axes hold other elements in the same places: compare by value.
            if view == x.view() {
                assert_eq!(svd.decompose(&view).unwrap(), expected, "{name}");
                same += 1;
            }
        });
        assert!(same >= 5, "{same}");
    }
}

fn all_methods_meet_the_laws<A: Scalar>() {
    let x = random::tensor::<A>(&[9, 8, 10], 4);
    let error = |method| {
        let svd = TuckerSvd::new([4, 3, 5]).method(method);
        svd.decompose(&x).unwrap().truncation_error().total()
    };
    let stable = error(SplitMethod::QrSvd);
    for method in [SplitMethod::Auto, SplitMethod::Gram] {
        tol::assert_near(
            error(method),
            stable,
            tol::tol_error::<A>() * oracle::norm(&x),
        );
    }
}
