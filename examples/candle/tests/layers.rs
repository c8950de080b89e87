//! Decomposed layers compute what dense layers with the multiplied-out weights do, and all cores are trained.
#![allow(clippy::unwrap_used)] // a test fails by panicking

use candle_admm::{Error, TtConv2d, TtLinear};
use candle_core::{DType, Device, Tensor};
use candle_nn::{Conv2d, Conv2dConfig, Linear, Module, VarBuilder, VarMap};
use tt_admm::compress::decompose;
use tt_admm::ndarray::{ArrayD, IxDyn};
use tt_admm::{Factors, Tensorization, TtProjection, TtRanks};

/// Numbers without a pattern, between -1 and 1.
fn numbers(count: usize, mut state: u32) -> Vec<f32> {
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn tensor(shape: &[usize], seed: u32) -> Tensor {
    let count = shape.iter().product();
    Tensor::from_vec(numbers(count, seed), shape, &Device::Cpu).unwrap()
}

fn factors(layout: Tensorization, ranks: impl Into<TtRanks>) -> Factors<f32> {
    let shape = layout.weight_shape().to_vec();
    let values = numbers(shape.iter().product(), 7);
    let weight = ArrayD::from_shape_vec(IxDyn(&shape), values).unwrap();
    let prox = TtProjection::new(ranks).layout(layout);
    decompose("w", &weight, &prox).unwrap().factors
}

fn dense(factors: &Factors<f32>) -> Tensor {
    let weight = factors.to_dense();
    let shape = weight.shape().to_vec();
    Tensor::from_vec(weight.iter().copied().collect(), shape, &Device::Cpu).unwrap()
}

fn norm(t: &Tensor) -> f32 {
    t.sqr()
        .unwrap()
        .sum_all()
        .unwrap()
        .to_scalar::<f32>()
        .unwrap()
        .sqrt()
}

fn agree(a: &Tensor, b: &Tensor) {
    assert_eq!(a.dims(), b.dims());
    let difference = norm(&(a - b).unwrap()) / norm(b);
    assert!(difference < 1e-5, "relative difference {difference}");
}

/// The gradient of a loss with every core, by finite differences along a direction.
fn check_gradients<'a>(
    cores: impl Iterator<Item = &'a Tensor>,
    forward: impl Fn() -> Result<Tensor, Error>,
) {
    let loss = || forward().unwrap().sqr().unwrap().sum_all().unwrap();
    let grads = loss().backward().unwrap();
    for (k, core) in cores.enumerate() {
        let gradient = grads
            .get(core)
            .unwrap_or_else(|| panic!("core {k} has no gradient"));
        let length = norm(gradient);
        assert!(length > 0.0, "core {k} has a zero gradient");
        let var = candle_core::Var::from_tensor(core).unwrap();
        let start = var.copy().unwrap();
        let h = 1e-2 / f64::from(length);
        let at = |step: f64| {
            var.set(&(&start + (gradient * step).unwrap()).unwrap())
                .unwrap();
            f64::from(loss().to_scalar::<f32>().unwrap())
        };
        let slope = (at(h) - at(-h)) / (2.0 * h);
        var.set(&start).unwrap();
        let expected = f64::from(length).powi(2);
        assert!(
            (slope / expected - 1.0).abs() < 0.02,
            "core {k}: {slope} {expected}"
        );
    }
}

fn conv_case(
    layout: Tensorization,
    ranks: impl Into<TtRanks>,
    config: Conv2dConfig,
    sides: [usize; 2],
) {
    let factors = factors(layout, ranks);
    let (outputs, inputs) = (factors.weight_shape()[0], factors.weight_shape()[1]);
    let bias = tensor(&[outputs], 3);
    let vars = VarMap::new();
    let vb = VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu).pp("conv");
    let layer = TtConv2d::from_factors(&factors, Some(&bias), config, vb).unwrap();
    let reference = Conv2d::new(dense(&factors), Some(bias), config);
    let x = tensor(&[3, inputs, sides[0], sides[1]], 11);
    agree(&layer.forward(&x).unwrap(), &reference.forward(&x).unwrap());
    let parameters: usize = layer.cores().map(Tensor::elem_count).sum();
    assert_eq!(parameters, factors.num_parameters());
    assert_eq!(vars.all_vars().len(), layer.cores().count() + 1);
    check_gradients(layer.cores(), || Ok(layer.forward(&x)?));
}

#[test]
fn convolution_with_one_mode_on_each_side() {
    let layout = Tensorization::conv([8], [3, 3], [6]).unwrap();
    let config = Conv2dConfig {
        padding: 1,
        ..Conv2dConfig::default()
    };
    conv_case(layout, [4, 5], config, [7, 8]);
}

#[test]
fn convolution_with_stride_and_an_uneven_kernel() {
    let layout = Tensorization::conv([8], [3, 2], [6]).unwrap();
    let config = Conv2dConfig {
        padding: 1,
        stride: 2,
        ..Conv2dConfig::default()
    };
    // candle 0.11 cannot differentiate a strided convolution whose last step leaves rows over but no columns, whatever
    // made it; these sides leave none.
    conv_case(layout, [4, 5], config, [9, 10]);
}

#[test]
fn convolution_with_factorised_channels() {
    let layout = Tensorization::conv([2, 3, 2], [3, 3], [4, 2]).unwrap();
    let config = Conv2dConfig {
        padding: 1,
        stride: 2,
        ..Conv2dConfig::default()
    };
    conv_case(layout, [2, 4, 5, 6, 2], config, [8, 10]);
}

#[test]
fn convolution_with_dilation_and_modes_of_one() {
    let layout = Tensorization::conv([1, 6], [3, 3], [3, 1, 2]).unwrap();
    let config = Conv2dConfig {
        padding: 2,
        dilation: 2,
        ..Conv2dConfig::default()
    };
    conv_case(layout, 3, config, [8, 9]);
}

fn linear_case(layout: Tensorization, ranks: impl Into<TtRanks>, batch: usize) {
    let factors = factors(layout, ranks);
    let (outputs, inputs) = (factors.weight_shape()[0], factors.weight_shape()[1]);
    let bias = tensor(&[outputs], 3);
    let vars = VarMap::new();
    let vb = VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu).pp("fc");
    let layer = TtLinear::from_factors(&factors, Some(&bias), vb).unwrap();
    let reference = Linear::new(dense(&factors), Some(bias));
    let x = tensor(&[batch, inputs], 11);
    agree(&layer.forward(&x).unwrap(), &reference.forward(&x).unwrap());
    check_gradients(layer.cores(), || Ok(layer.forward(&x)?));
}

#[test]
fn dense_layer_with_one_mode_on_each_side() {
    linear_case(Tensorization::linear([12], [10]).unwrap(), 4, 5);
}

#[test]
fn dense_layer_with_factorised_sides() {
    linear_case(
        Tensorization::linear([4, 3], [2, 5, 3]).unwrap(),
        [4, 7, 6, 3],
        5,
    );
    linear_case(
        Tensorization::linear([2, 2, 3], [10]).unwrap(),
        [2, 4, 5],
        1,
    );
}
