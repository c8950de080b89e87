//! The same bits, however the run is cut and however many threads there are.

use crate::admm_support::{Targets, non_negative, state};
use crate::common::random;
use tt_admm::admm::{AdmmBuilder, Penalty, Proximal, Status, TrainSummary, UpdateOrder};
use tt_admm::ndarray::{ArrayViewD, CowArray, IxDyn};
use tt_admm::projection::LowRankProjection;
use tt_admm::{Admm, Tensorization, Trainable, TtProjection};

/// A few gradient steps instead of the exact W-step, so that every W-step depends on the one before.
#[derive(Clone)]
struct Inexact(Targets<f64>);

impl Trainable for Inexact {
    type Elem = f64;
    type Error = String;

    fn weight(&self, name: &str) -> Result<CowArray<'_, f64, IxDyn>, String> {
        self.0.weight(name)
    }

    fn set_weight(&mut self, name: &str, value: ArrayViewD<'_, f64>) -> Result<(), String> {
        self.0.set_weight(name, value)
    }

    fn train(&mut self, proximal: &Proximal<'_, f64>) -> Result<TrainSummary, String> {
        let model = &mut self.0;
        for _ in 0..3 {
            for ((name, t), w) in model.names.iter().zip(&model.t).zip(&mut model.w) {
                let mut gradient = &*w - t;
                proximal
                    .add_gradient(name, w, &mut gradient)
                    .map_err(|e| e.to_string())?;
                w.scaled_add(-0.15, &gradient);
            }
        }
        Ok(TrainSummary::new().loss(1.0 / proximal.iteration() as f64))
    }
}

fn model() -> Inexact {
    Inexact(Targets::new(vec![
        random::tensor(&[8, 4, 3, 3], 1),
        random::tensor(&[12, 10], 2),
        random::tensor(&[6, 6, 6], 3),
    ]))
}

fn builder() -> AdmmBuilder<f64> {
    let conv = Tensorization::conv([8], [3, 3], [4]).unwrap();
    Admm::<f64>::builder()
        .constrain("w0", TtProjection::new([4, 3]).layout(conv))
        .constrain("w1", LowRankProjection::new(3))
        .constrain("w2", TtProjection::new(2))
        .constrain("w1", non_negative())
        .rho(0.8)
        .rho_for("w2", 1.7)
        .tolerance(0.0, 0.0)
}

fn policies() -> [Penalty; 4] {
    [
        Penalty::constant(),
        Penalty::geometric(1.15).every(2),
        Penalty::geometric(1.4).bounded(0.0, 2.0),
        Penalty::residual_balancing().threshold(2.0),
    ]
}

#[test]
fn two_runs_of_k_are_one_of_two_k() {
    for order in [UpdateOrder::Textbook, UpdateOrder::Paper] {
        for policy in policies() {
            for alpha in [1.0, 1.6] {
                let go = |calls: usize, each: usize| {
                    let mut model = model();
                    let mut admm = builder()
                        .order(order)
                        .penalty(policy.clone())
                        .over_relaxation(alpha)
                        .max_iterations(each)
                        .build(&model)
                        .unwrap();
                    for call in 1..=calls {
                        let report = admm.run(&mut model, &mut ()).unwrap();
                        assert_eq!(report.status(), Status::MaxIterations);
                        assert_eq!(report.iterations(), each);
                        assert_eq!(admm.iteration(), call * each);
                    }
                    (state(&admm), model.0.w)
                };
                assert!(go(2, 7) == go(1, 14), "{order:?}, {policy:?}, {alpha}");
                assert!(go(7, 2) == go(1, 14), "{order:?}, {policy:?}, {alpha}");
            }
        }
    }
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let go = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| {
                let mut model = model();
                let mut admm = builder()
                    .penalty(Penalty::residual_balancing().threshold(2.0))
                    .max_iterations(12)
                    .build(&model)
                    .unwrap();
                admm.run(&mut model, &mut ()).unwrap();
                (state(&admm), model.0.w)
            })
    };
    let one = go(1);
    assert!(go(2) == one && go(5) == one);
}
