//! Who is told what, and when.

use crate::admm_support::{Targets, state};
use crate::common::random;
use tt_admm::admm::{AdmmError, Every, Flow, Observer, Record, Report, Status};
use tt_admm::{Admm, BoxError, Scalar, TtProjection};

/// Counts calls, stops or fails at a given iteration.
#[derive(Debug, Default)]
struct Spy {
    starts: usize,
    seen: Vec<usize>,
    finished: Vec<Status>,
    failed: Vec<String>,
    stop_at: Option<usize>,
    fail_at: Option<usize>,
    fail_start: bool,
    fail_finish: bool,
}

impl<A: Scalar> Observer<A> for Spy {
    fn start(&mut self, _admm: &Admm<A>) -> Result<(), BoxError> {
        self.starts += 1;
        if self.fail_start {
            return Err("start".into());
        }
        Ok(())
    }

    fn iteration(&mut self, admm: &Admm<A>, record: &Record) -> Result<Flow, BoxError> {
        assert_eq!(admm.history().last(), Some(record));
        assert_eq!(admm.iteration(), record.iteration());
        self.seen.push(record.iteration());
        if self.fail_at == Some(record.iteration()) {
            return Err("full disk".into());
        }
        Ok(if self.stop_at == Some(record.iteration()) {
            Flow::Stop
        } else {
            Flow::Continue
        })
    }

    fn finish(&mut self, admm: &Admm<A>, report: &Report) -> Result<(), BoxError> {
        assert_eq!(admm.history().last(), Some(report.last()));
        self.finished.push(report.status());
        if self.fail_finish {
            return Err("finish".into());
        }
        Ok(())
    }

    fn failed(&mut self, _admm: &Admm<A>, error: &AdmmError) {
        self.failed.push(error.to_string());
    }
}

fn setup(iterations: usize) -> (Targets<f64>, Admm<f64>) {
    let model = Targets::one(random::tensor::<f64>(&[4, 5], 1));
    let admm = Admm::<f64>::builder()
        .constrain("w", TtProjection::new(2))
        .rho(2.0)
        .tolerance(0.0, 0.0)
        .max_iterations(iterations)
        .build(&model)
        .unwrap();
    (model, admm)
}

#[test]
fn an_observer_is_told_once_per_iteration() {
    let (mut model, mut admm) = setup(4);
    let mut spy = Spy::default();
    admm.run(&mut model, &mut spy).unwrap();
    admm.run(&mut model, &mut spy).unwrap();
    assert_eq!((spy.starts, &*spy.seen), (2, &[1, 2, 3, 4, 5, 6, 7, 8][..]));
    assert_eq!(spy.finished, [Status::MaxIterations; 2]);
}

#[test]
fn every_nth_iteration_and_the_first() {
    for (n, expected) in [
        (1, vec![1, 2, 3, 4, 5, 6, 7]),
        (0, vec![1, 2, 3, 4, 5, 6, 7]),
        (3, vec![1, 4, 7]),
        (7, vec![1]),
    ] {
        let (mut model, mut admm) = setup(7);
        let mut spy = Spy::default();
        let mut thinned = Every::new(&mut spy, n);
        admm.run(&mut model, &mut thinned).unwrap();
        assert_eq!((spy.starts, spy.finished.len()), (1, 1));
        assert_eq!(spy.seen, expected, "every {n}");
    }
}

#[test]
fn tuples_and_references_are_observers() {
    let (mut model, mut admm) = setup(3);
    let (mut a, mut b, mut c) = (Spy::default(), Spy::default(), Spy::default());
    let mut d = Some(Spy::default());
    let off = None::<Spy>;
    admm.run(&mut model, &mut ((&mut a, (&mut d, off)), (&mut b, &mut c)))
        .unwrap();
    for spy in [&a, &b, &c, d.as_ref().unwrap()] {
        assert_eq!((spy.starts, &*spy.seen), (1, &[1, 2, 3][..]));
        assert_eq!((spy.finished.len(), spy.failed.len()), (1, 0));
    }
    let boxed: &mut dyn Observer<f64> = &mut a;
    admm.run(&mut model, boxed).unwrap();
    assert_eq!(a.seen.len(), 6);
}

#[test]
fn either_of_two_stops_and_both_hear_of_it() {
    for which in 0..2 {
        let (mut model, mut admm) = setup(9);
        let mut spies = [Spy::default(), Spy::default()];
        spies[which].stop_at = Some(4);
        let [a, b] = &mut spies;
        let report = admm.run(&mut model, &mut (a, b)).unwrap();
        assert_eq!((report.status(), report.iterations()), (Status::Stopped, 4));
        for spy in &spies {
            assert_eq!(spy.seen, [1, 2, 3, 4]);
            assert_eq!(spy.finished, [Status::Stopped]);
        }
    }
}

#[test]
fn an_observer_that_fails_costs_no_state() {
    let (mut model, mut admm) = setup(9);
    let mut spy = Spy {
        fail_at: Some(3),
        ..Spy::default()
    };
    let error = admm.run(&mut model, &mut spy).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the observer failed in iteration 3: full disk"
    );
    assert!(matches!(error, AdmmError::Observer { iteration: 3, .. }));
    assert!(spy.finished.is_empty());
    assert_eq!(spy.failed, [error.to_string()]);
    assert_eq!(admm.iteration(), 3);
    // Six more iterations make the nine of an undisturbed run.
    let mut rest = Spy {
        stop_at: Some(9),
        ..Spy::default()
    };
    admm.run(&mut model, &mut rest).unwrap();
    let (mut twin_model, mut twin) = setup(9);
    twin.run(&mut twin_model, &mut ()).unwrap();
    assert_eq!(state(&admm), state(&twin));
    assert_eq!(model.w, twin_model.w);
}

#[test]
fn failures_before_and_after_the_loop() {
    let (mut model, mut admm) = setup(2);
    let mut spy = Spy {
        fail_start: true,
        ..Spy::default()
    };
    let error = admm.run(&mut model, &mut spy).unwrap_err();
    assert!(
        matches!(error, AdmmError::Observer { iteration: 0, .. }),
        "{error}"
    );
    assert_eq!(admm.iteration(), 0);
    assert_eq!(spy.failed, [error.to_string()]);
    let mut spy = Spy {
        fail_finish: true,
        ..Spy::default()
    };
    let error = admm.run(&mut model, &mut spy).unwrap_err();
    assert!(
        matches!(error, AdmmError::Observer { iteration: 2, .. }),
        "{error}"
    );
    assert_eq!(admm.iteration(), 2);
    assert_eq!((spy.finished.len(), spy.failed.len()), (1, 1));
}

/// Whoever fails, all hear of it once, through every kind of observer.
#[test]
fn a_failed_run_tells_every_observer() {
    let (mut model, mut admm) = setup(9);
    let mut spies = [(); 4].map(|()| Spy::default());
    spies[0].fail_at = Some(2);
    let [a, b, c, d] = &mut spies;
    let mut all = (
        (a, Every::new(b, 5)),
        (Some(c), d as &mut dyn Observer<f64>),
    );
    let error = admm.run(&mut model, &mut all).unwrap_err();
    for spy in &spies {
        assert_eq!(spy.failed, [error.to_string()]);
        assert!(spy.finished.is_empty());
    }
}
