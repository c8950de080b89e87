//! Every refusal: the right variant with its numbers, before any work.

use super::{random_train, uniform};
use tt_admm::ndarray::Array3;
use tt_admm::{RankError, Scalar, TensorTrain, Truncation, TtError};

fn train<A: Scalar>() -> TensorTrain<A> {
    random_train(&[3, 4, 2], &[1, 2, 2, 1], 1)
}

fn shapes_must_agree<A: Scalar>() {
    let x = train::<A>();
    for shape in [&[3, 4][..], &[3, 4, 2, 1], &[3, 4, 3], &[2, 4, 3], &[24]] {
        let y = random_train::<A>(shape, &uniform(shape.len(), 1), 2);
        let expected = TtError::ShapeMismatch {
            expected: vec![3, 4, 2],
            got: shape.to_vec(),
        };
        for result in [x.add(&y), x.sub(&y), x.hadamard(&y)] {
            assert_eq!(result.unwrap_err(), expected);
        }
        assert_eq!(x.dot(&y).unwrap_err(), expected);
        assert_eq!(x.log_dot(&y).unwrap_err(), expected);
    }
}

fn factors_must_be_finite<A: Scalar>() {
    for bad in [A::nan(), A::infinity(), A::neg_infinity()] {
        let error = train::<A>().scale(bad).unwrap_err();
        let TtError::NonFiniteArgument {
            name: "factor",
            value: got,
        } = error
        else {
            panic!("{error:?}")
        };
        assert_eq!(got.to_bits(), bad.widen().to_bits());
        assert!(error.to_string().contains(&got.to_string()), "{error}");
    }
}

/// Cores can be filled with anything in place; what is left of a NaN is an error that names it.
fn entries_must_be_finite<A: Scalar>() {
    for bad in [A::nan(), A::infinity()] {
        let (x, mut y) = (train::<A>(), train::<A>());
        y.cores_mut().for_each(|mut core| core[[0, 1, 0]] = bad);
        let results = [
            y.add(&x),
            x.sub(&y),
            y.scale(A::one()),
            x.hadamard(&y),
            y.round(2),
            y.round(Truncation::relative(0.1)),
        ];
        for result in results {
            let error = result.unwrap_err();
            let TtError::NonFinite { what, index, value } = &error else {
                panic!("{error:?}")
            };
            assert_eq!((what.as_str(), &index[..]), ("core 0", &[0, 1, 0][..]));
            assert_eq!(value.to_bits(), bad.widen().to_bits());
        }
        assert!(y.norm().is_nan() && y.log_norm().is_nan());
        assert!(!y.sum().is_finite(), "{}", y.sum());
    }
}

fn ranks_and_tolerances_must_fit<A: Scalar>() {
    let x = train::<A>();
    let error = |rule: Truncation| x.round(rule).unwrap_err();
    let zero = RankError::Zero {
        bond: 1,
        largest: 3,
    };
    assert_eq!(error(Truncation::from(0)), TtError::Rank(zero.clone()));
    assert_eq!(error(Truncation::max_rank(0)), TtError::Rank(zero));
    let count = RankError::Count { order: 3, got: 3 };
    assert_eq!(error(Truncation::from([1, 2, 2])), TtError::Rank(count));
    let end = RankError::End { bond: 3, got: 2 };
    assert_eq!(error(Truncation::from([1, 2, 2, 2])), TtError::Rank(end));
    for (rule, kind, got) in [
        (Truncation::relative(-0.1), "relative", -0.1),
        (
            Truncation::absolute(f64::INFINITY),
            "absolute",
            f64::INFINITY,
        ),
    ] {
        let expected = RankError::Tolerance { kind, got };
        assert_eq!(error(rule), TtError::Rank(expected));
    }
    assert!(matches!(
        error(Truncation::relative(f64::NAN)),
        TtError::Rank(RankError::Tolerance { .. })
    ));
}

/// Two ranks of 2^23 are fine; their product is a core of more than 2^47 bytes.
fn sizes_that_memory_cannot_hold_are_refused<A: Scalar>() {
    let rank = 1 << 23;
    let cores = vec![Array3::<A>::ones((1, 1, rank)), Array3::ones((rank, 1, 1))];
    let x = TensorTrain::from_cores(cores).unwrap();
    let error = x.hadamard(&x).unwrap_err();
    let shape = [1, 1, rank * rank];
    assert_eq!(error, TtError::CoreTooLarge { core: 0, shape });
    assert!(error.to_string().contains(&format!("{shape:?}")), "{error}");
}

fn sums_of_vectors_can_overflow<A: Scalar>() {
    let x = TensorTrain::from_cores(vec![Array3::from_elem((1, 4, 1), A::max_value())]).unwrap();
    let error = x.add(&x).unwrap_err();
    let TtError::OutOfRange { log_norm } = error else {
        panic!("{error:?}")
    };
    let expected = A::max_value().widen().ln() + 4.0_f64.ln();
    assert!((log_norm - expected).abs() < 1e-9, "{log_norm}");
    assert_eq!(x.sub(&x).unwrap().norm(), A::zero());
    // Of higher order, nothing is added up.
    let x = TensorTrain::from_cores(vec![Array3::from_elem((1, 4, 1), A::max_value()); 2]).unwrap();
    let sum = x.add(&x).unwrap().log_norm();
    assert!((sum - 2.0 * expected).abs() < 1.0, "{sum}");
}

for_both_scalars!(
    shapes_must_agree,
    factors_must_be_finite,
    entries_must_be_finite,
    ranks_and_tolerances_must_fit,
    sizes_that_memory_cannot_hold_are_refused,
    sums_of_vectors_can_overflow,
);
