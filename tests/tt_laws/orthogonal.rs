//! Orthogonal gauges: the same tensor, orthonormal cores.

use super::common::oracle::{dense, distance, norm, orthonormality_defect};
use super::common::strategy::{check, shape_and_ranks};
use super::common::tol::{assert_below, assert_near, is_single, tol};
use super::random_train;
use tt_admm::ndarray::{Array2, Array3};
use tt_admm::{Scalar, TensorTrain, TtRanks};

/// Core `k` as `(r n) x s` (left) or `r x (n s)` (right, transposed to columns).
fn columns<A: Scalar>(core: &Array3<A>, left: bool) -> Array2<A> {
    let (r, n, s) = core.dim();
    if left {
        core.to_shape((r * n, s)).unwrap().to_owned()
    } else {
        core.to_shape((r, n * s)).unwrap().t().to_owned()
    }
}

fn assert_gauge<A: Scalar>(tt: &TensorTrain<A>, center: usize) {
    for (k, core) in tt.cores().iter().enumerate() {
        if k != center {
            let defect = orthonormality_defect(&columns(core, k < center));
            assert_below(
                defect,
                tol::<A>(core.len()),
                &format!("core {k}, centre {center}"),
            );
        }
    }
}

fn gauges_are_orthonormal_and_keep_the_tensor<A: Scalar>() {
    check(
        48,
        &(
            shape_and_ranks(1_usize..=6, 400, 5),
            0_u64..1 << 40,
            0_usize..6,
        ),
        |((shape, ranks), seed, at)| {
            let original = random_train::<A>(&shape, &ranks, seed);
            let expected = dense(original.cores());
            let scale: f64 = original.cores().iter().map(|c| norm(c)).product();
            let last = shape.len() - 1;
            let feasible = TtRanks::from(&ranks).resolve(&shape).unwrap();
            for (center, named) in [(at % shape.len(), false), (0, true), (last, true)] {
                let mut tt = original.clone();
                match (named, center) {
                    (false, c) => tt.orthogonalize(c).unwrap(),
                    (true, 0) => tt.right_orthogonalize().unwrap(),
                    (true, _) => tt.left_orthogonalize().unwrap(),
                }
                assert_gauge(&tt, center);
                assert_eq!(tt.shape(), shape);
                assert!(
                    tt.ranks().iter().zip(&ranks).all(|(a, b)| a <= b),
                    "{:?}",
                    tt.ranks()
                );
                if shape.len() == 1 {
                    assert_eq!(tt, original);
                }
                let slack = tol::<A>(expected.len()) * scale;
                assert_below(
                    distance(&tt.to_dense().mapv(A::widen), &expected),
                    slack,
                    "tensor",
                );
                assert_near(norm(&tt.core(center)), norm(&expected), slack);
                if center == 0 || center == last {
                    // A sweep to one end and back shrinks every rank to what the shape can hold.
                    tt.orthogonalize(last - center).unwrap();
                    assert_eq!(tt.ranks(), feasible);
                }
            }
        },
    );
}

/// Cores far from 1 whose product is moderate.
fn unbalanced_cores_are_fine<A: Scalar>() {
    let power = if is_single::<A>() { 100 } else { 700 };
    let (up, down) = (
        A::narrow(2.0_f64.powi(power)),
        A::narrow(2.0_f64.powi(-power)),
    );
    let balanced = random_train::<A>(&[3, 4, 3], &[1, 2, 2, 1], 8);
    for factors in [
        [up, down, A::one()],
        [down, A::one(), up],
        [A::one(), up, down],
    ] {
        let cores = balanced
            .cores()
            .iter()
            .zip(factors)
            .map(|(c, f)| c.mapv(|x| x * f))
            .collect();
        let tt = TensorTrain::from_cores(cores).unwrap();
        let expected = balanced.to_dense();
        assert_below(
            distance(&tt.to_dense(), &expected),
            tol::<A>(36) * norm(&expected),
            "dense",
        );
        assert_near(
            tt.norm().widen(),
            norm(&expected),
            tol::<A>(36) * norm(&expected),
        );
        let square = balanced.dot(&balanced).unwrap().widen();
        assert_near(
            tt.dot(&balanced).unwrap().widen(),
            square,
            tol::<A>(36) * square,
        );
        for center in 0..3 {
            let mut moved = tt.clone();
            moved.orthogonalize(center).unwrap();
            assert_gauge(&moved, center);
            let distance = distance(&moved.to_dense(), &expected);
            assert_below(
                distance,
                tol::<A>(36) * norm(&expected),
                &format!("centre {center}"),
            );
        }
    }
}

/// The inner product of two trains whose cores are far from 1 in the same places: `up^2` alone overflows.
fn the_inner_product_of_unbalanced_trains_is_fine<A: Scalar>() {
    let power = if is_single::<A>() { 100 } else { 700 };
    let (up, down) = (
        A::narrow(2.0_f64.powi(power)),
        A::narrow(2.0_f64.powi(-power)),
    );
    let balanced = random_train::<A>(&[3, 4, 3], &[1, 2, 2, 1], 8);
    let square = balanced.dot(&balanced).unwrap().widen();
    for factors in [[up, down, A::one()], [down, A::one(), up]] {
        let cores = balanced
            .cores()
            .iter()
            .zip(factors)
            .map(|(c, f)| c.mapv(|x| x * f))
            .collect();
        let tt = TensorTrain::from_cores(cores).unwrap();
        assert_near(tt.dot(&tt).unwrap().widen(), square, tol::<A>(36) * square);
    }
}

for_both_scalars!(
    gauges_are_orthonormal_and_keep_the_tensor,
    unbalanced_cores_are_fine,
    the_inner_product_of_unbalanced_trains_is_fine,
);
