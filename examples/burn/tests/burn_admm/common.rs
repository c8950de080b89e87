//! Networks and helpers that several tests use.

use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::optim::GradientsParams;
use burn::tensor::activation::tanh;
use burn::tensor::{Device, Int, Tensor, TensorData};
use burn_admm::{Error, Parameters};
use example_support::problem::Problem;
use tt_admm::ndarray::{ArrayD, ArrayViewD};
use tt_admm::{Admm, AdmmError, LowRankProjection};

/// The perceptron of the reference problem.
#[derive(Module, Debug)]
pub(crate) struct Mlp {
    pub(crate) fc1: Linear,
    pub(crate) fc2: Linear,
}

impl Mlp {
    pub(crate) fn new(device: &Device) -> Self {
        let [d, h, c] = [Problem::FEATURES, Problem::HIDDEN, Problem::CLASSES];
        Self {
            fc1: LinearConfig::new(d, h).init(device),
            fc2: LinearConfig::new(h, c).init(device),
        }
    }

    pub(crate) fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.fc2.forward(tanh(self.fc1.forward(x)))
    }
}

/// The perceptron with the start of the problem, and how its weights are presented.
pub(crate) fn start(problem: &Problem, device: &Device) -> (Mlp, Parameters) {
    let parameters = Parameters::new()
        .transposed("fc1.weight")
        .transposed("fc2.weight");
    let mut net = Mlp::new(device);
    for (name, value) in problem.weights() {
        parameters.write(&mut net, name, value).unwrap();
    }
    (net, parameters)
}

pub(crate) fn inputs(problem: &Problem, device: &Device) -> Tensor<2> {
    tensor(&problem.x.view().into_dyn(), device)
}

pub(crate) fn labels(problem: &Problem, device: &Device) -> Tensor<1, Int> {
    let data = TensorData::new(problem.labels.clone(), [problem.labels.len()]);
    Tensor::from_data(data, device)
}

pub(crate) fn tensor<const D: usize>(array: &ArrayViewD<'_, f32>, device: &Device) -> Tensor<D> {
    let values: Vec<f32> = array.iter().copied().collect();
    Tensor::from_data(TensorData::new(values, array.shape().to_vec()), device)
}

pub(crate) fn array<const D: usize>(tensor: Tensor<D>) -> ArrayD<f32> {
    let shape = tensor.dims().to_vec();
    let values = tensor.into_data().try_into_vec::<f32>().unwrap();
    ArrayD::from_shape_vec(shape, values).unwrap()
}

/// Smooth numbers between -1 and 1, different for every seed.
pub(crate) fn numbers(shape: &[usize], seed: usize) -> ArrayD<f32> {
    let mut k = 0.0_f32;
    ArrayD::from_shape_simple_fn(shape, || {
        k += 1.0;
        (k * 0.7 + (k * k * 0.13 + seed as f32).sin() * 2.0).sin()
    })
}

pub(crate) fn norm(array: &ArrayD<f32>) -> f64 {
    array
        .iter()
        .map(|&x| f64::from(x).powi(2))
        .sum::<f64>()
        .sqrt()
}

/// The value of a parameter, replaced by this array.
pub(crate) fn set<const D: usize>(param: &mut Param<Tensor<D>>, value: &ArrayD<f32>) {
    let device = param.val().device();
    *param = Param::from_tensor(tensor(&value.view(), &device));
}

pub(crate) fn device() -> Device {
    Device::flex().autodiff()
}

/// ADMM with a constraint on one weight of the perceptron.
pub(crate) fn admm(net: &Mlp) -> Admm<f32> {
    Admm::builder()
        .constrain("fc1.weight", LowRankProjection::new(2))
        .rho(1.0)
        .try_build_from(|name| Parameters::new().read(net, name))
        .unwrap()
}

/// Of the sum of all scores.
pub(crate) fn gradients(net: &Mlp) -> GradientsParams {
    let x: Tensor<2> = tensor(&numbers(&[5, 12], 2).view(), &device());
    GradientsParams::from_grads(net.forward(x).sum().backward(), net)
}

/// The adapter's error inside the one that ADMM returns.
pub(crate) fn inner(error: &AdmmError) -> &Error {
    let source = match error {
        AdmmError::Model { source, .. } | AdmmError::Weight { source, .. } => source,
        other => panic!("unexpected {other:?}"),
    };
    source.downcast_ref().unwrap()
}
