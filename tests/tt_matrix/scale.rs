//! Elements near the ends of the range: the digits of the result are those of scaled operands, or the error is typed.

use super::common::oracle::{distance, norm};
use super::common::random;
use super::common::tol::{assert_below, assert_near, is_single, tol};
use super::{Modes, random_cores, random_matrix};
use tt_admm::ndarray::{Array1, Array2, Array3, Array4};
use tt_admm::{Scalar, TensorTrain, TtError, TtMatrix, TtMatrixError};

fn modes() -> Modes {
    (vec![2, 3, 2], vec![3, 2, 2], vec![1, 2, 3, 1])
}

/// Cores times powers of two, in units of a tenth of the largest exponent.
fn scaled<A: Scalar>(cores: &[Array4<A>], tenths: &[f64]) -> TtMatrix<A> {
    let scaled = cores
        .iter()
        .zip(tenths)
        .map(|(core, &t)| core * power::<A>(t));
    TtMatrix::from_cores(scaled.collect()).unwrap()
}

fn power<A: Scalar>(tenths: f64) -> A {
    let tenth = if is_single::<A>() { 12.0 } else { 100.0 };
    A::narrow((tenths * tenth).exp2())
}

/// The product on the way is beyond the range from either end, the result is inside.
fn products_on_the_way_may_be_out_of_range<A: Scalar>() {
    let cores = random_cores::<A>(&modes(), 1);
    let plain = TtMatrix::from_cores(cores.clone()).unwrap();
    let x = random::matrix::<A>(12, 3, 2);
    for (tenths, of_x) in [
        ([8.0, 8.0, -8.0], -8.0),
        ([-8.0, 8.0, 8.0], -8.0),
        ([8.0, -8.0, 8.0], -8.0),
        ([-8.0, -8.0, 8.0], 8.0),
        ([8.0, -8.0, -8.0], 8.0),
        ([-8.0, 4.0, -4.0], 8.0),
        ([8.0, -4.0, 4.0], -8.0),
    ] {
        let m = scaled(&cores, &tenths);
        let scaled_x = &x * power::<A>(of_x);
        let (got, expected) = (m.matmul(&scaled_x).unwrap(), plain.matmul(&x).unwrap());
        let slack = tol::<A>(144) * norm(&expected);
        assert_below(distance(&got, &expected), slack, "product");
        let got = m.matvec(&scaled_x.column(1)).unwrap();
        let difference = &got - &expected.column(1);
        assert_below(norm(&difference), slack, "vector");
    }
}

/// Two matrices, a matrix and a train: powers that cancel core by core, and powers that do not.
fn products_in_the_format<A: Scalar>() {
    let (first, second) = (random_cores::<A>(&modes(), 3), {
        let (rows, cols, ranks) = modes();
        random_cores::<A>(&(cols, rows, ranks), 4)
    });
    let plain = |cores: &[Array4<A>]| TtMatrix::from_cores(cores.to_vec()).unwrap();
    let expected = plain(&first)
        .compose(&plain(&second))
        .unwrap()
        .to_dense()
        .unwrap();
    let slack = tol::<A>(144) * norm(&expected);
    for (a, b) in [
        ([8.0, 8.0, 8.0], [-8.0, -8.0, -8.0]),
        ([8.0, 8.0, -8.0], [8.0, -8.0, -8.0]),
        ([9.0, 0.0, -9.0], [9.0, -4.0, -5.0]),
    ] {
        let (m, n) = (scaled(&first, &a), scaled(&second, &b));
        let product = m.compose(&n).unwrap();
        assert_below(
            distance(&product.to_dense().unwrap(), &expected),
            slack,
            "product",
        );
        let trace: f64 = expected.diag().iter().map(|x| x.widen()).sum();
        assert_near(product.trace().unwrap().widen(), trace, slack);
    }
    let vector = random::cores::<A>(&[3, 2, 2], &[1, 2, 2, 1], 5);
    let x = TensorTrain::from_cores(vector.clone()).unwrap();
    let expected = plain(&first).apply(&x).unwrap().to_dense();
    let tiny = vector.iter().map(|core| core * power::<A>(-8.0)).collect();
    let tiny = TensorTrain::from_cores(tiny).unwrap();
    let got = scaled(&first, &[9.0, 7.0, 8.0]).apply(&tiny).unwrap();
    let slack = tol::<A>(144) * norm(&expected);
    assert_below(distance(&got.to_dense(), &expected), slack, "train");
}

