//! Published facts about rounding.

use super::common::oracle::{distance, norm};
use super::common::random::Rng;
use super::common::tol::{assert_below, assert_near, tol};
use super::{elements, gauge_defect, random_train, uniform};
use tt_admm::ndarray::Array3;
use tt_admm::{Scalar, TensorTrain, Truncation, tt_svd};

fn ones<A: Scalar>(shape: &[usize]) -> TensorTrain<A> {
    let cores = shape.iter().map(|&n| Array3::ones((1, n, 1)));
    TensorTrain::from_cores(cores.collect()).unwrap()
}

fn fact_8_ones_and_ones<A: Scalar>() {
    let shape = [2; 10];
    let sum = ones::<A>(&shape).add(&ones(&shape)).unwrap();
    assert_eq!(sum.ranks(), uniform(10, 2));
    for rule in [
        Truncation::exact(),
        Truncation::relative(1e-3),
        Truncation::max_rank(2),
    ] {
        let rounded = sum.round(rule).unwrap();
        assert_eq!(rounded.ranks(), [1; 11]);
        let twos = elements(&ones::<A>(&shape)).mapv(|x| 2.0 * x);
        assert_below(
            distance(&elements(&rounded), &twos),
            tol::<A>(1024) * 64.0,
            "twos",
        );
    }
    assert_near(ones::<A>(&[2, 3, 4]).sum().widen(), 24.0, 0.0);
}

/// Four terms of norm 1, 1e-3, 1e-6, 1e-9.
#[test]
fn fact_15_weighted_terms() {
    for seed in 0..8 {
        let mut rng = Rng::new(seed);
        let mut term = |weight: f64| {
            let cores = [20, 30, 32].map(|n| {
                let core = Array3::from_shape_simple_fn((1, n, 1), || 0.5 * (rng.uniform() + 1.0));
                let size = norm(&core);
                core / size
            });
            TensorTrain::from_cores(cores.to_vec())
                .unwrap()
                .scale(weight)
                .unwrap()
        };
        let mut x = term(1.0);
        for weight in [1e-3, 1e-6, 1e-9] {
            x = x.add(&term(weight)).unwrap();
        }
        assert_eq!(x.ranks(), [1, 4, 4, 1]);
        assert_eq!(x.round(Truncation::exact()).unwrap().ranks(), [1, 4, 4, 1]);
        for (tolerance, rank) in [(1e-9, 3), (1e-6, 2), (1e-3, 1)] {
            let rounded = x.round(Truncation::relative(tolerance)).unwrap();
            assert_eq!(
                rounded.ranks(),
                [1, rank, rank, 1],
                "{tolerance:e}, seed {seed}"
            );
            let apart = x.sub(&rounded).unwrap().norm() / x.norm();
            assert_below(apart, tolerance, "distance");
            assert_near(rounded.truncation_error().relative(), apart, 1e-14);
        }
    }
}

/// 2^20 elements, rank 16.
#[test]
fn fact_16_twenty_modes() {
    let x = random_train::<f64>(&[2; 20], &uniform(20, 16), 16);
    let double = x.add(&x).unwrap();
    let rounded = double.round(Truncation::relative(1e-13)).unwrap();
    assert!(
        rounded.ranks().iter().all(|&r| r <= 16),
        "{:?}",
        rounded.ranks()
    );
    assert_below(gauge_defect(&rounded, 19), 1e-12, "orthogonality");
    let dense = x.to_dense().mapv(|e| 2.0 * e);
    let apart = distance(&rounded.to_dense(), &dense) / norm(&dense);
    assert_below(apart, 1e-12, "rounding");
    // And the same from the dense tensor.
    let train = tt_svd(&dense, Truncation::relative(1e-13)).unwrap();
    assert_eq!(train.ranks(), rounded.ranks());
    let center = train.orthogonality_center().unwrap();
    assert_below(gauge_defect(&train, center), 1e-12, "orthogonality");
    let apart = train.sub(&rounded).unwrap().norm() / train.norm();
    assert_below(apart, 1e-12, "decomposition");
}

/// Ranks 15 in all bonds are more than the shape can use; rounding at 9 keeps the tensor.
fn fact_18_ranks_the_shape_allows<A: Scalar>() {
    for seed in 0..4 {
        let x = random_train::<A>(&[2, 1, 4, 3, 3], &uniform(5, 15), seed);
        for rule in [Truncation::max_rank(9), Truncation::from(9)] {
            let rounded = x.round(rule).unwrap();
            assert_eq!(rounded.ranks(), [1, 2, 2, 8, 3, 1]);
            let slack = tol::<A>(72) * norm(&elements(&x));
            assert_below(
                distance(&elements(&rounded), &elements(&x)),
                slack,
                "tensor",
            );
        }
    }
    // One sweep of QR shrinks only what its side allows.
    let mut left = random_train::<A>(&[2, 4, 3, 3], &[1, 5, 2, 17, 1], 4);
    let mut right = left.clone();
    left.left_orthogonalize().unwrap();
    assert_eq!(left.ranks(), [1, 2, 2, 6, 1]);
    right.right_orthogonalize().unwrap();
    assert_eq!(right.ranks(), [1, 5, 2, 3, 1]);
}

fn fact_44_a_train_and_itself<A: Scalar>() {
    for (shape, rank) in [(&[4, 5, 6, 4][..], 3), (&[3; 7], 5), (&[2; 12], 4)] {
        let g = random_train::<A>(shape, &uniform(shape.len(), rank), 44);
        let smallest = g.round(Truncation::exact()).unwrap();
        assert_eq!(smallest.ranks().iter().max(), Some(&rank));
        let sum = g.add(&g).unwrap();
        for rule in [Truncation::exact(), Truncation::relative(1e-5)] {
            let rounded = sum.round(rule).unwrap();
            assert_eq!(rounded.ranks(), smallest.ranks());
            let expected = elements(&g).mapv(|x| 2.0 * x);
            let slack = 2.0 * tol::<A>(expected.len()) * norm(&expected);
            assert_below(distance(&elements(&rounded), &expected), slack, "2 g");
        }
    }
}

for_both_scalars!(
    fact_8_ones_and_ones,
    fact_18_ranks_the_shape_allows,
    fact_44_a_train_and_itself,
);
