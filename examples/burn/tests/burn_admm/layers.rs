//! Decomposed layers compute what the dense layers compute with the weight that the factors make.

use crate::common::{array, norm, numbers, set, tensor};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{LinearConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor};
use burn_admm::{Conv, Error, Linear, TtConv2d, TtLinear};
use tt_admm::compress::decompose;
use tt_admm::ndarray::ArrayD;
use tt_admm::{Factors, Tensorization, TtProjection};

fn factors(weight: &ArrayD<f32>, layout: Tensorization, ranks: &[usize]) -> Factors<f32> {
    let projection = TtProjection::new(ranks.to_vec()).layout(layout);
    decompose("w", weight, &projection).unwrap().factors
}

fn dense_conv(channels: [usize; 2], kernel: [usize; 2], stride: usize, bias: bool) -> Conv2d {
    let device = Device::flex().autodiff();
    let mut layer = Conv2dConfig::new(channels, kernel)
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .with_bias(bias)
        .init(&device);
    set(
        &mut layer.weight,
        &numbers(&[channels[1], channels[0], kernel[0], kernel[1]], 1),
    );
    if let Some(bias) = &mut layer.bias {
        set(bias, &numbers(&[channels[1]], 2));
    }
    layer
}

fn assert_close(got: &ArrayD<f32>, expected: &ArrayD<f32>) {
    assert_eq!(got.shape(), expected.shape());
    let difference = norm(&(got - expected)) / norm(expected);
    assert!(difference < 1e-5, "relative difference {difference:e}");
}

/// Layouts with one mode on each side, with several, with modes of length 1, strides, kernels that are not
/// square.
#[test]
fn convolutions() {
    type Case = (Vec<usize>, [usize; 2], Vec<usize>, Vec<usize>, usize, bool);
    let cases: [Case; 6] = [
        (vec![8], [3, 3], vec![6], vec![5, 4], 1, true),
        (vec![8], [3, 3], vec![6], vec![5, 4], 2, false),
        (vec![2, 4], [3, 3], vec![3, 2], vec![2, 5, 4, 2], 1, true),
        (
            vec![4, 2],
            [3, 3],
            vec![2, 2, 3],
            vec![3, 6, 7, 5, 2],
            2,
            true,
        ),
        (vec![8], [1, 3], vec![2, 3], vec![4, 5, 2], 1, false),
        (vec![1, 8], [3, 3], vec![6, 1], vec![1, 5, 4, 1], 1, true),
    ];
    for (outputs, kernel, inputs, ranks, stride, bias) in cases {
        let channels = [inputs.iter().product(), outputs.iter().product()];
        let mut dense = dense_conv(channels, kernel, stride, bias);
        let layout = Tensorization::conv(outputs, kernel, inputs).unwrap();
        let factors = factors(&array(dense.weight.val()), layout, &ranks);
        let decomposed = TtConv2d::new("conv", &dense, &factors).unwrap();
        set(&mut dense.weight, &factors.to_dense());
        let device = Device::flex().autodiff();
        let x: Tensor<4> = tensor(&numbers(&[3, channels[0], 7, 9], 3).view(), &device);
        assert_close(
            &array(decomposed.forward(x.clone())),
            &array(dense.forward(x)),
        );
    }
}

#[test]
fn dense_layers() {
    let cases = [
        (vec![10], vec![12], vec![4]),
        (vec![2, 5], vec![3, 4], vec![2, 6, 3]),
        (vec![5, 2], vec![2, 3, 2], vec![3, 5, 4, 2]),
    ];
    for (outputs, inputs, ranks) in cases {
        let device = Device::flex().autodiff();
        let mut dense = LinearConfig::new(12, 10).init(&device);
        let weight = numbers(&[10, 12], 4);
        let layout = Tensorization::linear(outputs, inputs).unwrap();
        let factors = factors(&weight, layout, &ranks);
        let decomposed = TtLinear::new("fc", &dense, &factors).unwrap();
        set(&mut dense.weight, &factors.to_dense().reversed_axes());
        let x: Tensor<2> = tensor(&numbers(&[7, 12], 5).view(), &device);
        assert_close(
            &array(decomposed.forward(x.clone())),
            &array(dense.forward(x)),
        );
    }
}

