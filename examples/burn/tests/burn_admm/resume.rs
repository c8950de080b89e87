//! A run that is taken up again arrives at the same bits.

use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use burn_admm::{
    BurnModel, Error, Parameters, Pull, SaveTraining, Training, optimizer_state, restore_optimizer,
};
use example_support::problem::Problem;
use tempfile::tempdir;
use tt_admm::admm::{Checkpoints, Penalty, Resumable};
use tt_admm::{Admm, BoxError, LowRankProjection, TrainSummary};

use crate::common::{self, numbers};

/// A network with running statistics.
#[derive(Module, Debug)]
struct Net {
    fc1: Linear,
    bn: BatchNorm,
    fc2: Linear,
}

impl Net {
    fn new(device: &Device) -> Self {
        let mut net = Self {
            fc1: LinearConfig::new(12, 16).init(device),
            bn: BatchNormConfig::new(16).init(device),
            fc2: LinearConfig::new(16, 6).init(device),
        };
        for (seed, (name, shape)) in [("fc1.weight", [12, 16]), ("fc2.weight", [16, 6])]
            .into_iter()
            .enumerate()
        {
            let start = numbers(&shape, seed);
            Parameters::new()
                .write(&mut net, name, start.view())
                .unwrap();
        }
        for name in ["fc1.bias", "fc2.bias"] {
            let start = Parameters::new().read(&net, name).unwrap() * 0.0;
            Parameters::new()
                .write(&mut net, name, start.view())
                .unwrap();
        }
        net
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.fc2.forward(relu(self.bn.forward(self.fc1.forward(x))))
    }
}

/// Mini-batches whose order depends on the number of epochs done.
struct Batches {
    problem: Problem,
    optimizer: ModuleOptimizer,
    rate: f64,
    epochs: usize,
    /// Gives up in this epoch.
    fails_in: Option<usize>,
}

impl Training<Net> for Batches {
    type Error = BoxError;

    fn epoch(&mut self, net: &mut Net, pull: &mut Pull) -> Result<TrainSummary, BoxError> {
        let device = Device::flex().autodiff();
        let x = common::inputs(&self.problem, &device);
        let labels = common::labels(&self.problem, &device);
        for k in 0..3 {
            if self.fails_in == Some(self.epochs) && k == 1 {
                return Err("interrupted".into());
            }
            let first = 16 * ((k + self.epochs) % 3);
            let batch = |x: Tensor<2>| x.narrow(0, first, 16);
            let loss = CrossEntropyLossConfig::new().init(&device).forward(
                net.forward(batch(x.clone())),
                labels.clone().narrow(0, first, 16),
            );
            let mut gradients = GradientsParams::from_grads(loss.backward(), net);
            pull.add_to(net, &mut gradients)?;
            *net = self.optimizer.step(self.rate, net.clone(), gradients);
        }
        self.epochs += 1;
        Ok(TrainSummary::new())
    }
}

impl SaveTraining for Batches {
    fn save(&self) -> Result<Vec<u8>, BoxError> {
        let epochs = (self.epochs as u64).to_le_bytes();
        Ok([&epochs[..], &optimizer_state(&self.optimizer)?].concat())
    }

    fn load(&mut self, state: &[u8]) -> Result<(), BoxError> {
        let (epochs, optimizer) = state.split_first_chunk().ok_or("too short")?;
        restore_optimizer(&mut self.optimizer, optimizer)?;
        self.epochs = u64::from_le_bytes(*epochs).try_into()?;
        Ok(())
    }
}

type Model = BurnModel<Net, Batches>;

fn model(optimizer: ModuleOptimizer, rate: f64) -> Model {
    let training = Batches {
        problem: Problem::new().unwrap(),
        optimizer,
        rate,
        epochs: 0,
        fails_in: None,
    };
    BurnModel::new(Net::new(&Device::flex().autodiff()), training)
}

fn momentum() -> Model {
    let momentum = MomentumConfig::new().with_momentum(0.9).with_dampening(0.0);
    model(SgdConfig::new().with_momentum(Some(momentum)).init(), 0.02)
}

fn adam() -> Model {
    model(AdamConfig::new().init(), 0.01)
}

