//! Penalties that are missing, not positive, or not numbers of the weight's type.

use crate::admm_support::{Targets, anything, non_negative, state};
use crate::common::random;
use tt_admm::admm::{AdmmBuilder, AdmmError, Penalty};
use tt_admm::{Admm, Scalar, Trainable};

fn model<A: Scalar>() -> Targets<A> {
    Targets::new(vec![
        random::tensor(&[4, 6], 1),
        random::tensor(&[2, 3, 4], 2),
    ])
}

fn builder<A: Scalar>() -> AdmmBuilder<A> {
    Admm::builder()
        .constrain("w0", anything())
        .constrain("w1", anything())
}

#[track_caller]
fn is_invalid(error: &AdmmError, name: &str, value: f64) {
    match error {
        AdmmError::InvalidRho {
            weight,
            rho,
            largest,
            ..
        } => {
            assert_eq!(weight, name);
            let text = format!("must be positive and at most {largest:e}, got {value}");
            assert!(error.to_string().ends_with(&text), "{error}");
            assert!(*rho == value || (rho.is_nan() && value.is_nan()));
        }
        other => panic!("{other}"),
    }
}

fn bad_values<A: Scalar>(bad: &[f64]) {
    let mut model = model::<A>();
    for &value in bad {
        let error = builder::<A>().rho(value).build(&model).unwrap_err();
        is_invalid(&error, "w0", value);
        let error = builder::<A>()
            .rho(1.0)
            .rho_for("w1", value)
            .build(&model)
            .unwrap_err();
        is_invalid(&error, "w1", value);
        let mut admm = builder::<A>()
            .rho(1.0)
            .constrain("w1", anything())
            .max_iterations(2)
            .build(&model)
            .unwrap();
        admm.run(&mut model, &mut ()).unwrap();
        let before = state(&admm);
        is_invalid(&admm.set_rho("w1", value).unwrap_err(), "w1", value);
        assert_eq!(state(&admm), before);
    }
}

#[test]
fn bad_values_in_f64() {
    bad_values::<f64>(&[0.0, -0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
}

/// Zero or infinite once narrowed.
#[test]
fn bad_values_in_f32() {
    bad_values::<f32>(&[0.0, -1.0, f64::NAN, f64::INFINITY, 1e-60, 1e60]);
}

#[test]
fn missing() {
    let error = builder::<f64>().build(&model()).unwrap_err();
    assert!(matches!(&error, AdmmError::MissingRho { weight } if weight == "w0"));
    let error = builder::<f64>()
        .rho_for("w0", 1.0)
        .build(&model())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no rho given for `w1`; call `rho`, `rho_for` or `calibrate`"
    );
}

#[test]
fn unknown_names() {
    let error = builder::<f64>()
        .rho(1.0)
        .rho_for("w9", 1.0)
        .build(&model())
        .unwrap_err();
    let text = "there is no constrained weight `w9`; there are [\"w0\", \"w1\"]";
    assert_eq!(error.to_string(), text);
    let mut admm = builder::<f64>().rho(1.0).build(&model()).unwrap();
    let before = state(&admm);
    let error = admm.set_rho("w9", 2.0).unwrap_err();
    match &error {
        AdmmError::UnknownWeight { name, known } => {
            assert_eq!((&**name, known.len()), ("w9", 2));
        }
        other => panic!("{other}"),
    }
    assert_eq!(error.to_string(), text);
    assert_eq!(state(&admm), before);
}

/// A policy that runs out of the range of the type leaves rho where it is.
#[test]
fn a_growing_rho_stays_a_number() {
    let model = model::<f32>();
    let mut admm = builder::<f32>()
        .rho(1.0)
        .penalty(Penalty::geometric(1e15))
        .build(&model)
        .unwrap();
    for _ in 0..6 {
        admm.update(|name| model.weight(name).unwrap()).unwrap();
    }
    let rho = admm.rho("w0").unwrap();
    assert!(rho > 0.9e30 && rho.is_finite(), "{rho}");
}

/// However far rho moves, the dual stays a number or the change is refused.
#[test]
fn a_huge_change_of_rho_does_not_spoil_the_dual() {
    let mut model = Targets::one(random::tensor::<f64>(&[3, 3], 5));
    let mut admm = Admm::<f64>::builder()
        .constrain("w", non_negative())
        .rho(1e200)
        .max_iterations(2)
        .build(&model)
        .unwrap();
    admm.run(&mut model, &mut ()).unwrap();
    let before = state(&admm);
    let outcome = admm.set_rho("w", 1e-200);
    assert!(
        admm.u("w").unwrap().iter().all(|u| u.is_finite()),
        "{outcome:?}"
    );
    if outcome.is_err() {
        assert_eq!(state(&admm), before);
    }
}
