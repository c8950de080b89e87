//! An interrupted run goes on as if it had not been interrupted, to the bit.
#![allow(clippy::unwrap_used)] // a test fails by panicking

mod common;

use std::collections::BTreeMap;

use candle_admm::{Error, Sgd, SgdConfig, State, VarMapModel, state, take_scalar, variables};
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{BatchNorm, ModuleT, Optimizer, VarBuilder, VarMap, batch_norm};
use common::{Folder, Mlp};
use example_support::problem::Problem;
use tt_admm::admm::{Checkpoints, Record, Report};
use tt_admm::ndarray::ArrayD;
use tt_admm::{Admm, AdmmError, TrainSummary};

struct Session {
    optimizer: Sgd,
    epoch: i64,
}

impl State for Session {
    fn save(&self) -> Result<Vec<(String, Tensor)>, Error> {
        let mut list = self.optimizer.save()?;
        list.push(("epoch".to_owned(), Tensor::new(self.epoch, &Device::Cpu)?));
        Ok(list)
    }

    fn load(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), Error> {
        let epoch = take_scalar(tensors, "epoch")?;
        self.optimizer.load(tensors)?;
        self.epoch = epoch;
        Ok(())
    }
}

const MOMENTUM: SgdConfig = SgdConfig {
    learning_rate: 0.1,
    momentum: 0.9,
    nesterov: true,
    weight_decay: 1e-3,
};

struct Outcome {
    report: Result<Report, AdmmError>,
    /// Every variable, Z and U, and the loss of every iteration.
    arrays: Vec<ArrayD<f32>>,
    losses: Vec<f64>,
    state: Vec<u8>,
}

/// Runs from the start of the problem, with a learning rate that depends on the epoch; fails at the beginning of the
/// W-step with the number `fail`.
fn run(iterations: usize, checkpoints: Option<&Checkpoints>, fail: Option<i64>) -> Outcome {
    let problem = Problem::new().unwrap();
    let vars = VarMap::new();
    let mlp = Mlp::new(&problem, &vars, DType::F32);
    let session = Session {
        optimizer: Sgd::of(&vars, MOMENTUM),
        epoch: 0,
    };
    let mut model = VarMapModel::new(&vars, session, |session, pull| {
        if Some(session.epoch) == fail {
            return Err(Error::other("power cut"));
        }
        session
            .optimizer
            .set_learning_rate(0.1 / (1.0 + session.epoch as f64));
        let mut last = 0.0;
        for _ in 0..5 {
            let (loss, grads) = pull.backward(&mlp.loss()?)?;
            session.optimizer.step(&grads)?;
            last = loss;
        }
        session.epoch += 1;
        Ok(TrainSummary::new().loss(last))
    });
    let builder = problem.builder().max_iterations(iterations);
    let mut admm: Admm<f32> = builder.build(&model).unwrap();
    let report = match checkpoints {
        Some(checkpoints) => admm.run_resumable(&mut model, &mut (), checkpoints),
        None => admm.run(&mut model, &mut ()),
    };
    let mut arrays: Vec<_> = variables::sorted(&vars)
        .iter()
        .map(|(name, _)| variables::read::<f32>(&vars, name).unwrap())
        .collect();
    for block in admm.blocks() {
        arrays.extend([block.z().to_owned(), block.u().to_owned()]);
    }
    Outcome {
        report,
        arrays,
        losses: admm.history().iter().filter_map(Record::loss).collect(),
        state: state::to_bytes(&vars, model.state()).unwrap(),
    }
}

#[test]
fn a_run_that_is_cut_off_ends_like_one_that_is_not() {
    let whole = run(7, None, None);
    assert_eq!(whole.losses.len(), 7);
    let folder = Folder::new("cut");
    let checkpoints = Checkpoints::open(&folder.0).unwrap();
    let cut = run(7, Some(&checkpoints), Some(3));
    assert!(cut.report.unwrap_err().to_string().contains("power cut"));
    let resumed = run(7, Some(&checkpoints), None);
    assert_eq!(resumed.report.unwrap().iterations(), 4);
    assert_eq!(resumed.arrays, whole.arrays);
    assert_eq!(resumed.losses, whole.losses);
    assert_eq!(resumed.state, whole.state);
}

