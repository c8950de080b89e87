//! Rounding of rings.

use crate::common::oracle::{distance, norm};
use crate::common::strategy::check;
use crate::common::tol::{assert_below, tol};
use crate::support::{ring, shape_and_ring_ranks, size, smooth};
use tt_admm::{Scalar, TensorRing, TrTruncation, tr_svd};

fn tolerances_are_kept<A: Scalar>() {
    let cases = (
        shape_and_ring_ranks(1_usize..=5, 200, 3),
        0_u64..1 << 40,
        0.0_f64..0.8,
    );
    check(48, &cases, |((shape, ranks), seed, share)| {
        let x = ring::<A>(&shape, &ranks, seed);
        let dense = x.to_dense();
        let slack = 16.0 * tol::<A>(dense.len()) * size(&x);
        for (rule, limit) in [
            (TrTruncation::relative(share), share * norm(&dense)),
            (TrTruncation::absolute(share), share),
        ] {
            let small = x.round(rule).unwrap();
            assert_eq!(small.shape(), shape);
            assert_below(distance(&small.to_dense(), &dense), limit + slack, "kept");
            assert!(small.ranks().iter().zip(&ranks).all(|(a, b)| a <= b));
        }
    });
}

/// Copies that were added up go away again, in every bond.
fn sums_of_copies_lose_their_extra_ranks<A: Scalar>() {
    for ranks in [[1, 2, 3, 1], [2, 2, 2, 2]] {
        let x = ring::<A>(&[6, 7, 8], &ranks, 2);
        let small = x.add(&x).unwrap().round(TrTruncation::exact()).unwrap();
        assert_eq!(small.ranks(), ranks);
        let twice = x.scale(A::narrow(2.0)).unwrap().to_dense();
        let limit = 16.0 * tol::<A>(twice.len()) * size(&x);
        assert_below(distance(&small.to_dense(), &twice), limit, "twice");
    }
}

fn ranks_that_are_prescribed_are_met<A: Scalar>() {
    let x = ring::<A>(&[6, 7, 8, 6], &[3, 4, 4, 3, 3], 3);
    let small = x.round([2, 3, 2, 2]).unwrap();
    assert_eq!(small.ranks(), [2, 3, 2, 2, 2]);
    let capped = x.round(TrTruncation::max_rank(2)).unwrap();
    assert_eq!(capped.ranks(), [2; 5]);
    let difference = x.add(&small.scale(-A::one()).unwrap()).unwrap();
    let expected = distance(&x.to_dense(), &small.to_dense());
    assert_below(
        (difference.norm().widen() - expected).abs(),
        64.0 * tol::<A>(2016) * size(&x),
        "distance",
    );
}

fn a_train_rounds_like_a_train<A: Scalar>() {
    let x = smooth::<A>(&[6, 7, 8]);
    let ring = tr_svd(&x, TrTruncation::exact().and_ranks([1, 9, 9])).unwrap();
    let small = ring.round(TrTruncation::relative(1e-2)).unwrap();
    assert_eq!(small.ranks()[0], 1);
    assert!(small.num_parameters() < ring.num_parameters());
    let limit = (1e-2 + tol::<A>(x.len())) * norm(&x);
    assert_below(distance(&small.to_dense(), &ring.to_dense()), limit, "kept");
}

fn nothing_is_left_of_zero<A: Scalar>() {
    let x = ring::<A>(&[3, 4, 2], &[2, 3, 2, 2], 4);
    let zero = x.scale(A::zero()).unwrap();
    let small = zero.round(TrTruncation::relative(0.1)).unwrap();
    assert_eq!(small.ranks(), [1; 4]);
    assert!(small.to_dense().iter().all(|e| *e == A::zero()));
    let one = ring::<A>(&[5], &[3, 3], 5);
    let small: TensorRing<A> = one.round(3).unwrap();
    assert_eq!(small.ranks(), [1, 1]);
    let limit = tol::<A>(5) * size(&one);
    assert_below(
        distance(&small.to_dense(), &one.to_dense()),
        limit,
        "order 1",
    );
}

for_both_scalars!(
    tolerances_are_kept,
    sums_of_copies_lose_their_extra_ranks,
    ranks_that_are_prescribed_are_met,
    a_train_rounds_like_a_train,
    nothing_is_left_of_zero,
);
