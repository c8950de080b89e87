//! Zero tensors, modes of size one, order one, long shapes.

use super::common::oracle::{distance, norm};
use super::common::random;
use super::common::strategy::check;
use super::common::tol::{assert_below, is_single, tol, tol_error};
use super::{ORDERS, hilbert};
use proptest::prelude::*;
use tt_admm::ndarray::{ArrayD, Dimension, IxDyn};
use tt_admm::{Scalar, Truncation, TtSvd, tt_svd};

fn rules() -> Vec<Truncation> {
    vec![
        Truncation::from(1),
        Truncation::from(5),
        Truncation::max_rank(3),
        Truncation::exact(),
        Truncation::relative(0.1),
        Truncation::absolute(0.0),
        Truncation::absolute(1e-3).and_relative(0.0),
        Truncation::relative(0.1).and_max_rank(2),
    ]
}

fn zero_tensors_have_rank_one_under_every_rule<A: Scalar>() {
    for shape in [
        &[1][..],
        &[5],
        &[3, 4],
        &[1, 1],
        &[2, 3, 4],
        &[2, 1, 3, 1, 2],
    ] {
        for rule in rules() {
            for order in ORDERS {
                let x = ArrayD::<A>::zeros(IxDyn(shape));
                let tt = TtSvd::new(rule.clone()).order(order).decompose(&x).unwrap();
                assert_eq!(tt.ranks(), vec![1; shape.len() + 1], "{rule:?}");
                assert_eq!(tt.to_dense(), x);
                assert_eq!((tt.norm(), tt.log_norm()), (A::zero(), f64::NEG_INFINITY));
                let error = tt.truncation_error();
                assert_eq!((error.total(), error.relative()), (0.0, 0.0));
                assert_eq!(error.per_bond(), vec![0.0; shape.len() - 1]);
                assert!(error.tolerance_met());
            }
        }
    }
    let minus_zero = ArrayD::from_elem(IxDyn(&[2, 3]), A::narrow(-0.0));
    assert_eq!(tt_svd(&minus_zero, 2).unwrap().ranks(), [1, 1, 1]);
}

fn a_single_element_has_rank_one<A: Scalar>() {
    for value in [
        A::one(),
        A::narrow(-3.5),
        A::min_positive_value(),
        A::max_value(),
    ] {
        for shape in [&[1][..], &[1, 1, 1, 1]] {
            for rule in rules() {
                let x = ArrayD::from_elem(IxDyn(shape), value);
                let tt = tt_svd(&x, rule).unwrap();
                assert_eq!(tt.ranks(), vec![1; shape.len() + 1]);
                assert_eq!(tt.to_dense(), x);
            }
        }
    }
}

/// Modes of size one, put anywhere, change nothing but the shape.
fn modes_of_size_one_change_nothing<A: Scalar>() {
    let case = (
        prop::collection::vec(2_usize..5, 1..4),
        prop::collection::vec(0_usize..9, 1..5),
    );
    check(
        48,
        &(case, 0_u64..1 << 40, 1_usize..4),
        |((shape, places), seed, rank)| {
            let mut padded = shape.clone();
            for place in places {
                padded.insert(place % (padded.len() + 1), 1);
            }
            let x = random::tensor::<A>(&shape, seed);
            let wide = x.to_shape(IxDyn(&padded)).unwrap().to_owned();
            for order in ORDERS {
                let a = TtSvd::new(rank).order(order).decompose(&x).unwrap();
                let b = TtSvd::new(rank).order(order).decompose(&wide).unwrap();
                let inner = |ranks: &[usize], shape: &[usize]| -> Vec<usize> {
                    (0..shape.len())
                        .filter(|&k| shape[k] > 1)
                        .map(|k| ranks[k])
                        .collect()
                };
                assert_eq!(
                    inner(a.ranks(), &shape),
                    inner(b.ranks(), &padded),
                    "{padded:?}"
                );
                let back = b.to_dense();
                assert_eq!(back.shape(), padded);
                let error = (distance(&wide, &back), distance(&x, &a.to_dense()));
                assert_below(
                    (error.0 - error.1).abs(),
                    tol_error::<A>() * norm(&x),
                    "distance",
                );
                assert_below(
                    (error.0 - b.truncation_error().total()).abs(),
                    tol_error::<A>() * norm(&x),
                    "",
                );
                let exact = TtSvd::new(Truncation::exact())
                    .order(order)
                    .decompose(&wide)
                    .unwrap();
                assert_below(
                    distance(&wide, &exact.to_dense()),
                    tol::<A>(x.len()) * norm(&x),
                    "exact",
                );
            }
        },
    );
}

fn vectors_are_kept_as_they_are<A: Scalar>() {
    for n in [1, 2, 17] {
        let x = random::tensor::<A>(&[n], 3);
        for rule in rules() {
            let tt = tt_svd(&x, rule.clone()).unwrap();
            assert_eq!(tt.ranks(), [1, 1]);
            assert_eq!(tt.to_dense(), x);
            assert!(tt.truncation_error().per_bond().is_empty());
        }
    }
}

/// A product of cosines and sines, `cos(sum_k a_k i_k)`: rank 2 at every bond, a million elements.
fn order_twenty<A: Scalar>() {
    let x = ArrayD::from_shape_fn(IxDyn(&[2; 20]), |index| {
        let angle: f64 = index
            .slice()
            .iter()
            .enumerate()
            .map(|(k, &i)| ((k + 1) * i) as f64)
            .sum();
        A::narrow((0.1 * angle).cos())
    });
    let rule = Truncation::relative(if is_single::<A>() { 1e-3 } else { 1e-12 });
    let mut ranks = [2; 21];
    (ranks[0], ranks[20]) = (1, 1);
    for order in ORDERS {
        let tt = TtSvd::new(rule.clone()).order(order).decompose(&x).unwrap();
        assert_eq!(tt.ranks(), ranks, "{order:?}");
        let slack = if is_single::<A>() {
            1e-3
        } else {
            tol_error::<A>()
        };
        assert_below(distance(&tt.to_dense(), &x), slack * norm(&x), "distance");
        let tt = TtSvd::new(1).order(order).decompose(&x).unwrap();
        assert_below(
            (tt.truncation_error().total() - distance(&tt.to_dense(), &x)).abs(),
            tol_error::<A>() * norm(&x),
            "rank one",
        );
    }
}

/// One long mode among short ones, at either end and in the middle.
fn lopsided_shapes<A: Scalar>() {
    for shape in [
        &[300, 2, 2][..],
        &[2, 2, 300],
        &[2, 300, 2],
        &[300, 3],
        &[3, 300],
    ] {
        for x in [random::tensor::<A>(shape, 4), hilbert::<A>(shape)] {
            for order in ORDERS {
                let tt = TtSvd::new(2).order(order).decompose(&x).unwrap();
                let measured = distance(&tt.to_dense(), &x);
                let reported = tt.truncation_error().total();
                assert_below(
                    (reported - measured).abs(),
                    tol_error::<A>() * norm(&x),
                    "error",
                );
                let tt = TtSvd::new(Truncation::exact())
                    .order(order)
                    .decompose(&x)
                    .unwrap();
                assert_below(
                    distance(&tt.to_dense(), &x),
                    tol::<A>(x.len()) * norm(&x),
                    "exact",
                );
            }
        }
    }
}

for_both_scalars!(
    zero_tensors_have_rank_one_under_every_rule,
    a_single_element_has_rank_one,
    modes_of_size_one_change_nothing,
    vectors_are_kept_as_they_are,
    order_twenty,
    lopsided_shapes,
);
