//! ResNets: names, forms, and the accuracy of trained weights.
// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

use std::path::Path;

use example_support::data::{Augment, Normalization, cifar10};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};
use tch_admm::layer::{Decomposition, Mode};
use tch_admm::network::{TestImages, estimate_statistics};
use tch_admm::{Error, Feed, Network, ResNet, State, transfer};
use tt_admm::compress::decompose;
use tt_admm::{Tensorization, TtProjection};

fn dense(depth: usize) -> (VarStore, ResNet) {
    let store = VarStore::new(Device::Cpu);
    let network = ResNet::new(&store.root(), depth, &Decomposition::new()).unwrap();
    (store, network)
}

#[test]
fn names_and_sizes_are_those_of_pytorch() {
    let (store, _) = dense(20);
    let variables = store.variables();
    // 19 convolutions, 19 normalisations of 4 variables, the dense layer.
    assert_eq!(variables.len(), 19 + 4 * 19 + 2);
    for (name, size) in [
        ("conv1.weight", vec![16, 3, 3, 3]),
        ("bn1.running_mean", vec![16]),
        ("layer1.2.bn2.running_var", vec![16]),
        ("layer2.0.conv1.weight", vec![32, 16, 3, 3]),
        ("layer3.2.conv2.weight", vec![64, 64, 3, 3]),
        ("linear.weight", vec![10, 64]),
        ("linear.bias", vec![10]),
    ] {
        assert_eq!(variables[name].size(), size, "{name}");
    }
    assert_eq!(transfer::num_parameters(&store), 269_722);
    assert_eq!(transfer::num_parameters(&dense(32).0), 464_154);
    assert_eq!(ResNet::kernels(20).unwrap().len(), 18);
    for depth in [0, 2, 19, 21] {
        assert!(ResNet::kernels(depth).is_err(), "{depth}");
    }
}

/// With cores for every kernel, the scores are those of the dense network with the weights they stand for.
#[test]
fn decomposed_networks_compute_the_same() {
    tch::manual_seed(5);
    let (store, network) = dense(20);
    let mut factors = Decomposition::new();
    for (name, [outputs, inputs, ..]) in ResNet::kernels(20).unwrap() {
        let mut weight = transfer::variable(&store, &name).unwrap();
        let layout = if inputs == 64 {
            Tensorization::conv([8, outputs / 8], [3, 3], [4, 16]).unwrap()
        } else {
            Tensorization::conv([outputs], [3, 3], [inputs]).unwrap()
        };
        let array = transfer::to_array(&name, &weight).unwrap();
        let found = decompose(&name, &array, &TtProjection::new(6).layout(layout)).unwrap();
        let low_rank = found.factors.to_dense();
        let low_rank = transfer::to_tensor(&low_rank.view(), Device::Cpu).unwrap();
        tch::no_grad(|| weight.f_copy_(&low_rank)).unwrap();
        factors.insert(name, found.factors);
    }
    let compressed = VarStore::new(Device::Cpu);
    let decomposed = ResNet::new(&compressed.root(), 20, &factors).unwrap();
    transfer::copy_shared(&store, &compressed).unwrap();
    let before = transfer::num_parameters(&store);
    assert!(transfer::num_parameters(&compressed) < before / 3);
    let x = Tensor::randn(&[4_i64, 3, 32, 32][..], (Kind::Float, Device::Cpu));
    let expected = network.forward(&x, Mode::Evaluate).unwrap();
    let got = decomposed.forward(&x, Mode::Evaluate).unwrap();
    let difference = (got - &expected).norm() / expected.norm();
    assert!(difference.double_value(&[]) < 1e-4);
}

