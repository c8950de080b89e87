//! Every refusal: the right variant, with its numbers, in the value and in the text.

// Generic test bodies are no `#[test]` functions themselves, so the lint cannot tell that they are tests.
#![allow(clippy::unwrap_used)]

#[macro_use]
mod common;

use common::random;
use std::error::Error;
use tt_admm::ndarray::{Array, Array3, ArrayD, IxDyn, arr0, s};
use tt_admm::projection::{Prox, TtProjection};
use tt_admm::{RankError, Scalar, Sweeps, TensorTrain, Truncation, TtError, TtSvd, tt_svd};

/// The text of the error has all of these parts.
#[track_caller]
fn assert_says(error: &TtError, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in {text:?}");
    }
}

fn train<A: Scalar>() -> TensorTrain<A> {
    TensorTrain::from_cores(random::cores(&[3, 4, 2], &[1, 2, 2, 1], 1)).unwrap()
}

fn tensors_without_elements_are_refused<A: Scalar>() {
    let error = tt_svd(&arr0(A::one()), 1).unwrap_err();
    assert_eq!(error, TtError::NoModes);
    assert_says(&error, &["0-d", "[1]"]);
    for (shape, mode) in [
        (&[0][..], 0),
        (&[3, 0], 1),
        (&[0, 0, 2], 0),
        (&[2, 3, 0, 4], 2),
    ] {
        let error = tt_svd(&ArrayD::<A>::zeros(IxDyn(shape)), 1).unwrap_err();
        assert_eq!(
            error,
            TtError::EmptyMode {
                mode,
                shape: shape.to_vec()
            }
        );
        assert_says(&error, &[&format!("mode {mode}"), &format!("{shape:?}")]);
        assert_eq!(TtSvd::new(1).check(shape).unwrap_err(), error);
    }
}

fn bad_sweeps_are_refused<A: Scalar>() {
    for got in [-1e-9, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let svd = TtSvd::new(2).improve(Sweeps::at_most(3).until(got));
        // Before any work, and for orders without sweeps too.
        for shape in [&[3, 4, 5][..], &[3, 4], &[3]] {
            let error = svd.check(shape).unwrap_err();
            assert!(matches!(error, TtError::Sweeps { got: g } if g.to_bits() == got.to_bits()));
            assert_says(&error, &["finite", &got.to_string()]);
            let mut x = random::tensor::<A>(shape, 2);
            x.fill(A::nan());
            let error = svd.decompose(&x).unwrap_err();
            assert!(matches!(error, TtError::Sweeps { .. }), "{error}");
        }
        let projection = TtProjection::new(2).improve(Sweeps::default().until(got));
        let error = Prox::<A>::check(&projection, &[3, 4, 5]).unwrap_err();
        assert!(error.to_string().contains(&got.to_string()), "{error}");
    }
    let svd = TtSvd::new(2).improve(3);
    let mut x = random::tensor::<A>(&[3, 4, 5], 2);
    x[[1, 2, 3]] = A::infinity();
    let error = svd.decompose(&x).unwrap_err();
    assert!(matches!(error, TtError::NonFinite { ref index, .. } if *index == [1, 2, 3]));
    assert_eq!(
        svd.decompose(&arr0(A::one())).unwrap_err(),
        TtError::NoModes
    );
}

