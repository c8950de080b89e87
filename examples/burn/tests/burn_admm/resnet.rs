//! The residual networks: shapes, gradients, and the published weights if they are at hand.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::common::{array, norm, numbers, tensor};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use burn_admm::{Decompose, Parameters, ResNet, WeightFile, accuracy};
use example_support::data::{self, Loader, Normalization};
use tt_admm::compress::decompose;
use tt_admm::ndarray::ArrayD;
use tt_admm::{Tensorization, TtProjection};

#[test]
fn shapes_and_gradients() {
    let device = Device::flex().autodiff();
    let net = ResNet::new(1, 7, &device);
    assert_eq!(net.depth(), 8);
    let x: Tensor<4> = tensor(&numbers(&[2, 3, 32, 32], 1).view(), &device);
    let scores = net.forward(x);
    assert_eq!(scores.dims(), [2, 7]);
    let gradients = scores.square().sum().backward();
    let gradients = burn::optim::GradientsParams::from_grads(gradients, &net);
    // All but the 14 running statistics.
    assert_eq!(gradients.len(), Parameters::names(&net).len() - 14);
}

/// A weight file in the names and orientations of PyTorch arrives where it belongs.
#[test]
fn weight_files_in_the_names_of_pytorch() {
    let device = Device::flex();
    let names = Parameters::names(&ResNet::new(2, 5, &device));
    let mut entries = BTreeMap::new();
    for (seed, name) in names.iter().enumerate() {
        let own = Parameters::new()
            .read(&ResNet::new(2, 5, &device), name)
            .unwrap();
        let mut shape = own.shape().to_vec();
        if name == "linear.weight" {
            shape.reverse();
        }
        let pytorch = name.replace("gamma", "weight").replace("beta", "bias");
        entries.insert(pytorch, numbers(&shape, seed).mapv(f32::abs));
    }
    let bytes: BTreeMap<String, Vec<u8>> = entries
        .iter()
        .map(|(name, a)| {
            (
                name.clone(),
                a.iter().flat_map(|x| x.to_le_bytes()).collect(),
            )
        })
        .collect();
    let counter = [0; 8];
    let mut views: Vec<_> = entries
        .iter()
        .map(|(name, a)| {
            let dtype = safetensors::Dtype::F32;
            let view =
                safetensors::tensor::TensorView::new(dtype, a.shape().to_vec(), &bytes[name]);
            (name.clone(), view.unwrap())
        })
        .collect();
    let dtype = safetensors::Dtype::I64;
    let view = safetensors::tensor::TensorView::new(dtype, vec![], &counter).unwrap();
    views.push(("bn1.num_batches_tracked".to_owned(), view));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    std::fs::write(&path, safetensors::serialize(views, None).unwrap()).unwrap();

    let net = ResNet::from_file(WeightFile::open(&path).unwrap(), &device).unwrap();
    assert_eq!(net.depth(), 14);
    let read = |parameters: Parameters, name: &str| parameters.read(&net, name).unwrap();
    let plain = Parameters::new();
    assert_eq!(
        read(plain.clone(), "layer2.1.conv2.weight"),
        entries["layer2.1.conv2.weight"]
    );
    assert_eq!(
        read(plain.clone(), "layer3.0.bn1.gamma"),
        entries["layer3.0.bn1.weight"]
    );
    assert_eq!(read(plain.clone(), "bn1.beta"), entries["bn1.bias"]);
    assert_eq!(read(plain, "bn1.running_var"), entries["bn1.running_var"]);
    let transposed = Parameters::new().transposed("linear.weight");
    assert_eq!(read(transposed, "linear.weight"), entries["linear.weight"]);
}

/// A network computes the same with layers replaced by factors of full rank.
#[test]
fn replaced_layers_of_full_rank() {
    let device = Device::flex();
    let mut net = ResNet::new(1, 5, &device).valid();
    let x: Tensor<4> = tensor(&numbers(&[2, 3, 32, 32], 1).view(), &device);
    let before = array(net.forward(x.clone()));
    let linear = Tensorization::linear([5], [8, 8]).unwrap();
    let cases = [
        (
            "layer2.0.conv1.weight",
            Tensorization::conv([4, 8], [3, 3], [4, 4]).unwrap(),
        ),
        (
            "layer3.0.conv2.weight",
            Tensorization::conv([64], [3, 3], [64]).unwrap(),
        ),
        ("linear.weight", linear),
    ];
    let parameters = Parameters::new().transposed("linear.weight");
    for (name, layout) in cases {
        let weight: ArrayD<f32> = parameters.read(&net, name).unwrap();
        let found = decompose(name, &weight, &TtProjection::new(1000).layout(layout)).unwrap();
        net.decompose(name, &found.factors).unwrap();
    }
    let after = array(net.forward(x));
    assert!(norm(&(&after - &before)) < 1e-4 * norm(&before));
    let factors = Tensorization::linear([5], [8, 8]).unwrap();
    let weight = numbers(&[5, 64], 1);
    let found = decompose("w", &weight, &TtProjection::new(2).layout(factors)).unwrap();
    let error = net.decompose("linaer.weight", &found.factors).unwrap_err();
    assert!(error.to_string().contains("linear.weight"), "{error}");
}

/// The published networks have the accuracy on CIFAR-10 that their author states, or the lower one that was
/// measured on a JPEG copy of the images.
#[test]
fn published_weights() {
    let folder = |variable| std::env::var_os(variable).map(PathBuf::from);
    let (Some(images), Some(weights)) =
        (folder("TT_ADMM_CIFAR10"), folder("TT_ADMM_RESNET_WEIGHTS"))
    else {
        println!("skipped: TT_ADMM_CIFAR10 and TT_ADMM_RESNET_WEIGHTS name no folders");
        return;
    };
    let device = Device::flex();
    let (_, test) = data::cifar10(&images).unwrap();
    let normalization = Normalization {
        mean: vec![0.485, 0.456, 0.406],
        std: vec![0.229, 0.224, 0.225],
    };
    let loader = Loader::new(&test, 100, normalization);
    for (depth, expected) in [(20, [0.9173, 0.8103]), (32, [0.9263, 0.8256])] {
        let path = weights.join(format!("resnet{depth}_cifar10.safetensors"));
        let net = ResNet::from_file(WeightFile::open(&path).unwrap(), &device).unwrap();
        assert_eq!(net.depth(), depth);
        let net = net.valid();
        let got = accuracy(|x| net.forward(x), &loader, &device).unwrap();
        println!("ResNet-{depth}: {got:.4}");
        let one_of_them = expected.iter().any(|e| (got - e).abs() <= 0.0005);
        assert!(one_of_them, "ResNet-{depth}: {got}");
    }
}
