//! Every operation against the dense tensor, element by element.

use proptest::prelude::*;

use crate::common::oracle::{distance, inner, norm};
use crate::common::strategy::check;
use crate::common::tol::{assert_below, assert_near, tol};
use crate::support::{dense, ring, shape_and_ring_ranks, shifted, size};
use tt_admm::ndarray::{ArrayBase, ArrayD, Dimension};
use tt_admm::{Scalar, TensorRing, TensorTrain, Truncation};

fn cases() -> impl Strategy<Value = ((Vec<usize>, Vec<usize>), u64)> {
    (shape_and_ring_ranks(1_usize..=5, 200, 3), 0_u64..1 << 40)
}

fn elements_are_traces<A: Scalar>() {
    check(64, &cases(), |((shape, ranks), seed)| {
        let x = ring::<A>(&shape, &ranks, seed);
        assert_eq!((x.shape(), x.ranks()), (&shape[..], &ranks[..]));
        assert_eq!(x.order(), shape.len());
        let count: usize = x.cores().iter().map(ArrayBase::len).sum();
        assert_eq!(x.num_parameters(), count);
        let expected = dense(x.cores());
        let all = x.to_dense();
        assert!(all.is_standard_layout());
        let limit = tol::<A>(expected.len()) * size(&x);
        assert_below(distance(&all.mapv(A::widen), &expected), limit, "to_dense");
        for (index, e) in expected.indexed_iter() {
            assert_near(x.get(index.slice()).unwrap().widen(), *e, limit);
        }
    });
}

fn inner_products_and_norms<A: Scalar>() {
    let cases = (cases(), shape_and_ring_ranks(1_usize..=5, 200, 3));
    check(64, &cases, |(((shape, ranks), seed), (_, other))| {
        let x = ring::<A>(&shape, &ranks, seed);
        let mut other = other;
        other.resize(shape.len(), 2);
        let y = ring::<A>(&shape, &crate::support::closed(other), seed ^ 5);
        let (dx, dy) = (dense(x.cores()), dense(y.cores()));
        let limit = tol::<A>(dx.len()) * size(&x) * size(&y);
        assert_near(x.dot(&y).unwrap().widen(), inner(&dx, &dy), limit);
        assert_near(y.dot(&x).unwrap().widen(), inner(&dx, &dy), limit);
        assert_near(x.norm().widen(), norm(&dx), tol::<A>(dx.len()) * size(&x));
        if norm(&dx) > 1e-3 * size(&x) {
            assert_near(x.log_norm(), norm(&dx).ln(), 1e3 * tol::<A>(dx.len()));
        }
    });
}

fn sums_multiples_and_shifts<A: Scalar>() {
    check(64, &cases(), |((shape, ranks), seed)| {
        let x = ring::<A>(&shape, &ranks, seed);
        let more: Vec<usize> = ranks.iter().map(|r| 4 - r).collect();
        let y = ring::<A>(&shape, &more, seed ^ 6);
        let (dx, dy) = (dense(x.cores()), dense(y.cores()));
        let limit = tol::<A>(dx.len()) * (size(&x) + size(&y));
        let sum = x.add(&y).unwrap();
        assert_eq!(sum.ranks(), vec![4; ranks.len()]);
        assert_below(distance(&dense(sum.cores()), &(&dx + &dy)), limit, "sum");
        let scaled = x.scale(A::narrow(-2.5)).unwrap();
        assert_eq!(scaled.ranks(), x.ranks());
        assert_below(
            distance(&dense(scaled.cores()), &(&dx * -2.5)),
            3.0 * limit,
            "multiple",
        );
        let zero = dense(x.scale(A::zero()).unwrap().cores());
        assert!(zero.iter().all(|e| *e == 0.0));
        for first in 0..shape.len() {
            let shift = x.shift(first).unwrap();
            let expected = shifted(&dx, first);
            assert_below(distance(&dense(shift.cores()), &expected), limit, "shift");
            assert_eq!(shift.shift((shape.len() - first) % shape.len()).unwrap(), x);
        }
    });
}

/// The norm of a difference is accurate far below the size of its terms.
fn the_norm_of_a_small_difference_keeps_its_digits<A: Scalar>() {
    let x = ring::<A>(&[4, 5, 6], &[2, 3, 2, 2], 1);
    let mut cores = x.cores().to_vec();
    let step = A::epsilon().sqrt();
    cores[1].mapv_inplace(|e| e * (A::one() + step));
    let y = TensorRing::from_cores(cores).unwrap();
    let difference = y.add(&x.scale(-A::one()).unwrap()).unwrap();
    let expected = step.widen() * x.norm().widen();
    assert_near(difference.norm().widen(), expected, 1e-2 * expected);
}

fn trains_and_rings<A: Scalar>() {
    check(48, &cases(), |((shape, ranks), seed)| {
        let x = ring::<A>(&shape, &ranks, seed);
        let expected = dense(x.cores());
        let limit = tol::<A>(expected.len()) * size(&x);
        let train = x.to_tensor_train(Truncation::exact()).unwrap();
        assert_eq!(train.shape(), shape);
        let back = train.to_dense().mapv(A::widen);
        assert_below(distance(&back, &expected), 4.0 * limit, "to a train");
        // A bond of the train sees the closing bond and its own.
        for k in 1..shape.len() {
            assert!(train.ranks()[k] <= ranks[0] * ranks[k]);
        }
        let mut open = ranks.clone();
        (open[0], open[shape.len()]) = (1, 1);
        let cores = crate::common::random::cores::<A>(&shape, &open, seed);
        let train = TensorTrain::from_cores(cores).unwrap();
        let same = TensorRing::from(train.clone());
        assert_eq!((same.cores(), same.ranks()), (train.cores(), train.ranks()));
        assert_eq!(same.truncation_error(), train.truncation_error());
        assert_below(
            distance(&same.to_dense(), &train.to_dense()),
            limit,
            "from a train",
        );
    });
}

/// What rounding to a train discards is the exact distance.
fn truncated_trains_know_their_distance<A: Scalar>() {
    let x = ring::<A>(&[5, 6, 5, 4], &[2, 3, 2, 3, 2], 3);
    let expected = dense(x.cores());
    for rule in [Truncation::from(2), Truncation::relative(0.3)] {
        let train = x.to_tensor_train(rule).unwrap();
        let distance = distance(&train.to_dense().mapv(A::widen), &expected);
        let got = train.truncation_error().total();
        assert_near(got, distance, 8.0 * tol::<A>(expected.len()) * size(&x));
        assert!(distance > 1e-3 * norm(&expected));
    }
}

/// Mutable cores change the tensor; shapes stay.
fn cores_can_be_changed_in_place<A: Scalar>() {
    let mut x = ring::<A>(&[3, 4, 2], &[2, 2, 3, 2], 4);
    let before = x.to_dense();
    for mut core in x.cores_mut() {
        core.mapv_inplace(|e| e * A::narrow(2.0));
    }
    let doubled: ArrayD<A> = before.mapv(|e| e * A::narrow(8.0));
    assert_below(
        distance(&x.to_dense(), &doubled),
        tol::<A>(24) * size(&x),
        "all cores doubled",
    );
    let cores = x.clone().into_cores();
    assert_eq!(cores[1], x.core(1));
    assert_eq!(TensorRing::from_cores(cores).unwrap(), x);
}

for_both_scalars!(
    elements_are_traces,
    inner_products_and_norms,
    sums_multiples_and_shifts,
    the_norm_of_a_small_difference_keeps_its_digits,
    trains_and_rings,
    truncated_trains_know_their_distance,
    cores_can_be_changed_in_place,
);
