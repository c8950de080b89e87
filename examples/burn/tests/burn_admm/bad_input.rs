//! Everything that can be wrong is an error that names the parameter and the numbers.

use crate::common::{Mlp, admm, device, gradients, inner, numbers};
use burn::module::{Module, Param, ParamId};
use burn::nn::conv::Conv2dConfig;
use burn::tensor::{Bool, DType, Device, Int, Tensor};
use burn_admm::{Error, Parameters, ResNet, WeightFile};
use tt_admm::ndarray::ArrayD;
use tt_admm::{Admm, LowRankProjection};

#[test]
fn unknown_names() {
    let mut net = Mlp::new(&device());
    let parameters = Parameters::new();
    let error = parameters.read(&net, "fc1.wieght").unwrap_err();
    let Error::UnknownParameter { name, nearest } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(
        (name.as_str(), nearest[0].as_str()),
        ("fc1.wieght", "fc1.weight")
    );
    assert!(error.to_string().contains("fc1.weight"));
    let value = ArrayD::zeros(vec![1]);
    assert!(
        parameters
            .write(&mut net, "fc3.bias", value.view())
            .is_err()
    );
    let built = Admm::<f32>::builder()
        .constrain("fc9.weight", LowRankProjection::new(1))
        .rho(1.0)
        .try_build_from(|name| parameters.read(&net, name));
    assert!(matches!(
        inner(&built.unwrap_err()),
        Error::UnknownParameter { .. }
    ));
}

#[test]
fn a_module_that_lost_a_constrained_parameter() {
    let net = Mlp::new(&device());
    let admm = admm(&net);
    let other = Conv2dConfig::new([2, 3], [3, 3]).init(&device());
    let error = Parameters::new()
        .pull(&other, &admm.proximal())
        .unwrap_err();
    assert!(error.to_string().contains("`fc1.weight`"), "{error}");
    let mut pull = Parameters::new().pull(&net, &admm.proximal()).unwrap();
    let mut gradients = gradients(&net);
    assert!(matches!(
        pull.add_to(&other, &mut gradients),
        Err(Error::UnknownParameter { .. })
    ));
}

#[test]
fn other_dtypes() {
    let parameters = Parameters::new();
    for expected in [DType::F64, DType::F16, DType::BF16] {
        let mut net = Mlp::new(&device());
        net.fc1.weight = net.fc1.weight.map(|w| w.cast(expected));
        for error in [
            parameters.read(&net, "fc1.weight").unwrap_err(),
            parameters
                .write(&mut net, "fc1.weight", numbers(&[12, 16], 1).view())
                .unwrap_err(),
        ] {
            assert!(matches!(
                &error,
                Error::DType { name, dtype } if name == "fc1.weight" && *dtype == expected
            ));
            let message = error.to_string();
            assert!(message.contains("`fc1.weight`"), "{message}");
            assert!(message.contains(&format!("{expected:?}")), "{message}");
        }
    }
}

/// Parameters that are no floats are found, and refused by their type.
#[test]
fn parameters_that_are_no_floats() {
    #[derive(Module, Debug)]
    struct Table {
        index: Param<Tensor<1, Int>>,
        mask: Param<Tensor<1, Bool>>,
    }
    let index = Tensor::<1, Int>::arange(0..3, &Device::flex());
    let mut table = Table {
        mask: Param::initialized(ParamId::new(), index.clone().equal_elem(1)),
        index: Param::initialized(ParamId::new(), index),
    };
    let parameters = Parameters::new();
    for name in ["index", "mask"] {
        for error in [
            parameters.read(&table, name).unwrap_err(),
            parameters
                .write(&mut table, name, numbers(&[3], 1).view())
                .unwrap_err(),
        ] {
            assert!(
                matches!(&error, Error::DType { name: n, .. } if n == name),
                "{error}"
            );
        }
    }
}

