//! What is refused, with the names and numbers in the message.
#![allow(clippy::unwrap_used)] // a test fails by panicking

mod common;

use candle_admm::{Error, Pull, TtConv2d, TtLinear, VarMapModel, variables};
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{Conv2dConfig, Optimizer, SGD, VarBuilder, VarMap};
use common::Mlp;
use example_support::problem::Problem;
use tt_admm::compress::decompose;
use tt_admm::ndarray::{Array2, Array4, ArrayD};
use tt_admm::{Admm, Factors, Tensorization, TrainSummary, TtProjection};

fn start(dtype: DType) -> (Problem, VarMap, Mlp) {
    let problem = Problem::new().unwrap();
    let vars = VarMap::new();
    let mlp = Mlp::new(&problem, &vars, dtype);
    (problem, vars, mlp)
}

#[allow(clippy::unnecessary_wraps)] // the signature of a training function
fn nothing(_: &mut (), _: &Pull) -> Result<TrainSummary, Error> {
    Ok(TrainSummary::new())
}

#[test]
fn an_unknown_name_lists_the_nearest() {
    let (_, vars, _) = start(DType::F32);
    let model = VarMapModel::new(&vars, (), nothing);
    let refused = Admm::builder()
        .constrain("fc1.wieght", TtProjection::new(2))
        .rho(1.0)
        .build(&model)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("`fc1.wieght`"), "{refused}");
    assert!(refused.contains("[\"fc1.weight\""), "{refused}");
}

#[test]
fn other_types_are_refused_by_name() {
    for dtype in [DType::BF16, DType::F16, DType::F64, DType::U8, DType::I64] {
        let vars = VarMap::new();
        let var = Var::zeros((4, 4), dtype, &Device::Cpu).unwrap();
        vars.data().lock().unwrap().insert("w".to_owned(), var);
        let error = variables::read::<f32>(&vars, "w").unwrap_err();
        assert!(matches!(error, Error::DType { dtype: d, expected: DType::F32, .. } if d == dtype));
        let text = error.to_string();
        assert!(
            text.contains("`w`") && text.contains(&format!("{dtype:?}")),
            "{text}"
        );
        let value = ArrayD::zeros(vec![4, 4]);
        let error = variables::write::<f32>(&vars, "w", value.view()).unwrap_err();
        assert!(matches!(error, Error::DType { .. }), "{error}");
    }
}

#[test]
fn shapes_are_checked() {
    let (problem, vars, _) = start(DType::F32);
    let value = ArrayD::<f32>::zeros(vec![12, 16]);
    let error = variables::write(&vars, "fc1.weight", value.view()).unwrap_err();
    assert!(error.to_string().contains("[16, 12]") && error.to_string().contains("[12, 16]"));
    // An anchor of another shape: the variable was replaced after ADMM was built.
    let model = VarMapModel::new(&vars, (), nothing);
    let admm = problem.builder().build(&model).unwrap();
    let var = Var::zeros((3, 4), DType::F32, &Device::Cpu).unwrap();
    vars.data()
        .lock()
        .unwrap()
        .insert("fc2.weight".to_owned(), var);
    let error = Pull::new(&vars, &admm.proximal()).unwrap_err();
    assert!(
        matches!(error, Error::Shape { ref name, .. } if name == "fc2.weight"),
        "{error}"
    );
}

#[test]
fn a_training_without_the_pull_is_an_error() {
    let (problem, vars, _) = start(DType::F32);
    let mut model = VarMapModel::new(&vars, (), nothing);
    let mut admm = problem.builder().build(&model).unwrap();
    let error = admm.run(&mut model, &mut ()).unwrap_err().to_string();
    assert!(
        error.contains("iteration 1") && error.contains("Pull::add_to"),
        "{error}"
    );
}

#[test]
fn a_loss_that_is_not_finite_stops_with_iteration_step_and_variable() {
    let (problem, vars, mlp) = start(DType::F32);
    let bias = variables::find(&vars, "fc1.bias").unwrap();
    let mut model = VarMapModel::new(&vars, 0, |batches, pull| {
        for _ in 0..3 {
            *batches += 1;
            if *batches == 5 {
                bias.set(&bias.affine(0.0, f64::NAN).unwrap())?;
            }
            pull.backward(&mlp.loss()?)?;
        }
        Ok(TrainSummary::new())
    });
    let mut admm = problem.builder().build(&model).unwrap();
    let error = admm.run(&mut model, &mut ()).unwrap_err().to_string();
    for needle in ["the loss is NaN", "step 2 of iteration 2", "`fc1.bias`"] {
        assert!(error.contains(needle), "{error}");
    }
}

#[test]
fn a_loss_of_bad_data_is_traced_by_its_gradients() {
    let (_, vars, mlp) = start(DType::F32);
    let pull = Pull::none(&vars, 7);
    let loss = (mlp.loss().unwrap() * f64::INFINITY).unwrap();
    let error = pull.backward(&loss).unwrap_err();
    assert!(
        matches!(error, Error::NonFiniteLoss { loss, iteration: 7, step: 1, variable: Some(ref name) }
            if loss == f64::INFINITY && name == "fc1.bias"),
        "{error}"
    );
}

