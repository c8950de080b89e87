//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use lexopt::prelude::*;
use tch::Device;
use tch_admm::Error;
use tch_admm::experiment::Settings;

const USAGE: &str = "\
usage: resnet evaluate --weights FILE --data DIR [--device DEVICE]
       resnet compress --data DIR [--weights FILE] [options]

  --weights FILE       safetensors with PyTorch's names; compress starts from them
  --data DIR           CIFAR-10 in its binary layout
  --device DEVICE      cpu, cuda or cuda:N; cuda if there is one
  --depth N            of the network; that of the weights, or 20

compress:
  --checkpoint DIR     keep all stages here, and take up an interrupted run
  --ratio R            parameters of the kernels before and after (4)
  --epochs-dense N     epochs of the dense network (5)
  --epochs-admm N      epochs of ADMM (9)
  --epochs-finetune N  epochs of the cores after ADMM (3)
  --updates N          updates of Z and U in an epoch (3)
  --rho RHO            first penalty (0.01)
  --growth F           its growth in every update (such that it ends at 21 times the first: 1.12 for 27)
  --lr LR              learning rate at the start of each arm (0.05)
  --lr-dense LR        learning rate at the start of the dense training (0.05)
  --batch N            images in a batch (128)
  --seed N             (0)
  --train N, --test N  only N images, spread evenly
";

pub(crate) enum Command {
    Evaluate,
    Compress,
}

pub(crate) struct Options {
    pub(crate) command: Command,
    pub(crate) data: PathBuf,
    pub(crate) device: Device,
    pub(crate) depth: Option<usize>,
    pub(crate) train: Option<usize>,
    pub(crate) test: Option<usize>,
    pub(crate) settings: Settings,
}

/// Reads the command line; `--help` prints the usage and ends the program.
pub(crate) fn parse() -> Result<Options, Error> {
    parse_from(lexopt::Parser::from_env()).map_err(|e| Error::other(format!("{e}; see --help")))
}

fn parse_from(mut parser: lexopt::Parser) -> Result<Options, lexopt::Error> {
    let mut command = None;
    let mut data = None;
    let mut growth = None;
    let (mut device, mut depth, mut train, mut test) = (None, None, None, None);
    let mut settings = Settings {
        weights: None,
        folder: None,
        ratio: 4.0,
        epochs_dense: 5,
        epochs_admm: 9,
        epochs_finetune: 3,
        batch: 128,
        rate_dense: 0.05,
        rate: 0.05,
        updates: 3,
        rho: 0.01,
        growth: 1.0,
        seed: 0,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Value(word) if command.is_none() && word == "evaluate" => {
                command = Some(Command::Evaluate);
            }
            Value(word) if command.is_none() && word == "compress" => {
                command = Some(Command::Compress);
            }
            Long("weights") => settings.weights = Some(parser.value()?.into()),
            Long("data") => data = Some(PathBuf::from(parser.value()?)),
            Long("device") => device = Some(parser.value()?.parse_with(parse_device)?),
            Long("depth") => depth = Some(parser.value()?.parse()?),
            Long("checkpoint") => settings.folder = Some(parser.value()?.into()),
            Long("ratio") => settings.ratio = positive(&mut parser, "--ratio")?,
            Long("epochs-dense") => settings.epochs_dense = parser.value()?.parse()?,
            Long("epochs-admm") => settings.epochs_admm = at_least_one(&mut parser, "--epochs-admm")?,
            Long("epochs-finetune") => settings.epochs_finetune = parser.value()?.parse()?,
            Long("updates") => settings.updates = at_least_one(&mut parser, "--updates")?,
            Long("rho") => settings.rho = positive(&mut parser, "--rho")?,
            Long("growth") => growth = Some(positive(&mut parser, "--growth")?),
            Long("lr") => settings.rate = positive(&mut parser, "--lr")?,
            Long("lr-dense") => settings.rate_dense = positive(&mut parser, "--lr-dense")?,
            Long("batch") => settings.batch = at_least_one(&mut parser, "--batch")?,
            Long("seed") => settings.seed = parser.value()?.parse()?,
            Long("train") => train = Some(at_least_one(&mut parser, "--train")?),
            Long("test") => test = Some(at_least_one(&mut parser, "--test")?),
            Short('h') | Long("help") => {
                print!("{USAGE}");
                std::process::exit(0);
            }
            other => return Err(other.unexpected()),
        }
    }
    let updates = (settings.epochs_admm * settings.updates) as f64;
    settings.growth = growth.unwrap_or(1.12_f64.powf(27.0 / updates));
    let command = command.ok_or("say `evaluate` or `compress`")?;
    if matches!(command, Command::Evaluate) && settings.weights.is_none() {
        return Err("evaluate needs --weights".into());
    }
    Ok(Options {
        command,
        data: data.ok_or("--data is missing")?,
        device: device.unwrap_or_else(Device::cuda_if_available),
        depth,
        train,
        test,
        settings,
    })
}

fn positive(parser: &mut lexopt::Parser, name: &str) -> Result<f64, lexopt::Error> {
    let value: f64 = parser.value()?.parse()?;
    if value > 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(format!("{name} must be positive, got {value}").into())
    }
}

fn at_least_one(parser: &mut lexopt::Parser, name: &str) -> Result<usize, lexopt::Error> {
    match parser.value()?.parse()? {
        0 => Err(format!("{name} must be at least 1").into()),
        value => Ok(value),
    }
}

fn parse_device(text: &str) -> Result<Device, String> {
    let number = match text.split_once(':') {
        None if text == "cpu" => return Ok(Device::Cpu),
        None if text == "cuda" => Ok(0),
        Some(("cuda", number)) => usize::from_str(number),
        _ => return Err("not cpu, cuda or cuda:N".into()),
    };
    let number = number.map_err(|e| e.to_string())?;
    // Torch would abort on a device that is not there.
    let found = usize::try_from(tch::Cuda::device_count()).unwrap_or(0);
    if number < found {
        Ok(Device::Cuda(number))
    } else {
        Err(format!("there are {found} CUDA devices"))
    }
}
