//! A run taken up from a checkpoint ends in the bits of the run that was never interrupted.

use crate::admm_support::inexact::{Inexact, builder, model, policies};
use crate::admm_support::{Targets, state};
use crate::common::random;
use tt_admm::admm::{
    Checkpoint, Checkpoints, Flow, Observer, Penalty, Record, Resumable, Status, UpdateOrder,
};
use tt_admm::ndarray::{ArrayD, ArrayViewD, ArrayViewMutD};
use tt_admm::projection::{
    Grouped, Projected, ProjectionError, Prox, Restart, TuckerProjection, WarmStart,
};
use tt_admm::{Admm, BoxError, TtProjection};

fn weights(model: &Inexact) -> Vec<u64> {
    model.0.w.iter().flatten().map(|w| w.to_bits()).collect()
}

#[test]
fn resuming_at_any_iteration_changes_no_bit() {
    const ALL: usize = 7;
    for order in [UpdateOrder::Textbook, UpdateOrder::Paper] {
        for policy in policies() {
            for alpha in [1.0, 1.6] {
                let build = |model: &Inexact, iterations| {
                    builder()
                        .order(order)
                        .penalty(policy.clone())
                        .over_relaxation(alpha)
                        .max_iterations(iterations)
                        .build(model)
                        .unwrap()
                };
                let mut whole_model = model();
                let mut whole = build(&whole_model, ALL);
                whole.run(&mut whole_model, &mut ()).unwrap();
                for cut in 1..ALL {
                    let folder = tempfile::tempdir().unwrap();
                    let checkpoints = Checkpoints::open(folder.path()).unwrap();
                    let mut first = model();
                    let report = build(&first, cut)
                        .run_resumable(&mut first, &mut (), &checkpoints)
                        .unwrap();
                    assert_eq!(
                        (report.status(), report.iterations()),
                        (Status::MaxIterations, cut)
                    );
                    // A new process: everything is built anew.
                    let mut second = model();
                    let mut resumed = build(&second, ALL);
                    let report = resumed
                        .run_resumable(&mut second, &mut (), &checkpoints)
                        .unwrap();
                    assert_eq!(report.iterations(), ALL - cut);
                    assert_eq!(
                        state(&resumed),
                        state(&whole),
                        "{order:?} {policy:?} {alpha} {cut}"
                    );
                    assert_eq!(weights(&second), weights(&whole_model));
                    for (a, b) in resumed.blocks().iter().zip(whole.blocks()) {
                        assert_eq!(a.factors(), b.factors());
                        let error = |block: &tt_admm::admm::Block<f64>| {
                            let train = block.factors().and_then(|f| f.tensor_train().cloned());
                            train.map(|t| t.truncation_error().clone())
                        };
                        assert_eq!(error(a), error(b));
                    }
                }
            }
        }
    }
}

#[test]
fn single_precision_through_bytes() {
    let t: ArrayD<f32> = random::tensor(&[6, 5, 4], 8);
    let build = |model: &Targets<f32>| {
        Admm::builder()
            .constrain("w", TtProjection::new(2))
            .rho(1.5)
            .penalty(Penalty::geometric(1.2))
            .max_iterations(3)
            .build(model)
            .unwrap()
    };
    let mut model = Targets::one(t);
    let mut admm = build(&model);
    admm.run(&mut model, &mut ()).unwrap();
    let checkpoint = Checkpoint::new(&admm, vec![7, 8]);
    let read = Checkpoint::from_bytes(&checkpoint.to_bytes().unwrap()).unwrap();
    assert_eq!((read.iteration(), read.blob()), (3, &[7, 8][..]));
    assert_eq!(read.weights().collect::<Vec<_>>(), ["w"]);
    assert_eq!(read.history(), admm.history());
    let mut same = build(&model);
    same.restore(&read).unwrap();
    assert_eq!(state(&same), state(&admm));
    let mut other = model.clone();
    admm.run(&mut model, &mut ()).unwrap();
    same.run(&mut other, &mut ()).unwrap();
    assert_eq!(state(&same), state(&admm));
}