#[test]
fn a_plain_optimiser_that_diverges_is_stopped() {
    let (problem, vars, mlp) = start(DType::F32);
    let optimizer = SGD::new(vars.all_vars(), 1e30).unwrap();
    let mut model = VarMapModel::new(&vars, optimizer, |optimizer, pull| {
        for _ in 0..problem.steps_per_iteration {
            let (_, grads) = pull.backward(&mlp.loss()?)?;
            optimizer.step(&grads)?;
        }
        Ok(TrainSummary::new())
    });
    let mut admm = problem.builder().build(&model).unwrap();
    let error = admm.run(&mut model, &mut ()).unwrap_err().to_string();
    assert!(error.contains("of iteration 1"), "{error}");
    assert!(
        error.contains("step 2") || error.contains("step 3"),
        "{error}"
    );
    assert!(error.contains("`fc"), "{error}");
}

#[test]
fn a_gradient_that_is_not_finite_is_found_by_name() {
    let (problem, vars, mlp) = start(DType::F32);
    let model = VarMapModel::new(&vars, (), nothing);
    let admm = problem.builder().build(&model).unwrap();
    let pull = Pull::new(&vars, &admm.proximal()).unwrap();
    let bias = variables::find(&vars, "fc2.bias").unwrap();
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut grads = mlp.loss().unwrap().backward().unwrap();
        pull.add_to(&mut grads).unwrap();
        let mut values = vec![0.0; Problem::CLASSES];
        values[3] = bad;
        grads.insert(&bias, Tensor::new(values.as_slice(), &Device::Cpu).unwrap());
        let error = pull.add_to(&mut grads).unwrap_err();
        assert!(
            matches!(error, Error::NonFiniteGradient { ref name, iteration: 1, .. } if name == "fc2.bias"),
            "{error}"
        );
    }
}

#[test]
fn without_the_check_such_a_gradient_passes() {
    let (problem, vars, mlp) = start(DType::F32);
    let bias = variables::find(&vars, "fc2.bias").unwrap();
    let train = |(): &mut (), pull: &Pull| {
        let mut grads = mlp.loss()?.backward()?;
        grads.insert(&bias, bias.affine(0.0, f64::NAN)?);
        pull.add_to(&mut grads)?;
        Ok(TrainSummary::new())
    };
    let mut model = VarMapModel::new(&vars, (), train);
    let mut admm = problem.builder().build(&model).unwrap();
    let error = admm.run(&mut model, &mut ()).unwrap_err().to_string();
    assert!(error.contains("gradient of `fc2.bias`"), "{error}");
    admm.run(&mut model.unchecked(), &mut ()).unwrap();
}

#[test]
fn an_error_of_candle_is_passed_on() {
    let (problem, vars, mlp) = start(DType::F32);
    let model = VarMapModel::new(&vars, (), nothing);
    let admm = problem.builder().build(&model).unwrap();
    let pull = Pull::new(&vars, &admm.proximal()).unwrap();
    let mut grads = mlp.loss().unwrap().backward().unwrap();
    let weight = variables::find(&vars, "fc1.weight").unwrap();
    grads.insert(
        &weight,
        Tensor::zeros((2, 2), DType::F32, &Device::Cpu).unwrap(),
    );
    let error = pull.add_to(&mut grads).unwrap_err();
    assert!(
        matches!(error, Error::Candle(_)) && error.to_string().contains("[2, 2]"),
        "{error}"
    );
}

fn linear_factors(layout: Tensorization) -> Factors<f32> {
    let w = Array2::from_shape_fn((6, 8), |(i, j)| ((i * j) as f32).sin());
    let prox = TtProjection::new(2).layout(layout);
    decompose("w", &w, &prox).unwrap().factors
}

#[test]
fn layers_refuse_factors_of_another_kind() {
    let vars = VarMap::new();
    let vb = VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu);
    let matrix = linear_factors(Tensorization::tt_matrix([2, 3], [2, 4]).unwrap());
    let error = TtLinear::from_factors(&matrix, None, vb.pp("fc")).unwrap_err();
    assert!(
        matches!(error, Error::Layer { ref layer, .. } if layer == "fc"),
        "{error}"
    );
    let linear = linear_factors(Tensorization::linear([2, 3], [2, 4]).unwrap());
    let config = Conv2dConfig::default();
    let error = TtConv2d::from_factors(&linear, None, config, vb.pp("conv")).unwrap_err();
    assert!(matches!(error, Error::Layer { .. }), "{error}");

    let w = Array4::from_shape_fn((4, 6, 3, 3), |(o, i, h, w)| ((o * i + h + w) as f32).cos());
    let prox = TtProjection::new(2).layout(Tensorization::conv([4], [3, 3], [6]).unwrap());
    let factors = decompose("w", &w, &prox).unwrap().factors;
    let grouped = Conv2dConfig {
        groups: 2,
        ..config
    };
    let error = TtConv2d::from_factors(&factors, None, grouped, vb.pp("conv")).unwrap_err();
    assert!(error.to_string().contains("2 groups"), "{error}");
    assert!(
        vars.all_vars().is_empty(),
        "nothing is made of refused factors"
    );

    // Cores need variables to live in.
    let fixed = VarBuilder::zeros(DType::F32, &Device::Cpu);
    let error = TtConv2d::from_factors(&factors, None, config, fixed.pp("conv")).unwrap_err();
    assert!(error.to_string().contains("VarMap"), "{error}");
}
