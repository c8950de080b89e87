//! How a run ends.

use crate::admm_support::{MapProx, Targets};
use crate::common::random;
use tt_admm::admm::{AdmmBuilder, Penalty, Proximal, Record, Status, TrainSummary, UpdateOrder};
use tt_admm::ndarray::{ArrayD, ArrayViewD, CowArray, IxDyn};
use tt_admm::{Admm, Trainable, TtProjection};

fn builder(rho: f64) -> AdmmBuilder<f64> {
    Admm::<f64>::builder()
        .constrain("w", TtProjection::new(1))
        .rho(rho)
}

fn model() -> Targets<f64> {
    Targets::one(random::tensor::<f64>(&[4, 4, 4], 2))
}

#[test]
fn converged() {
    let mut model = model();
    let mut admm = builder(3.0).max_iterations(2000).build(&model).unwrap();
    assert_eq!(admm.status(), None);
    let report = admm.run(&mut model, &mut ()).unwrap();
    assert_eq!(report.status(), Status::Converged);
    assert!(report.last().residual_ratio() <= 1.0);
    assert_eq!(report.iterations(), admm.iteration());
    assert_eq!(admm.status(), Some(Status::Converged));
    // It was not converged one iteration earlier.
    let history = admm.history();
    assert!(history[history.len() - 2].residual_ratio() > 1.0);
    assert!(
        report.to_string().starts_with("converged after "),
        "{report}"
    );
}

#[test]
fn maximum_iterations_count_in_each_call() {
    let mut model = model();
    let mut admm = builder(0.25).max_iterations(5).build(&model).unwrap();
    for call in 1..=3 {
        let report = admm.run(&mut model, &mut ()).unwrap();
        assert_eq!(report.status(), Status::MaxIterations);
        assert_eq!(report.iterations(), 5);
        assert_eq!(report.last().iteration(), 5 * call);
        assert_eq!(admm.status(), None);
    }
    // Updates of one's own do not use up the allowance.
    admm.update(|_| model.w[0].view()).unwrap();
    assert_eq!(admm.run(&mut model, &mut ()).unwrap().iterations(), 5);
    assert_eq!(admm.iteration(), 21);
    assert_eq!(admm.history().len(), 21);
    for (k, record) in admm.history().iter().enumerate() {
        assert_eq!(record.iteration(), k + 1);
    }
}

/// With rho below the curvature the residuals stop improving.
#[test]
fn stalled() {
    for order in [UpdateOrder::Textbook, UpdateOrder::Paper] {
        let mut model = model();
        let mut admm = builder(0.25)
            .order(order)
            .stall(20, 0.01)
            .max_iterations(3000)
            .build(&model)
            .unwrap();
        let report = admm.run(&mut model, &mut ()).unwrap();
        assert_eq!(report.status(), Status::Stalled, "{report}");
        let ratios: Vec<f64> = admm.history().iter().map(Record::residual_ratio).collect();
        let (before, last) = ratios.split_at(ratios.len() - 20);
        let best = before.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(last.iter().all(|&r| r >= best * 0.99), "{best} {last:?}");
    }
}

/// A run taken up again after a stall gets its whole patience anew.
#[test]
fn a_stalled_run_can_go_on() {
    let mut model = model();
    let mut admm = builder(0.25)
        .stall(20, 0.01)
        .max_iterations(3000)
        .build(&model)
        .unwrap();
    admm.run(&mut model, &mut ()).unwrap();
    let again = admm.run(&mut model, &mut ()).unwrap();
    assert_eq!(again.status(), Status::Stalled);
    assert!(again.iterations() > 20, "{again}");
}

/// Steady progress, however slow each step, is no stall.
#[test]
fn slow_progress_is_no_stall() {
    let mut model = model();
    let mut admm = builder(20.0)
        .tolerance(0.0, 1e-9)
        .stall(40, 0.01)
        .max_iterations(200)
        .build(&model)
        .unwrap();
    let report = admm.run(&mut model, &mut ()).unwrap();
    assert_eq!(report.status(), Status::MaxIterations, "{report}");
}