/// Tucker factors, those of groups, and what their projections remember.
#[test]
fn tucker_factors_and_groups_through_bytes() {
    let tucker = TuckerProjection::new([3, 2]).restart(Restart::Every(3));
    let build = |model: &Targets<f64>, iterations| {
        Admm::builder()
            .constrain("w0", tucker.clone())
            .constrain("w1", Grouped::new(tucker.clone(), 2))
            .rho(1.3)
            .tolerance(0.0, 0.0)
            .max_iterations(iterations)
            .build(model)
            .unwrap()
    };
    let mut whole_model = Targets::new(vec![
        random::tensor(&[6, 5, 3, 3], 1),
        random::tensor(&[8, 4, 2, 3], 2),
    ]);
    let mut whole = build(&whole_model, 7);
    let mut part_model = whole_model.clone();
    let mut part = build(&part_model, 3);
    part.run(&mut part_model, &mut ()).unwrap();
    let bytes = Checkpoint::new(&part, "").to_bytes().unwrap();
    let mut resumed = build(&whole_model, 4);
    resumed
        .restore(&Checkpoint::from_bytes(&bytes).unwrap())
        .unwrap();
    assert_eq!(state(&resumed), state(&part));
    resumed.run(&mut part_model, &mut ()).unwrap();
    whole.run(&mut whole_model, &mut ()).unwrap();
    assert_eq!(state(&resumed), state(&whole));
    for (a, b) in resumed.blocks().iter().zip(whole.blocks()) {
        assert_eq!(a.factors(), b.factors());
        assert_eq!(a.warm_start(), b.warm_start());
        assert!(!a.warm_start().is_empty());
    }
    let error = |admm: &Admm<f64>| {
        let factors = admm.factors("w0").and_then(|f| f.tucker());
        factors.map(|t| t.truncation_error().clone())
    };
    assert!(error(&resumed).is_some());
    assert_eq!(error(&resumed), error(&whole));
    assert_eq!(whole.factors("w1").unwrap().num_groups(), 2);
}

/// Counts its calls, remembers the last point, and answers with the mean of both.
#[derive(Debug)]
struct Remembering;

impl Prox<f64> for Remembering {
    fn check(&self, _: &[usize]) -> Result<(), ProjectionError> {
        Ok(())
    }

    fn prox(
        &self,
        v: ArrayViewD<'_, f64>,
        _: f64,
        mut out: ArrayViewMutD<'_, f64>,
        warm: &mut WarmStart<f64>,
    ) -> Result<Projected<f64>, ProjectionError> {
        let calls = warm.counters.first().map_or(0, |&calls| calls);
        let last = warm.arrays.pop().unwrap_or_else(|| v.to_owned());
        out.assign(&((&v + &last) * (0.5 + 0.01 * calls as f64)));
        warm.arrays = vec![v.to_owned()];
        warm.counters = vec![calls + 1];
        Ok(Projected::new(0.0))
    }
}

#[test]
fn warm_starts_are_kept() {
    let t: ArrayD<f64> = random::tensor(&[4, 3], 5);
    let build = |model: &Targets<f64>, n| {
        Admm::builder()
            .constrain("w", Remembering)
            .rho(0.7)
            .tolerance(0.0, 0.0)
            .max_iterations(n)
            .build(model)
            .unwrap()
    };
    let mut whole_model = Targets::one(t);
    let mut whole = build(&whole_model, 6);
    let mut part_model = whole_model.clone();
    let mut part = build(&part_model, 2);
    part.run(&mut part_model, &mut ()).unwrap();
    let checkpoint = Checkpoint::new(&part, "");
    let mut resumed = build(&whole_model, 4);
    resumed.restore(&checkpoint).unwrap();
    resumed.run(&mut part_model, &mut ()).unwrap();
    whole.run(&mut whole_model, &mut ()).unwrap();
    assert_eq!(state(&resumed), state(&whole));
    assert_eq!(resumed.blocks()[0].warm_start().counters, [7]); // six updates and the start
}

