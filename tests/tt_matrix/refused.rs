//! Every refusal: the right variant, with its numbers, in the value and in the text.

use super::common::random;
use super::{Modes, random_cores, random_matrix};
use tt_admm::ndarray::{Array1, Array2, Array4};
use tt_admm::{RankError, Scalar, TensorTrain, Truncation, TtError, TtMatrix, TtMatrixError};

/// The text of the error has all of these parts.
#[track_caller]
fn assert_says(error: &TtMatrixError, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in {text:?}");
    }
}

fn modes() -> Modes {
    (vec![2, 3], vec![4, 5], vec![1, 2, 1])
}

fn matrix<A: Scalar>() -> TtMatrix<A> {
    random_matrix(&modes(), 1)
}

fn modes_that_do_not_fit_are_refused<A: Scalar>() {
    let dense = random::matrix::<A>(6, 20, 2);
    let make =
        |rows: &[usize], cols: &[usize]| TtMatrix::from_dense(&dense, rows, cols, 2).unwrap_err();
    let train = matrix::<A>().into_tensor_train();
    let seen = |rows: &[usize], cols: &[usize]| {
        TtMatrix::from_tensor_train(train.clone(), rows, cols).unwrap_err()
    };
    for error in [make(&[2, 3], &[4, 5, 1]), seen(&[2, 3], &[4, 5, 1])] {
        assert_eq!(error, TtMatrixError::ModeCounts { rows: 2, cols: 3 });
        assert_says(&error, &["2 row modes", "3 column modes"]);
    }
    for error in [make(&[], &[]), seen(&[], &[])] {
        assert_eq!(error, TtMatrixError::NoModes);
    }
    for error in [make(&[2, 3], &[0, 20]), seen(&[2, 3], &[0, 20])] {
        let (side, mode, modes) = ("column", 0, vec![0, 20]);
        assert_eq!(error, TtMatrixError::EmptyMode { side, mode, modes });
        assert_says(&error, &["mode 0", "column", "[0, 20]"]);
    }
    let error = make(&[6, 0], &[4, 5]);
    assert!(matches!(
        error,
        TtMatrixError::EmptyMode {
            side: "row",
            mode: 1,
            ..
        }
    ));
    let error = make(&[2, 4], &[4, 5]);
    assert_eq!(
        error,
        TtMatrixError::MatrixShape {
            rows: 6,
            cols: 20,
            row_modes: vec![2, 4],
            col_modes: vec![4, 5],
        }
    );
    assert_says(&error, &["6 x 20", "[2, 4]", "[4, 5]", "8 and 20"]);
    assert_says(&make(&[3, 2], &[2, 9]), &["6 x 20", "6 and 18"]);
    let error = make(&[usize::MAX, 2], &[4, 5]);
    assert_says(&error, &["more than memory can address and 20"]);
    let error = seen(&[2, 3, 1], &[4, 5, 1]);
    assert_eq!(error, TtMatrixError::Order { order: 2, pairs: 3 });
    assert_says(&error, &["order 2", "3 pairs"]);
    let error = seen(&[2, 5], &[4, 5]);
    let (mode, size, row, col) = (1, 15, 5, 5);
    assert_eq!(
        error,
        TtMatrixError::PairSize {
            mode,
            size,
            row,
            col
        }
    );
    assert_says(
        &error,
        &["mode 1", "size 15", "row mode 5", "column mode 5"],
    );
    let error = seen(&[2, usize::MAX], &[4, 2]);
    assert!(matches!(error, TtMatrixError::PairSize { mode: 1, .. }));
}

fn dense_matrices_are_screened<A: Scalar>() {
    let mut dense = random::matrix::<A>(6, 20, 3);
    let error = TtMatrix::from_dense(&dense, [2, 3], [4, 5], 0).unwrap_err();
    let zero = RankError::Zero {
        bond: 1,
        largest: 8,
    };
    assert_eq!(error, TtMatrixError::Train(TtError::Rank(zero)));
    let error = TtMatrix::from_dense(&dense, [2, 3], [4, 5], [2, 2, 2, 2]).unwrap_err();
    assert!(
        matches!(error, TtMatrixError::Train(TtError::Rank(_))),
        "{error}"
    );
    let error = TtMatrix::from_dense(&dense, [2, 3], [4, 5], Truncation::relative(-1.0));
    assert!(matches!(error, Err(TtMatrixError::Train(TtError::Rank(_)))));
    dense[[4, 7]] = A::infinity();
    dense[[5, 0]] = A::nan();
    let error = TtMatrix::from_dense(&dense, [2, 3], [4, 5], 2).unwrap_err();
    let TtMatrixError::Train(TtError::NonFinite { what, index, value }) = &error else {
        panic!("{error}")
    };
    // The place in the matrix, not in the tensor.
    assert_eq!(
        (what.as_str(), &index[..], *value),
        ("the matrix", &[4, 7][..], f64::INFINITY)
    );
    assert_says(&error, &["the matrix", "[4, 7]", "inf"]);
}