/// Never asks for the proximal term of one weight, or does so only in some iterations.
struct Deaf {
    inner: Targets<f64>,
    hears_at: usize,
}

impl Trainable for Deaf {
    type Elem = f64;
    type Error = String;

    fn weight(&self, name: &str) -> Result<CowArray<'_, f64, IxDyn>, String> {
        self.inner.weight(name)
    }

    fn set_weight(&mut self, name: &str, value: ArrayViewD<'_, f64>) -> Result<(), String> {
        self.inner.set_weight(name, value)
    }

    fn train(&mut self, proximal: &Proximal<'_, f64>) -> Result<TrainSummary, String> {
        let mut gradient = ArrayD::zeros(self.inner.w[0].raw_dim());
        proximal
            .add_gradient("w0", &self.inner.w[0], &mut gradient)
            .map_err(|e| e.to_string())?;
        if proximal.iteration() == self.hears_at {
            let _ = proximal.penalty("w1", &self.inner.w[1]);
        }
        Ok(TrainSummary::new())
    }
}

#[test]
fn a_proximal_term_that_nobody_reads_is_reported() {
    for order in [UpdateOrder::Textbook, UpdateOrder::Paper] {
        let tensors = (0..2).map(|k| random::tensor(&[3, 3], k)).collect();
        let mut model = Deaf {
            inner: Targets::new(tensors),
            hears_at: 2,
        };
        let mut admm = Admm::<f64>::builder()
            .constrain("w0", TtProjection::new(1))
            .constrain("w1", TtProjection::new(1))
            .constrain("w1", TtProjection::new(2))
            .rho(1.0)
            .order(order)
            .max_iterations(3)
            .build(&model)
            .unwrap();
        let report = admm.run(&mut model, &mut ()).unwrap();
        let unread: Vec<_> = admm.history().iter().map(Record::unread).collect();
        assert_eq!(unread, [vec!["w1"], vec![], vec!["w1"]], "{order:?}");
        assert_eq!(report.unread(), ["w1"]);
        assert!(
            report
                .to_string()
                .ends_with("not every W-step read the proximal term of w1"),
            "{report}"
        );
        assert_eq!(report.status(), Status::MaxIterations);
    }
}

/// The model's loss and figures end up in the record of their iteration.
#[test]
fn records_carry_what_the_model_told() {
    let mut model = model();
    let mut admm = builder(2.0)
        .penalty(Penalty::geometric(1.1))
        .tolerance(0.0, 0.0)
        .max_iterations(4)
        .build(&model)
        .unwrap();
    admm.run(&mut model, &mut ()).unwrap();
    assert!(admm.history().iter().all(|r| r.loss().is_some()));
    let last = &admm.history()[3];
    let distance: f64 = (&model.w[0] - &model.t[0]).iter().map(|x| x * x).sum();
    assert!((last.loss().unwrap() - distance / 2.0).abs() < 1e-12);
    assert!(last.metrics().is_empty());
}

/// A constraint that does not depend on the weight: the end is known.
#[test]
fn statuses_print_as_words() {
    let words = [
        (Status::Converged, "converged"),
        (Status::MaxIterations, "maximum iterations"),
        (Status::Stalled, "stalled"),
        (Status::Stopped, "stopped"),
    ];
    for (status, word) in words {
        assert_eq!(status.to_string(), word);
        assert_eq!(format!("{status:>20}").len(), 20);
    }
    let fixed = MapProx(|v: &ArrayD<f64>, _: f64| ArrayD::ones(v.raw_dim()));
    let mut model = model();
    let mut admm = Admm::<f64>::builder()
        .constrain("w", fixed)
        .rho(1.0)
        .tolerance(1e-12, 1e-10)
        .build(&model)
        .unwrap();
    let report = admm.run(&mut model, &mut ()).unwrap();
    assert_eq!(report.status(), Status::Converged);
    assert!(model.w[0].iter().all(|x| (x - 1.0).abs() < 1e-8));
}