fn non_finite_elements_are_named<A: Scalar>() {
    let mut x = random::tensor::<A>(&[3, 4, 5], 2);
    for bad in [A::nan(), A::infinity(), A::neg_infinity()] {
        x[[1, 2, 3]] = bad;
        x[[2, 0, 0]] = A::nan();
        let expected_value = bad.widen();
        for (view, place) in [
            (x.view(), vec![1, 2, 3]),
            (x.view().permuted_axes(IxDyn(&[2, 0, 1])), vec![0, 2, 0]),
            (x.slice(s![..2, 2.., ..;-1]).into_dyn(), vec![1, 0, 1]),
        ] {
            for rule in [
                Truncation::from(2),
                Truncation::relative(0.1),
                Truncation::max_rank(1),
            ] {
                let error = tt_svd(&view, rule).unwrap_err();
                let TtError::NonFinite { what, index, value } = &error else {
                    panic!("{error:?}")
                };
                assert_eq!((what.as_str(), index), ("the tensor", &place));
                if place != [0, 2, 0] {
                    assert_eq!(value.to_bits(), expected_value.to_bits());
                }
                assert_says(
                    &error,
                    &["the tensor", &format!("{place:?}"), &value.to_string()],
                );
            }
        }
    }
    let mut cores = train::<A>().into_cores();
    cores[1][[1, 3, 0]] = A::infinity();
    let error = TensorTrain::from_cores(cores).unwrap_err();
    let TtError::NonFinite { what, index, value } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(
        (what.as_str(), &index[..], *value),
        ("core 1", &[1, 3, 0][..], f64::INFINITY)
    );
    assert_says(&error, &["core 1", "[1, 3, 0]", "inf"]);
}

fn ranks_that_do_not_fit_are_refused<A: Scalar>() {
    let x = random::tensor::<A>(&[3, 4, 5], 3);
    let error = |truncation: Truncation| {
        let error = TtSvd::new(truncation.clone()).decompose(&x).unwrap_err();
        assert_eq!(TtSvd::new(truncation).check(x.shape()).unwrap_err(), error);
        error
    };
    for got in [0, 1, 3, 5, 6] {
        let refused = error(Truncation::from(vec![1; got]));
        assert_eq!(refused, TtError::Rank(RankError::Count { order: 3, got }));
        assert_says(
            &refused,
            &[
                "order 3",
                "2 inner ranks",
                "4 ranks",
                &format!("list of {got}"),
            ],
        );
    }
    for (ranks, bond, largest) in [
        (Truncation::from(0), 1, 3),
        (Truncation::max_rank(0), 1, 3),
        (Truncation::from([0, 2]), 1, 3),
        (Truncation::from([2, 0]), 2, 5),
        (Truncation::from([1, 2, 0, 1]), 2, 5),
        (Truncation::relative(0.1).and_ranks([2, 0]), 2, 5),
        (Truncation::relative(0.1).and_max_rank(0), 1, 3),
    ] {
        let refused = error(ranks);
        assert_eq!(refused, TtError::Rank(RankError::Zero { bond, largest }));
        let numbers = [
            "rank 0".into(),
            format!("bond {bond}"),
            format!("at most {largest}"),
        ];
        assert_says(&refused, &numbers.each_ref().map(String::as_str));
    }
    for (ranks, bond, got) in [
        ([2, 2, 2, 1], 0, 2),
        ([1, 2, 2, 4], 3, 4),
        ([0, 2, 2, 1], 0, 0),
    ] {
        let refused = error(ranks.into());
        assert_eq!(refused, TtError::Rank(RankError::End { bond, got }));
        assert_says(&refused, &[&format!("bond {bond}"), &format!("got {got}")]);
    }
}

fn tolerances_that_mean_nothing_are_refused<A: Scalar>() {
    let x = random::tensor::<A>(&[3, 4], 4);
    for got in [-1.0, -1e-300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (rule, kind) in [
            (Truncation::relative(got), "relative"),
            (Truncation::absolute(got), "absolute"),
            (Truncation::absolute(1.0).and_relative(got), "relative"),
            (
                Truncation::from(1).and_absolute(got).and_max_rank(2),
                "absolute",
            ),
        ] {
            let refused = tt_svd(&x, rule).unwrap_err();
            let TtError::Rank(RankError::Tolerance { kind: k, got: g }) = &refused else {
                panic!("{refused:?}")
            };
            assert_eq!((*k, g.to_bits()), (kind, got.to_bits()));
            assert_says(&refused, &[kind, &got.to_string()]);
        }
    }
    let zero = ArrayD::<A>::zeros(IxDyn(&[3, 4]));
    assert!(
        tt_svd(&zero, Truncation::relative(-1.0)).is_err(),
        "checked for a zero tensor too"
    );
    assert!(tt_svd(&x, Truncation::relative(-0.0)).is_ok());
}

