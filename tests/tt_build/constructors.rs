//! Every constructor is the tensor that its formula says.

use super::common::oracle::{dense, max_abs};
use super::common::random::Rng;
use super::common::strategy::{check, shape, shape_and_ranks};
use super::common::tol::{assert_below, tol};
use super::{assert_is, random_train, tensor};
use proptest::prelude::*;
use tt_admm::ndarray::{Array1, Array2, ArrayD, ArrayView1, Axis, s};
use tt_admm::{Scalar, TensorTrain};

fn equal_elements<A: Scalar>() {
    check(
        32,
        &(shape(1_usize..=6, 300), -3.0_f64..3.0),
        |(shape, value)| {
            let value = A::narrow(value);
            for (train, element) in [
                (TensorTrain::<A>::zeros(&shape).unwrap(), A::zero()),
                (TensorTrain::ones(&shape).unwrap(), A::one()),
                (TensorTrain::constant(&shape, value).unwrap(), value),
            ] {
                assert_eq!(train.ranks(), vec![1; shape.len() + 1]);
                assert_eq!(
                    train.to_dense(),
                    ArrayD::from_elem(shape.as_slice(), element)
                );
            }
        },
    );
}

fn a_constant_of_many_modes_is_any_number<A: Scalar>() {
    for value in [
        A::max_value(),
        A::min_value(),
        A::min_positive_value(),
        A::zero(),
    ] {
        let train = TensorTrain::constant(&[3; 400], value).unwrap();
        assert_eq!(train.get(&[2; 400]).unwrap(), value);
        assert_eq!(train.get(&[0; 400]).unwrap(), value);
    }
}

fn unit_tensors<A: Scalar>() {
    let strategy = shape(1_usize..=6, 300).prop_flat_map(|shape| {
        let index: Vec<_> = shape.iter().map(|&n| 0..n).collect();
        (Just(shape), index)
    });
    check(32, &strategy, |(shape, at)| {
        let train = TensorTrain::<A>::unit(&shape, &at).unwrap();
        assert_eq!(train.ranks(), vec![1; shape.len() + 1]);
        let expected = tensor(&shape, |index| if index == at { 1.0 } else { 0.0 });
        assert_eq!(dense(train.cores()), expected);
    });
}

/// One vector for each mode, every second one a part of a column, so not contiguous.
fn vectors<A: Scalar>(shape: &[usize], seed: u64) -> Vec<Array2<A>> {
    let mut rng = Rng::new(seed);
    let draw = |&n: &usize| Array2::from_shape_simple_fn((n, 2), || A::narrow(rng.uniform()));
    shape.iter().map(draw).collect()
}

fn outer_products_and_sums<A: Scalar>() {
    check(
        48,
        &(shape(1_usize..=6, 300), 0_u64..1 << 40),
        |(shape, seed)| {
            let columns = vectors::<A>(&shape, seed);
            let views: Vec<_> = columns.iter().map(|c| c.column(0)).collect();
            let at = |index: &[usize], k: usize| columns[k][[index[k], 0]].widen();
            let modes = 0..shape.len();
            let product = tensor(&shape, |i| modes.clone().map(|k| at(i, k)).product());
            let outer = TensorTrain::rank_one(views.clone()).unwrap();
            assert_eq!(outer.ranks(), vec![1; shape.len() + 1]);
            assert_is(&outer, &product, 1.0);
            let sum = tensor(&shape, |i| modes.clone().map(|k| at(i, k)).sum());
            let train = TensorTrain::sum_of(views.clone()).unwrap();
            assert_eq!(train.ranks(), ends_of(2, shape.len()));
            assert_is(&train, &sum, shape.len() as f64);
            // Owned vectors by reference are the same.
            let owned: Vec<Array1<A>> = views.iter().map(ArrayView1::to_owned).collect();
            assert_eq!(TensorTrain::rank_one(&owned).unwrap(), outer);
            assert_eq!(TensorTrain::sum_of(&owned).unwrap(), train);
        },
    );
}

/// `d + 1` ranks with unit ends.
fn ends_of(rank: usize, order: usize) -> Vec<usize> {
    let mut ranks = vec![rank; order + 1];
    (ranks[0], ranks[order]) = (1, 1);
    ranks
}

fn sums_of_indices_are_exact<A: Scalar>() {
    check(32, &shape(1_usize..=6, 300), |shape| {
        let train = TensorTrain::<A>::index_sum(&shape).unwrap();
        let sum = tensor(&shape, |index| index.iter().sum::<usize>() as f64);
        assert_eq!(dense(train.cores()), sum);
        assert_eq!(train.ranks(), ends_of(2, shape.len()));
    });
}