#[test]
fn factors_without_a_weight_are_refused() {
    let weight = ndarray::Array4::<f32>::ones((16, 3, 3, 3));
    let layout = Tensorization::conv([16], [3, 3], [3]).unwrap();
    let found = decompose(
        "conv1.weight",
        &weight,
        &TtProjection::new(1).layout(layout),
    )
    .unwrap();
    let factors = Decomposition::from([("conv1.weight".to_owned(), found.factors)]);
    let store = VarStore::new(Device::Cpu);
    let error = ResNet::new(&store.root(), 20, &factors).unwrap_err();
    assert!(matches!(error, Error::Other(_)) && error.to_string().contains("conv1.weight"));
}

/// Shortcuts of option A: every second pixel, zeros around the channels. A block whose convolutions are zero
/// passes on the shortcut alone.
#[test]
fn shortcuts_sample_and_pad() {
    let (store, network) = dense(8);
    for (name, _) in ResNet::kernels(8).unwrap() {
        let _ = tch::no_grad(|| transfer::variable(&store, &name).unwrap().fill_(0.0));
    }
    let state = |name: &str| transfer::variable(&store, name).unwrap();
    // The first channel of the first layer is the red one; everything else is zero.
    let _ = tch::no_grad(|| state("conv1.weight").fill_(0.0));
    let mut centre = state("conv1.weight").get(0).get(0).get(1).get(1);
    let _ = tch::no_grad(|| centre.fill_(1.0));
    // Two shortcuts put 8 and 16 channels of zeros before it.
    let mut linear = state("linear.weight");
    let _ = tch::no_grad(|| linear.fill_(0.0));
    let _ = tch::no_grad(|| state("linear.bias").fill_(0.0));
    let mut entry = linear.get(3).get(24);
    let _ = tch::no_grad(|| entry.fill_(1.0));
    let x = Tensor::rand(&[1_i64, 3, 32, 32][..], (Kind::Float, Device::Cpu));
    let scores = network.forward(&x, Mode::Evaluate).unwrap();
    // Every fourth pixel in both directions, but for the 1e-5 in the three normalisations passed.
    let mut sum = 0.0;
    for row in (0..32).step_by(4) {
        for column in (0..32).step_by(4) {
            sum += x.double_value(&[0, 0, row, column]);
        }
    }
    assert!((scores.double_value(&[0, 3]) - sum / 64.0).abs() < 1e-4);
    assert_eq!(scores.double_value(&[0, 4]), 0.0);
}

#[test]
fn trained_weights_have_their_accuracy() {
    let folders = ["TT_ADMM_CIFAR10", "TT_ADMM_RESNET_WEIGHTS"].map(std::env::var_os);
    let [Some(images), Some(weights)] = folders else {
        println!("skipped: TT_ADMM_CIFAR10 and TT_ADMM_RESNET_WEIGHTS do not name two folders");
        return;
    };
    let (train, test) = cifar10(Path::new(&images)).unwrap();
    let normalization = Normalization {
        mean: vec![0.485, 0.456, 0.406],
        std: vec![0.229, 0.224, 0.225],
    };
    let test = TestImages::new(&test, normalization.clone(), Device::Cpu).unwrap();
    // Of the JPEG copy of the images; see the README.
    for (depth, expected) in [(20, 0.8103), (32, 0.8256)] {
        let file = Path::new(&weights).join(format!("resnet{depth}_cifar10.safetensors"));
        let (store, network) = dense(depth);
        State::read(&file)
            .unwrap()
            .restore_store("", &store)
            .unwrap();
        let accuracy = test.accuracy(&network).unwrap();
        assert!(
            (accuracy - expected).abs() < 5e-4,
            "ResNet-{depth}: {accuracy}"
        );
        if depth == 20 {
            // Statistics estimated anew are those of these images, which the file's are not.
            let feed = Feed {
                images: std::sync::Arc::new(train.clone()),
                batch_size: 250,
                normalization: normalization.clone(),
                augment: Some(Augment::pad_crop_flip(4)),
                seed: 0,
            };
            estimate_statistics(&network, &store, &feed, 8).unwrap();
            assert!(test.accuracy(&network).unwrap() > 0.75);
        }
    }
}
