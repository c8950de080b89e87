//! Batches of elements, and contractions with vectors.

use super::common::oracle::{dense, element};
use super::common::random::Rng;
use super::common::strategy::{check, shape_and_ranks};
use super::common::tol::{assert_near, tol};
use super::{assert_is, bound, random_train, tensor};
use tt_admm::ndarray::{Array1, Array2, ArrayD, Axis, Dimension, s};
use tt_admm::{QttGrid, Scalar, TensorTrain};

fn batches_are_single_elements<A: Scalar>() {
    check(
        48,
        &(
            shape_and_ranks(1_usize..=6, 300, 4),
            0_usize..40,
            0_u64..1 << 40,
        ),
        |((shape, ranks), count, seed)| {
            let train = random_train::<A>(&shape, &ranks, seed);
            let mut rng = Rng::new(seed);
            // In columns, so the rows are not contiguous; many rows are equal or begin alike.
            let mut stored = Array2::zeros((shape.len(), count));
            for ((mode, _), i) in stored.indexed_iter_mut() {
                *i = rng.below(shape[mode]);
            }
            let indices = stored.t();
            let elements = train.get_many(indices).unwrap();
            assert_eq!(elements.len(), count);
            let scale = bound(train.cores());
            for (row, &got) in indices.rows().into_iter().zip(&elements) {
                let index = row.to_vec();
                assert_near(
                    got.widen(),
                    element(train.cores(), &index),
                    tol::<A>(9) * scale,
                );
                let one = train.get(&index).unwrap();
                assert_near(one.widen(), got.widen(), tol::<A>(9) * scale);
            }
        },
    );
}

/// All elements of a train at once, in an order of their own, and none.
fn whole_tensors_as_batches<A: Scalar>() {
    let shape = [3, 4, 1, 5];
    let train = random_train::<A>(&shape, &[1, 3, 5, 4, 1], 8);
    let all: Vec<Vec<usize>> = train
        .to_dense()
        .indexed_iter()
        .map(|(i, _)| i.slice().to_vec())
        .collect();
    let mut order: Vec<usize> = (0..60).collect();
    order.sort_by_key(|&k| (k * 37) % 60);
    let indices = Array2::from_shape_fn((60, 4), |(row, mode)| all[order[row]][mode]);
    let elements = train.get_many(indices.view()).unwrap();
    let dense = train.to_dense();
    for (row, &got) in elements.iter().enumerate() {
        let expected = dense[all[order[row]].as_slice()];
        assert_near(
            got.widen(),
            expected.widen(),
            tol::<A>(60) * bound(train.cores()),
        );
    }
    // A part of the rows gives the same bits, and an empty batch nothing.
    let half = train.get_many(indices.slice(s![..;2, ..])).unwrap();
    for (a, b) in half.iter().zip(elements.iter().step_by(2)) {
        assert_near(a.widen(), b.widen(), tol::<A>(60) * bound(train.cores()));
    }
    assert_eq!(
        train.get_many(Array2::zeros((0, 4)).view()).unwrap().len(),
        0
    );
}

fn contractions_are_sums<A: Scalar>() {
    check(
        48,
        &(shape_and_ranks(1_usize..=5, 300, 4), 0_u64..1 << 40),
        |((shape, ranks), seed)| {
            let train = random_train::<A>(&shape, &ranks, seed);
            let x = dense(train.cores());
            let mut rng = Rng::new(seed ^ 3);
            let vectors: Vec<Array1<A>> = shape
                .iter()
                .map(|&n| Array1::from_shape_simple_fn(n, || A::narrow(rng.uniform())))
                .collect();
            let weight = |k: usize, i: usize| vectors[k][i].widen();
            let size = shape.iter().product::<usize>();
            let scale = bound(train.cores()) * (size as f64).sqrt();
            if shape.len() > 1 {
                for (mode, vector) in vectors.iter().enumerate() {
                    let got = train.contract(mode, vector).unwrap();
                    let expected = x.map_axis(Axis(mode), |line| {
                        line.iter()
                            .enumerate()
                            .map(|(i, v)| v * weight(mode, i))
                            .sum::<f64>()
                    });
                    assert_is(&got, &expected, scale);
                    assert_eq!(got.order(), shape.len() - 1);
                }
            }
            let terms = x.indexed_iter().map(|(index, v)| {
                let weights = index.slice().iter().enumerate();
                v * weights.map(|(k, &i)| weight(k, i)).product::<f64>()
            });
            let all = train.contract_all(&vectors).unwrap();
            assert_near(all.widen(), terms.sum(), tol::<A>(size) * scale);
            // The inner product with the outer product of the vectors.
            let outer = TensorTrain::rank_one(&vectors).unwrap();
            assert_near(
                train.dot(&outer).unwrap().widen(),
                all.widen(),
                tol::<A>(size) * scale,
            );
        },
    );
}