#[test]
fn without_the_velocities_the_end_would_be_another() {
    let problem = Problem::new().unwrap();
    let ends = [true, false].map(|keep| {
        let vars = VarMap::new();
        let mlp = Mlp::new(&problem, &vars, DType::F32);
        let mut sgd = Sgd::of(&vars, MOMENTUM);
        for step in 0..6 {
            if step == 3 {
                let saved: BTreeMap<_, _> = sgd.save().unwrap().into_iter().collect();
                sgd = Sgd::of(&vars, MOMENTUM);
                if keep {
                    sgd.load(&saved).unwrap();
                }
            }
            sgd.step(&mlp.loss().unwrap().backward().unwrap()).unwrap();
        }
        variables::read::<f32>(&vars, "fc1.weight").unwrap()
    });
    let whole = {
        let vars = VarMap::new();
        let mlp = Mlp::new(&problem, &vars, DType::F32);
        let mut sgd = Sgd::of(&vars, MOMENTUM);
        for _ in 0..6 {
            sgd.step(&mlp.loss().unwrap().backward().unwrap()).unwrap();
        }
        variables::read::<f32>(&vars, "fc1.weight").unwrap()
    };
    assert_eq!(ends[0], whole);
    assert_ne!(ends[1], whole);
}

#[test]
fn running_statistics_are_variables_too() {
    let network = |vars: &VarMap| -> BatchNorm {
        let vb = VarBuilder::from_varmap(vars, DType::F32, &Device::Cpu);
        batch_norm(3, 1e-5, vb.pp("bn")).unwrap()
    };
    let (vars, other) = (VarMap::new(), VarMap::new());
    let (norm, same) = (network(&vars), network(&other));
    let x = Tensor::new(&[[1f32, 2.0, 3.0], [3.0, 2.0, 7.0]], &Device::Cpu).unwrap();
    norm.forward_t(&x, true).unwrap();
    let bytes = state::to_bytes(&vars, &()).unwrap();
    state::from_bytes(&other, &mut (), &bytes).unwrap();
    let values = |norm: &BatchNorm| norm.running_mean().to_vec1::<f32>().unwrap();
    assert_eq!(values(&same), values(&norm));
    assert!(values(&norm)[0] > 0.1);
}

#[test]
fn a_state_of_another_model_is_refused_and_changes_nothing() {
    let start = || {
        let vars = VarMap::new();
        let var = Var::ones((2, 3), DType::F32, &Device::Cpu).unwrap();
        vars.data().lock().unwrap().insert("a".to_owned(), var);
        vars
    };
    let add = |vars: &VarMap, name: &str, shape: &[usize], dtype: DType| {
        let var = Var::zeros(shape, dtype, &Device::Cpu).unwrap();
        vars.data().lock().unwrap().insert(name.to_owned(), var);
    };
    let refused = |saved: &VarMap, needle: &str| {
        let bytes = state::to_bytes(saved, &()).unwrap();
        let vars = start();
        let error = state::from_bytes(&vars, &mut (), &bytes).unwrap_err();
        assert!(matches!(error, Error::State(_)), "{error}");
        assert!(error.to_string().contains(needle), "{error}");
        assert_eq!(
            variables::read::<f32>(&vars, "a").unwrap(),
            ArrayD::<f32>::ones(vec![2, 3])
        );
    };
    refused(&VarMap::new(), "no variable `a`");
    let more = VarMap::new();
    add(&more, "a", &[2, 3], DType::F32);
    add(&more, "b", &[1], DType::F32);
    refused(&more, "no variable `b`");
    let shape = VarMap::new();
    add(&shape, "a", &[3, 2], DType::F32);
    refused(&shape, "[3, 2]");
    let dtype = VarMap::new();
    add(&dtype, "a", &[2, 3], DType::F64);
    refused(&dtype, "F64");

    // An optimiser is refused with its variables untouched.
    let (vars, saved) = (start(), start());
    add(&saved, "a", &[2, 3], DType::F32);
    let bytes = state::to_bytes(&saved, &()).unwrap();
    let mut sgd = Sgd::of(&vars, MOMENTUM);
    let error = state::from_bytes(&vars, &mut sgd, &bytes).unwrap_err();
    assert!(error.to_string().contains("sgd/learning_rate"), "{error}");
    assert_eq!(
        variables::read::<f32>(&vars, "a").unwrap(),
        ArrayD::<f32>::ones(vec![2, 3])
    );
    for cut in [0, 7, bytes.len() / 2, bytes.len() - 1] {
        let error = state::from_bytes(&vars, &mut (), &bytes[..cut]).unwrap_err();
        assert!(matches!(error, Error::State(_)), "{cut}: {error}");
    }
}