fn cores_that_do_not_fit_are_refused<A: Scalar>() {
    type Shape = [usize; 3];
    let cases: [(&[Shape], usize, usize, bool); 9] = [
        (&[[2, 3, 1]], 0, 1, true),
        (&[[1, 3, 2]], 0, 1, true),
        (&[[1, 0, 1]], 0, 1, true),
        (&[[2, 3, 2], [2, 3, 1]], 0, 1, false),
        (&[[1, 3, 2], [3, 3, 1]], 1, 2, true),
        (&[[1, 3, 2], [2, 3, 2]], 1, 2, true),
        (&[[1, 3, 0], [0, 3, 1]], 0, 1, false),
        (&[[1, 3, 2], [2, 0, 2], [2, 3, 1]], 1, 2, false),
        (&[[1, 3, 2], [2, 4, 5], [4, 3, 1]], 2, 5, true),
    ];
    for (shapes, core, left_rank, last) in cases {
        let cores = shapes
            .iter()
            .map(|&[r, n, s]| Array3::<A>::ones((r, n, s)))
            .collect();
        let error = TensorTrain::from_cores(cores).unwrap_err();
        let got = shapes[core];
        assert_eq!(
            error,
            TtError::CoreShape {
                core,
                got,
                left_rank,
                last
            },
            "{shapes:?}"
        );
        let numbers = [
            format!("core {core}"),
            format!("{got:?}"),
            format!("({left_rank}, n, r)"),
        ];
        assert_says(&error, &numbers.each_ref().map(String::as_str));
        assert_eq!(error.to_string().contains("r = 1"), last);
    }
    assert_eq!(
        TensorTrain::<A>::from_cores(vec![]).unwrap_err(),
        TtError::NoModes
    );
}

fn indices_outside_are_refused<A: Scalar>() {
    let tt = train::<A>();
    assert!(tt.get(&[2, 3, 1]).is_ok());
    for index in [
        &[3, 0, 0][..],
        &[0, 4, 0],
        &[0, 0, 2],
        &[0, 0],
        &[0, 0, 0, 0],
        &[],
        &[usize::MAX; 3],
    ] {
        let error = tt.get(index).unwrap_err();
        let expected = TtError::IndexOutOfBounds {
            index: index.to_vec(),
            shape: vec![3, 4, 2],
        };
        assert_eq!(error, expected);
        assert_says(&error, &[&format!("{index:?}"), "[3, 4, 2]"]);
    }
}

fn shapes_that_differ_are_refused<A: Scalar>() {
    let tt = train::<A>();
    for got in [&[3, 4][..], &[3, 4, 3], &[4, 3, 2], &[3, 4, 2, 1], &[24]] {
        let mut ranks = vec![1; got.len() + 1];
        ranks[got.len()] = 1;
        let other = TensorTrain::<A>::from_cores(random::cores(got, &ranks, 5)).unwrap();
        let expected = |a: &[usize], b: &[usize]| TtError::ShapeMismatch {
            expected: a.to_vec(),
            got: b.to_vec(),
        };
        let error = tt.dot(&other).unwrap_err();
        assert_eq!(error, expected(&[3, 4, 2], got));
        assert_says(&error, &["[3, 4, 2]", &format!("{got:?}")]);
        assert_eq!(other.dot(&tt).unwrap_err(), expected(got, &[3, 4, 2]));
        let error = tt.pullback(&random::tensor::<A>(got, 6)).unwrap_err();
        assert_eq!(error, expected(&[3, 4, 2], got));
    }
    assert!(tt.pullback(&arr0(A::one())).is_err());
}

fn cores_that_are_not_there_are_refused<A: Scalar>() {
    let mut tt = train::<A>();
    for core in [3, 4, usize::MAX] {
        let before = tt.clone();
        let error = tt.orthogonalize(core).unwrap_err();
        assert_eq!(error, TtError::NoSuchCore { core, order: 3 });
        assert_says(&error, &[&format!("core {core}"), "order 3", "0 to 2"]);
        assert_eq!(tt, before);
    }
}