/// The gradient of every core is that of the library's pullback of the dense gradient.
#[test]
fn gradients_of_the_cores() {
    let mut dense = dense_conv([6, 8], [3, 3], 2, true);
    let layout = Tensorization::conv([2, 4], [3, 3], [3, 2]).unwrap();
    let factors = factors(&array(dense.weight.val()), layout, &[2, 5, 4, 2]);
    let decomposed = TtConv2d::new("conv", &dense, &factors).unwrap();
    set(&mut dense.weight, &factors.to_dense());
    let device = Device::flex().autodiff();
    let x: Tensor<4> = tensor(&numbers(&[3, 6, 7, 9], 3).view(), &device);

    let gradients = dense.forward(x.clone()).square().sum().backward();
    let of_weight = array(dense.weight.val().grad(&gradients).unwrap());
    let expected = factors.pullback(&of_weight).unwrap();
    let of_bias = array(dense.bias.as_ref().unwrap().val().grad(&gradients).unwrap());

    let gradients = decomposed.forward(x).square().sum().backward();
    let core = |k: usize, got: ArrayD<f32>| {
        let got = got.into_shape_with_order(expected[k].shape()).unwrap();
        assert_close(&got, &expected[k]);
    };
    for k in 0..2 {
        core(
            k,
            array(decomposed.output[k].val().grad(&gradients).unwrap()),
        );
        core(
            3 + k,
            array(decomposed.input[k].val().grad(&gradients).unwrap()),
        );
    }
    let kernel = array(decomposed.kernel.weight.val().grad(&gradients).unwrap());
    let [ra, rb, h, w] = [0, 1, 2, 3].map(|axis| kernel.shape()[axis]);
    let positions = kernel
        .into_shape_with_order([ra, rb, h * w])
        .unwrap()
        .permuted_axes([0, 2, 1]);
    core(2, positions.as_standard_layout().into_owned().into_dyn());
    let bias = decomposed.bias.as_ref().unwrap().val();
    assert_close(&array(bias.grad(&gradients).unwrap()), &of_bias);
}

#[test]
fn factors_that_do_not_fit() {
    let dense = dense_conv([6, 8], [3, 3], 1, true);
    let weight = array(dense.weight.val());
    let other = numbers(&[8, 6, 3, 1], 7);
    let other = factors(
        &other,
        Tensorization::conv([8], [3, 1], [6]).unwrap(),
        &[3, 3],
    );
    let error = TtConv2d::new("conv9", &dense, &other).unwrap_err();
    assert!(error.to_string().contains("`conv9`"), "{error}");
    assert!(error.to_string().contains("[8, 6, 3, 1]"), "{error}");

    // The right shape, another layout.
    let plain = factors(
        &weight,
        Tensorization::identity([8, 6, 3, 3]).unwrap(),
        &[3, 3, 3],
    );
    assert!(matches!(
        TtConv2d::new("conv", &dense, &plain),
        Err(Error::Layer { .. })
    ));

    let mut layer = Conv::from(dense.clone());
    let right = factors(
        &weight,
        Tensorization::conv([8], [3, 3], [6]).unwrap(),
        &[3, 3],
    );
    layer.decompose("conv", &right).unwrap();
    let twice = layer.decompose("conv", &right).unwrap_err();
    assert!(twice.to_string().contains("already"), "{twice}");

    let mut groups = dense_conv([6, 8], [3, 3], 1, true);
    groups.groups = 2;
    assert!(TtConv2d::new("conv", &groups, &right).is_err());

    // A dense layer takes factors of (out, in), not of the stored (in, out).
    let mut layer = Linear::from(LinearConfig::new(12, 10).init(&Device::flex()));
    let stored = Tensorization::linear([12], [10]).unwrap();
    let stored = factors(&numbers(&[12, 10], 1), stored, &[3]);
    let error = layer.decompose("fc", &stored).unwrap_err();
    assert!(error.to_string().contains("[10, 12]"), "{error}");
}