/// In paper order an update can wait for its W-step; in textbook order that is nothing to make up for.
#[test]
fn a_run_may_be_taken_up_in_the_other_order() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::open(folder.path()).unwrap();
    let mut broken = Failing(model(), 2);
    let paper = builder().order(UpdateOrder::Paper).max_iterations(3);
    let mut admm = paper.build(&broken).unwrap();
    admm.run(&mut broken, &mut ()).unwrap_err();
    assert_eq!(admm.iteration(), 2);
    checkpoints
        .save(&admm, &model().save_state().unwrap())
        .unwrap();
    let mut healed = model();
    let mut textbook = builder().max_iterations(3).build(&healed).unwrap();
    let report = textbook
        .run_resumable(&mut healed, &mut (), &checkpoints)
        .unwrap();
    assert_eq!((report.iterations(), textbook.iteration()), (1, 3));
}

/// Stops once, in the given iteration.
struct StopAt(usize);

impl Observer<f64> for StopAt {
    fn iteration(&mut self, _: &Admm<f64>, record: &Record) -> Result<Flow, BoxError> {
        Ok(if record.iteration() == self.0 {
            Flow::Stop
        } else {
            Flow::Continue
        })
    }
}

#[test]
fn a_finished_run_does_no_more_and_a_stopped_one_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::open(folder.path()).unwrap().every(100);
    let mut model = model();
    let build = |model: &Inexact| builder().max_iterations(5).build(model).unwrap();
    let report = build(&model)
        .run_resumable(&mut model, &mut StopAt(2), &checkpoints)
        .unwrap();
    assert_eq!((report.status(), report.iterations()), (Status::Stopped, 2));
    let mut admm = build(&model);
    let report = admm
        .run_resumable(&mut model, &mut (), &checkpoints)
        .unwrap();
    assert_eq!(
        (report.status(), report.iterations()),
        (Status::MaxIterations, 3)
    );
    let (done, trained) = (state(&admm), weights(&model));
    let mut again = build(&model);
    let report = again
        .run_resumable(&mut model, &mut (), &checkpoints)
        .unwrap();
    assert_eq!(
        (report.status(), report.iterations()),
        (Status::MaxIterations, 0)
    );
    assert_eq!((state(&again), weights(&model)), (done, trained));
}

/// Fails in the given W-step, after it has spoiled the weights.
struct Failing(Inexact, usize);

impl tt_admm::Trainable for Failing {
    type Elem = f64;
    type Error = String;

    fn weight(
        &self,
        name: &str,
    ) -> Result<tt_admm::ndarray::CowArray<'_, f64, tt_admm::ndarray::IxDyn>, String> {
        self.0.weight(name)
    }

    fn set_weight(&mut self, name: &str, value: ArrayViewD<'_, f64>) -> Result<(), String> {
        self.0.set_weight(name, value)
    }

    fn train(
        &mut self,
        proximal: &tt_admm::Proximal<'_, f64>,
    ) -> Result<tt_admm::TrainSummary, String> {
        let summary = self.0.train(proximal)?;
        if proximal.iteration() == self.1 {
            self.0.0.w[1].fill(f64::NAN);
            return Ok(summary.loss(f64::NAN));
        }
        Ok(summary)
    }
}

impl Resumable for Failing {
    fn save_state(&self) -> Result<Vec<u8>, String> {
        self.0.save_state()
    }

    fn load_state(&mut self, state: &[u8]) -> Result<(), String> {
        self.0.load_state(state)
    }
}

#[test]
fn a_diverged_run_names_iteration_and_weight_and_leaves_the_last_good_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::open(folder.path()).unwrap();
    let mut failing = Failing(model(), 4);
    let build = || builder().max_iterations(6).build(&model()).unwrap();
    let error = build()
        .run_resumable(&mut failing, &mut (), &checkpoints)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("iteration 4") && error.contains("`w1`"),
        "{error}"
    );
    assert_eq!(checkpoints.latest::<f64>().unwrap().unwrap().iteration(), 3);
    // With the cause gone, the run ends as if it had not happened.
    let mut healed = model();
    let mut admm = build();
    admm.run_resumable(&mut healed, &mut (), &checkpoints)
        .unwrap();
    let mut whole_model = model();
    let mut whole = build();
    whole.run(&mut whole_model, &mut ()).unwrap();
    assert_eq!(state(&admm), state(&whole));
    assert_eq!(weights(&healed), weights(&whole_model));
}
