//! Every refusal: the right variant, with its numbers, in the value and in the text.

use crate::common::random;
use crate::support::ring;
use tt_admm::ndarray::{Array3, ArrayD, IxDyn, arr0};
use tt_admm::{
    Scalar, TensorRing, TrAls, TrError, TrRanks, TrSvd, TrTruncation, Truncation, tr_als, tr_svd,
};

/// The text of the error has all of these parts.
#[track_caller]
fn assert_says(error: &TrError, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in {text:?}");
    }
}

fn tensors_without_elements<A: Scalar>() {
    let scalar = arr0(A::one());
    assert_eq!(tr_svd(&scalar, 1).unwrap_err(), TrError::NoModes);
    assert_eq!(tr_als(&scalar, 1).unwrap_err(), TrError::NoModes);
    for (shape, mode) in [(&[0][..], 0), (&[3, 0], 1), (&[2, 3, 0, 4], 2)] {
        let x = ArrayD::<A>::zeros(IxDyn(shape));
        let expected = TrError::EmptyMode {
            mode,
            shape: shape.to_vec(),
        };
        assert_eq!(tr_svd(&x, 1).unwrap_err(), expected);
        assert_eq!(tr_als(&x, 1).unwrap_err(), expected);
        assert_says(&expected, &[&format!("mode {mode}"), &format!("{shape:?}")]);
    }
    let shape = [1 << 40, 1 << 40];
    let error = TrSvd::new(1).check(&shape).unwrap_err();
    assert_eq!(
        error,
        TrError::TooLarge {
            shape: shape.to_vec()
        }
    );
}

fn elements_that_are_not_finite<A: Scalar>() {
    let mut x = random::tensor::<A>(&[3, 4, 5], 2);
    x[[1, 2, 3]] = A::infinity();
    x[[2, 0, 0]] = A::nan();
    for error in [
        tr_svd(&x, 1).unwrap_err(),
        tr_svd(&x, TrTruncation::relative(0.1)).unwrap_err(),
        tr_als(&x, 2).unwrap_err(),
        TrAls::new(2).sampled(4).decompose(&x).unwrap_err(),
    ] {
        let TrError::NonFinite { what, index, value } = &error else {
            panic!("{error:?}")
        };
        assert_eq!((what.as_str(), &index[..]), ("the tensor", &[1, 2, 3][..]));
        assert_eq!(*value, f64::INFINITY);
        assert_says(&error, &["the tensor", "[1, 2, 3]", "inf"]);
    }
    let mut cores = ring::<A>(&[3, 4], &[2, 2, 2], 1).into_cores();
    cores[1][[1, 3, 0]] = A::nan();
    let error = TensorRing::from_cores(cores).unwrap_err();
    assert!(matches!(&error, TrError::NonFinite { what, .. } if what == "core 1"));
    let mut spoiled = ring::<A>(&[3, 4], &[2, 2, 2], 1);
    let other = spoiled.clone();
    for mut core in spoiled.cores_mut() {
        core.fill(A::nan());
    }
    let is_refused = |error: TrError| matches!(error, TrError::NonFinite { .. });
    assert!(is_refused(spoiled.add(&other).unwrap_err()));
    assert!(is_refused(spoiled.scale(A::one()).unwrap_err()));
    assert!(is_refused(spoiled.round(1).unwrap_err()));
    let x = random::tensor::<A>(&[3, 4], 2);
    assert!(is_refused(TrAls::new(2).improve(&x, &spoiled).unwrap_err()));
    assert!(spoiled.to_tensor_train(1).is_err());
    assert!(spoiled.to_dense().iter().all(|e| e.is_nan()));
}

#[test]
fn ranks_that_do_not_fit() {
    let x = random::tensor::<f64>(&[3, 4, 5], 3);
    let both = |ranks: TrRanks| {
        let error = tr_svd(&x, &ranks).unwrap_err();
        assert_eq!(tr_als(&x, &ranks).unwrap_err(), error);
        error
    };
    for got in [0, 1, 2, 5] {
        let error = both(vec![1; got].into());
        assert_eq!(error, TrError::RankCount { order: 3, got });
        assert_says(
            &error,
            &["order 3", "3 ranks", "4 ranks", &format!("list of {got}")],
        );
    }
    for (ranks, bond) in [
        (TrRanks::from(0), 0),
        ([1, 0, 1].into(), 1),
        ([1, 1, 0, 1].into(), 2),
        ([0, 1, 1, 0].into(), 0),
    ] {
        let error = both(ranks);
        assert_eq!(error, TrError::RankZero { bond });
        assert_says(&error, &[&format!("bond {bond}")]);
    }
    let error = both([1, 2, 2, 3].into());
    let (first, last) = (1, 3);
    assert_eq!(
        error,
        TrError::RankEnds {
            order: 3,
            first,
            last
        }
    );
    assert_says(&error, &["4 ranks", "1 and 3"]);
    // Both bonds of the start come from one cut.
    for (start, ranks, largest) in [(0, [2, 2], 3), (1, [2, 3], 4), (2, [3, 2], 5)] {
        let error = TrSvd::new([2, 2, 3])
            .start(start)
            .decompose(&x)
            .unwrap_err();
        let mode = start;
        assert_eq!(
            error,
            TrError::FirstCut {
                mode,
                ranks,
                largest
            }
        );
        assert_says(
            &error,
            &[&format!("mode {mode}"), &format!("rank {largest}")],
        );
    }
    // No start at all.
    assert!(TrSvd::new(3).search(true).decompose(&x).is_err());
    assert!(TrSvd::new(2).search(true).decompose(&x).is_ok());
    for huge in [usize::MAX, 1 << 40] {
        let error = tr_als(&x, huge).unwrap_err();
        let (ranks, shape) = (vec![huge; 3], vec![3, 4, 5]);
        assert_eq!(error, TrError::RanksTooLarge { ranks, shape });
        assert!(tr_svd(&x, huge).is_err());
        assert!(tr_svd(&x, TrTruncation::exact().and_max_rank(huge)).is_ok());
    }
}

