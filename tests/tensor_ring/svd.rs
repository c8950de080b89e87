//! TR-SVD: exact errors, kept tolerances, exact rings, every start.

use crate::common::oracle::{distance, norm};
use crate::common::strategy::{check, shape};
use crate::common::tol::{assert_below, assert_near, tol};
use crate::common::{layout, random};
use crate::support::{closed, ring, shape_and_ring_ranks, smooth};
use tt_admm::ndarray::ArrayD;
use tt_admm::{Scalar, SplitMethod, TensorRing, TrSvd, TrTruncation, tr_svd};

/// The reported error is the distance, and the parts of single cuts are orthogonal.
#[track_caller]
fn assert_exact_error<A: Scalar>(x: &ArrayD<A>, found: &TensorRing<A>) {
    let size = norm(x);
    let error = found.truncation_error();
    let slack = 8.0 * tol::<A>(x.len()) * size;
    assert_near(error.total(), distance(x, &found.to_dense()), slack);
    assert_near(error.relative(), error.total() / size, 1e-12);
    assert_eq!(error.per_bond().len(), x.ndim() - 1);
    let squares: f64 = error.per_bond().iter().map(|e| e * e).sum();
    assert_near(squares.sqrt(), error.total(), 1e-12 * size);
}

fn tolerances_are_kept<A: Scalar>() {
    let cases = (shape(1_usize..=5, 300), 0_u64..1 << 40, 0.0_f64..0.9);
    check(48, &cases, |(shape, seed, share)| {
        let x = random::tensor::<A>(&shape, seed);
        let total = norm(&x);
        for start in 0..shape.len() {
            for (rule, limit) in [
                (TrTruncation::relative(share), share * total),
                (TrTruncation::absolute(share * total), share * total),
                (
                    TrTruncation::absolute(9.0).and_relative(0.5 * share),
                    0.5 * share * total,
                ),
            ] {
                let found = TrSvd::new(rule).start(start).decompose(&x).unwrap();
                assert_exact_error(&x, &found);
                let got = found.truncation_error();
                assert_below(
                    got.total(),
                    limit.min(9.0) + tol::<A>(x.len()) * total,
                    "kept",
                );
                assert!(got.tolerance_met());
            }
        }
    });
}

fn smooth_tensors_get_small_ranks<A: Scalar>() {
    for shape in [&[9, 8][..], &[6, 7, 8], &[4, 5, 4, 5], &[3, 2, 4, 3, 2]] {
        let x = smooth::<A>(shape);
        for exponent in 1..6 {
            let relative = 0.1_f64.powi(exponent);
            let found = tr_svd(&x, TrTruncation::relative(relative)).unwrap();
            assert_exact_error(&x, &found);
            let limit = relative + tol::<A>(x.len());
            assert_below(found.truncation_error().relative(), limit, "kept");
            if exponent <= 2 {
                assert!(found.num_parameters() < x.len());
            }
        }
        let exact = tr_svd(&x, TrTruncation::exact()).unwrap();
        assert_below(
            distance(&x, &exact.to_dense()),
            tol::<A>(x.len()) * norm(&x),
            "exact",
        );
    }
}

/// With as much rank as the cuts can use, a tensor comes back, from every start and by every method.
fn random_exact_rings_come_back<A: Scalar>() {
    let cases = (shape_and_ring_ranks(2_usize..=5, 300, 3), 0_u64..1 << 40);
    check(32, &cases, |((shape, ranks), seed)| {
        let x = ring::<A>(&shape, &ranks, seed).to_dense();
        for start in 0..shape.len() {
            let svd = TrSvd::new(TrTruncation::exact()).start(start);
            for method in [SplitMethod::Auto, SplitMethod::QrSvd] {
                let found = svd.clone().method(method).decompose(&x).unwrap();
                let limit = 4.0 * tol::<A>(x.len()) * norm(&x);
                assert_below(distance(&x, &found.to_dense()), limit, "exact");
                // The first cut is no larger than the two bonds of the ring.
                let next = (start + 1) % shape.len();
                let first = found.ranks()[start] * found.ranks()[next];
                let own = ranks[start] * ranks[next];
                assert!(first <= (2 * own).max(4), "{first} for {own}");
            }
        }
    });
}

