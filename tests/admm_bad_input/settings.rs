//! Settings that `build` refuses, before any training.

use crate::admm_support::{Targets, anything};
use crate::common::random;
use tt_admm::admm::{AdmmBuilder, AdmmError, Penalty, RhoCalibration};
use tt_admm::projection::ProjectionError;
use tt_admm::{Admm, Tensorization, TtProjection};

const BAD: [f64; 3] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];

fn model() -> Targets<f64> {
    Targets::new(vec![
        random::tensor(&[4, 6], 1),
        random::tensor(&[2, 3, 4], 2),
    ])
}

fn refused(settings: impl FnOnce(AdmmBuilder<f64>) -> AdmmBuilder<f64>) -> AdmmError {
    let builder = Admm::<f64>::builder().constrain("w0", anything()).rho(1.0);
    settings(builder).build(&model()).unwrap_err()
}

/// The error is `InvalidSetting` with this setting and value.
#[track_caller]
fn is_invalid(error: &AdmmError, name: &str, value: f64) {
    match error {
        AdmmError::InvalidSetting {
            setting,
            got,
            expected,
        } => {
            assert!(setting.contains(name), "{setting}");
            assert!(
                *got == value || (got.is_nan() && value.is_nan()),
                "{got} {value}"
            );
            assert_eq!(
                error.to_string(),
                format!("{setting} must be {expected}, got {got}")
            );
        }
        other => panic!("{other}"),
    }
}

#[test]
fn nothing_to_do() {
    let error = Admm::<f64>::builder().rho(1.0).build(&model()).unwrap_err();
    assert!(matches!(error, AdmmError::NoBlocks));
    assert!(error.to_string().contains("`constrain`"), "{error}");
}

#[test]
fn over_relaxation() {
    for alpha in [0.0, 2.0, -1.0, 2.5].into_iter().chain(BAD) {
        is_invalid(
            &refused(|b| b.over_relaxation(alpha)),
            "over-relaxation",
            alpha,
        );
    }
}

#[test]
fn iterations_and_tolerances() {
    is_invalid(
        &refused(|b| b.max_iterations(0)),
        "maximum number of iterations",
        0.0,
    );
    for value in [-1e-9].into_iter().chain(BAD) {
        is_invalid(
            &refused(|b| b.tolerance(value, 0.1)),
            "absolute tolerance",
            value,
        );
        is_invalid(
            &refused(|b| b.tolerance(0.1, value)),
            "relative tolerance",
            value,
        );
    }
    is_invalid(&refused(|b| b.stall(0, 0.1)), "patience", 0.0);
    for value in [-0.1, 1.0, 1.5].into_iter().chain(BAD) {
        is_invalid(&refused(|b| b.stall(3, value)), "improvement", value);
    }
}

#[test]
fn penalties() {
    let with = |penalty: Penalty| refused(|b| b.penalty(penalty));
    is_invalid(&with(Penalty::constant().every(0)), "updates between", 0.0);
    for value in [0.0, -2.0].into_iter().chain(BAD) {
        is_invalid(&with(Penalty::geometric(value)), "growth factor", value);
    }
    for value in [1.0, 0.5, -2.0].into_iter().chain(BAD) {
        let balancing = Penalty::residual_balancing().factor(value);
        is_invalid(&with(balancing), "factor of residual balancing", value);
    }
    for value in [0.99, -1.0].into_iter().chain(BAD) {
        let balancing = Penalty::residual_balancing().threshold(value);
        is_invalid(&with(balancing), "threshold", value);
    }
    for value in [-1e-3].into_iter().chain(BAD) {
        is_invalid(
            &with(Penalty::constant().bounded(value, 1e9)),
            "lower bound",
            value,
        );
    }
    for value in [1.0, 0.0, -3.0, f64::NAN] {
        is_invalid(
            &with(Penalty::geometric(1.1).bounded(2.0, value)),
            "upper bound",
            value,
        );
    }
}

#[test]
fn calibrations() {
    let with = |c: RhoCalibration| {
        let alone = c.rho().unwrap_err();
        let built = Admm::<f64>::builder()
            .constrain("w0", anything())
            .calibrate(c)
            .build(&model())
            .unwrap_err();
        assert_eq!(alone.to_string(), built.to_string());
        alone
    };
    is_invalid(&with(RhoCalibration::sgd(0, 0.1)), "steps", 0.0);
    for value in [0.0, -0.1].into_iter().chain(BAD) {
        is_invalid(&with(RhoCalibration::sgd(5, value)), "learning rate", value);
        is_invalid(
            &with(RhoCalibration::sgd(5, 0.1).pull(value)),
            "pull",
            value,
        );
    }
    for value in [1.0, -0.1, 2.0].into_iter().chain(BAD) {
        is_invalid(
            &with(RhoCalibration::sgd(5, 0.1).momentum(value)),
            "momentum",
            value,
        );
    }
}

#[test]
fn prox_operators_are_checked_against_the_weights() {
    let error = refused(|b| {
        b.constrain("w1", TtProjection::new(2))
            .constrain("w1", TtProjection::new([2, 2, 2, 2, 2]))
    });
    match &error {
        AdmmError::Prox {
            weight,
            ordinal,
            source,
        } => {
            assert_eq!((&**weight, *ordinal), ("w1", 1));
            assert!(matches!(source, ProjectionError::TensorTrain(_)));
        }
        other => panic!("{other}"),
    }
    let text = error.to_string();
    assert!(text.starts_with("block 1 of weight `w1`: "), "{text}");
    assert!(
        text.contains("order 3") && text.contains("list of 5"),
        "{text}"
    );
    let map = Tensorization::linear([2, 2], [6, 6]).unwrap();
    let error = refused(|b| b.constrain("w0", TtProjection::new(2).layout(map)));
    assert_eq!(
        error.to_string(),
        "block 1 of weight `w0`: expected a weight of shape [4, 36], got [4, 6]"
    );
    let error = refused(|b| b.constrain("w1", TtProjection::new(0)));
    assert!(error.to_string().contains("rank 0 at bond 1"), "{error}");
}

/// The setting is at fault, whatever the model: the weights are not even read.
#[test]
fn settings_come_before_weights() {
    let error = Admm::<f64>::builder()
        .constrain("w", anything())
        .rho(1.0)
        .over_relaxation(3.0)
        .try_build_from(|_| -> Result<tt_admm::ndarray::ArrayD<f64>, String> {
            panic!("the weights were read")
        })
        .unwrap_err();
    is_invalid(&error, "over-relaxation", 3.0);
}