fn contracting_modes_one_by_one<A: Scalar>() {
    let train = random_train::<A>(&[3, 4, 2, 5], &[1, 3, 4, 2, 1], 12);
    let ones: Vec<Array1<A>> = train.shape().iter().map(|&n| Array1::ones(n)).collect();
    let total = train.contract_all(&ones).unwrap().widen();
    assert_near(
        total,
        dense(train.cores()).sum(),
        tol::<A>(120) * bound(train.cores()) * 11.0,
    );
    for order in [[0, 0, 0], [3, 2, 1], [1, 1, 1], [2, 0, 1]] {
        let mut rest = train.clone();
        for mode in order {
            let ones = Array1::ones(rest.shape()[mode]);
            rest = rest.contract(mode, &ones).unwrap();
        }
        assert_eq!(rest.order(), 1);
        let last = rest.to_dense().sum().widen();
        assert_near(last, total, tol::<A>(120) * bound(train.cores()) * 11.0);
    }
    // Slices, arrays and views are vectors too.
    let values = vec![A::one(); 4];
    let column = Array2::ones((4, 3));
    let by_slice = train.contract(1, &values).unwrap();
    assert_eq!(train.contract(1, column.column(1)).unwrap(), by_slice);
    assert_eq!(train.contract(1, &[A::one(); 4]).unwrap(), by_slice);
}

fn chosen_indices<A: Scalar>() {
    check(
        48,
        &(shape_and_ranks(2_usize..=6, 300, 4), 0_u64..1 << 40),
        |((shape, ranks), seed)| {
            let train = random_train::<A>(&shape, &ranks, seed);
            let x = dense(train.cores());
            let mut rng = Rng::new(seed ^ 4);
            for mode in 0..shape.len() {
                let i = rng.below(shape[mode]);
                let got = train.select(mode, i).unwrap();
                assert_is(
                    &got,
                    &x.index_axis(Axis(mode), i).to_owned(),
                    bound(train.cores()),
                );
                // The same as the contraction with a unit vector.
                let mut unit = Array1::zeros(shape[mode]);
                unit[i] = A::one();
                let contracted = dense(train.contract(mode, &unit).unwrap().cores());
                assert_is(&got, &contracted, bound(train.cores()));
                let mut kept = train.ranks().to_vec();
                kept.remove(if mode + 1 < shape.len() {
                    mode + 1
                } else {
                    mode
                });
                assert_eq!(got.ranks(), kept);
            }
        },
    );
}

/// A line out of a tensor with `2^40` elements.
fn a_line_of_a_large_tensor() {
    let grid = QttGrid::new(&[2; 40], 0.0, 1.0).unwrap();
    let mut line = grid.sin::<f64>();
    // All bits but the last three are those of 5 * 2^36: the points 5 * 2^36, ..., 5 * 2^36 + 7.
    for bit in 0..37 {
        line = line.select(0, usize::from(bit == 1 || bit == 3)).unwrap();
    }
    let first = 5.0 * 2.0_f64.powi(36);
    let expected = tensor(&[2, 2, 2], |b| {
        (first + (4 * b[0] + 2 * b[1] + b[2]) as f64).sin()
    });
    assert_is(&line, &expected, 40.0);
    let all: ArrayD<f64> = line.to_dense();
    assert_eq!(all.len(), 8);
}

#[test]
fn large_tensors() {
    a_line_of_a_large_tensor();
}

for_both_scalars!(
    batches_are_single_elements,
    whole_tensors_as_batches,
    contractions_are_sums,
    contracting_modes_one_by_one,
    chosen_indices,
);
