//! The adapter arrives at the reference solution of the common problem, in both ways of using it.

use std::error::Error;

use crate::common::{self, Mlp};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::Device;
use burn_admm::{BurnModel, Pull};
use example_support::problem::Problem;
use tt_admm::TrainSummary;

/// One full-batch step of plain gradient descent.
struct Step {
    problem: Problem,
    device: Device,
    optimizer: ModuleOptimizer,
}

impl Step {
    fn new(problem: &Problem, device: &Device) -> Self {
        Self {
            problem: problem.clone(),
            device: device.clone(),
            optimizer: SgdConfig::new().init(),
        }
    }

    fn step(&mut self, net: &mut Mlp, pull: &mut Pull) -> Result<f64, burn_admm::Error> {
        let x = common::inputs(&self.problem, &self.device);
        let labels = common::labels(&self.problem, &self.device);
        let loss = CrossEntropyLossConfig::new()
            .init(&self.device)
            .forward(net.forward(x), labels);
        let value: f32 = loss.clone().into_scalar();
        let mut gradients = GradientsParams::from_grads(loss.backward(), net);
        pull.check(f64::from(value), net, &gradients)?;
        pull.add_to(net, &mut gradients)?;
        let rate = f64::from(self.problem.learning_rate);
        *net = self.optimizer.step(rate, net.clone(), gradients);
        Ok(f64::from(value))
    }
}

#[test]
fn through_trainable() -> Result<(), Box<dyn Error>> {
    let problem = Problem::new()?;
    let device = Device::flex().autodiff();
    let (net, _) = common::start(&problem, &device);
    let steps = problem.steps_per_iteration;
    let mut step = Step::new(&problem, &device);
    let training = move |net: &mut Mlp, pull: &mut Pull| {
        let mut loss = 0.0;
        for _ in 0..steps {
            loss = step.step(net, pull)?;
        }
        Ok::<_, burn_admm::Error>(TrainSummary::new().loss(loss))
    };
    let mut model = BurnModel::new(net, training)
        .transposed("fc1.weight")
        .transposed("fc2.weight");
    let mut admm = problem.builder().build(&model)?;
    let report = admm.run(&mut model, &mut ())?;
    assert!(report.unread().is_empty());
    let difference = problem.check(&admm)?;
    println!("largest relative difference {difference:.1e}");
    Ok(())
}

#[test]
fn through_a_loop_of_ones_own() -> Result<(), Box<dyn Error>> {
    let problem = Problem::new()?;
    let device = Device::flex().autodiff();
    let (mut net, parameters) = common::start(&problem, &device);
    let mut step = Step::new(&problem, &device);
    let mut admm = problem
        .builder()
        .try_build_from(|name| parameters.read(&net, name))?;
    for _ in 0..problem.iterations {
        let mut pull = parameters.pull(&net, &admm.proximal())?;
        for _ in 0..problem.steps_per_iteration {
            step.step(&mut net, &mut pull)?;
        }
        admm.try_update(|name| parameters.read(&net, name))?;
    }
    problem.check(&admm)?;
    Ok(())
}

/// The check sees a wrong orientation: without `transposed` the layout does not even fit.
#[test]
fn the_stored_orientation_does_not_fit() -> Result<(), Box<dyn Error>> {
    let problem = Problem::new()?;
    let (net, _) = common::start(&problem, &Device::flex().autodiff());
    let parameters = burn_admm::Parameters::new();
    let built = problem
        .builder()
        .try_build_from(|name| parameters.read(&net, name));
    assert!(matches!(built, Err(tt_admm::AdmmError::Prox { .. })));
    Ok(())
}