#[test]
fn shapes() {
    let mut net = Mlp::new(&device());
    let before = Parameters::new().read(&net, "fc1.weight").unwrap();
    let wrong = numbers(&[16, 12], 1);
    let error = Parameters::new()
        .write(&mut net, "fc1.weight", wrong.view())
        .unwrap_err();
    assert!(error.to_string().contains("[12, 16]"), "{error}");
    assert!(error.to_string().contains("[16, 12]"), "{error}");
    assert_eq!(Parameters::new().read(&net, "fc1.weight").unwrap(), before);

    // The anchor is that of another network.
    let wide = burn::nn::LinearConfig::new(3, 3).init(&device());
    let admm = Admm::<f32>::builder()
        .constrain("weight", LowRankProjection::new(2))
        .rho(1.0)
        .try_build_from(|name| Parameters::new().read(&wide, name))
        .unwrap();
    let narrow = burn::nn::LinearConfig::new(3, 2).init(&device());
    assert!(matches!(
        Parameters::new().pull(&narrow, &admm.proximal()),
        Err(Error::Shape { .. })
    ));

    let error = Parameters::new()
        .transposed("fc1.bias")
        .read(&net, "fc1.bias")
        .unwrap_err();
    assert!(matches!(error, Error::NotAMatrix { ref shape, .. } if shape == &[16]));
}

#[test]
fn frozen_parameters() {
    let net = Mlp::new(&device());
    let admm = admm(&net);
    let mut frozen = net.clone();
    frozen.fc1 = frozen.fc1.no_grad();
    let mut gradients = gradients(&frozen);
    let mut pull = Parameters::new().pull(&frozen, &admm.proximal()).unwrap();
    let error = pull.add_to(&frozen, &mut gradients).unwrap_err();
    assert!(matches!(
        error,
        Error::NoGradient { ref name, iteration: 1, step: 1 } if name == "fc1.weight"
    ));
}

#[test]
fn losses_and_gradients_that_are_not_finite() {
    let net = Mlp::new(&device());
    let admm = admm(&net);
    let mut pull = Parameters::new().pull(&net, &admm.proximal()).unwrap();
    let mut good = gradients(&net);
    pull.check(1.0, &net, &good).unwrap();
    pull.add_to(&net, &mut good).unwrap();

    let mut bad = gradients(&net);
    let bias = net.fc2.bias.as_ref().unwrap();
    let value = bad.remove::<1>(bias.id).unwrap();
    bad.register(bias.id, value.mul_scalar(f32::INFINITY));
    let error = pull.check(1.0, &net, &bad).unwrap_err();
    assert!(matches!(
        error,
        Error::NonFiniteGradient { ref parameter, step: 2, .. } if parameter == "fc2.bias"
    ));

    let error = pull.check(f64::NAN, &net, &good).unwrap_err();
    assert!(matches!(error, Error::NonFiniteLoss { culprit: None, .. }));
    let error = pull.check(f64::NAN, &net, &bad).unwrap_err();
    assert!(error.to_string().contains("`fc2.bias`"), "{error}");
    let mut diverged = net.clone();
    let nan = ArrayD::from_elem(vec![6], f32::NAN);
    Parameters::new()
        .write(&mut diverged, "fc2.bias", nan.view())
        .unwrap();
    let error = pull.check(f64::INFINITY, &diverged, &good).unwrap_err();
    assert!(error.to_string().contains("`fc2.bias`"), "{error}");
}

#[test]
fn weight_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    let load = |path: &std::path::Path| {
        WeightFile::open(path).and_then(|file| ResNet::from_file(file, &device()))
    };
    let error = load(&path).unwrap_err();
    assert!(error.to_string().contains("weights.safetensors"), "{error}");

    std::fs::write(&path, b"not a weight file").unwrap();
    assert!(matches!(load(&path), Err(Error::WeightFile { .. })));

    let write = |dtype, shape: Vec<usize>, bytes: &[u8]| {
        let view = safetensors::tensor::TensorView::new(dtype, shape, bytes).unwrap();
        let file = safetensors::serialize([("conv1.weight", view)], None).unwrap();
        std::fs::write(&path, file).unwrap();
    };
    let zeros = vec![0; 16 * 3 * 9 * 4];
    write(safetensors::Dtype::I32, vec![16, 3, 3, 3], &zeros);
    assert!(
        load(&path)
            .unwrap_err()
            .to_string()
            .contains("`conv1.weight`")
    );
    write(safetensors::Dtype::F32, vec![3, 16, 3, 3], &zeros);
    assert!(matches!(load(&path), Err(Error::Shape { .. })));
    write(safetensors::Dtype::F32, vec![16, 3, 3, 3], &zeros);
    let error = load(&path).unwrap_err();
    let Error::WeightNames { missing, unused } = &error else {
        panic!("{error:?}");
    };
    assert!(missing.contains(&"layer1.0.bn1.weight".to_owned()));
    assert!(missing.contains(&"linear.weight".to_owned()));
    assert!(unused.is_empty());
}
