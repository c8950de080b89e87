//! Cores of any magnitude: what the tensor can hold, its parts can.

use super::common::oracle::{dense, distance, norm};
use super::common::random;
use super::common::tol::{assert_below, assert_near, tol};
use super::random_train;
use tt_admm::ndarray::{Array1, Array2, ArrayD, Axis, array};
use tt_admm::{Scalar, TensorTrain, Truncation, TtError};

/// Powers of two near the ends of the range of the type, and so far apart that their squares leave it.
fn sizes<A: Scalar>() -> [f64; 2] {
    let exponent = (A::max_value().widen().log2() * 0.9).floor();
    [exponent.exp2(), (-exponent).exp2()]
}

/// A train, and the same one with its cores multiplied by large and small numbers whose product is 1.
fn balanced<A: Scalar>() -> [TensorTrain<A>; 2] {
    let [large, small] = sizes::<A>().map(A::narrow);
    let (shape, ranks) = ([3, 4, 2, 3], [1, 2, 3, 2, 1]);
    let mut cores = random::cores::<A>(&shape, &ranks, 9);
    let plain = TensorTrain::from_cores(cores.clone()).unwrap();
    for (core, factor) in cores.iter_mut().zip([small, small, large, large]) {
        core.mapv_inplace(|x| x * factor);
    }
    [plain, TensorTrain::from_cores(cores).unwrap()]
}

#[track_caller]
fn assert_same<A: Scalar>(got: &TensorTrain<A>, expected: &TensorTrain<A>) {
    assert_eq!(got.shape(), expected.shape());
    let expected = dense(expected.cores());
    assert_near(got.log_norm(), norm(&expected).ln(), tol::<A>(100));
    // Element by element through `get`, which is safe at any scale.
    let values = ArrayD::from_shape_fn(expected.raw_dim(), |index| {
        use tt_admm::ndarray::Dimension;
        got.get(index.slice()).unwrap().widen()
    });
    assert_below(
        distance(&values, &expected),
        tol::<A>(100) * norm(&expected),
        "distance",
    );
}

fn elements_do_not_underflow_on_the_way<A: Scalar>() {
    let [plain, wild] = balanced::<A>();
    assert_same(&wild, &plain);
    let indices = array![[0, 0, 0, 0], [2, 3, 1, 2], [2, 3, 0, 1], [1, 2, 1, 0]];
    let expected = plain.get_many(indices.view()).unwrap();
    assert_eq!(wild.get_many(indices.view()).unwrap(), expected);
    let ones: Vec<Array1<A>> = [3, 4, 2, 3].map(Array1::ones).to_vec();
    assert_eq!(
        wild.contract_all(&ones).unwrap(),
        plain.contract_all(&ones).unwrap()
    );
    // Rows of a batch do not share a scale: elements of a train over 100 orders of magnitude, all to rounding.
    let [large, small] = sizes::<A>().map(A::narrow);
    let rows = [
        Array1::from_vec(vec![small, A::one(), large]),
        Array1::from_vec(vec![A::one(); 2]),
    ];
    let train = TensorTrain::rank_one(&rows).unwrap();
    let all = array![[0, 0], [1, 1], [2, 1], [0, 1]];
    let got = train.get_many(all.view()).unwrap();
    assert_eq!(got, Array1::from_vec(vec![small, A::one(), large, small]));
}

fn parts_do_not_overflow<A: Scalar>() {
    let [plain, wild] = balanced::<A>();
    for mode in 0..4 {
        assert_same(
            &wild.select(mode, 1).unwrap(),
            &plain.select(mode, 1).unwrap(),
        );
        let ones = Array1::ones(plain.shape()[mode]);
        let (got, expected) = (wild.contract(mode, &ones), plain.contract(mode, &ones));
        assert_same(&got.unwrap(), &expected.unwrap());
        for end in mode + 1..=4 {
            let (got, expected) = (wild.merge_modes(mode..end), plain.merge_modes(mode..end));
            assert_same(&got.unwrap(), &expected.unwrap());
        }
    }
    assert_same(&wild.reversed(), &plain.reversed());
    assert_same(
        &wild.slice(vec![0..2; 4]).unwrap(),
        &plain.slice(vec![0..2; 4]).unwrap(),
    );
}

