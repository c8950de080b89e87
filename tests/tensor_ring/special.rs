//! Zero tensors, thin modes, orders 1 and 2, dependent subchains, more unknowns than equations.

use crate::common::oracle::{distance, norm};
use crate::common::random;
use crate::common::tol::{assert_below, tol};
use crate::support::ring;
use tt_admm::ndarray::{Array1, ArrayD, IxDyn};
use tt_admm::{Scalar, TrAls, TrStatus, TrSvd, TrTruncation, tr_als, tr_svd};

fn zeros<A: Scalar>() {
    for shape in [&[1][..], &[5], &[3, 4], &[3, 4, 2], &[1, 1, 1, 1]] {
        let x = ArrayD::<A>::zeros(IxDyn(shape));
        for rule in [TrTruncation::from(1), TrTruncation::relative(0.1)] {
            let found = tr_svd(&x, rule).unwrap();
            assert_eq!(found.ranks(), vec![1; shape.len() + 1]);
            assert_eq!(found.to_dense(), x);
            assert_eq!(found.truncation_error().relative(), 0.0);
            assert_eq!(found.log_norm(), f64::NEG_INFINITY);
        }
        for als in [
            TrAls::new(2),
            TrAls::new(2).sampled(5),
            TrAls::new(2).ridge(0.1),
        ] {
            let fit = als.decompose(&x).unwrap();
            assert_eq!(fit.ring.ranks(), vec![2; shape.len() + 1]);
            assert_eq!(fit.ring.to_dense(), x);
            assert_eq!((fit.relative_error, fit.status), (0.0, TrStatus::Converged));
        }
    }
}

/// Zero cores to start from, for a tensor that is not zero.
fn zero_starts<A: Scalar>() {
    let x = random::tensor::<A>(&[3, 4, 5], 1);
    let zero = ring::<A>(&[3, 4, 5], &[2, 2, 2, 2], 2)
        .scale(A::zero())
        .unwrap();
    let mut one = zero.cores().to_vec();
    one[1].fill(A::one());
    let one = tt_admm::TensorRing::from_cores(one).unwrap();
    for start in [zero, one] {
        for als in [TrAls::new(2), TrAls::new(2).sampled(9)] {
            let fit = als.improve(&x, &start).unwrap();
            assert!(fit.relative_error <= 1.0 && fit.ring.norm().is_finite());
        }
    }
}

fn vectors<A: Scalar>() {
    let x = Array1::from_vec(vec![3.0, -1.0, 2.0, 0.5]).mapv(A::narrow);
    for rank in [1, 3] {
        let found = tr_svd(&x, rank).unwrap();
        assert_eq!(found.ranks(), [rank, rank]);
        assert_eq!(found.to_dense(), x.clone().into_dyn());
        let fit = tr_als(&x, rank).unwrap();
        assert_eq!(fit.status, TrStatus::Converged);
        assert_below(
            distance(&fit.ring.to_dense(), &x),
            tol::<A>(4) * norm(&x),
            "vector",
        );
    }
    assert_eq!(tr_svd(&x, TrTruncation::exact()).unwrap().ranks(), [1, 1]);
    assert_eq!(
        TrSvd::new(1).search(true).decompose(&x).unwrap().ranks(),
        [1, 1]
    );
}

/// A ring of order 2 is a matrix of rank `r_0 r_1`, and least squares finds the best one.
fn matrices<A: Scalar>() {
    let x = random::tensor::<A>(&[8, 9], 2);
    let best = tt_admm::tt_svd(&x, 4)
        .unwrap()
        .truncation_error()
        .relative();
    for ranks in [[2, 2], [1, 4], [4, 1]] {
        let found = tr_svd(&x, ranks).unwrap();
        assert_eq!(found.ranks()[..2], ranks);
        let limit = best + tol::<A>(x.len());
        assert_below(found.truncation_error().relative(), limit, "TR-SVD");
        let fit = TrAls::new(ranks).seed(3).decompose(&x).unwrap();
        assert_below(fit.relative_error, limit, "TR-ALS");
    }
    let exact = tr_svd(&x, TrTruncation::exact()).unwrap();
    assert_eq!(exact.ranks()[0] * exact.ranks()[1], 8);
}

fn thin_modes<A: Scalar>() {
    for shape in [&[1, 5, 1][..], &[1, 1], &[4, 1, 5, 1], &[1, 3, 4]] {
        let x = random::tensor::<A>(shape, 3);
        let limit = 16.0 * tol::<A>(x.len()) * norm(&x);
        for start in 0..shape.len() {
            let found = TrSvd::new(TrTruncation::exact()).start(start).decompose(&x);
            assert_below(distance(&x, &found.unwrap().to_dense()), limit, "TR-SVD");
        }
        let fit = TrAls::new(3).max_sweeps(30).decompose(&x).unwrap();
        assert_below(fit.relative_error, 1.0, "TR-ALS");
        // Ranks that let one core hold everything.
        let fit = TrAls::new(5).max_sweeps(30).decompose(&x).unwrap();
        assert_below(
            distance(&x, &fit.ring.to_dense()),
            8.0 * limit,
            "TR-ALS, rank 5",
        );
    }
}

/// More unknowns than equations for every core: the smallest solutions, which are exact.
fn more_unknowns_than_equations<A: Scalar>() {
    for shape in [&[3, 4, 2][..], &[2, 2, 2, 2], &[3, 3]] {
        let x = random::tensor::<A>(shape, 4);
        let fit = TrAls::new(6).decompose(&x).unwrap();
        assert_eq!(fit.status, TrStatus::Converged);
        let limit = 32.0 * tol::<A>(x.len()) * norm(&x);
        assert_below(distance(&x, &fit.ring.to_dense()), limit, "exact");
        let fit = TrAls::new(6)
            .ridge(1e-3)
            .max_sweeps(20)
            .decompose(&x)
            .unwrap();
        assert!(fit.relative_error < 0.5);
    }
}

/// Equal slices make the subchain matrices singular.
fn dependent_subchains<A: Scalar>() {
    let x = random::tensor::<A>(&[4, 5, 6], 5);
    let mut cores = ring::<A>(&[4, 5, 6], &[2, 2, 2, 2], 6).into_cores();
    for core in &mut cores {
        let first = core.index_axis(tt_admm::ndarray::Axis(2), 0).to_owned();
        core.index_axis_mut(tt_admm::ndarray::Axis(2), 1)
            .assign(&first);
    }
    let start = tt_admm::TensorRing::from_cores(cores).unwrap();
    let fit = TrAls::new(2).improve(&x, &start).unwrap();
    assert!(fit.ring.norm().is_finite());
    for pair in fit.errors.windows(2) {
        assert_below(pair[1], pair[0] + tol::<A>(x.len()), "monotone");
    }
    // A tensor of rank one at rank 3: dependent from the first sweep on.
    let one = ArrayD::<A>::ones(IxDyn(&[4, 5, 6]));
    let fit = TrAls::new(3).restarts(1).decompose(&one).unwrap();
    assert_below(fit.relative_error, 64.0 * tol::<A>(120), "rank one");
}

for_both_scalars!(
    zeros,
    zero_starts,
    vectors,
    matrices,
    thin_modes,
    more_unknowns_than_equations,
    dependent_subchains,
);
