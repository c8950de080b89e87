//! The command line.

use std::path::PathBuf;

use lexopt::prelude::*;
use tch::Device;
use tch_admm::Error;
use tch_admm::cli::{self, Common, at_least_one, misuse};
use tch_admm::experiment::{Format, Settings};

const USAGE: &str = "\
usage: resnet evaluate --weights FILE --data DIR [--device DEVICE]
       resnet compress --data DIR [--weights FILE] [options]

  --weights FILE       safetensors with PyTorch's names; compress starts from them, or from random ones
  --depth N            of the network; by default that of the weights, or 20
";

/// rho grows 1.12-fold in each of 27 updates, or as much in another number.
const GROWTH: f64 = 21.32;

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
    parse_from(lexopt::Parser::from_env()).map_err(misuse)
}

fn parse_from(mut parser: lexopt::Parser) -> Result<Options, lexopt::Error> {
    let mut command = None;
    let mut depth = None;
    let mut common = Common::new(Settings {
        weights: None,
        folder: None,
        plot: None,
        trajectory: None,
        format: Format::Tt,
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
    });
    while let Some(argument) = parser.next()? {
        match argument {
            Value(word) if command.is_none() && word == "evaluate" => {
                command = Some(Command::Evaluate);
            }
            Value(word) if command.is_none() && word == "compress" => {
                command = Some(Command::Compress);
            }
            Long("weights") => common.settings.weights = Some(parser.value()?.into()),
            Long("depth") => depth = Some(at_least_one("depth", &mut parser)?),
            Short('h') | Long("help") => {
                print!("{USAGE}{}\nrho grows {GROWTH}-fold in total.\n", cli::USAGE);
                std::process::exit(0);
            }
            Long(name) => {
                let name = name.to_owned();
                if !common.read(&name, &mut parser)? {
                    return Err(Long(&name).unexpected());
                }
            }
            other => return Err(other.unexpected()),
        }
    }
    common.set_growth(GROWTH);
    let command = command.ok_or("say `evaluate` or `compress`")?;
    if matches!(command, Command::Evaluate) && common.settings.weights.is_none() {
        return Err("evaluate needs --weights".into());
    }
    Ok(Options {
        command,
        data: common.data.ok_or("--data is missing")?,
        device: common.device.unwrap_or_else(Device::cuda_if_available),
        depth,
        train: common.train,
        test: common.test,
        settings: common.settings,
    })
}
