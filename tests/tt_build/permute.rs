//! Modes in another order: the dense tensor's permutation, an inverse, and an error that holds.

use super::common::jacobi::{tail, unfolding_spectra};
use super::common::oracle::{dense, distance, norm};
use super::common::random;
use super::common::strategy::{check, shape_and_ranks};
use super::common::tol::{assert_below, assert_near, tol, tol_error};
use super::{assert_is, bound, random_train};
use proptest::prelude::*;
use tt_admm::ndarray::{ArrayD, IxDyn};
use tt_admm::{Scalar, TensorTrain, Truncation, tt_svd};

/// A shape, ranks, and an order of the modes.
fn cases(
    elements: usize,
    rank: usize,
) -> impl Strategy<Value = ((Vec<usize>, Vec<usize>), Vec<usize>, u64)> {
    shape_and_ranks(1_usize..=6, elements, rank).prop_flat_map(|(shape, ranks)| {
        let axes = Just((0..shape.len()).collect::<Vec<usize>>()).prop_shuffle();
        (Just((shape, ranks)), axes, 0_u64..1 << 40)
    })
}

fn permuted(x: &ArrayD<f64>, axes: &[usize]) -> ArrayD<f64> {
    let permuted = x.view().permuted_axes(IxDyn(axes));
    permuted.as_standard_layout().into_owned()
}

fn inverse(axes: &[usize]) -> Vec<usize> {
    let mut inverse = vec![0; axes.len()];
    for (k, &axis) in axes.iter().enumerate() {
        inverse[axis] = k;
    }
    inverse
}

fn exact_permutations<A: Scalar>() {
    check(64, &cases(300, 4), |((shape, ranks), axes, seed)| {
        let train = random_train::<A>(&shape, &ranks, seed);
        let x = dense(train.cores());
        let there = train.permute(&axes, Truncation::exact()).unwrap();
        let scale = bound(train.cores());
        assert_is(&there, &permuted(&x, &axes), scale);
        assert_below(
            there.truncation_error().total(),
            tol::<A>(x.len()) * scale,
            "total",
        );
        assert!(there.truncation_error().tolerance_met());
        let back = there.permute(&inverse(&axes), Truncation::exact()).unwrap();
        assert_is(&back, &x, scale);
        for (k, &rank) in back.ranks().iter().enumerate() {
            assert!(
                rank <= train.ranks()[k],
                "{:?} {:?}",
                back.ranks(),
                train.ranks()
            );
        }
    });
}

/// A tensor with spectra that fall, so that cuts of every size have something to discard.
fn smooth<A: Scalar>(shape: &[usize], seed: u64) -> TensorTrain<A> {
    let noise = random::tensor::<f64>(shape, seed);
    let x = ArrayD::from_shape_fn(IxDyn(shape), |index| {
        use tt_admm::ndarray::Dimension;
        let s: usize = index
            .slice()
            .iter()
            .enumerate()
            .map(|(k, i)| (k + 1) * i)
            .sum();
        1.0 / (1.0 + s as f64) + 1e-2 * noise[&index]
    });
    tt_svd(&x.mapv(A::narrow), Truncation::exact()).unwrap()
}

fn with_a_tolerance<A: Scalar>() {
    check(
        64,
        &(cases(300, 2), -2.5_f64..-0.3),
        |(((shape, _), axes, seed), exponent)| {
            let tolerance = 10.0_f64.powf(exponent);
            let train = smooth::<A>(&shape, seed);
            let x = dense(train.cores());
            let result = train
                .permute(&axes, Truncation::relative(tolerance))
                .unwrap();
            let error = result.truncation_error();
            let far = distance(&dense(result.cores()), &permuted(&x, &axes));
            let slack = tol_error::<A>() * norm(&x);
            assert_below(far, error.total() + slack, "distance above the bound");
            assert_below(
                far,
                tolerance * norm(&x) + slack,
                "distance above the tolerance",
            );
            assert!(error.tolerance_met(), "{error:?}");
            assert_near(error.relative(), error.total() / norm(&x), tol_error::<A>());
            assert_eq!(error.per_bond().len(), shape.len() - 1);
            let root = error.per_bond().iter().map(|e| e * e).sum::<f64>().sqrt();
            assert_below(root, error.total() + slack, "root of the sum of squares");
        },
    );
}