/// A sum whose terms lie far apart core by core, but not as matrices: neither vanishes beside the other.
fn terms_far_apart_in_every_core<A: Scalar>() {
    let (rows, _, ranks) = modes();
    let modes: Modes = (rows.clone(), rows, ranks);
    let (a, b) = (random_cores::<A>(&modes, 12), random_cores::<A>(&modes, 13));
    let plain = |cores: &[Array4<A>]| TtMatrix::from_cores(cores.to_vec()).unwrap();
    let expected = plain(&a).add(&plain(&b)).unwrap().to_dense().unwrap();
    let sum = scaled(&a, &[8.0, 1.0, -9.0])
        .add(&scaled(&b, &[-9.0, 2.0, 7.0]))
        .unwrap();
    let slack = tol::<A>(144) * norm(&expected);
    let x = Array2::eye(12) * power::<A>(8.0);
    let got = sum.matmul(&x).unwrap() * power::<A>(-8.0);
    assert_below(distance(&got, &expected), slack, "product with a batch");
    let square = sum.compose(&sum).unwrap().to_dense().unwrap();
    let expected = expected.dot(&expected);
    let slack = tol::<A>(144) * norm(&expected);
    assert_below(distance(&square, &expected), slack, "square");
}

fn results_out_of_range_are_refused<A: Scalar>() {
    let cores = random_cores::<A>(&modes(), 6);
    let m = scaled(&cores, &[8.0, 8.0, 8.0]);
    let log = 24.0 * power::<A>(1.0).widen().ln();
    let error = m.matmul(&Array2::ones((12, 1))).unwrap_err();
    let TtMatrixError::OutOfRange { log_largest } = error else {
        panic!("{error}")
    };
    assert_near(log_largest, log, 5.0);
    assert!(matches!(
        m.matvec(&Array1::ones(12)),
        Err(TtMatrixError::OutOfRange { .. })
    ));
    let pulled = m.matmul_pullback(&Array2::ones((12, 1)), &Array2::ones((12, 1)));
    assert!(matches!(pulled, Err(TtMatrixError::OutOfRange { .. })));
    // The square of a matrix whose cores are all near the end of the range.
    let (rows, _, ranks) = modes();
    let square = scaled(
        &random_cores::<A>(&(rows.clone(), rows, ranks), 7),
        &[8.0; 3],
    );
    let error = square.compose(&square).unwrap_err();
    let out_of_range = matches!(error, TtMatrixError::Train(TtError::OutOfRange { .. }));
    assert!(out_of_range, "{error}");
    // Sums of what one element holds.
    let largest = Array4::from_elem((1, 2, 2, 1), A::max_value());
    let m = TtMatrix::from_cores(vec![largest]).unwrap();
    assert_eq!(m.trace().unwrap(), A::infinity());
    assert!(matches!(
        m.matvec(&Array1::ones(2)),
        Err(TtMatrixError::OutOfRange { .. })
    ));
    let half = Array1::from_elem(2, A::narrow(0.5));
    assert_eq!(m.matvec(&half).unwrap()[0], A::max_value());
}

/// What is too small for the type becomes zero or subnormal.
fn results_below_the_range_vanish<A: Scalar>() {
    let m = scaled(&random_cores::<A>(&modes(), 8), &[-8.0, -8.0, -8.0]);
    assert_eq!(
        m.matmul(&Array2::ones((12, 2))).unwrap(),
        Array2::zeros((12, 2))
    );
    let (rows, _, ranks) = modes();
    let square = scaled(
        &random_cores::<A>(&(rows.clone(), rows, ranks), 9),
        &[-8.0; 3],
    );
    assert_eq!(square.trace().unwrap(), A::zero());
    let smallest = Array4::from_elem((1, 2, 2, 1), A::min_positive_value());
    let m = TtMatrix::from_cores(vec![smallest]).unwrap();
    let y = m.matvec(&Array1::ones(2)).unwrap();
    assert_eq!(y[1], A::min_positive_value() + A::min_positive_value());
}

