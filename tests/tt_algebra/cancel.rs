//! What cancels leaves rounding errors, and those are no rank.

use super::common::oracle::{distance, norm};
use super::common::strategy::{check, shape_and_ranks};
use super::common::tol::{assert_below, eps, is_single, tol};
use super::{bound, elements, random_train, uniform};
use tt_admm::ndarray::Array3;
use tt_admm::{Scalar, TensorTrain, Truncation, tt_svd};

fn a_train_minus_itself_has_rank_one<A: Scalar>() {
    check(
        64,
        &(shape_and_ranks(1_usize..=7, 800, 6), 0_u64..1 << 40),
        |((shape, ranks), seed)| {
            let x = random_train::<A>(&shape, &ranks, seed);
            let compact = tt_svd(&x.to_dense(), Truncation::exact()).unwrap();
            for x in [x, compact] {
                for rule in [
                    Truncation::exact(),
                    Truncation::relative(1e-3),
                    Truncation::max_rank(4),
                ] {
                    let zero = x.sub(&x).unwrap().round(rule).unwrap();
                    assert_eq!(zero.ranks(), uniform(shape.len(), 1));
                    let slack = tol::<A>(elements(&x).len()) * bound(&x);
                    assert_below(norm(&elements(&zero)), slack, "x - x");
                    assert!(zero.truncation_error().tolerance_met());
                }
            }
        },
    );
}

/// Long trains: rounding errors of many factorisations add up.
fn long_trains_cancel<A: Scalar>() {
    for (order, rank) in [(100, 2), (60, 5), (20, 16), (400, 3)] {
        let x = random_train::<A>(&vec![2; order], &uniform(order, rank), 5);
        let zero = x.sub(&x).unwrap().round(Truncation::exact()).unwrap();
        assert_eq!(zero.ranks(), uniform(order, 1), "{order}, {rank}");
        let lost = zero.log_norm() - x.log_norm();
        assert_below(lost, (1e3 * eps::<A>()).ln(), "x - x");
        // Where nothing cancels, the rank is that of x.
        let double = x.add(&x).unwrap().round(Truncation::exact()).unwrap();
        let shrunk = x.round(Truncation::exact()).unwrap();
        assert_eq!(double.ranks(), shrunk.ranks(), "{order}, {rank}");
        // And a small difference is seen.
        let small = if is_single::<A>() { 1e-3 } else { 1e-9 };
        let near = x.scale(A::narrow(1.0 + small)).unwrap();
        let difference = near
            .sub(&x)
            .unwrap()
            .round(Truncation::relative(1e-2))
            .unwrap();
        let lost = difference.log_norm() - x.log_norm();
        assert_below((lost - small.ln()).abs(), 0.05, "difference");
        assert!(
            difference.ranks().iter().all(|&r| r <= rank),
            "{:?}",
            difference.ranks()
        );
    }
}

/// `u + v - u` is `v` with the rank of `v`, to what the digits of `u` allow.
fn what_cancels_in_part_leaves_the_rest<A: Scalar>() {
    check(
        32,
        &(shape_and_ranks(2_usize..=5, 500, 4), 0_u64..1 << 40),
        |((shape, ranks), seed)| {
            let u = random_train::<A>(&shape, &ranks, seed);
            let v = random_train::<A>(&shape, &uniform(shape.len(), 1), seed ^ 9);
            let rest = u.add(&v).unwrap().sub(&u).unwrap();
            let rounded = rest.round(Truncation::exact()).unwrap();
            let slack = tol::<A>(elements(&u).len()) * (bound(&u) + bound(&v));
            assert_below(distance(&elements(&rounded), &elements(&v)), slack, "v");
            if norm(&elements(&v)) > 8.0 * slack {
                assert_eq!(rounded.ranks(), v.ranks());
            }
        },
    );
}

fn zero_trains_round_to_rank_one<A: Scalar>() {
    for shape in [&[4][..], &[3, 5], &[2, 1, 3, 2]] {
        let order = shape.len();
        let x = random_train::<A>(shape, &uniform(order, 3), 1);
        let mut cores = x.cores().to_vec();
        cores[order / 2].fill(A::zero());
        let by_core = TensorTrain::from_cores(cores).unwrap();
        let by_factor = x.scale(A::zero()).unwrap();
        for zero in [by_core, by_factor] {
            assert_eq!((zero.norm(), zero.sum()), (A::zero(), A::zero()));
            assert_eq!(zero.log_sum().sign, 0.0);
            assert_eq!(zero.log_norm(), f64::NEG_INFINITY);
            for rule in [
                Truncation::from(3),
                Truncation::exact(),
                Truncation::absolute(0.0),
            ] {
                let rounded = zero.round(rule).unwrap();
                assert_eq!(rounded.ranks(), uniform(order, 1));
                assert!(elements(&rounded).iter().all(|&e| e == 0.0));
                let error = rounded.truncation_error();
                assert_eq!((error.total(), error.relative()), (0.0, 0.0));
                assert!(error.tolerance_met());
            }
            let sum = zero.add(&x).unwrap();
            let slack = tol::<A>(elements(&x).len()) * bound(&x);
            assert_below(distance(&elements(&sum), &elements(&x)), slack, "0 + x");
            assert!(
                elements(&zero.hadamard(&x).unwrap())
                    .iter()
                    .all(|&e| e == 0.0)
            );
            let mut moved = zero.clone();
            moved.left_orthogonalize().unwrap();
            assert_eq!(
                (moved.norm(), moved.log_norm()),
                (A::zero(), f64::NEG_INFINITY)
            );
        }
    }
    // Size-1 modes and order 1.
    let one = TensorTrain::from_cores(vec![Array3::from_elem((1, 1, 1), A::one()); 3]).unwrap();
    let two = one.add(&one).unwrap();
    assert_eq!(two.ranks(), [1, 2, 2, 1]);
    assert_eq!(two.round(9).unwrap().ranks(), [1; 4]);
    assert_below((two.sum().widen() - 2.0).abs(), tol::<A>(1), "1 + 1");
}

for_both_scalars!(
    a_train_minus_itself_has_rank_one,
    long_trains_cancel,
    what_cancels_in_part_leaves_the_rest,
    zero_trains_round_to_rank_one,
);
