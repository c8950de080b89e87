//! The orthogonality centre: known where it is made, forgotten where it is lost, and worth what it promises.

use super::common::oracle::{distance, norm};
use super::common::strategy::{check, shape_and_ranks};
use super::common::tol::{assert_below, assert_near, tol};
use super::{bound, elements, gauge_defect, hilbert, random_train};
use proptest::prelude::*;
use tt_admm::{Scalar, SplitOrder, TensorTrain, TtError, TtSvd, tt_svd};

/// A walk of the centre: the tensor stays, the gauge holds, and only the cores on the way change.
fn the_centre_walks<A: Scalar>() {
    let strategy = (
        shape_and_ranks(1_usize..=6, 400, 5),
        prop::collection::vec(0_usize..6, 1..5),
        0_u64..1 << 40,
    );
    check(48, &strategy, |((shape, ranks), stops, seed)| {
        let mut x = random_train::<A>(&shape, &ranks, seed);
        let (expected, scale) = (elements(&x), bound(&x));
        let slack = tol::<A>(expected.len()) * scale;
        assert_eq!(x.orthogonality_center(), None);
        for stop in stops {
            let (center, before) = (stop % shape.len(), x.clone());
            x.orthogonalize(center).unwrap();
            assert_eq!(x.orthogonality_center(), Some(center));
            assert_below(gauge_defect(&x, center), tol::<A>(expected.len()), "gauge");
            assert_below(distance(&elements(&x), &expected), slack, "tensor");
            assert_near(x.norm().widen(), norm(&expected), slack);
            if let Some(last) = before.orthogonality_center() {
                let way = last.min(center)..=last.max(center);
                for k in (0..shape.len()).filter(|k| !way.contains(k)) {
                    assert_eq!(x.core(k), before.core(k), "core {k}, {last} to {center}");
                }
                if last == center {
                    assert_eq!(x, before);
                }
            }
            for (k, core) in x.cores().iter().enumerate() {
                assert_eq!(core.dim().2, x.ranks()[k + 1]);
            }
            // The same norm without the knowledge.
            let loose = TensorTrain::from_cores(x.cores().to_vec()).unwrap();
            assert_near(loose.norm().widen(), x.norm().widen(), slack);
        }
    });
}

fn decompositions_know_their_centre<A: Scalar>() {
    let x = hilbert::<A>(&[4, 5, 3, 4]);
    for (order, expected) in [
        (SplitOrder::LeftToRight, Some(3)),
        (SplitOrder::RightToLeft, Some(0)),
        (SplitOrder::Auto, None),
    ] {
        for rank in [1, 3, 50] {
            let train = TtSvd::new(rank).order(order).decompose(&x).unwrap();
            let center = train.orthogonality_center().unwrap();
            assert!(expected.is_none_or(|c| c == center));
            assert_below(gauge_defect(&train, center), tol::<A>(x.len()), "gauge");
            let core = norm(&train.core(center));
            assert_near(train.norm().widen(), core, tol::<A>(1) * core);
            let loose = TensorTrain::from_cores(train.cores().to_vec()).unwrap();
            assert_eq!(loose.orthogonality_center(), None);
            assert_eq!(loose, train, "the gauge does not count in comparisons");
            assert_near(loose.norm().widen(), core, tol::<A>(x.len()) * core);
        }
    }
}

fn the_centre_is_kept_and_forgotten<A: Scalar>() {
    let mut x = tt_svd(&hilbert::<A>(&[4, 5, 3]), 3).unwrap();
    x.orthogonalize(1).unwrap();
    let total = x.norm();
    for (train, factor) in [(-&x, 1.0), (x.scale(A::narrow(-3.0)).unwrap(), 3.0)] {
        assert_eq!(train.orthogonality_center(), Some(1));
        let expected = factor * total.widen();
        assert_near(train.norm().widen(), expected, tol::<A>(60) * expected);
        assert_below(gauge_defect(&train, 1), tol::<A>(60), "gauge");
    }
    for train in [
        x.add(&x).unwrap(),
        x.sub(&x).unwrap(),
        x.hadamard(&x).unwrap(),
    ] {
        assert_eq!(train.orthogonality_center(), None);
    }
    assert_eq!(x.round(2).unwrap().orthogonality_center(), Some(2));
    // Not part of what is stored.
    let text = serde_json::to_string(&x).unwrap();
    let back: TensorTrain<A> = serde_json::from_str(&text).unwrap();
    assert_eq!(back, x);
    assert_eq!(back.orthogonality_center(), None);
    // A change behind its back.
    for mut core in x.cores_mut() {
        core.mapv_inplace(|e| e + A::one());
    }
    assert_eq!(x.orthogonality_center(), None);
    assert_near(
        x.norm().widen(),
        norm(&elements(&x)),
        tol::<A>(60) * bound(&x),
    );
}

/// An error leaves train and centre alone.
fn errors_change_nothing<A: Scalar>() {
    let mut x = tt_svd(&hilbert::<A>(&[4, 5, 3]), 3).unwrap();
    x.orthogonalize(2).unwrap();
    let before = x.clone();
    let error = x.orthogonalize(3).unwrap_err();
    assert_eq!(error, TtError::NoSuchCore { core: 3, order: 3 });
    assert_eq!((x.orthogonality_center(), &x), (Some(2), &before));
    for (k, mut core) in x.cores_mut().enumerate() {
        if k == 1 {
            core[[0, 2, 1]] = A::nan();
        }
    }
    let expected = "core 1 has NaN at index [0, 2, 1]; all elements must be finite";
    assert_eq!(x.orthogonalize(0).unwrap_err().to_string(), expected);
    assert_eq!(x.orthogonality_center(), None);
}

for_both_scalars!(
    the_centre_walks,
    decompositions_know_their_centre,
    the_centre_is_kept_and_forgotten,
    errors_change_nothing,
);
