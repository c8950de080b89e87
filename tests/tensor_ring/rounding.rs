//! Rounding of rings.

use crate::common::oracle::{distance, norm};
use crate::common::random;
use crate::common::strategy::check;
use crate::common::tol::{assert_below, eps, tol};
use crate::support::{ring, shape_and_ring_ranks, size, smooth};
use tt_admm::ndarray::{Array2, Array3, Axis, concatenate, stack};
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

/// Bonds that were made wider than they need to be, the closing one too, become as narrow as before.
fn wide_bonds_become_narrow_again<A: Scalar>() {
    for ranks in [[1, 2, 3, 1], [2, 2, 2, 2], [3, 2, 2, 3]] {
        let x = ring::<A>(&[6, 7, 8], &ranks, 2);
        let mut cores = x.cores().to_vec();
        for (bond, &rank) in ranks.iter().enumerate().take(3) {
            // (G_k M)(M^+ G_{k+1}) with a wide M = (1 B) and its right inverse (1 - B C; C).
            let (left, right) = ((bond + 2) % 3, bond);
            let b = random::matrix::<A>(rank, 2, 7);
            let c = random::matrix::<A>(2, rank, 8);
            let one = Array2::<A>::eye(rank);
            let m = concatenate![Axis(1), one, b];
            let inverse = concatenate![Axis(0), &one - &b.dot(&c), c];
            cores[left] = product(&cores[left], |g| g.dot(&m));
            cores[right] = product(&cores[right], |g| inverse.dot(g));
        }
        let wide = TensorRing::from_cores(cores).unwrap();
        assert_eq!(wide.ranks(), ranks.map(|r| r + 2));
        let limit = 64.0 * tol::<A>(336) * size(&wide);
        assert_below(distance(&wide.to_dense(), &x.to_dense()), limit, "the same");
        let small = wide
            .round(TrTruncation::relative(1e3 * eps::<A>()))
            .unwrap();
        assert_eq!(small.ranks(), ranks);
        assert_below(
            distance(&small.to_dense(), &x.to_dense()),
            16.0 * limit,
            "narrow",
        );
    }
}

/// Every slice of a core through a function.
fn product<A: Scalar>(core: &Array3<A>, f: impl Fn(&Array2<A>) -> Array2<A>) -> Array3<A> {
    let slices: Vec<Array2<A>> = core.axis_iter(Axis(1)).map(|g| f(&g.to_owned())).collect();
    let views: Vec<_> = slices.iter().map(|g| g.view()).collect();
    stack(Axis(1), &views).unwrap()
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
    wide_bonds_become_narrow_again,
    ranks_that_are_prescribed_are_met,
    a_train_rounds_like_a_train,
    nothing_is_left_of_zero,
);
