use crate::optim::Schedule;

#[test]
fn a_cosine_falls_from_one_to_its_final_factor_and_stays() {
    let schedule = Schedule::cosine(8, 0.2);
    let mut last = f64::INFINITY;
    for i in 0..=80 {
        let factor = schedule.factor(f64::from(i) / 10.0);
        assert!(factor < last, "epoch {i}/10");
        last = factor;
    }
    assert!((schedule.factor(2.0) - (0.6 + 0.4 * 0.5_f64.sqrt())).abs() < 1e-15);
    assert!((schedule.factor(8.0 - 1e-9) - 0.2).abs() < 1e-12);
    assert_eq!(schedule.factor(8.0), 0.2);
    assert_eq!(schedule.factor(1e300), 0.2);
}

#[test]
fn a_warm_up_is_a_line_that_never_starts_at_zero_and_multiplies_the_schedule() {
    let plain = Schedule::exponential(0.9);
    let warm = plain.clone().with_warmup(4);
    for i in 0..=60 {
        let epoch = f64::from(i) / 10.0;
        let ramp = if epoch < 4.0 { 0.2 + 0.2 * epoch } else { 1.0 };
        assert!((warm.factor(epoch) - ramp * plain.factor(epoch)).abs() < 1e-15);
    }
    assert_eq!(plain, plain.clone().with_warmup(0));
    assert_ne!(plain, warm);
    assert_eq!(Schedule::default(), Schedule::constant());
}

#[test]
fn no_factor_is_nan_or_negative_or_above_one_when_legal() {
    let schedules = [
        Schedule::constant(),
        Schedule::step(1, 1e-300),
        Schedule::step(3, 1.0),
        Schedule::cosine(1, 0.0),
        Schedule::cosine(usize::MAX, 1.0),
        Schedule::exponential(0.5),
        Schedule::exponential(1.0),
    ];
    let epochs = [
        0.0,
        -0.0,
        -3.0,
        0.3,
        1.0,
        1e9,
        f64::MAX,
        f64::INFINITY,
        f64::NAN,
    ];
    for schedule in schedules {
        for warmup in [0, 1, usize::MAX] {
            let schedule = schedule.clone().with_warmup(warmup);
            assert!(schedule.check().is_ok());
            for epoch in epochs {
                let factor = schedule.factor(epoch);
                assert!(
                    (0.0..=1.0).contains(&factor),
                    "{schedule:?} {epoch} {factor}"
                );
            }
        }
    }
}

#[test]
fn refused_schedules_have_finite_factors() {
    let schedules = [
        Schedule::cosine(0, 0.5),
        Schedule::cosine(0, f64::NAN),
        Schedule::cosine(4, f64::INFINITY),
        Schedule::step(0, 0.5),
        Schedule::step(1, f64::NAN),
        Schedule::step(1, -0.5),
        Schedule::exponential(2.0),
        Schedule::exponential(-2.0),
        Schedule::exponential(f64::NAN),
    ];
    for schedule in schedules {
        assert!(schedule.check().is_err(), "{schedule:?}");
        for epoch in [0.0, 0.5, 1.0, 1e9, f64::INFINITY, f64::NAN] {
            assert!(schedule.factor(epoch).is_finite(), "{schedule:?} {epoch}");
        }
    }
    assert_eq!(Schedule::cosine(0, 0.5).factor(0.0), 0.5);
}
