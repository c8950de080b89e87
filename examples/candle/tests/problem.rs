//! The adapter leads any optimiser of candle-nn to the same Z and U as gradients by hand.
#![allow(clippy::unwrap_used)] // a test fails by panicking

mod common;

use candle_admm::{Pull, Sgd, SgdConfig, VarMapModel, variables};
use candle_core::DType;
use candle_nn::{Optimizer, SGD, VarMap};
use common::Mlp;
use example_support::problem::Problem;
use tt_admm::admm::UpdateOrder;
use tt_admm::{Admm, Tensorization, TrainSummary, TtProjection};

#[test]
fn run_agrees_with_the_reference() {
    let problem = Problem::new().unwrap();
    let vars = VarMap::new();
    let mlp = Mlp::new(&problem, &vars, DType::F32);
    let optimizer = SGD::new(vars.all_vars(), f64::from(problem.learning_rate)).unwrap();
    let mut model = VarMapModel::new(&vars, optimizer, |optimizer, pull| {
        let mut last = 0.0;
        for _ in 0..problem.steps_per_iteration {
            let (loss, grads) = pull.backward(&mlp.loss()?)?;
            optimizer.step(&grads)?;
            last = loss;
        }
        Ok(TrainSummary::new().loss(last))
    });
    let mut admm = problem.builder().build(&model).unwrap();
    let report = admm.run(&mut model, &mut ()).unwrap();
    assert!(report.unread().is_empty());
    let difference = problem.check(&admm).unwrap();
    assert!(difference <= 1e-4, "{difference}");
    admm.write_projection(&mut model).unwrap();
    for block in admm.blocks() {
        assert_eq!(
            variables::read::<f32>(&vars, block.weight()).unwrap(),
            block.z()
        );
    }
}

#[test]
fn a_loop_of_ones_own_agrees_too() {
    let problem = Problem::new().unwrap();
    let vars = VarMap::new();
    let mlp = Mlp::new(&problem, &vars, DType::F32);
    let mut optimizer = Sgd::of(
        &vars,
        SgdConfig {
            learning_rate: f64::from(problem.learning_rate),
            momentum: 0.0,
            nesterov: false,
            weight_decay: 0.0,
        },
    );
    let read = |name: &str| variables::read::<f32>(&vars, name);
    let mut admm = problem.builder().try_build_from(read).unwrap();
    for _ in 0..problem.iterations {
        let pull = Pull::new(&vars, &admm.proximal()).unwrap();
        for _ in 0..problem.steps_per_iteration {
            let mut grads = mlp.loss().unwrap().backward().unwrap();
            pull.add_to(&mut grads).unwrap();
            optimizer.step(&grads).unwrap();
        }
        admm.try_update(read).unwrap();
    }
    let difference = problem.check(&admm).unwrap();
    assert!(difference <= 1e-4, "{difference}");
}

#[test]
fn double_precision_runs_as_well() {
    let problem = Problem::new().unwrap();
    let vars = VarMap::new();
    let mlp = Mlp::new(&problem, &vars, DType::F64);
    let optimizer = SGD::new(vars.all_vars(), f64::from(problem.learning_rate)).unwrap();
    let mut model = VarMapModel::new_f64(&vars, optimizer, |optimizer, pull| {
        for _ in 0..problem.steps_per_iteration {
            let (_, grads) = pull.backward(&mlp.loss()?)?;
            optimizer.step(&grads)?;
        }
        Ok(TrainSummary::new())
    });
    let layout = Tensorization::linear([4, 4], [3, 4]).unwrap();
    let mut admm = Admm::builder()
        .constrain("fc1.weight", TtProjection::new([3, 5, 3]).layout(layout))
        .rho(0.5)
        .order(UpdateOrder::Paper)
        .max_iterations(60)
        .build(&model)
        .unwrap();
    admm.run(&mut model, &mut ()).unwrap();
    let (first, last) = (&admm.history()[1], &admm.history()[admm.iteration() - 1]);
    assert!(
        last.primal_residual() < 0.2 * first.primal_residual(),
        "{first:?} {last:?}"
    );
}
