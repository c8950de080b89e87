use super::Linear;
use crate::optim::{Adam, OptimError, Optimizer, Schedule, Sgd, Trainer};
use crate::scalar::Scalar;

const BAD: [f64; 3] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];

/// `build` refuses the optimiser with this name and value.
fn refused<A: Scalar>(optimizer: impl Optimizer<A>, want: &str, given: f64) {
    match Trainer::builder(Linear::<A>::new(4, 2), optimizer).build() {
        Err(OptimError::HyperParameter { name, value, .. }) => {
            assert_eq!(name, want);
            assert_eq!(value.to_bits(), given.to_bits());
        }
        other => panic!("{want} = {given}: {other:?}"),
    }
}

#[test]
fn illegal_numbers_of_sgd_are_refused() {
    for value in BAD.into_iter().chain([0.0, -0.1]) {
        refused(Sgd::<f64>::new(value), "learning rate", value);
    }
    for value in BAD.into_iter().chain([1.0, 1.5, -0.1]) {
        refused(Sgd::<f64>::new(0.1).momentum(value), "momentum", value);
    }
    for value in BAD.into_iter().chain([-1e-9]) {
        refused(
            Sgd::<f64>::new(0.1).weight_decay(value),
            "weight decay",
            value,
        );
    }
    let nesterov = Sgd::<f32>::new(0.1).nesterov(true);
    assert!(matches!(
        nesterov.check(),
        Err(OptimError::NesterovWithoutMomentum)
    ));
    assert!(nesterov.momentum(0.5).check().is_ok());
}

#[test]
fn illegal_numbers_of_adam_are_refused() {
    for value in BAD.into_iter().chain([0.0, -0.1]) {
        refused(Adam::<f64>::new(value), "learning rate", value);
        refused(Adam::<f64>::new(0.1).epsilon(value), "epsilon", value);
    }
    for value in BAD.into_iter().chain([1.0, 1.5, -0.1]) {
        refused(Adam::<f64>::new(0.1).betas(value, 0.9), "beta1", value);
        refused(Adam::<f64>::new(0.1).betas(0.9, value), "beta2", value);
    }
    for value in BAD.into_iter().chain([-1e-9]) {
        refused(
            Adam::<f64>::new(0.1).weight_decay(value),
            "weight decay",
            value,
        );
    }
}

#[test]
fn the_range_is_that_of_the_element_type() {
    assert!(Sgd::<f64>::new(1e-60).check().is_ok());
    refused(Sgd::<f32>::new(1e-60), "learning rate", 1e-60);
    refused(Sgd::<f32>::new(1e60), "learning rate", 1e60);
    refused(
        Sgd::<f32>::new(0.1).weight_decay(1e60),
        "weight decay",
        1e60,
    );
    refused(Adam::<f32>::new(0.1).epsilon(1e-60), "epsilon", 1e-60);
    let almost = 1.0 - 1e-12;
    assert!(Adam::<f64>::new(0.1).betas(almost, almost).check().is_ok());
    refused(Adam::<f32>::new(0.1).betas(0.9, almost), "beta2", almost);
    refused(Sgd::<f32>::new(0.1).momentum(almost), "momentum", almost);
}

fn schedule_error(schedule: Schedule) -> OptimError {
    let builder = Trainer::builder(Linear::<f64>::new(4, 2), Sgd::new(0.1)).schedule(schedule);
    builder.build().unwrap_err()
}

#[test]
fn illegal_schedules_are_refused() {
    for empty in [Schedule::step(0, 0.5), Schedule::cosine(0, 0.5)] {
        assert!(matches!(schedule_error(empty), OptimError::Zero { .. }));
    }
    let hyper = |error| matches!(error, OptimError::HyperParameter { .. });
    for value in BAD.into_iter().chain([0.0, -0.5, 1.01]) {
        assert!(hyper(schedule_error(Schedule::step(2, value))), "{value}");
        assert!(
            hyper(schedule_error(Schedule::exponential(value))),
            "{value}"
        );
    }
    for value in BAD.into_iter().chain([-0.5, 1.01]) {
        assert!(hyper(schedule_error(Schedule::cosine(2, value))), "{value}");
    }
    let message = schedule_error(Schedule::cosine(2, 1.5)).to_string();
    assert_eq!(
        message,
        "final factor of the cosine schedule must be in [0, 1], got 1.5"
    );
}

#[test]
fn counts_of_zero_are_refused() {
    let builder = || Trainer::builder(Linear::<f64>::new(4, 2), Sgd::new(0.1));
    let message = builder().batch_size(0).build().unwrap_err().to_string();
    assert_eq!(message, "batch size must be at least 1, got 0");
    let message = builder()
        .epochs_per_update(0)
        .build()
        .unwrap_err()
        .to_string();
    assert_eq!(message, "epochs per update must be at least 1, got 0");
    let mut trainer = builder().epochs_per_update(3).build().unwrap();
    assert_eq!(trainer.epochs_per_update(), 3);
    assert_eq!(
        trainer.fit(0).unwrap_err().to_string(),
        "epochs must be at least 1, got 0"
    );
}

#[test]
fn an_optimiser_changed_between_fits_is_checked_again() {
    let mut trainer = Trainer::builder(Linear::<f64>::new(4, 2), Sgd::new(0.1))
        .build()
        .unwrap();
    *trainer.optimizer_mut() = Sgd::new(-1.0);
    assert!(matches!(
        trainer.fit(1),
        Err(OptimError::HyperParameter { value: -1.0, .. })
    ));
    assert!(trainer.model().batches.is_empty());
}
