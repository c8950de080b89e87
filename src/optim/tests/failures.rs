use super::{Fault, Linear};
use crate::optim::{OptimError, Sgd, Trainer};
use crate::scalar::Scalar;
use std::error::Error;

/// A trainer of 10 samples in batches of 4 whose model fails at epoch 1, batch 2 (call 5).
fn trainer<A: Scalar>(fault: Fault) -> Trainer<Linear<A>, Sgd<A>> {
    let model = Linear::new(10, 2).failing(fault, 5);
    Trainer::builder(model, Sgd::new(0.1).momentum(0.9))
        .batch_size(4)
        .build()
        .unwrap()
}

/// The parameters after the five steps before the fault.
fn before_the_fault() -> Vec<f64> {
    let mut trainer = trainer(Fault::Error);
    assert!(trainer.fit(3).is_err());
    trainer.into_model().values()
}

#[test]
fn a_failing_model_is_reported_with_its_own_error_and_can_be_trained_on() {
    let mut t = trainer::<f64>(Fault::Error);
    let error = t.fit(3).unwrap_err();
    assert!(matches!(
        error,
        OptimError::Model {
            epoch: 1,
            batch: 2,
            ..
        }
    ));
    assert_eq!(error.to_string(), "epoch 1, batch 2: the model failed");
    assert_eq!(error.source().unwrap().to_string(), "no data");
    assert_eq!(t.epochs_done(), 1);
    let after = t.model().values();
    let summary = t.fit(2).unwrap();
    assert_eq!((t.epochs_done(), summary.steps()), (3, 6));
    assert!(summary.loss().is_finite());
    assert_ne!(t.model().values(), after);
    // The unfinished epoch is run anew in the same order.
    let batches = &t.model().batches;
    assert_eq!(batches[3..6], batches[6..9]);
}

#[test]
fn a_loss_that_is_not_finite_stops_before_the_step() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut t = trainer::<f64>(Fault::Loss(bad));
        match t.fit(3) {
            Err(OptimError::NonFiniteLoss {
                epoch: 1,
                batch: 2,
                loss,
            }) => {
                assert_eq!(loss.to_bits(), bad.to_bits());
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(t.model().values(), before_the_fault());
    }
}

#[test]
fn a_gradient_that_is_not_finite_stops_before_any_parameter_is_touched() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut t = trainer::<f64>(Fault::Gradient(bad));
        let mut edits = 0;
        let outcome = t.fit_with(3, |_, _, _| {
            edits += 1;
            Ok(())
        });
        match outcome {
            Err(OptimError::NonFiniteGradient {
                parameter,
                epoch: 1,
                batch: 2,
                index,
                value,
            }) => {
                assert_eq!((parameter.as_str(), index.len()), ("bias", 0));
                assert_eq!(value.to_bits(), bad.to_bits());
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(edits, 10, "five good batches of two parameters");
        assert_eq!(t.model().values(), before_the_fault());
        assert!(t.fit(1).is_ok());
    }
}

#[test]
fn an_edit_that_is_not_finite_stops_before_any_parameter_is_touched() {
    let mut t = trainer::<f32>(Fault::None);
    let error = t
        .fit_with(1, |name, _, mut gradient| {
            if name == "weight" {
                gradient[[1]] = f32::INFINITY;
            }
            Ok(())
        })
        .unwrap_err();
    assert!(matches!(
        error,
        OptimError::NonFiniteAdjustedGradient {
            epoch: 0,
            batch: 0,
            ..
        }
    ));
    let want = "epoch 0, batch 0: the adjusted gradient of `weight` is inf at [1]";
    assert_eq!(error.to_string(), want);
    assert_eq!(t.model().values(), [0.0; 3]);
}

#[test]
fn a_failing_edit_is_reported_with_the_parameter() {
    let mut t = trainer::<f32>(Fault::None);
    let mut calls = 0;
    let error = t
        .fit_with(1, |_, _, _| {
            calls += 1;
            if calls == 4 {
                Err("no multiplier".into())
            } else {
                Ok(())
            }
        })
        .unwrap_err();
    match &error {
        OptimError::Adjust {
            parameter,
            epoch: 0,
            batch: 1,
            source,
        } => {
            assert_eq!(
                (parameter.as_str(), source.to_string().as_str()),
                ("bias", "no multiplier")
            );
        }
        other => panic!("{other:?}"),
    }
    assert!(t.fit(1).is_ok());
}

#[test]
fn a_changed_shape_is_reported_with_both_shapes_and_the_buffer_is_made_anew() {
    let mut t = trainer::<f64>(Fault::GradientShape);
    match t.fit(3) {
        Err(OptimError::GradientShape {
            parameter,
            epoch: 1,
            batch: 2,
            expected,
            got,
        }) => {
            assert_eq!(
                (parameter.as_str(), expected, got),
                ("weight", vec![2], vec![7])
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(t.model().values(), before_the_fault());
    assert!(t.fit(1).is_ok());

    let mut t = trainer::<f64>(Fault::WeightShape);
    match t.fit(3) {
        Err(OptimError::GradientShape {
            parameter,
            expected,
            got,
            ..
        }) => {
            assert_eq!(
                (parameter.as_str(), expected, got),
                ("weight", vec![7], vec![2])
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn divergence_is_an_error_and_not_a_result() {
    let model = Linear::<f32>::new(10, 2);
    let mut t = Trainer::builder(model, Sgd::new(1e6)).build().unwrap();
    let error = t.fit(100).unwrap_err();
    assert!(
        matches!(
            error,
            OptimError::NonFiniteLoss { .. } | OptimError::NonFiniteGradient { .. }
        ),
        "{error}"
    );
}