for_both_scalars!(
    bad_sweeps_are_refused,
    tensors_without_elements_are_refused,
    non_finite_elements_are_named,
    ranks_that_do_not_fit_are_refused,
    tolerances_that_mean_nothing_are_refused,
    cores_that_do_not_fit_are_refused,
    indices_outside_are_refused,
    shapes_that_differ_are_refused,
    cores_that_are_not_there_are_refused,
);

#[test]
fn shapes_that_overflow_are_refused() {
    for shape in [
        &[usize::MAX, 2][..],
        &[1 << 32, 1 << 32],
        &[1 << 32, 1 << 31],
        &[1000; 30],
    ] {
        let error = TtSvd::new(2).check(shape).unwrap_err();
        assert_eq!(
            error,
            TtError::TooLarge {
                shape: shape.to_vec()
            }
        );
        assert_says(&error, &[&format!("{shape:?}")]);
    }
    assert_eq!(TtSvd::new(2).check(&[]).unwrap_err(), TtError::NoModes);
    let zero_among_huge = [usize::MAX, 0, usize::MAX];
    assert!(matches!(
        TtSvd::new(2).check(&zero_among_huge),
        Err(TtError::EmptyMode { mode: 1, .. })
    ));
}

#[test]
fn check_tells_the_largest_ranks() {
    let check = |rule: Truncation, shape: &[usize]| TtSvd::new(rule).check(shape).unwrap();
    assert_eq!(check(Truncation::from(50), &[3, 4, 5]), [1, 3, 5, 1]);
    assert_eq!(check(Truncation::exact(), &[3, 4, 5, 2]), [1, 3, 10, 2, 1]);
    assert_eq!(
        check(Truncation::relative(0.1).and_max_rank(4), &[3, 4, 5, 2]),
        [1, 3, 4, 2, 1]
    );
    assert_eq!(
        check(Truncation::from([2, 9]).and_max_rank(7), &[3, 4, 9]),
        [1, 2, 7, 1]
    );
    assert_eq!(check(Truncation::from(3), &[5]), [1, 1]);
    let large = [1 << 18, 1 << 18, 1 << 18];
    assert_eq!(
        check(Truncation::max_rank(usize::MAX), &large),
        [1, 1 << 18, 1 << 18, 1]
    );
}

/// The order of checks: what is wrong with the shape comes before ranks, ranks before elements.
#[test]
fn the_first_thing_wrong_is_named() {
    let bad = Array::from_elem((2, 3), f64::NAN);
    assert!(matches!(
        tt_svd(&bad, 0),
        Err(TtError::Rank(RankError::Zero { .. }))
    ));
    let empty = Array::<f64, _>::zeros((2, 0));
    assert!(matches!(
        tt_svd(&empty, 0),
        Err(TtError::EmptyMode { mode: 1, .. })
    ));
}

/// Errors can be compared, cloned, sent to other threads, and boxed.
#[test]
fn errors_behave_like_errors() {
    fn is_error<E: Error + Send + Sync + Clone + PartialEq + 'static>(e: &E) -> tt_admm::BoxError {
        Box::new(e.clone())
    }
    let error = tt_svd(&Array::<f64, _>::ones((2, 2)), 0).unwrap_err();
    assert_eq!(is_error(&error).to_string(), error.to_string());
    assert_eq!(
        is_error(&RankError::Zero {
            bond: 1,
            largest: 2
        })
        .to_string(),
        error.to_string(),
        "wrapping adds nothing to the text"
    );
    assert!(
        error.source().is_none(),
        "transparent, so the text is not told twice"
    );
}

#[test]
#[should_panic(expected = "[1000, 1000, 1000, 1000, 1000, 1000, 1000]")]
fn a_dense_tensor_that_cannot_exist_panics_as_documented() {
    let tt = TensorTrain::from_cores(vec![Array3::<f64>::ones((1, 1000, 1)); 7]).unwrap();
    let _ = tt.to_dense();
}

#[test]
#[should_panic(expected = "len is 3 but the index is 3")]
fn a_core_that_does_not_exist_panics_as_documented() {
    let _ = train::<f64>().core(3);
}
