//! Decomposed layers against dense layers with the weights that the factors stand for.
// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

use ndarray::{Array2, Array4};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};
use tch_admm::layer::{Conv, Geometry, Linear};
use tch_admm::{Error, transfer};
use tt_admm::compress::decompose;
use tt_admm::{Factors, Tensorization, TtProjection};

fn conv_factors(outs: &[usize], kernel: [usize; 2], ins: &[usize], rank: usize) -> Factors<f32> {
    let layout = Tensorization::conv(outs, kernel, ins).unwrap();
    let shape = (
        outs.iter().product(),
        ins.iter().product(),
        kernel[0],
        kernel[1],
    );
    let weight = Array4::from_shape_fn(shape, |(o, i, h, w)| {
        ((o * 7 + i * 3) as f32 * 0.7 + (h * 5 + w) as f32).sin()
    });
    decompose("w", &weight, &TtProjection::new(rank).layout(layout))
        .unwrap()
        .factors
}

fn size4(shape: &[usize]) -> [i64; 4] {
    [0, 1, 2, 3].map(|k| i64::try_from(shape[k]).unwrap())
}

/// Dense layer with the factors' weight, and its output's distance from the decomposed layer's.
fn conv_difference(factors: &Factors<f32>, geometry: Geometry) -> f64 {
    tch::manual_seed(3);
    let size = size4(factors.weight_shape());
    let store = VarStore::new(Device::Cpu);
    let layer = Conv::new(&(store.root() / "conv"), size, geometry, Some(factors)).unwrap();
    let weight = transfer::to_tensor(&factors.to_dense().view(), Device::Cpu).unwrap();
    let dense = Conv::Dense { weight, geometry };
    let x = Tensor::randn(&[3, size[1], 9, 8][..], (Kind::Float, Device::Cpu));
    let (got, expected) = (layer.forward(&x).unwrap(), dense.forward(&x).unwrap());
    assert_eq!(got.size(), expected.size());
    // Every core gets a gradient.
    got.square().sum(Kind::Float).backward();
    let variables = store.variables();
    assert_eq!(variables.len(), factors.tensor_train().order());
    for (name, variable) in variables {
        assert!(variable.grad().defined(), "{name}");
        assert!(
            variable.grad().abs().max().double_value(&[]) > 0.0,
            "{name}"
        );
    }
    (got - &expected).norm().double_value(&[]) / expected.norm().double_value(&[])
}

#[test]
fn three_convolutions_equal_the_dense_one() {
    let factors = conv_factors(&[12], [3, 3], &[8], 5);
    for geometry in [
        Geometry::square(1, 1),
        Geometry::square(2, 1),
        Geometry::square(1, 0),
    ] {
        assert!(conv_difference(&factors, geometry) < 1e-5);
    }
    let uneven = Geometry {
        stride: [2, 1],
        padding: [0, 1],
    };
    assert!(conv_difference(&conv_factors(&[4], [3, 1], &[6], 3), uneven) < 1e-5);
    assert!(conv_difference(&conv_factors(&[4], [1, 1], &[6], 3), Geometry::square(1, 0)) < 1e-5);
}

#[test]
fn factorised_channels_equal_the_dense_convolution() {
    let cases = [
        (vec![3, 4], vec![2, 5], 4),
        (vec![2, 2, 3], vec![4], 6),
        (vec![6], vec![2, 3, 2], 3),
        (vec![1, 6], vec![6, 1], 2),
    ];
    for (outs, ins, rank) in cases {
        let factors = conv_factors(&outs, [3, 3], &ins, rank);
        for stride in [1, 2] {
            let difference = conv_difference(&factors, Geometry::square(stride, 1));
            assert!(difference < 1e-5, "{outs:?} {ins:?}: {difference}");
        }
    }
}

#[test]
fn linear_layers_equal_the_dense_product() {
    for (outs, ins) in [
        (vec![6], vec![10]),
        (vec![2, 3], vec![5, 2]),
        (vec![3, 1, 2], vec![10]),
    ] {
        let layout = Tensorization::linear(outs.clone(), ins.clone()).unwrap();
        let weight = Array2::from_shape_fn((6, 10), |(o, i)| ((o * 3 + i * i) as f32).cos());
        let found = decompose("w", &weight, &TtProjection::new(3).layout(layout)).unwrap();
        let store = VarStore::new(Device::Cpu);
        let root = store.root();
        let layer = Linear::new(&(&root / "fc"), [6, 10], Some(&found.factors)).unwrap();
        let dense = transfer::to_tensor(&found.factors.to_dense().view(), Device::Cpu).unwrap();
        let bias = transfer::variable(&store, "fc.bias").unwrap();
        let x = Tensor::randn(&[7_i64, 10][..], (Kind::Float, Device::Cpu));
        let expected = x.linear(&dense, Some(&bias));
        let got = layer.forward(&x).unwrap();
        assert!(
            (&got - &expected).norm().double_value(&[]) < 1e-5,
            "{outs:?} {ins:?}"
        );
        got.square().sum(Kind::Float).backward();
        for (name, variable) in store.variables() {
            assert!(
                variable.grad().abs().max().double_value(&[]) > 0.0,
                "{name}"
            );
        }
    }
}

#[test]
fn factors_of_another_layer_are_refused() {
    let factors = conv_factors(&[4], [3, 3], &[6], 2);
    let store = VarStore::new(Device::Cpu);
    let root = store.root();
    let geometry = Geometry::square(1, 1);
    let wrong = Conv::new(&(&root / "a"), [6, 4, 3, 3], geometry, Some(&factors));
    assert!(matches!(wrong, Err(Error::Shape { .. })));

    // The same weight without a layout: a tensor of order 4, not of a convolution.
    let projection = TtProjection::new(2);
    let plain = decompose("w", &factors.to_dense(), &projection)
        .unwrap()
        .factors;
    let wrong = Conv::new(&(&root / "b"), [4, 6, 3, 3], geometry, Some(&plain));
    assert!(matches!(wrong, Err(Error::Cores { .. })));
}