/// An exact ring at its own ranks comes back where all cuts can be as large as the unfoldings need.
#[test]
fn exact_rings_with_enough_rank_are_reproduced() {
    for (shape, ranks) in [
        (&[6, 6, 6, 6][..], [2, 2, 2, 2]),
        (&[8, 7, 5, 6], [2, 3, 2, 2]),
        (&[7, 9, 6, 8], [1, 3, 2, 2]),
    ] {
        let x = ring::<f64>(shape, &closed(ranks.to_vec()), 21).to_dense();
        for start in 0..4 {
            // The first cut mixes its two bonds, so the later ones see both besides their own.
            let next = (start + 1) % 4;
            let both = ranks[start] * ranks[next];
            let own = |k: usize| [start, next].contains(&k);
            let enough: Vec<usize> = (0..4)
                .map(|k| if own(k) { ranks[k] } else { ranks[k] * both })
                .collect();
            let found = TrSvd::new(&enough).start(start).decompose(&x).unwrap();
            let relative = distance(&x, &found.to_dense()) / norm(&x);
            assert_below(
                relative,
                1e-12,
                &format!("{shape:?} from {start}: {:?}", found.ranks()),
            );
            assert_eq!(found.ranks()[start], ranks[start]);
            assert_eq!(found.ranks()[start + 1], ranks[next]);
        }
    }
}

fn prescribed_ranks_are_kept<A: Scalar>() {
    let x = random::tensor::<A>(&[6, 5, 4, 6], 5);
    for start in 0..4 {
        for ranks in [vec![2, 2, 2, 2], vec![2, 3, 1, 4, 2], vec![1, 5, 3, 2]] {
            let Ok(found) = TrSvd::new(&ranks).start(start).decompose(&x) else {
                // 1 * 4 and smaller products fit everywhere; 5 * 3 fits no mode of size 5.
                let pair = ranks[start] * ranks[(start + 1) % 4];
                assert!(pair > x.shape()[start], "{ranks:?} from {start}");
                continue;
            };
            assert_eq!(found.ranks()[..4], ranks[..4], "from {start}");
            assert_exact_error(&x, &found);
            assert!(found.truncation_error().relative() > 0.1);
        }
    }
}

fn every_layout_gives_the_same_bits<A: Scalar>() {
    let x = random::tensor::<A>(&[4, 5, 6], 6);
    for svd in [
        TrSvd::new([2, 2, 3]),
        TrSvd::new(TrTruncation::relative(0.3)).start(2),
        TrSvd::new(TrTruncation::max_rank(3)).search(true),
    ] {
        let expected = svd.decompose(&x).unwrap();
        layout::for_each_layout(&x, |name, view| {
            assert_eq!(svd.decompose(&view).unwrap(), expected, "{name}");
        });
    }
}

fn caps_win_over_tolerances<A: Scalar>() {
    let x = smooth::<A>(&[6, 7, 8]);
    for (rule, caps) in [
        (TrTruncation::relative(1e-4).and_max_rank(2), [2, 2, 2]),
        (TrTruncation::relative(1e-4).and_ranks([1, 2, 1]), [1, 2, 1]),
        (
            TrTruncation::relative(1e-4)
                .and_ranks([9, 2, 1])
                .and_max_rank(1),
            [1, 1, 1],
        ),
    ] {
        let found = tr_svd(&x, rule).unwrap();
        for (rank, cap) in found.ranks().iter().zip(caps) {
            assert!(*rank <= cap, "{:?}", found.ranks());
        }
        assert!(!found.truncation_error().tolerance_met());
        assert_exact_error(&x, &found);
    }
}

for_both_scalars!(
    tolerances_are_kept,
    smooth_tensors_get_small_ranks,
    random_exact_rings_come_back,
    prescribed_ranks_are_kept,
    every_layout_gives_the_same_bits,
    caps_win_over_tolerances,
);