fn one_zero_core_makes_a_zero_product<A: Scalar>() {
    let mut cores = random_cores::<A>(&modes(), 10);
    cores[1].fill(A::zero());
    let m = scaled(&cores, &[9.0, 0.0, 9.0]);
    assert_eq!(
        m.matmul(&Array2::ones((12, 2))).unwrap(),
        Array2::zeros((12, 2))
    );
    let square = m.compose(&m.transpose()).unwrap();
    assert_eq!(square.to_dense().unwrap(), Array2::zeros((12, 12)));
    assert_eq!(square.trace().unwrap(), A::zero());
    let x = TensorTrain::from_cores(vec![
        Array3::from_elem((1, 3, 1), power::<A>(9.0)),
        Array3::ones((1, 2, 1)),
        Array3::ones((1, 2, 1)),
    ]);
    assert_eq!(m.apply(&x.unwrap()).unwrap().norm(), A::zero());
    // The gradient of the zero core alone is not zero.
    let tiny = Array2::from_elem((12, 1), power::<A>(-9.0));
    let pulled = m.matmul_pullback(&tiny, &tiny).unwrap();
    assert!(pulled.0[1].iter().all(|&x| x != A::zero()));
    assert_eq!(pulled.1, Array2::zeros((12, 1)));
    assert_eq!(pulled.0[0], Array4::zeros((1, 2, 3, 2)));
}

fn dense_matrices_of_any_size<A: Scalar>() {
    let plain = random::matrix::<A>(6, 8, 11);
    let expected = TtMatrix::from_dense(&plain, [2, 3], [4, 2], 3).unwrap();
    for tenths in [-9.0, -5.0, 5.0, 9.0] {
        let m = TtMatrix::from_dense(&(&plain * power::<A>(tenths)), [2, 3], [4, 2], 3).unwrap();
        let back = m.to_dense().unwrap() * power::<A>(-tenths);
        let slack = tol::<A>(48) * norm(&plain);
        assert_below(
            distance(&back, &expected.to_dense().unwrap()),
            slack,
            "dense",
        );
    }
    let largest = Array2::from_elem((4, 4), A::max_value());
    let error = TtMatrix::from_dense(&largest, [2, 2], [2, 2], 2).unwrap_err();
    assert!(
        matches!(error, TtMatrixError::Train(TtError::OutOfRange { .. })),
        "{error}"
    );
}

/// Long trains: far beyond the range core by core, and back.
#[test]
fn five_hundred_cores() {
    let m = random_matrix::<f64>(&(vec![1; 500], vec![1; 500], vec![1; 501]), 12);
    let exact: f64 = m.cores().map(|core| core[[0, 0, 0, 0]].abs().ln()).sum();
    let scale = (-exact / 500.0).exp();
    let m = TtMatrix::from_cores(m.into_cores().iter().map(|core| core * scale).collect()).unwrap();
    let y = m.matvec(&Array1::ones(1)).unwrap();
    assert_near(y[0].abs(), 1.0, 1e-10);
    let grown: Vec<Array4<f64>> = m.into_cores().iter().map(|core| core * 64.0).collect();
    let tail = vec![Array4::from_elem((1, 1, 1, 1), 64.0_f64.recip()); 500];
    let m = TtMatrix::from_cores([grown, tail].concat()).unwrap();
    assert_near(m.matvec(&Array1::ones(1)).unwrap()[0].abs(), 1.0, 1e-10);
    assert_near(m.trace().unwrap().abs(), 1.0, 1e-10);
}

for_both_scalars!(
    products_on_the_way_may_be_out_of_range,
    products_in_the_format,
    terms_far_apart_in_every_core,
    results_out_of_range_are_refused,
    results_below_the_range_vanish,
    one_zero_core_makes_a_zero_product,
    dense_matrices_of_any_size,
);
