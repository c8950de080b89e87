//! Parameters by name, orientation, the pull on the gradients.

use crate::common::{Mlp, array, device, norm, numbers, tensor};
use burn::module::Module;
use burn::nn::conv::Conv2dConfig;
use burn::nn::{LinearConfig, PaddingConfig2d};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use burn_admm::{BurnModel, Conv, Decompose, Parameters, Pull, ResNet};
use tt_admm::ndarray::{Array2, ArrayD};
use tt_admm::{Admm, LowRankProjection, Tensorization, TrainSummary, Trainable, TtProjection};

#[test]
fn names_are_paths_of_fields() {
    let net = ResNet::new(3, 10, &device());
    let names = Parameters::names(&net);
    for name in [
        "conv1.weight",
        "bn1.gamma",
        "bn1.running_mean",
        "layer1.0.conv1.weight",
        "layer3.2.bn2.beta",
        "linear.bias",
    ] {
        assert!(names.iter().any(|n| n == name), "{name} is missing");
    }
    // 19 convolutions, 19 normalisations of 4 arrays, weight and bias.
    assert_eq!(names.len(), 19 + 19 * 4 + 2);
}

#[test]
fn names_of_replaceable_layers_are_names_of_parameters() {
    let mut net = ResNet::new(1, 10, &device());
    let names = Parameters::names(&net);
    let layers = net.layers();
    assert_eq!(layers.len(), 8);
    for (layer, _) in layers {
        assert!(names.contains(&layer), "{layer}");
    }
}

#[test]
fn a_bias_keeps_its_name_when_the_layer_is_replaced() {
    #[derive(Module, Debug)]
    struct Net {
        conv: Conv,
    }
    let conv = Conv2dConfig::new([4, 6], [3, 3])
        .with_padding(PaddingConfig2d::Same)
        .init(&device());
    let mut net = Net { conv: conv.into() };
    assert_eq!(Parameters::names(&net), ["conv.weight", "conv.bias"]);
    let parameters = Parameters::new();
    let weight = parameters.read(&net, "conv.weight").unwrap();
    let layout = Tensorization::conv([6], [3, 3], [4]).unwrap();
    let projection = TtProjection::new(3).layout(layout);
    let found = tt_admm::compress::decompose("conv", &weight, &projection).unwrap();
    let bias = parameters.read(&net, "conv.bias").unwrap();
    net.conv.decompose("conv.weight", &found.factors).unwrap();
    let names = [
        "conv.input.0",
        "conv.kernel.weight",
        "conv.output.0",
        "conv.bias",
    ];
    assert_eq!(Parameters::names(&net), names);
    assert_eq!(parameters.read(&net, "conv.bias").unwrap(), bias);
}

#[test]
fn reading_and_writing_in_both_orientations() {
    let mut layer = LinearConfig::new(3, 2).init(&device());
    let value = numbers(&[2, 3], 1);
    let transposed = Parameters::new().transposed("weight");
    transposed
        .write(&mut layer, "weight", value.view())
        .unwrap();
    assert_eq!(transposed.read(&layer, "weight").unwrap(), value);
    let stored = Parameters::new().read(&layer, "weight").unwrap();
    assert_eq!(stored, value.reversed_axes());
    assert_eq!(array(layer.weight.val()), stored);
    // It can still be trained.
    let x: Tensor<2> = tensor(&numbers(&[4, 3], 2).view(), &device());
    let gradients = layer.forward(x).sum().backward();
    assert!(layer.weight.val().grad(&gradients).is_some());
}

/// A view with any strides is written by index, not by memory.
#[test]
fn writing_a_strided_view() {
    let mut layer = LinearConfig::new(3, 2).init(&device());
    let value = numbers(&[2, 3], 1);
    Parameters::new()
        .write(&mut layer, "weight", value.view().reversed_axes())
        .unwrap();
    assert_eq!(array(layer.weight.val()), value.reversed_axes());
}

/// What `add_to` adds is `rho (W - Z + U)`, to the constrained parameters only.
#[test]
fn the_pull_is_the_proximal_gradient() {
    let device = device();
    let net = Mlp::new(&device);
    let parameters = Parameters::new().transposed("fc1.weight");
    let mut admm = Admm::builder()
        .constrain("fc1.weight", LowRankProjection::new(2))
        .constrain("fc2.weight", LowRankProjection::new(1))
        .rho(0.5)
        .rho_for("fc2.weight", 2.0)
        .try_build_from(|name| parameters.read(&net, name))
        .unwrap();
    admm.try_update(|name| parameters.read(&net, name)).unwrap();
    assert!(norm(&admm.u("fc1.weight").unwrap().to_owned()) > 0.1);

    let x: Tensor<2> = tensor(&numbers(&[5, 12], 2).view(), &device);
    let gradients = || GradientsParams::from_grads(net.forward(x.clone()).sum().backward(), &net);
    let (before, mut after) = (gradients(), gradients());
    let mut pull = parameters.pull(&net, &admm.proximal()).unwrap();
    assert_eq!(
        pull.names().collect::<Vec<_>>(),
        ["fc1.weight", "fc2.weight"]
    );
    pull.add_to(&net, &mut after).unwrap();
    assert_eq!(pull.steps(), 1);

    let added = |id| -> ArrayD<f32> {
        array::<2>(after.get(id).unwrap()) - array::<2>(before.get(id).unwrap())
    };
    for (name, weight, rho) in [
        ("fc1.weight", &net.fc1.weight, 0.5),
        ("fc2.weight", &net.fc2.weight, 2.0),
    ] {
        let w = parameters.read(&net, name).unwrap();
        let expected = (&w - &admm.z(name).unwrap() + &admm.u(name).unwrap()) * rho;
        let added = match name {
            "fc1.weight" => added(weight.id).reversed_axes(),
            _ => added(weight.id),
        };
        assert!(
            norm(&(added - &expected)) < 1e-5 * norm(&expected),
            "{name}"
        );
    }
    let bias = net.fc1.bias.as_ref().unwrap().id;
    assert_eq!(
        array::<1>(after.get(bias).unwrap()),
        array::<1>(before.get(bias).unwrap())
    );
}

#[test]
fn write_projection_makes_the_weight_low_rank() {
    let net = Mlp::new(&device());
    let training = |_: &mut Mlp, _: &mut Pull| Ok::<_, String>(TrainSummary::new());
    let mut model = BurnModel::new(net, training).transposed("fc1.weight");
    let admm = Admm::builder()
        .constrain("fc1.weight", LowRankProjection::new(1))
        .rho(1.0)
        .build(&model)
        .unwrap();
    admm.write_projection(&mut model).unwrap();
    let weight = model.weight("fc1.weight").unwrap().into_owned();
    let weight: Array2<f32> = weight.into_dimensionality().unwrap();
    assert_eq!(weight.dim(), (16, 12));
    let minor = weight[[0, 0]] * weight[[3, 5]] - weight[[0, 5]] * weight[[3, 0]];
    assert!(minor.abs() < 1e-6);
}
