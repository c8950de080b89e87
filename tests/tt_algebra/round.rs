//! Rounding: ranks, the error it reports, and what it has in common with TT-SVD.

use super::common::oracle::{distance, inner, norm};
use super::common::strategy::{check, shape_and_ranks};
use super::common::tol::{assert_below, assert_near, is_single, tol, tol_error};
use super::{bound, elements, gauge_defect, hilbert, random_train};
use tt_admm::{Scalar, SplitOrder, TensorTrain, Truncation, TtRanks, TtSvd, tt_svd};

/// What holds for every rounding; returns the measured distance.
#[track_caller]
fn assert_certificate<A: Scalar>(x: &TensorTrain<A>, rounded: &TensorTrain<A>) -> f64 {
    let (before, after) = (elements(x), elements(rounded));
    let (total, error) = (norm(&before), rounded.truncation_error());
    let slack = tol_error::<A>() * total + tol::<A>(before.len()) * bound(x);
    let measured = distance(&before, &after);
    assert_near(error.total(), measured, slack);
    assert_near(error.relative() * total, measured, slack);
    assert_eq!(error.per_bond().len(), x.order() - 1);
    let squares: f64 = error.per_bond().iter().map(|e| e * e).sum();
    assert_near(squares.sqrt(), error.total(), 1e-14 * total);
    // An orthogonal projection in every step.
    assert_near(inner(&before, &after), norm(&after).powi(2), slack * total);
    assert_eq!(rounded.shape(), x.shape());
    assert!(rounded.ranks().iter().zip(x.ranks()).all(|(a, b)| a <= b));
    let last = x.order() - 1;
    assert_eq!(rounded.orthogonality_center(), Some(last));
    assert_below(gauge_defect(rounded, last), tol::<A>(before.len()), "gauge");
    measured
}

fn the_reported_error_is_the_distance<A: Scalar>() {
    let strategy = (
        shape_and_ranks(1_usize..=6, 600, 6),
        1_usize..=4,
        0.0_f64..0.8,
        0_u64..1 << 40,
    );
    check(64, &strategy, |((shape, ranks), rank, share, seed)| {
        let x = random_train::<A>(&shape, &ranks, seed);
        let rules = [
            Truncation::from(rank),
            Truncation::max_rank(rank),
            Truncation::relative(share),
            Truncation::relative(share).and_max_rank(rank),
            Truncation::exact(),
        ];
        for rule in rules {
            let rounded = x.round(rule).unwrap();
            assert_certificate(&x, &rounded);
        }
    });
}

/// Prescribed ranks are kept, clipped to what shape and train allow; again they change nothing.
fn prescribed_ranks_are_kept<A: Scalar>() {
    let strategy = (
        shape_and_ranks(1_usize..=6, 600, 6),
        shape_and_ranks(6_usize..=6, 1, 5),
        0_u64..1 << 40,
    );
    check(64, &strategy, |((shape, ranks), (_, wanted), seed)| {
        let x = random_train::<A>(&shape, &ranks, seed);
        let order = shape.len();
        let mut wanted = wanted[..=order].to_vec();
        wanted[order] = 1;
        let least: Vec<usize> = wanted.iter().zip(&ranks).map(|(a, b)| *a.min(b)).collect();
        let expected = TtRanks::from(&least).resolve(&shape).unwrap();
        let once = x.round(&wanted).unwrap();
        assert_eq!(once.ranks(), expected);
        assert!(once.truncation_error().tolerance_met());
        let twice = once.round(&wanted).unwrap();
        assert_eq!(twice.ranks(), expected);
        let slack = tol::<A>(elements(&x).len()) * norm(&elements(&x));
        assert_below(
            distance(&elements(&once), &elements(&twice)),
            slack,
            "twice",
        );
        assert_below(
            twice.truncation_error().relative(),
            tol_error::<A>(),
            "second error",
        );
    });
}

/// At ranks the train has already, nothing is lost, and rounding exactly finds no more to drop.
fn exact_rounding_is_exact<A: Scalar>() {
    check(
        48,
        &(shape_and_ranks(1_usize..=6, 600, 6), 0_u64..1 << 40),
        |((shape, ranks), seed)| {
            let x = random_train::<A>(&shape, &ranks, seed);
            let slack = tol::<A>(elements(&x).len()) * bound(&x);
            for rule in [Truncation::exact(), Truncation::from(&ranks)] {
                let once = x.round(rule.clone()).unwrap();
                assert_below(distance(&elements(&x), &elements(&once)), slack, "once");
                assert!(once.truncation_error().tolerance_met());
                let twice = once.round(rule).unwrap();
                assert_eq!(twice.ranks(), once.ranks());
                assert_below(
                    distance(&elements(&once), &elements(&twice)),
                    slack,
                    "twice",
                );
            }
        },
    );
}

/// The same cuts as TT-SVD from left to right makes.
fn rounding_is_the_tt_svd_of_the_dense_tensor<A: Scalar>() {
    for shape in [&[12, 9][..], &[6, 7, 8], &[5, 4, 5, 4], &[2, 3, 2, 3, 2]] {
        let x = hilbert::<A>(shape);
        let exact = tt_svd(&x, usize::MAX).unwrap();
        let rules = [
            Truncation::from(1),
            Truncation::from(3),
            Truncation::max_rank(2),
            Truncation::relative(1e-2),
            Truncation::absolute(1e-3),
        ];
        for rule in rules {
            let svd = TtSvd::new(rule.clone()).order(SplitOrder::LeftToRight);
            let (expected, got) = (svd.decompose(&x).unwrap(), exact.round(rule).unwrap());
            assert_eq!(got.ranks(), expected.ranks());
            let slack = if is_single::<A>() { 1e-4 } else { 1e-11 } * norm(&x);
            assert_below(
                distance(&elements(&got), &elements(&expected)),
                slack,
                "elements",
            );
            let (e, f) = (got.truncation_error(), expected.truncation_error());
            assert_near(e.total(), f.total(), slack);
            assert_eq!(e.tolerance_met(), f.tolerance_met());
        }
    }
}

/// Where the centre is does not matter: the same ranks and the same tensor.
fn the_gauge_does_not_matter<A: Scalar>() {
    let x = tt_svd(&hilbert::<A>(&[5, 4, 5, 4]), usize::MAX).unwrap();
    let loose = TensorTrain::from_cores(x.cores().to_vec()).unwrap();
    let expected = loose.round(2).unwrap();
    for center in 0..4 {
        let mut moved = x.clone();
        moved.orthogonalize(center).unwrap();
        let got = moved.round(2).unwrap();
        assert_eq!(got.ranks(), expected.ranks());
        let slack = if is_single::<A>() { 1e-4 } else { 1e-12 } * norm(&elements(&x));
        assert_below(
            distance(&elements(&got), &elements(&expected)),
            slack,
            "elements",
        );
    }
}

for_both_scalars!(
    the_reported_error_is_the_distance,
    prescribed_ranks_are_kept,
    exact_rounding_is_exact,
    rounding_is_the_tt_svd_of_the_dense_tensor,
    the_gauge_does_not_matter,
);