fn orders_do_not_overflow<A: Scalar>() {
    let [plain, wild] = balanced::<A>();
    let axes = [2, 0, 3, 1];
    let exact = Truncation::exact;
    assert_same(
        &wild.permute(&axes, exact()).unwrap(),
        &plain.permute(&axes, exact()).unwrap(),
    );
    let (got, expected) = (
        wild.split_mode(1, &[2, 2], exact()),
        plain.split_mode(1, &[2, 2], exact()),
    );
    assert_same(&got.unwrap(), &expected.unwrap());
    // The whole tensor large or small: the error is in its units.
    for size in sizes::<A>().map(f64::sqrt) {
        let mut cores = plain.cores().to_vec();
        cores[1].mapv_inplace(|x| A::narrow(x.widen() * size));
        let scaled = TensorTrain::from_cores(cores).unwrap();
        let cut = |t: &TensorTrain<A>| t.permute(&axes, 1).unwrap().truncation_error().clone();
        let (got, expected) = (cut(&scaled), cut(&plain));
        assert_near(got.relative(), expected.relative(), tol::<A>(100));
        assert_near(
            got.total() / size,
            expected.total(),
            tol::<A>(100) * expected.total(),
        );
    }
}

fn what_no_core_can_hold_is_an_error<A: Scalar>() {
    // Two cores can hold the cube of this, one cannot.
    let large = A::narrow((A::max_value().widen().log2() * 0.6).floor().exp2());
    let huge = TensorTrain::from_cores(vec![
        tt_admm::ndarray::Array3::from_elem((1, 2, 1), large);
        3
    ])
    .unwrap();
    let log = 3.0 * large.widen().ln() + 1.5 * 2.0_f64.ln();
    for result in [
        huge.permute(&[1, 0, 2], 1),
        huge.split_mode(0, &[2, 1], 1),
        huge.merge_modes(0..3),
    ] {
        let Err(TtError::OutOfRange { log_norm }) = result else {
            panic!("{result:?}")
        };
        assert_near(log_norm, log, 1e-5 * log);
    }
    let Err(TtError::OutOfRange { log_norm }) = huge.select(0, 0).unwrap().select(0, 1) else {
        panic!("one core holds it")
    };
    assert_near(log_norm, log - 2.0_f64.ln(), 1e-5 * log);
    // Elements beyond the range are infinite, as the product would be.
    assert_eq!(huge.get(&[0, 0, 0]).unwrap(), A::infinity());
}

/// Order 400: nothing depends on how far the product of the norms runs off.
fn long_trains<A: Scalar>() {
    let ranks: Vec<usize> = (0..=400)
        .map(|k| if k == 0 || k == 400 { 1 } else { 2 })
        .collect();
    let train = random_train::<A>(&[2; 400], &ranks, 5);
    assert_eq!(train.select(200, 1).unwrap().order(), 399);
    let sum = train.contract(13, &[A::one(); 2]).unwrap();
    assert!(sum.log_norm().is_finite());
    assert!((train.reversed().log_norm() - train.log_norm()).abs() < 1e-3);
    let twice = train.concatenate(7, &[&train]).unwrap();
    assert_near(
        twice.log_norm(),
        train.log_norm() + 0.5 * 2.0_f64.ln(),
        1e-3,
    );
    let pairs = Array2::from_shape_fn((5, 400), |(row, mode)| (row + mode) % 2);
    assert_eq!(train.get_many(pairs.view()).unwrap().len(), 5);
    let merged = (0..200).fold(train.clone(), |t, k| t.merge_modes(k..k + 2).unwrap());
    assert_eq!(merged.shape(), [4; 200]);
    assert_near(merged.log_norm(), train.log_norm(), 1e-3);
    assert_eq!(merged.core(3).len_of(Axis(1)), 4);
}

for_both_scalars!(
    elements_do_not_underflow_on_the_way,
    parts_do_not_overflow,
    orders_do_not_overflow,
    what_no_core_can_hold_is_an_error,
    long_trains,
);
