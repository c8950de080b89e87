//! A tolerance is kept, and spent: the ranks are small, for matrices the smallest.

use super::common::jacobi::{smallest_rank, unfolding_spectra};
use super::common::oracle::{distance, norm};
use super::common::random;
use super::common::strategy::{check, shape_and_ranks, sides};
use super::common::tol::{assert_below, tol};
use super::{bound, elements, hilbert, random_train};
use tt_admm::ndarray::Array2;
use tt_admm::{Scalar, TensorTrain, Truncation, tt_svd};

/// The error is within `limit`, and no rank is above the smallest one whose unfolding tail fits an equal share.
#[track_caller]
fn assert_kept_and_lean<A: Scalar>(x: &TensorTrain<A>, rule: &Truncation, limit: f64) {
    let dense = elements(x);
    let slack = tol::<A>(dense.len()) * bound(x).max(norm(&dense));
    let rounded = x.round(rule.clone()).unwrap();
    let error = rounded.truncation_error();
    assert_below(
        distance(&dense, &elements(&rounded)),
        limit + slack,
        "distance",
    );
    assert_below(error.total(), limit + slack, "reported");
    assert!(error.tolerance_met(), "{rule:?}: {error:?}");
    let spectra = unfolding_spectra(&dense);
    let share = (limit / ((x.order() - 1) as f64).sqrt() - slack).max(0.0);
    for (k, spectrum) in spectra.iter().enumerate() {
        let most = smallest_rank(spectrum, share);
        let ranks = rounded.ranks();
        assert!(
            ranks[k + 1] <= most,
            "{rule:?}: {ranks:?} at {k}, at most {most}"
        );
    }
    if x.order() == 2 {
        let least = smallest_rank(&spectra[0], limit + slack);
        assert!(
            rounded.ranks()[1] >= least,
            "{rule:?}: {:?}, at least {least}",
            rounded.ranks()
        );
    }
}

fn random_trains<A: Scalar>() {
    check(
        48,
        &(
            shape_and_ranks(2_usize..=5, 300, 6),
            0_u64..1 << 40,
            0.0_f64..1.1,
        ),
        |((shape, ranks), seed, share)| {
            let x = random_train::<A>(&shape, &ranks, seed);
            let total = norm(&elements(&x));
            let absolute = share * total;
            assert_kept_and_lean(&x, &Truncation::relative(share), absolute);
            assert_kept_and_lean(&x, &Truncation::absolute(absolute), absolute);
            let both = Truncation::relative(share).and_absolute(0.5 * absolute);
            assert_kept_and_lean(&x, &both, 0.5 * absolute);
            let both = Truncation::absolute(absolute).and_relative(0.5 * share);
            assert_kept_and_lean(&x, &both, 0.5 * absolute);
        },
    );
}

fn decaying_spectra<A: Scalar>() {
    for shape in [&[14, 11][..], &[7, 8, 9], &[5, 6, 4, 5], &[3, 2, 4, 3, 2]] {
        let x = tt_svd(&hilbert::<A>(shape), usize::MAX).unwrap();
        let total = norm(&elements(&x));
        for exponent in 0..14 {
            let relative = 0.1_f64.powi(exponent);
            assert_kept_and_lean(&x, &Truncation::relative(relative), relative * total);
            assert_kept_and_lean(&x, &Truncation::absolute(relative), relative);
        }
        assert_kept_and_lean(&x, &Truncation::exact(), 0.0);
    }
}

/// For order 2 the rank is the smallest whose tail is within the tolerance, for spectra with and without gaps.
fn matrices_get_the_smallest_rank<A: Scalar>() {
    check(48, &(sides(12), 0_u64..1 << 40), |((m, n), seed)| {
        let count = m.min(n);
        let sigma: Vec<f64> = (0..count).map(|k| 0.4_f64.powf((k / 2) as f64)).collect();
        let a: Array2<A> = random::with_spectrum(m, n, &sigma, seed);
        let x = tt_svd(&a, usize::MAX).unwrap();
        for rank in 1..=count {
            // Between the tails of two ranks.
            let tail = |r: usize| sigma[r..].iter().map(|s| s * s).sum::<f64>().sqrt();
            let limit = 0.5 * (tail(rank) + tail(rank - 1));
            for rule in [
                Truncation::absolute(limit),
                Truncation::relative(limit / tail(0)),
            ] {
                assert_eq!(x.round(rule).unwrap().ranks(), [1, rank, 1], "{sigma:?}");
            }
        }
    });
}

/// The cap wins, and the result tells.
fn caps_win_over_tolerances<A: Scalar>() {
    let x = tt_svd(&hilbert::<A>(&[6, 7, 8]), usize::MAX).unwrap();
    for (rule, ranks) in [
        (Truncation::relative(1e-3).and_max_rank(2), [1, 2, 2, 1]),
        (Truncation::relative(1e-3).and_ranks([1, 2]), [1, 1, 2, 1]),
        (
            Truncation::relative(1e-3).and_ranks([9, 2]).and_max_rank(1),
            [1, 1, 1, 1],
        ),
    ] {
        let rounded = x.round(rule).unwrap();
        assert_eq!(rounded.ranks(), ranks);
        let error = rounded.truncation_error();
        assert!(
            !error.tolerance_met() && error.relative() > 1e-3,
            "{error:?}"
        );
    }
    let loose = Truncation::relative(1e-3)
        .and_max_rank(50)
        .and_ranks([40, 40]);
    assert_eq!(
        x.round(loose).unwrap(),
        x.round(Truncation::relative(1e-3)).unwrap()
    );
    for everything in [Truncation::relative(2.0), Truncation::absolute(f64::MAX)] {
        let rounded = x.round(everything).unwrap();
        assert_eq!(rounded.ranks(), [1; 4]);
        assert!(rounded.truncation_error().tolerance_met());
    }
}

for_both_scalars!(
    random_trains,
    decaying_spectra,
    matrices_get_the_smallest_rank,
    caps_win_over_tolerances,
);