fn admm(model: &Model, iterations: usize) -> Admm<f32> {
    Admm::builder()
        .constrain("fc1.weight", LowRankProjection::new(3))
        .constrain("fc2.weight", LowRankProjection::new(2))
        .rho(0.2)
        .penalty(Penalty::geometric(1.1))
        .max_iterations(iterations)
        .build(model)
        .unwrap()
}

/// Parameters and buffers of the module, then `Z` and `U`, as bits.
fn bits(model: &Model, admm: &Admm<f32>) -> Vec<(String, Vec<u32>)> {
    let net = model.module().valid();
    let own = Parameters::names(&net).into_iter().map(|name| {
        let value = Parameters::new().read(&net, &name).unwrap();
        (name, value)
    });
    let blocks = admm.blocks().iter().flat_map(|block| {
        let name = block.weight();
        [
            (format!("Z of {name}"), block.z().to_owned()),
            (format!("U of {name}"), block.u().to_owned()),
        ]
    });
    own.chain(blocks)
        .map(|(name, value)| (name, value.iter().map(|x| x.to_bits()).collect()))
        .collect()
}

fn same_bits(make: impl Fn() -> Model) {
    let mut whole = make();
    let mut reference = admm(&whole, 6);
    reference.run(&mut whole, &mut ()).unwrap();
    let expected = bits(&whole, &reference);

    let folder = tempdir().unwrap();
    let checkpoints = Checkpoints::open(folder.path()).unwrap();
    let mut first = make();
    first.training_mut().fails_in = Some(3);
    let interrupted = admm(&first, 6).run_resumable(&mut first, &mut (), &checkpoints);
    assert!(interrupted.unwrap_err().to_string().contains("interrupted"));

    let mut second = make();
    let mut continued = admm(&second, 6);
    let report = continued
        .run_resumable(&mut second, &mut (), &checkpoints)
        .unwrap();
    assert_eq!(report.iterations(), 3);
    for (got, expected) in bits(&second, &continued).iter().zip(&expected) {
        assert_eq!(got, expected);
    }
}

#[test]
fn sgd_with_momentum() {
    same_bits(momentum);
}

#[test]
fn adam_with_moments() {
    same_bits(adam);
}

/// A state is taken up by a model that has been trained in between, running statistics included.
#[test]
fn a_model_goes_back() {
    let mut model = momentum();
    let mut loop_ = admm(&model, 2);
    loop_.run(&mut model, &mut ()).unwrap();
    let state = model.save_state().unwrap();
    let before = bits(&model, &loop_);
    loop_.run(&mut model, &mut ()).unwrap();
    assert_ne!(bits(&model, &loop_), before);
    assert_eq!(model.training().epochs, 4);
    model.load_state(&state).unwrap();
    assert_eq!(model.training().epochs, 2);
    // Z and U are not the model's.
    let parameters = before.len() - 4;
    assert_eq!(bits(&model, &loop_)[..parameters], before[..parameters]);
}

/// What is frozen stays so when a state is taken up, and what is trained can still be trained.
#[test]
fn frozen_parameters_stay_frozen() {
    let mut model = momentum();
    let state = model.save_state().unwrap();
    let net = model.module_mut();
    net.fc2 = net.fc2.clone().no_grad();
    model.load_state(&state).unwrap();
    let net = model.module();
    assert!(!net.fc2.weight.is_require_grad());
    assert!(net.fc1.weight.is_require_grad());
    admm(&model, 1).run(&mut model, &mut ()).unwrap_err();
}

#[test]
fn states_that_do_not_fit() {
    let mut model = momentum();
    let state = model.save_state().unwrap();
    let loop_ = admm(&model, 1);
    let before = bits(&model, &loop_);
    for broken in [&b"something else"[..], &state[..40], &state[..4], &[]] {
        assert!(model.load_state(broken).is_err());
    }
    // The structure of another network.
    let mut other = model.module().clone();
    other.fc2 = LinearConfig::new(16, 5).init(&Device::flex().autodiff());
    let (_, training) = momentum().into_parts();
    let foreign = BurnModel::new(other, training).save_state().unwrap();
    let error = model.load_state(&foreign).unwrap_err();
    assert!(matches!(error, Error::Burn { .. }), "{error}");
    assert_eq!(bits(&model, &loop_), before);
}
