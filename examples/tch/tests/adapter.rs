//! The adapter: agreement with hand-written gradients, tch's own optimisers, and what it refuses.
// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

use example_support::problem::Problem;
use ndarray::{Array2, ArrayViewD};
use tch::nn::{self, OptimizerConfig, VarStore};
use tch::{Device, Kind, Tensor, no_grad};
use tch_admm::{Error, Model, Pull, transfer};
use tt_admm::{Admm, AdmmError, TrainSummary, Trainable, TtProjection};

/// The perceptron of the reference problem: a store with its start, and data.
struct Perceptron {
    store: VarStore,
    fc1: nn::Linear,
    fc2: nn::Linear,
    x: Tensor,
    labels: Tensor,
}

impl Perceptron {
    fn new(problem: &Problem) -> Self {
        let mut store = VarStore::new(Device::Cpu);
        let root = store.root();
        let [d, h, c] = [Problem::FEATURES, Problem::HIDDEN, Problem::CLASSES]
            .map(|n| i64::try_from(n).unwrap());
        let fc1 = nn::linear(&root / "fc1", d, h, nn::LinearConfig::default());
        let fc2 = nn::linear(&root / "fc2", h, c, nn::LinearConfig::default());
        for (name, value) in problem.weights() {
            let mut variable = transfer::variable(&store, name).unwrap();
            let value = transfer::to_tensor(&value, Device::Cpu).unwrap();
            no_grad(|| variable.copy_(&value));
        }
        store.unfreeze();
        let x = transfer::to_tensor(&problem.x.view().into_dyn(), Device::Cpu).unwrap();
        let size = [i64::try_from(problem.labels.len()).unwrap()];
        let labels = transfer::upload(&problem.labels, &size, Device::Cpu).unwrap();
        Self {
            store,
            fc1,
            fc2,
            x,
            labels,
        }
    }

    fn loss(&self) -> Tensor {
        let scores = self.x.apply(&self.fc1).tanh().apply(&self.fc2);
        scores.cross_entropy_for_logits(&self.labels)
    }
}

#[test]
fn agrees_with_hand_written_gradients() {
    let problem = Problem::new().unwrap();
    let net = Perceptron::new(&problem);
    let rate = f64::from(problem.learning_rate);
    let mut optimiser = nn::Sgd::default().build(&net.store, rate).unwrap();
    let mut model = Model::new(&net.store, |pull: &Pull| {
        let mut losses = pull.losses();
        for _ in 0..problem.steps_per_iteration {
            let loss = net.loss();
            optimiser.zero_grad();
            loss.backward();
            pull.add_to_gradients()?;
            optimiser.step();
            losses.push(&loss);
        }
        Ok(TrainSummary::new().loss(losses.mean()?))
    });
    let mut admm = problem.builder().build(&model).unwrap();
    let report = admm.run(&mut model, &mut ()).unwrap();
    let difference = problem.check(&admm).unwrap();
    assert!(difference < Problem::TOLERANCE);
    // Every constrained weight was read in every W-step.
    assert!(report.unread().is_empty());

    // The projection written back is what `Z` is.
    admm.write_projection(&mut model).unwrap();
    assert_eq!(
        model.weight("fc1.weight").unwrap(),
        admm.z("fc1.weight").unwrap()
    );
}

#[test]
fn a_loop_of_ones_own_does_the_same() {
    let problem = Problem::new().unwrap();
    let net = Perceptron::new(&problem);
    let rate = f64::from(problem.learning_rate);
    let mut optimiser = nn::Sgd::default().build(&net.store, rate).unwrap();
    let weight = |name: &str| transfer::to_array(name, &transfer::variable(&net.store, name)?);
    let mut admm = problem.builder().try_build_from(weight).unwrap();
    for _ in 0..problem.iterations {
        let pull = Pull::new(&net.store, &admm.proximal()).unwrap();
        for _ in 0..problem.steps_per_iteration {
            optimiser.zero_grad();
            net.loss().backward();
            pull.add_to_gradients().unwrap();
            optimiser.step();
        }
        admm.try_update(weight).unwrap();
    }
    problem.check(&admm).unwrap();
}

#[test]
fn momentum_and_adam_of_tch_work_too() {
    let problem = Problem::new().unwrap();
    for adam in [false, true] {
        let net = Perceptron::new(&problem);
        let mut optimiser = if adam {
            nn::Adam::default().build(&net.store, 3e-3).unwrap()
        } else {
            nn::sgd(0.9, 0.0, 1e-4, false)
                .build(&net.store, 0.02)
                .unwrap()
        };
        let mut model = Model::new(&net.store, |pull: &Pull| {
            for _ in 0..40 {
                optimiser.zero_grad();
                net.loss().backward();
                pull.add_to_gradients()?;
                optimiser.step();
            }
            Ok(TrainSummary::new())
        });
        let mut admm = problem
            .builder()
            .max_iterations(25)
            .rho(1.0)
            .build(&model)
            .unwrap();
        let report = admm.run(&mut model, &mut ()).unwrap();
        let residual = report.primal_residual();
        assert!(residual < 0.05, "adam {adam}: {residual}");
    }
}