fn cores_that_do_not_fit_are_refused<A: Scalar>() {
    type Shape = [usize; 4];
    let cases: [(&[Shape], usize, usize, bool); 8] = [
        (&[[2, 3, 3, 1]], 0, 1, true),
        (&[[1, 3, 3, 2]], 0, 1, true),
        (&[[1, 0, 3, 1]], 0, 1, true),
        (&[[1, 3, 0, 1]], 0, 1, true),
        (&[[1, 3, 2, 2], [3, 3, 2, 1]], 1, 2, true),
        (&[[1, 3, 2, 2], [2, 3, 2, 2]], 1, 2, true),
        (&[[1, 3, 2, 0], [0, 3, 2, 1]], 0, 1, false),
        (&[[1, 3, 1, 2], [2, 4, 1, 5], [4, 3, 1, 1]], 2, 5, true),
    ];
    for (shapes, core, left_rank, last) in cases {
        let cores = shapes
            .iter()
            .map(|&shape| Array4::<A>::ones(shape))
            .collect();
        let error = TtMatrix::from_cores(cores).unwrap_err();
        let got = shapes[core];
        let expected = TtMatrixError::CoreShape {
            core,
            got,
            left_rank,
            last,
        };
        assert_eq!(error, expected);
        let numbers = [
            format!("core {core}"),
            format!("{got:?}"),
            format!("({left_rank}, m, n, r)"),
        ];
        assert_says(&error, &numbers.each_ref().map(String::as_str));
        assert_eq!(error.to_string().contains("r = 1"), last);
    }
    assert_eq!(
        TtMatrix::<A>::from_cores(vec![]).unwrap_err(),
        TtMatrixError::NoModes
    );
    for bad in [A::nan(), A::infinity()] {
        let mut cores = random_cores::<A>(&modes(), 4);
        cores[1][[1, 2, 4, 0]] = bad;
        let error = TtMatrix::from_cores(cores).unwrap_err();
        let TtMatrixError::Train(TtError::NonFinite { what, index, .. }) = &error else {
            panic!("{error}")
        };
        assert_eq!((what.as_str(), &index[..]), ("core 1", &[1, 2, 4, 0][..]));
    }
}

fn elements_outside_are_refused<A: Scalar>() {
    let m = matrix::<A>();
    assert!(m.get(5, 19).is_ok());
    for (row, col) in [(6, 0), (0, 20), (usize::MAX, 0), (6, 20)] {
        let error = m.get(row, col).unwrap_err();
        let expected = TtMatrixError::IndexOutOfBounds {
            row,
            col,
            row_modes: vec![2, 3],
            col_modes: vec![4, 5],
        };
        assert_eq!(error, expected);
        assert_says(&error, &[&format!("({row}, {col})"), "[2, 3]", "[4, 5]"]);
    }
}

fn operands_that_do_not_fit_are_refused<A: Scalar>() {
    let m = matrix::<A>();
    for got in [0, 1, 6, 19, 21] {
        let error = m.matvec(&Array1::ones(got)).unwrap_err();
        let what = "the vector";
        let modes = vec![4, 5];
        assert_eq!(error, TtMatrixError::Length { what, got, modes });
        assert_says(
            &error,
            &["the vector", &format!("length {got}"), "[4, 5]", "20"],
        );
        let error = m.matmul(&Array2::ones((got, 2))).unwrap_err();
        assert!(matches!(
            error,
            TtMatrixError::Length {
                what: "a column of X",
                ..
            }
        ));
        let x = Array2::ones((20, 2));
        let error = m.matmul_pullback(&Array2::ones((got, 2)), &Array2::ones((6, 2)));
        assert!(matches!(
            error,
            Err(TtMatrixError::Length {
                what: "a column of X",
                ..
            })
        ));
        if got != 6 {
            let error = m.matmul_pullback(&x, &Array2::ones((got, 2))).unwrap_err();
            assert_says(&error, &["a column of the gradient", "[2, 3] ask for 6"]);
        }
    }
    let error = m
        .matmul_pullback(&Array2::ones((20, 2)), &Array2::ones((6, 3)))
        .unwrap_err();
    let (batch, gradient) = (2, 3);
    assert_eq!(error, TtMatrixError::Batch { batch, gradient });
    assert_says(&error, &["2 columns", "3"]);
}

