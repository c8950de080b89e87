//! What is added to the gradients.
#![allow(clippy::unwrap_used)] // a test fails by panicking

mod common;

use std::cell::RefCell;

use candle_admm::{Pull, Sgd, SgdConfig, VarMapModel, variables};
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, VarMap};
use common::Mlp;
use example_support::problem::Problem;
use tt_admm::ndarray::{ArrayD, ArrayViewD, CowArray, IxDyn};
use tt_admm::{Admm, Proximal, TrainSummary, Trainable, TtProjection};

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

/// Counts how often a weight is read or written by the loop.
struct Counting<M> {
    model: M,
    reads: RefCell<Vec<String>>,
    writes: usize,
}

impl<M: Trainable> Trainable for Counting<M> {
    type Elem = M::Elem;
    type Error = M::Error;

    fn weight(&self, name: &str) -> Result<CowArray<'_, M::Elem, IxDyn>, M::Error> {
        self.reads.borrow_mut().push(name.to_owned());
        self.model.weight(name)
    }

    fn set_weight(&mut self, name: &str, value: ArrayViewD<'_, M::Elem>) -> Result<(), M::Error> {
        self.writes += 1;
        self.model.set_weight(name, value)
    }

    fn train(&mut self, proximal: &Proximal<'_, M::Elem>) -> Result<TrainSummary, M::Error> {
        self.model.train(proximal)
    }
}

#[test]
fn weights_are_read_once_per_iteration_however_many_batches() {
    let problem = Problem::new().unwrap();
    let vars = VarMap::new();
    let mlp = Mlp::new(&problem, &vars, DType::F32);
    let optimizer = Sgd::of(&vars, PLAIN);
    let model = VarMapModel::new(&vars, optimizer, |optimizer, pull| {
        for _ in 0..17 {
            optimizer.step(&pull.backward(&mlp.loss()?)?.1)?;
        }
        Ok(TrainSummary::new())
    });
    let mut model = Counting {
        model,
        reads: RefCell::default(),
        writes: 0,
    };
    let builder = problem.builder().max_iterations(4).tolerance(0.0, 0.0);
    let mut admm = builder.build(&model).unwrap();
    model.reads.borrow_mut().clear();
    admm.run(&mut model, &mut ()).unwrap();
    let mut reads = model.reads.into_inner();
    reads.sort();
    let expected: Vec<_> = ["fc1.weight"; 4]
        .into_iter()
        .chain(["fc2.weight"; 4])
        .collect();
    assert_eq!(reads, expected);
    assert_eq!(model.writes, 0);
}

#[test]
fn without_terms_the_gradients_are_those_of_the_loss() {
    let problem = Problem::new().unwrap();
    let vars = VarMap::new();
    let mlp = Mlp::new(&problem, &vars, DType::F32);
    let pull = Pull::none(&vars, 3);
    let plain = mlp.loss().unwrap().backward().unwrap();
    let (_, grads) = pull.backward(&mlp.loss().unwrap()).unwrap();
    assert_eq!((pull.iteration(), pull.steps()), (3, 1));
    for (name, var) in variables::sorted(&vars) {
        let (plain, got) = (plain.get(&var).unwrap(), grads.get(&var).unwrap());
        assert_eq!(array(plain), array(got), "{name}");
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
    let optimizer = AdamW::new(vars.all_vars(), params).unwrap();
    let mut model = VarMapModel::new(&vars, optimizer, |optimizer, pull| {
        for _ in 0..20 {
            optimizer.step(&pull.backward(&mlp.loss()?)?.1)?;
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