/// `rho |W - anchor|` added is what the definition says, and the penalty is its integral.
#[test]
fn the_pull_is_the_gradient_of_the_penalty() {
    let store = VarStore::new(Device::Cpu);
    let mut w = store.root().zeros("w", &[2, 2]);
    let start = Array2::<f32>::eye(2) * 2.0;
    let admm = Admm::builder()
        .constrain("w", TtProjection::new(1))
        .rho(3.0)
        .build_from(|_| start.view().into_dyn())
        .unwrap();
    let pull = Pull::new(&store, &admm.proximal()).unwrap();
    assert!(matches!(pull.add_to_gradients(), Err(Error::NoGradient { name }) if name == "w"));

    (&w * 0.0).sum(Kind::Float).backward();
    let _ = no_grad(|| w.fill_(1.0));
    pull.add_to_gradients().unwrap();
    let anchor = admm.z("w").unwrap();
    let expected = anchor.mapv(|a| 3.0 * (1.0 - a));
    let got = transfer::to_array("w", &w.grad()).unwrap();
    assert!((&got - &expected).iter().all(|e| e.abs() < 1e-6));
    let penalty: f32 = anchor.mapv(|a| 1.5 * (1.0 - a).powi(2)).sum();
    assert!((pull.penalty().unwrap() - f64::from(penalty)).abs() < 1e-6);
}

fn small_store() -> VarStore {
    let store = VarStore::new(Device::Cpu);
    let _ = nn::linear(
        store.root() / "layer1" / "fc",
        4,
        4,
        nn::LinearConfig::default(),
    );
    store
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    let store = small_store();
    let model = Model::new(&store, |_: &Pull| Ok(TrainSummary::new()));
    let error = Admm::builder()
        .constrain("layer1.fc.wieght", TtProjection::new(1))
        .rho(1.0)
        .build(&model)
        .unwrap_err();
    let AdmmError::Weight { source, .. } = error else {
        panic!("{error}")
    };
    let text = source.to_string();
    assert!(
        text.contains("layer1.fc.wieght") && text.contains("layer1.fc.weight"),
        "{text}"
    );
}

#[test]
fn other_element_types_are_refused_by_name() {
    let mut store = small_store();
    store.double();
    let model = Model::new(&store, |_: &Pull| Ok(TrainSummary::new()));
    let error = model.weight("layer1.fc.weight").unwrap_err();
    assert!(matches!(
        error,
        Error::Kind {
            kind: Kind::Double,
            ..
        }
    ));
    assert!(error.to_string().contains("layer1.fc.weight"));
}

#[test]
fn other_shapes_are_refused() {
    let store = small_store();
    let mut model = Model::new(&store, |_: &Pull| Ok(TrainSummary::new()));
    let value = Array2::<f32>::zeros((4, 5)).into_dyn();
    let error = model
        .set_weight("layer1.fc.weight", value.view())
        .unwrap_err();
    assert!(matches!(error, Error::Shape { ref got, .. } if got == &[4, 4]));

    // The store has another weight of that name than the one the loop was built for.
    let other = Array2::<f32>::eye(3);
    let admm = Admm::builder()
        .constrain("layer1.fc.weight", TtProjection::new(1))
        .rho(1.0)
        .build_from(|_| other.view().into_dyn())
        .unwrap();
    assert!(matches!(
        Pull::new(&store, &admm.proximal()),
        Err(Error::Shape { .. })
    ));
}

#[test]
fn losses_and_gradients_that_are_not_finite_end_the_run() {
    let train = |poison: f64, name: &'static str, report: bool| {
        let store = small_store();
        let mut step = 0;
        let mut model = Model::new(&store, |pull: &Pull| {
            let mut losses = pull.losses();
            for _ in 0..3 {
                step += 1;
                let weight = transfer::variable(&store, name)?;
                let factor = if step == 5 { poison } else { 1.0 };
                let loss = (&weight * factor).sum(Kind::Float);
                let mut zeroed = transfer::variable(&store, "layer1.fc.weight")?;
                zeroed.zero_grad();
                (loss.shallow_clone() + &zeroed.sum(Kind::Float) * 0.0).backward();
                pull.add_to_gradients()?;
                losses.push(&loss);
            }
            let summary = TrainSummary::new();
            Ok(if report {
                summary.loss(losses.mean()?)
            } else {
                summary
            })
        });
        let weight = Array2::<f32>::eye(4);
        let view = |_: &str| -> ArrayViewD<'_, f32> { weight.view().into_dyn() };
        let mut admm = Admm::builder()
            .constrain("layer1.fc.weight", TtProjection::new(4))
            .rho(1.0)
            .tolerance(0.0, 0.0)
            .build_from(view)
            .unwrap();
        match admm.run(&mut model, &mut ()) {
            Err(AdmmError::Model { iteration, source }) => (iteration, source.to_string()),
            other => panic!("{other:?}"),
        }
    };
    // Step 5 is the second of the second W-step.
    let (iteration, text) = train(f64::NAN, "layer1.fc.bias", true);
    assert_eq!(iteration, 2);
    assert!(
        text.contains("step 2 of iteration 2") && text.contains("layer1.fc.bias"),
        "{text}"
    );
    // A loop that does not report its loss: the gradient tells.
    let (iteration, text) = train(f64::INFINITY, "layer1.fc.bias", false);
    assert_eq!(iteration, 2);
    assert!(text.contains("gradient of `layer1.fc.bias`"), "{text}");
}
