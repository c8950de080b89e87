//! Decomposed layers against dense layers with the weights that the factors stand for.
// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

use ndarray::{Array2, Array4};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};
use tch_admm::layer::{Conv, Geometry, Linear, Lstm};
use tch_admm::{Error, transfer};
use tt_admm::compress::decompose;
use tt_admm::projection::Prox;
use tt_admm::{Factors, Tensorization, TrProjection, TtProjection};

fn conv_factors(outs: &[usize], kernel: [usize; 2], ins: &[usize], rank: usize) -> Factors<f32> {
    factors_of(outs, kernel, ins, |layout| {
        Box::new(TtProjection::new(rank).layout(layout))
    })
}

/// The same as a ring of these ranks.
fn ring_factors(
    outs: &[usize],
    kernel: [usize; 2],
    ins: &[usize],
    ranks: &[usize],
) -> Factors<f32> {
    factors_of(outs, kernel, ins, |layout| {
        Box::new(TrProjection::new(ranks).max_sweeps(2).layout(layout))
    })
}

fn factors_of(
    outs: &[usize],
    kernel: [usize; 2],
    ins: &[usize],
    projection: impl Fn(Tensorization) -> Box<dyn Prox<f32>>,
) -> Factors<f32> {
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
    decompose("w", &weight, &*projection(layout))
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
    assert_eq!(variables.len(), factors.parameters().len());
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
fn rings_equal_the_dense_convolution() {
    let cases: [(&[usize], &[usize], &[usize]); 5] = [
        (&[12], &[8], &[3, 4, 2]),
        (&[3, 4], &[2, 5], &[2, 3, 4, 3, 2]),
        (&[6], &[2, 3, 2], &[3, 2, 2, 3, 4]),
        (&[2, 3], &[4], &[1, 3, 2, 3]),
        (&[4], &[6], &[5, 1, 2]),
    ];
    let uneven = Geometry {
        stride: [2, 1],
        padding: [0, 1],
    };
    for (outs, ins, ranks) in cases {
        let factors = ring_factors(outs, [3, 3], ins, ranks);
        assert_eq!(
            factors.tensor_ring().unwrap().ranks()[..ranks.len()],
            *ranks
        );
        for geometry in [Geometry::square(1, 1), Geometry::square(2, 1), uneven] {
            let difference = conv_difference(&factors, geometry);
            assert!(difference < 1e-5, "{outs:?} {ins:?}: {difference}");
        }
    }
}

#[test]
fn linear_layers_equal_the_dense_product() {
    let train = |layout| -> Box<dyn Prox<f32>> { Box::new(TtProjection::new(3).layout(layout)) };
    let ring = |layout| -> Box<dyn Prox<f32>> { Box::new(TrProjection::new(3).layout(layout)) };
    for (outs, ins, projection) in [
        (vec![6], vec![10], &train as &dyn Fn(_) -> _),
        (vec![2, 3], vec![5, 2], &train),
        (vec![3, 1, 2], vec![10], &train),
        (vec![6], vec![10], &ring),
        (vec![2, 3], vec![5, 2], &ring),
        (vec![3, 1, 2], vec![10], &ring),
    ] {
        let layout = Tensorization::linear(outs.clone(), ins.clone()).unwrap();
        let weight = Array2::from_shape_fn((6, 10), |(o, i)| ((o * 3 + i * i) as f32).cos());
        let found = decompose("w", &weight, &*projection(layout)).unwrap();
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

/// The recurrent layer with its variables, and those in the order of Torch's own function.
fn lstm(inputs: i64, units: i64, factors: [Option<&Factors<f32>>; 2]) -> (VarStore, Lstm) {
    tch::manual_seed(8);
    let store = VarStore::new(Device::Cpu);
    let [ih, hh] = factors;
    let layer = Lstm::new(&(store.root() / "lstm"), inputs, units, ih, hh).unwrap();
    (store, layer)
}

#[test]
fn recurrent_layers_compute_what_torch_does() {
    let (store, layer) = lstm(5, 6, [None, None]);
    let x = Tensor::randn(&[3_i64, 7, 5][..], (Kind::Float, Device::Cpu));
    let names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"];
    let parameters = names.map(|name| transfer::variable(&store, &format!("lstm.{name}")).unwrap());
    let zeros = || Tensor::zeros(&[1_i64, 3, 6][..], (Kind::Float, Device::Cpu));
    let state = [zeros(), zeros()];
    let (_, expected, _) = x.lstm(&state, &parameters, true, 1, 0.0, false, false, true);
    let got = layer.forward(&x).unwrap();
    assert_eq!(got.size(), [3, 6]);
    let expected = expected.squeeze_dim(0);
    assert!((&got - &expected).abs().max().double_value(&[]) < 1e-6);

    // The gradients are those of Torch's function too.
    let gradients = |loss: Tensor| {
        Tensor::run_backward(&[loss.square().sum(Kind::Float)], &parameters, false, false)
    };
    for (name, (a, b)) in names
        .iter()
        .zip(gradients(got).iter().zip(gradients(expected)))
    {
        let difference = (a - &b).norm().double_value(&[]);
        assert!(difference < 1e-5 * b.norm().double_value(&[]), "{name}");
    }
    assert!(layer.forward(&x.narrow(2, 0, 4)).is_err());
}

#[test]
fn decomposed_recurrent_layers_equal_dense_ones() {
    let random = |rows: usize, columns: usize, modes: [usize; 2]| {
        let weight = Array2::from_shape_fn((rows, columns), |(o, i)| {
            ((o * 5 + i * i) as f32).sin() / 3.0
        });
        // Four gates of six units on the first mode.
        let layout = Tensorization::linear([8, 3], modes).unwrap();
        let projection = TtProjection::new(4).layout(layout);
        decompose("w", &weight, &projection).unwrap().factors
    };
    let (ih, hh) = (random(24, 10, [5, 2]), random(24, 6, [2, 3]));
    let (dense_store, dense) = lstm(10, 6, [None, None]);
    for (decomposed, names) in [
        (
            [Some(&ih), Some(&hh)],
            &["weight_ih_l0", "weight_hh_l0"][..],
        ),
        ([Some(&ih), None], &["weight_ih_l0"]),
        ([None, Some(&hh)], &["weight_hh_l0"]),
    ] {
        let (store, layer) = lstm(10, 6, decomposed);
        // The dense layer takes what both have, and for the rest what the factors stand for.
        transfer::copy_shared(&store, &dense_store).unwrap();
        for name in names {
            let factors = if name.contains("ih") { &ih } else { &hh };
            let weight = transfer::to_tensor(&factors.to_dense().view(), Device::Cpu).unwrap();
            let mut variable = transfer::variable(&dense_store, &format!("lstm.{name}")).unwrap();
            tch::no_grad(|| variable.copy_(&weight));
            assert!(transfer::variable(&store, &format!("lstm.{name}.output.1")).is_ok());
        }
        let x = Tensor::randn(&[4_i64, 5, 10][..], (Kind::Float, Device::Cpu));
        let (got, expected) = (layer.forward(&x).unwrap(), dense.forward(&x).unwrap());
        let difference = (&got - &expected).norm() / expected.norm();
        assert!(difference.double_value(&[]) < 1e-5, "{names:?}");
        got.square().sum(Kind::Float).backward();
        for (name, variable) in store.variables() {
            assert!(
                variable.grad().abs().max().double_value(&[]) > 0.0,
                "{name}"
            );
        }
    }
    let wrong = Lstm::new(&(VarStore::new(Device::Cpu).root()), 6, 6, Some(&ih), None);
    assert!(matches!(wrong, Err(Error::Shape { .. })));
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