fn polynomials_of_sums<A: Scalar>() {
    let strategy = (
        shape(1_usize..=5, 200),
        prop::collection::vec(-2.0_f64..2.0, 0..6),
        0_u64..1 << 40,
    );
    check(64, &strategy, |(shape, coefficients, seed)| {
        let columns = vectors::<A>(&shape, seed);
        let views = columns.iter().map(|c| c.slice(s![.., 1]));
        let coefficients: Vec<A> = coefficients.into_iter().map(A::narrow).collect();
        let train = TensorTrain::polynomial_of_sum(views, &coefficients).unwrap();
        let powers = coefficients.len().max(1);
        assert_eq!(train.ranks(), ends_of(powers, shape.len()));
        let d = shape.len() as f64;
        let expected = tensor(&shape, |index| {
            let s: f64 = (0..shape.len())
                .map(|k| columns[k][[index[k], 1]].widen())
                .sum();
            coefficients
                .iter()
                .rev()
                .fold(0.0, |sum, c| sum * s + c.widen())
        });
        let scale = coefficients
            .iter()
            .rev()
            .fold(0.0, |sum, c| sum * d + c.widen().abs());
        assert_is(&train, &expected, d * scale);
    });
}

fn the_degree_of_a_polynomial_is_that_of_its_last_coefficient<A: Scalar>() {
    let x = Array1::from_iter((0..4).map(|i| A::narrow(f64::from(i))));
    let [zero, two] = [0.0, 2.0].map(A::narrow);
    let train = |c: &[A]| TensorTrain::polynomial_of_sum([&x, &x, &x], c).unwrap();
    assert_eq!(train(&[]).ranks(), [1, 1, 1, 1]);
    assert_eq!(train(&[zero, zero]).to_dense(), train(&[]).to_dense());
    assert_eq!(max_abs(&train(&[]).to_dense()), 0.0);
    assert_eq!(train(&[two, zero, zero]).ranks(), [1, 1, 1, 1]);
    assert_eq!(train(&[two]).get(&[1, 2, 3]).unwrap(), two);
    assert_eq!(train(&[zero, two, zero]).ranks(), [1, 2, 2, 1]);
    assert_eq!(
        train(&[zero, two]).get(&[1, 2, 3]).unwrap(),
        A::narrow(12.0)
    );
}

fn padding_changes_ranks_only<A: Scalar>() {
    check(
        48,
        &(
            shape_and_ranks(1_usize..=6, 300, 4),
            1_usize..7,
            0_u64..1 << 40,
        ),
        |((shape, ranks), rank, seed)| {
            let train = random_train::<A>(&shape, &ranks, seed);
            let padded = train.pad_ranks(rank).unwrap();
            let clipped = super::common::oracle::clipped_ranks(&shape, rank);
            let expected: Vec<usize> = ranks
                .iter()
                .zip(&clipped)
                .map(|(&a, &b)| a.max(b))
                .collect();
            assert_eq!(padded.ranks(), expected);
            assert_eq!(dense(padded.cores()), dense(train.cores()));
            for (small, large) in train.cores().iter().zip(padded.cores()) {
                let (r, n, s) = small.dim();
                assert_eq!(large.slice(s![..r, .., ..s]), *small);
                let others = large.iter().filter(|&&x| x != A::zero()).count();
                assert!(others <= r * n * s);
            }
            assert_eq!(padded.pad_ranks(1).unwrap(), padded);
        },
    );
}

/// Fact 33: `sum_k r_{k-1} n_k r_k` numbers, padded or not.
fn numbers_of_parameters<A: Scalar>() {
    let train = TensorTrain::<A>::zeros(&[5, 3, 4]).unwrap();
    assert_eq!(train.num_parameters(), 12);
    let train = train.pad_ranks([2, 3]).unwrap();
    assert_eq!(train.num_parameters(), 5 * 2 + 2 * 3 * 3 + 3 * 4);
    let train = train.pad_ranks([4, 3]).unwrap();
    assert_eq!(train.num_parameters(), 5 * 4 + 4 * 3 * 3 + 3 * 4);
    assert_below(
        train.norm().widen() + train.core(1).sum_axis(Axis(1)).sum().widen().abs(),
        tol::<A>(1),
        "zero",
    );
}

for_both_scalars!(
    equal_elements,
    a_constant_of_many_modes_is_any_number,
    unit_tensors,
    outer_products_and_sums,
    sums_of_indices_are_exact,
    polynomials_of_sums,
    the_degree_of_a_polynomial_is_that_of_its_last_coefficient,
    padding_changes_ranks_only,
    numbers_of_parameters,
);