fn operands_with_nan_are_refused<A: Scalar>() {
    let m = matrix::<A>();
    let non_finite = |error: TtMatrixError| match error {
        TtMatrixError::Train(TtError::NonFinite { what, index, .. }) => (what, index),
        other => panic!("{other}"),
    };
    for bad in [A::nan(), A::neg_infinity()] {
        let mut vector = Array1::ones(20);
        vector[7] = bad;
        let error = m.matvec(&vector).unwrap_err();
        assert_eq!(non_finite(error), ("the vector".into(), vec![7]));
        let (mut x, mut gradient) = (Array2::ones((20, 3)), Array2::ones((6, 3)));
        gradient[[5, 2]] = bad;
        let error = m.matmul_pullback(&x, &gradient).unwrap_err();
        assert_eq!(non_finite(error), ("the gradient".into(), vec![5, 2]));
        x[[19, 1]] = bad;
        let error = m.matmul(&x).unwrap_err();
        assert_eq!(non_finite(error), ("X".into(), vec![19, 1]));
        let error = m.matmul_pullback(&x, &gradient).unwrap_err();
        assert_eq!(non_finite(error), ("X".into(), vec![19, 1]));
        let error = TtMatrix::from_kronecker(&[Array2::ones((1, 2)), x]).unwrap_err();
        assert_eq!(non_finite(error), ("core 1".into(), vec![0, 19, 1, 0]));
        let error = TtMatrix::tridiagonal_toeplitz([2, 3], [A::one(), bad, A::one()]);
        let (what, _) = non_finite(error.unwrap_err());
        assert_eq!(what, "core 1");
        assert!(m.scale(bad).is_err());
    }
}

/// What an optimiser wrote into a core is found before it spreads.
fn cores_with_nan_are_refused<A: Scalar>() {
    let mut m = matrix::<A>();
    for (k, mut core) in m.cores_mut().enumerate() {
        if k == 1 {
            core[[1, 2, 3, 0]] = A::nan();
        }
    }
    let x = Array2::ones((20, 2));
    let train = TensorTrain::from_cores(random::cores::<A>(&[4, 5], &[1, 1, 1], 8)).unwrap();
    for error in [
        m.matvec(&Array1::ones(20)).unwrap_err(),
        m.matmul(&x).unwrap_err(),
        m.matmul_pullback(&x, &Array2::ones((6, 2))).unwrap_err(),
        m.kron(&m).unwrap_err(),
        m.apply(&train).unwrap_err(),
        m.compose(&m.transpose()).unwrap_err(),
        m.add(&m).unwrap_err(),
        m.scale(A::one()).unwrap_err(),
        m.round(1).unwrap_err(),
    ] {
        let TtMatrixError::Train(TtError::NonFinite { what, .. }) = &error else {
            panic!("{error}")
        };
        assert_eq!(what, "core 1");
    }
}

fn matrices_that_do_not_fit_are_refused<A: Scalar>() {
    let m = matrix::<A>();
    let modes = |error: TtMatrixError| match error {
        TtMatrixError::Modes {
            what,
            expected,
            got,
        } => (what, expected, got),
        other => panic!("{other}"),
    };
    let square = TtMatrix::identity([2, 3]).unwrap();
    let error = m.compose(&square).unwrap_err();
    assert_says(
        &error,
        &["row modes of the second matrix", "[4, 5]", "[2, 3]"],
    );
    let what = "the row modes of the second matrix";
    assert_eq!(modes(error.clone()), (what, vec![4, 5], vec![2, 3]));
    assert_eq!(m.compose_rounded(&square, 1).unwrap_err(), error);
    // The same sides in other digits are other matrices.
    let other = TtMatrix::identity([5, 4]).unwrap();
    assert_eq!(
        modes(m.compose(&other).unwrap_err()),
        (what, vec![4, 5], vec![5, 4])
    );
    let rows: Modes = (vec![3, 2], vec![4, 5], vec![1, 1, 1]);
    let cols: Modes = (vec![2, 3], vec![4, 5, 1], vec![1, 1, 1]);
    let longer: Modes = (vec![2, 3, 1], cols.1, vec![1, 1, 1, 1]);
    for (other, what) in [
        (
            random_matrix::<A>(&rows, 5),
            "the row modes of the other matrix",
        ),
        (
            random_matrix::<A>(&longer, 5),
            "the row modes of the other matrix",
        ),
        (m.transpose(), "the row modes of the other matrix"),
    ] {
        for error in [
            m.add(&other).unwrap_err(),
            m.sub(&other).unwrap_err(),
            m.dot(&other).unwrap_err(),
        ] {
            assert_eq!(modes(error), (what, vec![2, 3], other.row_modes().to_vec()));
        }
    }
    // Merged pairs agree, the modes do not.
    let other = TtMatrix::from_tensor_train(m.as_tensor_train().clone(), [2, 5], [4, 3]).unwrap();
    assert!(m.add(&other).is_err() && m.dot(&other).is_err());
    let train = TensorTrain::from_cores(random::cores::<A>(&[4, 6], &[1, 1, 1], 6)).unwrap();
    let error = m.apply(&train).unwrap_err();
    let what = "the shape of the tensor train";
    assert_eq!(modes(error), (what, vec![4, 5], vec![4, 6]));
    assert!(m.round(0).is_err() && m.compose_rounded(&m.transpose(), 0).is_err());
}

