//! Compresses the weights in a safetensors file to a third of their parameters, step by step:
//!
//! ```sh
//! cargo run --release --features safetensors --example compress_model -- model.safetensors small.safetensors 3
//! ```
//!
//! The program `tt-admm` (feature `cli`) does the same with options for everything.

use std::process::ExitCode;

use tt_admm::BoxError;
use tt_admm::compress::{Budget, Conv2d, Family, LayerProfile, Operator, decompose_planned, plan};
use tt_admm::io::{Overwrite, TensorFile};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, ratio] = &arguments[..] else {
        eprintln!("usage: compress_model FROM.safetensors TO.safetensors RATIO");
        return ExitCode::from(2);
    };
    match compress(from, to, ratio) {
        Ok(table) => {
            println!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn compress(from: &str, to: &str, ratio: &str) -> Result<String, BoxError> {
    let file = TensorFile::read(from)?;
    // Weights of two axes are linear layers, those of four convolutions; here all on 32 x 32 positions.
    let mut layers = Vec::new();
    for name in file.names() {
        let operator = match file.shape(name)? {
            [_, _] => Operator::linear(1),
            [_, _, height, width] => {
                let conv = Conv2d::new([32, 32]).padding([height / 2, width / 2]);
                Operator::conv(conv)
            }
            _ => continue,
        };
        if file.dtype(name)?.is_real() {
            let weight = file.get_finite::<f32>(name)?;
            let families = [Family::TensorTrain, Family::Tucker];
            layers.push(LayerProfile::measure(name, &weight, operator, &families)?);
        }
    }
    let plan = plan(&layers, Budget::parameter_ratio(ratio.parse()?))?;
    let network = decompose_planned::<f32, _, _, _>(&plan, |name| file.get_finite(name), &|_| {})?;

    // Factors in the place of weights, all else as it was.
    let mut small = TensorFile::new();
    for name in file.names() {
        match network.factors.iter().find(|(weight, _)| weight == name) {
            Some((_, Some(factors))) => small.insert_factors(name, factors)?,
            _ => small.copy_from(&file, name)?,
        }
    }
    small.write(to, Overwrite::Refuse)?;
    Ok(network.report.to_string())
}

#[test]
fn a_network_becomes_three_times_smaller() {
    use tt_admm::ndarray::{Array1, ArrayD};

    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (from, to) = (path("model.safetensors"), path("small.safetensors"));
    let kernel = ArrayD::from_shape_fn(vec![16, 8, 3, 3], |i| {
        ((i[0] * i[1] + 5 * i[2] + i[3] * i[0]) as f32).sin()
    });
    let mut file = TensorFile::new();
    file.insert("conv.weight", &kernel).unwrap();
    file.insert("conv.bias", &Array1::<f32>::ones(16)).unwrap();
    file.write(&from, Overwrite::Refuse).unwrap();
    let table = compress(&from, &to, "3").unwrap();
    assert!(table.contains("conv.weight"), "{table}");
    let small = TensorFile::read(&to).unwrap();
    let factors = small.get_factors::<f32>("conv.weight").unwrap();
    assert!(3 * factors.num_parameters() <= kernel.len());
    assert_eq!(
        small.bytes("conv.bias").unwrap(),
        file.bytes("conv.bias").unwrap()
    );
    // A file that is there is kept.
    assert!(compress(&from, &to, "3").is_err());
}
