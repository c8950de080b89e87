//! Input that is refused, with the position and the numbers in the error.

use tt_admm::Scalar;
use tt_admm::linalg::{Keep, LinalgError, eigh, lstsq, qr, svd, truncated_svd};
use tt_admm::ndarray::{Array2, ArrayRef, Ix2, s};

type Call<A> = (&'static str, fn(&ArrayRef<A, Ix2>) -> Option<LinalgError>);

fn one_matrix_calls<A: Scalar>() -> Vec<Call<A>> {
    vec![
        ("svd", |a| svd(a).err()),
        ("truncated_svd", |a| truncated_svd(a, Keep::tail(0.1)).err()),
        ("qr", |a| qr(a).err()),
        ("lstsq, left", |a| {
            lstsq(a, &Array2::zeros((a.nrows(), 2))).err()
        }),
    ]
}

fn non_finite_entries_are_named<A: Scalar>() {
    for bad in [A::nan(), A::infinity(), A::neg_infinity()] {
        let mut a = Array2::<A>::ones((4, 6));
        a[[2, 5]] = bad;
        a[[3, 1]] = A::nan();
        for (name, call) in one_matrix_calls::<A>() {
            for (view, place, shape) in [
                (a.view(), (2, 5), (4, 6)),
                (a.t(), (1, 3), (6, 4)),
                (a.slice(s![..;-1, ..]), (0, 1), (4, 6)),
                (a.slice(s![..3, 1..;2]), (2, 2), (3, 3)),
            ] {
                let Some(LinalgError::NonFinite {
                    row,
                    col,
                    rows,
                    cols,
                    value,
                }) = call(&view)
                else {
                    panic!("{name} accepted {bad}");
                };
                assert_eq!(((row, col), (rows, cols)), (place, shape), "{name}");
                assert!(!value.is_finite());
                if place == (2, 5) || place == (2, 2) {
                    assert_eq!(value.to_bits(), bad.widen().to_bits(), "{name}");
                }
                let text = call(&view).unwrap().to_string();
                assert!(text.contains(&format!("({row}, {col})")), "{text}");
                assert!(text.contains(&format!("{rows} x {cols}")), "{text}");
                assert!(text.contains(&value.to_string()), "{text}");
            }
        }
    }
}

fn non_finite_entries_are_named_by_eigh_and_the_right_side<A: Scalar>() {
    let mut square = Array2::<A>::eye(5);
    square[[3, 2]] = A::neg_infinity();
    let expected = LinalgError::NonFinite {
        row: 3,
        col: 2,
        rows: 5,
        cols: 5,
        value: f64::NEG_INFINITY,
    };
    assert_eq!(eigh(&square).unwrap_err(), expected);
    assert_eq!(lstsq(&Array2::eye(5), &square).unwrap_err(), expected);
}

fn empty_matrices_are_refused<A: Scalar>() {
    for (rows, cols) in [(0, 3), (3, 0), (0, 0)] {
        let a = Array2::<A>::zeros((rows, cols));
        for (name, call) in one_matrix_calls::<A>() {
            assert_eq!(call(&a), Some(LinalgError::Empty { rows, cols }), "{name}");
        }
    }
    assert_eq!(
        eigh(&Array2::<A>::zeros((0, 0))).unwrap_err(),
        LinalgError::Empty { rows: 0, cols: 0 }
    );
    let error = lstsq(&Array2::<A>::eye(4), &Array2::zeros((4, 0))).unwrap_err();
    assert_eq!(error, LinalgError::Empty { rows: 4, cols: 0 });
    assert!(error.to_string().contains("4 x 0"), "{error}");
}

fn wrong_shapes_are_refused<A: Scalar>() {
    let error = eigh(&Array2::<A>::ones((3, 4))).unwrap_err();
    assert_eq!(error, LinalgError::NotSquare { rows: 3, cols: 4 });
    assert!(error.to_string().contains("3 x 4"), "{error}");
    let error = lstsq(&Array2::<A>::ones((3, 4)), &Array2::ones((5, 1))).unwrap_err();
    assert_eq!(
        error,
        LinalgError::RowMismatch {
            expected: 3,
            got: 5
        }
    );
    let text = error.to_string();
    assert!(text.contains('3') && text.contains('5'), "{text}");
}

for_both_scalars!(
    non_finite_entries_are_named,
    non_finite_entries_are_named_by_eigh_and_the_right_side,
    empty_matrices_are_refused,
    wrong_shapes_are_refused,
);