fn prescribed_ranks_have_an_exact_error<A: Scalar>() {
    check(
        64,
        &(cases(300, 2), 1_usize..4),
        |(((shape, _), axes, seed), rank)| {
            let train = smooth::<A>(&shape, seed);
            let expected = permuted(&dense(train.cores()), &axes);
            let result = train.permute(&axes, rank).unwrap();
            let far = distance(&dense(result.cores()), &expected);
            let slack = tol_error::<A>() * norm(&expected);
            assert_near(result.truncation_error().total(), far, slack);
            let clipped = super::common::oracle::clipped_ranks(expected.shape(), rank);
            assert_eq!(result.ranks(), clipped);
            // Quasi-optimal, as every TT-SVD.
            let tails: Vec<f64> = unfolding_spectra(&expected)
                .iter()
                .zip(&clipped[1..])
                .map(|(sigma, &r)| tail(sigma, r))
                .collect();
            let largest = tails.iter().copied().fold(0.0, f64::max);
            let bound = tails.iter().map(|t| t * t).sum::<f64>().sqrt();
            assert!(
                largest - slack <= far && far <= bound + slack,
                "{largest:e} {far:e} {bound:e}"
            );
        },
    );
}

/// One mode moved: the cuts of the move are orthogonal, and nothing is left for the rounding.
fn moving_one_mode_has_an_exact_error<A: Scalar>() {
    let train = smooth::<A>(&[3, 4, 3, 2, 4], 7);
    let x = dense(train.cores());
    for axes in [
        [1, 2, 3, 4, 0],
        [4, 0, 1, 2, 3],
        [0, 2, 3, 1, 4],
        [0, 1, 2, 4, 3],
    ] {
        let rule = Truncation::max_rank(4);
        let result = train.permute(&axes, rule).unwrap();
        let far = distance(&dense(result.cores()), &permuted(&x, &axes));
        assert!(result.ranks().iter().all(|&r| r <= 4));
        let error = result.truncation_error();
        assert!(far > 1e-3 * norm(&x) && far <= error.total() * (1.0 + tol_error::<A>()));
        // Moves and rounding add up here: never more than a factor sqrt 2 above.
        assert_below(error.total(), 2.0_f64.sqrt() * far * 1.01, "bound");
    }
}

fn the_same_order_is_a_rounding<A: Scalar>() {
    let train = smooth::<A>(&[4, 3, 4, 3], 3);
    let x = dense(train.cores());
    let same = [0, 1, 2, 3];
    let rounded = train.permute(&same, 2).unwrap();
    let far = distance(&dense(rounded.cores()), &x);
    assert_near(
        rounded.truncation_error().total(),
        far,
        tol_error::<A>() * norm(&x),
    );
    let svd = tt_svd(&train.to_dense(), 2).unwrap();
    assert_near(svd.truncation_error().total(), far, 0.05 * far);
    assert_is(
        &train.permute(&same, Truncation::exact()).unwrap(),
        &x,
        norm(&x),
    );
}

fn zero_and_single_modes<A: Scalar>() {
    let zero = TensorTrain::<A>::zeros(&[3, 4, 5])
        .unwrap()
        .pad_ranks(3)
        .unwrap();
    let result = zero.permute(&[2, 0, 1], Truncation::relative(0.1)).unwrap();
    assert_eq!(
        (result.shape(), result.ranks()),
        (&[5, 3, 4][..], &[1, 1, 1, 1][..])
    );
    assert_eq!(result.norm(), A::zero());
    assert_eq!(result.truncation_error().total(), 0.0);
    let vector = random_train::<A>(&[6], &[1, 1], 4);
    let same = vector.permute(&[0], Truncation::exact()).unwrap();
    assert_is(&same, &dense(vector.cores()), norm(&vector.to_dense()));
    let ones = TensorTrain::<A>::ones(&[1, 1, 1]).unwrap();
    let result = ones.permute(&[1, 2, 0], 4).unwrap();
    assert_is(&result, &ArrayD::ones(IxDyn(&[1, 1, 1])), 1.0);
}

for_both_scalars!(
    exact_permutations,
    with_a_tolerance,
    prescribed_ranks_have_an_exact_error,
    moving_one_mode_has_an_exact_error,
    the_same_order_is_a_rounding,
    zero_and_single_modes,
);
