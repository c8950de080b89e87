//! What is added to the gradients.
#![allow(clippy::unwrap_used)] // a test fails by panicking

mod common;

use candle_admm::{Pull, Sgd, SgdConfig, VarMapModel, variables};
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, VarMap};
use common::Mlp;
use example_support::problem::Problem;
use tt_admm::ndarray::{ArrayD, IxDyn};
use tt_admm::{Admm, TrainSummary, TtProjection};

const PLAIN: SgdConfig = SgdConfig {
    learning_rate: 0.1,
    momentum: 0.0,
    nesterov: false,
    weight_decay: 0.0,
};

fn array(t: &Tensor) -> ArrayD<f32> {
    let values = t.flatten_all().unwrap().to_vec1().unwrap();
    ArrayD::from_shape_vec(IxDyn(t.dims()), values).unwrap()
}

#[test]
fn the_sum_is_that_of_the_library() {
    let problem = Problem::new().unwrap();
    let vars = VarMap::new();
    let mlp = Mlp::new(&problem, &vars, DType::F32);
    let read = |name: &str| variables::read::<f32>(&vars, name);
    let mut admm = problem.builder().try_build_from(read).unwrap();
    admm.try_update(read).unwrap();
    let proximal = admm.proximal();
    let pull = Pull::new(&vars, &proximal).unwrap();
    assert_eq!((pull.iteration(), pull.steps()), (2, 0));
    let plain = mlp.loss().unwrap().backward().unwrap();
    let (loss, grads) = pull.backward(&mlp.loss().unwrap()).unwrap();
    assert!(loss > 0.0 && pull.steps() == 1);
    for (name, var) in variables::sorted(&vars) {
        let (weight, mut expected) = (array(&var), array(plain.get(&var).unwrap()));
        let before = expected.clone();
        proximal
            .add_gradient(&name, &weight, &mut expected)
            .unwrap();
        assert_eq!(expected != before, name.ends_with("weight"), "{name}");
        let got = array(grads.get(&var).unwrap());
        let error = (&got - &expected)
            .mapv(f32::abs)
            .fold(0.0, |m: f32, &e| m.max(e));
        assert!(error < 1e-6, "{name}: {error}");
    }
}

#[test]
fn any_optimiser_of_candle_will_do() {
    let problem = Problem::new().unwrap();
    let vars = VarMap::new();
    let mlp = Mlp::new(&problem, &vars, DType::F32);
    let params = ParamsAdamW {
        lr: 0.01,
        ..ParamsAdamW::default()
    };
    let adam = AdamW::new(vars.all_vars(), params).unwrap();
    let mut model = VarMapModel::new(&vars, adam, |adam, pull| {
        for _ in 0..20 {
            adam.step(&pull.backward(&mlp.loss()?)?.1)?;
        }
        Ok(TrainSummary::new())
    });
    let builder = problem.builder().rho(2.0).max_iterations(30);
    let mut admm = builder.build(&model).unwrap();
    let report = admm.run(&mut model, &mut ()).unwrap();
    let first = admm.history()[0].primal_residual();
    assert!(report.primal_residual() < 0.2 * first, "{first} {report}");
}

#[test]
fn a_variable_that_the_loss_does_not_reach_is_pulled_all_the_same() {
    let vars = VarMap::new();
    let problem = Problem::new().unwrap();
    let mlp = Mlp::new(&problem, &vars, DType::F32);
    let var = Var::new(&[[1f32, 0.0], [0.0, 0.5]], &Device::Cpu).unwrap();
    vars.data().lock().unwrap().insert("alone".to_owned(), var);
    let optimizer = Sgd::of(&vars, PLAIN);
    let mut model = VarMapModel::new(&vars, optimizer, |optimizer, pull| {
        for _ in 0..100 {
            optimizer.step(&pull.backward(&mlp.loss()?)?.1)?;
        }
        Ok(TrainSummary::new())
    });
    let mut admm = Admm::builder()
        .constrain("alone", TtProjection::new(1))
        .rho(1.0)
        .max_iterations(3)
        .build(&model)
        .unwrap();
    let report = admm.run(&mut model, &mut ()).unwrap();
    assert!(report.primal_residual() < 1e-3, "{report}");
}