#[test]
fn starts_and_shifts_outside_the_tensor() {
    let x = random::tensor::<f64>(&[3, 4], 4);
    for mode in [2, 7, usize::MAX] {
        let expected = TrError::NoSuchMode { mode, order: 2 };
        for search in [false, true] {
            let svd = TrSvd::new(1).start(mode).search(search);
            assert_eq!(svd.decompose(&x).unwrap_err(), expected);
        }
        let y = ring::<f64>(&[3, 4], &[1, 2, 1], 1);
        assert_eq!(y.shift(mode).unwrap_err(), expected);
        assert_says(&expected, &["0 to 1", &mode.to_string()]);
    }
}

#[test]
fn settings_out_of_range() {
    let x = random::tensor::<f64>(&[3, 4], 5);
    for got in [-1.0, f64::NAN, f64::INFINITY] {
        for rule in [TrTruncation::relative(got), TrTruncation::absolute(got)] {
            let error = tr_svd(&x, rule).unwrap_err();
            assert!(matches!(error, TrError::Tolerance { .. }), "{error:?}");
            assert_says(&error, &[&got.to_string()]);
        }
        for als in [
            TrAls::new(1).tolerance(got),
            TrAls::new(1).target(got),
            TrAls::new(1).ridge(got),
        ] {
            let error = als.decompose(&x).unwrap_err();
            assert!(matches!(error, TrError::Setting { .. }), "{error:?}");
            assert_says(&error, &["not negative", &got.to_string()]);
        }
        let y = ring::<f64>(&[3, 4], &[1, 2, 1], 1);
        if !got.is_finite() {
            assert!(matches!(y.scale(got).unwrap_err(), TrError::Factor { .. }));
        }
        assert!(y.round(TrTruncation::relative(got)).is_err());
    }
    let error = TrAls::new(1).sampled(0).decompose(&x).unwrap_err();
    assert_says(&error, &["samples", "at least 1", "got 0"]);
}

fn cores_that_do_not_fit<A: Scalar>() {
    assert_eq!(
        TensorRing::<A>::from_cores(vec![]).unwrap_err(),
        TrError::NoModes
    );
    let error = |shapes: &[(usize, usize, usize)]| {
        let cores = shapes.iter().map(|&s| Array3::<A>::ones(s)).collect();
        TensorRing::from_cores(cores).unwrap_err()
    };
    for (shapes, core, before, left_rank) in [
        (&[(2, 3, 2), (3, 4, 2)][..], 1, 0, 2),
        (&[(2, 3, 3), (3, 4, 1)], 0, 1, 1),
        (&[(2, 3, 3)], 0, 0, 3),
        (&[(2, 0, 2)], 0, 0, 2),
        (&[(1, 2, 0), (0, 2, 1)], 0, 1, 1),
    ] {
        let found = error(shapes);
        let (r, n, s) = shapes[core];
        let got = [r, n, s];
        assert_eq!(
            found,
            TrError::CoreShape {
                core,
                got,
                before,
                left_rank
            }
        );
        assert_says(
            &found,
            &[&format!("core {core}"), &format!("({left_rank}, n, r)")],
        );
    }
}

fn shapes_that_differ<A: Scalar>() {
    let x = ring::<A>(&[3, 4], &[2, 2, 2], 1);
    let y = ring::<A>(&[4, 3], &[2, 2, 2], 1);
    let expected = TrError::ShapeMismatch {
        expected: vec![3, 4],
        got: vec![4, 3],
    };
    assert_eq!(x.add(&y).unwrap_err(), expected);
    assert_eq!(x.dot(&y).unwrap_err(), expected);
    assert_eq!(x.pullback(&y.to_dense()).unwrap_err(), expected);
    assert_eq!(
        TrAls::new(2).improve(&y.to_dense(), &x).unwrap_err(),
        expected
    );
    let error = TrAls::new(3).improve(&x.to_dense(), &x).unwrap_err();
    let (expected, got) = (vec![3, 3, 3], vec![2, 2, 2]);
    assert_eq!(error, TrError::RankMismatch { expected, got });
    for index in [&[][..], &[1], &[3, 0], &[0, 4], &[0, 0, 0]] {
        let error = x.get(index).unwrap_err();
        let (index, shape) = (index.to_vec(), vec![3, 4]);
        assert_eq!(error, TrError::IndexOutOfBounds { index, shape });
    }
    assert!(matches!(
        x.to_tensor_train(Truncation::relative(-1.0)).unwrap_err(),
        TrError::TensorTrain(_)
    ));
}

for_both_scalars!(
    tensors_without_elements,
    elements_that_are_not_finite,
    cores_that_do_not_fit,
    shapes_that_differ,
);