fn square_means_mode_by_mode<A: Scalar>() {
    let error = TtMatrixError::NotSquare {
        row_modes: vec![2, 3],
        col_modes: vec![3, 2],
    };
    let m = random_matrix::<A>(&(vec![2, 3], vec![3, 2], vec![1, 2, 1]), 7);
    assert_eq!(m.trace().unwrap_err(), error);
    assert_eq!(m.diagonal().unwrap_err(), error);
    assert_says(&error, &["[2, 3]", "[3, 2]"]);
    let factors = [Array2::<A>::ones((2, 3)), Array2::ones((3, 2))];
    assert_eq!(TtMatrix::from_kronecker_sum(&factors).unwrap_err(), error);
}

fn factors_and_modes_of_constructors<A: Scalar>() {
    assert_eq!(
        TtMatrix::<A>::from_kronecker(&[]).unwrap_err(),
        TtMatrixError::NoModes
    );
    assert_eq!(
        TtMatrix::<A>::from_kronecker_sum(&[]).unwrap_err(),
        TtMatrixError::NoModes
    );
    assert_eq!(
        TtMatrix::<A>::identity([]).unwrap_err(),
        TtMatrixError::NoModes
    );
    let empty = [Array2::<A>::ones((2, 2)), Array2::ones((3, 0))];
    let error = TtMatrixError::EmptyMode {
        side: "column",
        mode: 1,
        modes: vec![2, 0],
    };
    assert_eq!(TtMatrix::from_kronecker(&empty).unwrap_err(), error);
    assert_eq!(TtMatrix::from_kronecker_sum(&empty).unwrap_err(), error);
    let error = TtMatrixError::EmptyMode {
        side: "row",
        mode: 0,
        modes: vec![0, 2],
    };
    assert_eq!(TtMatrix::<A>::identity([0, 2]).unwrap_err(), error);
    let numbers = [A::one(); 3];
    assert_eq!(
        TtMatrix::tridiagonal_toeplitz([0, 2], numbers).unwrap_err(),
        error
    );
    assert_eq!(
        TtMatrix::tridiagonal_toeplitz([], numbers).unwrap_err(),
        TtMatrixError::NoModes
    );
    let error = TtMatrix::<A>::identity([2, 1 << 40]).unwrap_err();
    let shape = [1, 1 << 40, 1 << 40, 1];
    assert_eq!(error, TtMatrixError::CoreTooLarge { core: 1, shape });
    assert_says(&error, &["core 1", "1099511627776"]);
    let error = TtMatrix::tridiagonal_toeplitz([1 << 40], numbers).unwrap_err();
    assert!(matches!(error, TtMatrixError::CoreTooLarge { core: 0, .. }));
}

/// Errors can be compared, cloned, sent to other threads, and boxed; what the train refused is not told twice.
#[test]
fn errors_behave_like_errors() {
    fn boxed<E: std::error::Error + Send + Sync + Clone + 'static>(e: &E) -> tt_admm::BoxError {
        Box::new(e.clone())
    }
    let error = matrix::<f64>().matvec(&Array1::ones(3)).unwrap_err();
    assert_eq!(boxed(&error).to_string(), error.to_string());
    let inner = TtError::NoModes;
    let outer = TtMatrixError::from(inner.clone());
    assert_eq!(outer.to_string(), inner.to_string());
    assert!(std::error::Error::source(&outer).is_none());
}

#[test]
#[should_panic(expected = "the len is 2 but the index is 2")]
fn a_core_that_does_not_exist_panics_as_documented() {
    let _ = matrix::<f64>().core(2);
}

for_both_scalars!(
    modes_that_do_not_fit_are_refused,
    dense_matrices_are_screened,
    cores_that_do_not_fit_are_refused,
    elements_outside_are_refused,
    operands_that_do_not_fit_are_refused,
    operands_with_nan_are_refused,
    cores_with_nan_are_refused,
    matrices_that_do_not_fit_are_refused,
    square_means_mode_by_mode,
    factors_and_modes_of_constructors,
);
