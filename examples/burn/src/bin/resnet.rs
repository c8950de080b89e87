//! Evaluates a trained CIFAR-10 ResNet: `resnet evaluate --weights FILE --data DIR [--images N]`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use burn::module::Module;
use burn::tensor::Device;
use burn_admm::{ResNet, WeightFile, accuracy, catch_panic};
use example_support::data::{self, Loader, Normalization};
use example_support::results::{ResultLine, finish};
use lexopt::{Arg, Parser, ValueExt};
use tt_admm::BoxError;

const USAGE: &str = "usage: resnet evaluate --weights FILE --data DIR [--images N]

--weights FILE  safetensors file with the names of PyTorch, of a ResNet-20, -32, ... for CIFAR-10
--data DIR      folder with CIFAR-10 in the binary layout (data_batch_1.bin, ..., test_batch.bin)
--images N      only the first N test images";

struct Options {
    weights: PathBuf,
    data: PathBuf,
    images: Option<usize>,
}

fn main() -> ExitCode {
    let outcome = options().and_then(|options| {
        if let Some(options) = options {
            return catch_panic(|| evaluate(&options))?;
        }
        println!("{USAGE}");
        Ok(())
    });
    finish(outcome)
}

/// `None` asks for the usage.
fn options() -> Result<Option<Options>, BoxError> {
    let (mut command, mut weights, mut data, mut images) = (None, None, None, None);
    let mut parser = Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("weights") => weights = Some(parser.value()?.into()),
            Arg::Long("data") => data = Some(parser.value()?.into()),
            Arg::Long("images") => images = Some(parser.value()?.parse()?),
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            Arg::Value(value) if command.is_none() => command = Some(value.string()?),
            other => return Err(format!("{}\n\n{USAGE}", other.unexpected()).into()),
        }
    }
    if images == Some(0) {
        return Err("--images must be at least 1".into());
    }
    match (command.as_deref(), weights, data) {
        (Some("evaluate"), Some(weights), Some(data)) => Ok(Some(Options {
            weights,
            data,
            images,
        })),
        _ => Err(USAGE.into()),
    }
}

fn evaluate(options: &Options) -> Result<(), BoxError> {
    let device = Device::default();
    let net = ResNet::from_file(WeightFile::open(&options.weights)?, &device)?.valid();
    let (_, mut test) = data::cifar10(&options.data)?;
    if let Some(images) = options.images {
        test = test.take(images);
    }
    // What the published weights were trained with.
    let normalization = Normalization {
        mean: vec![0.485, 0.456, 0.406],
        std: vec![0.229, 0.224, 0.225],
    };
    let start = Instant::now();
    let loader = Loader::new(&test, 100, normalization);
    let accuracy = accuracy(|x| net.forward(x), &loader, &device)?;
    let line = ResultLine::new()
        .number("depth", net.depth() as f64, 0)
        .number("images", test.len() as f64, 0)
        .accuracy("accuracy", accuracy)
        .number("seconds", start.elapsed().as_secs_f64(), 1);
    println!("{line}");
    Ok(())
}
