//! Command lines: what the programs of this package have in common.

use std::path::PathBuf;
use std::str::FromStr;

use lexopt::ValueExt;
use tch::Device;

use crate::Error;
use crate::experiment::{Format, Settings};

/// An error of the command line.
#[must_use]
pub fn misuse(error: lexopt::Error) -> Error {
    Error::other(format!("{error}; see --help"))
}

/// The help for the options of [`Common`].
pub const USAGE: &str = "\
  --data DIR           folder of the images
  --device DEVICE      cpu, cuda or cuda:N; cuda if there is one
  --checkpoint DIR     keep all stages here, and take up an interrupted run
  --format FORMAT      tt or tr, tensor trains (the default) or rings
  --ratio R            parameters of the decomposed weights before and after
  --epochs-dense N     epochs of the dense network
  --epochs-admm N      epochs of ADMM
  --epochs-finetune N  epochs of the cores after ADMM
  --updates N          updates of Z and U in an epoch
  --rho RHO            first penalty
  --growth F           its growth in every update; by default such that it grows as given below in total
  --lr LR              learning rate at the start of each arm
  --lr-dense LR        learning rate at the start of the dense training
  --batch N            images in a batch
  --seed N             of the first weights and the order of the images
  --train N, --test N  only N images, spread evenly
  --plot FILE          the course of ADMM as an SVG
  --trajectory DIR     the weights that ADMM projects, a safetensors file for each update
";

/// The options that all programs have.
#[derive(Debug)]
pub struct Common {
    /// Folder of the images.
    pub data: Option<PathBuf>,
    /// Where the network runs.
    pub device: Option<Device>,
    /// At most this many training images.
    pub train: Option<usize>,
    /// At most this many test images.
    pub test: Option<usize>,
    /// The experiment.
    pub settings: Settings,
    growth: Option<f64>,
}

impl Common {
    /// With the defaults of a program.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            data: None,
            device: None,
            train: None,
            test: None,
            settings,
            growth: None,
        }
    }

    /// Reads the value of an option, and says whether it is one of these.
    ///
    /// # Errors
    ///
    /// A value that is missing or does not fit.
    pub fn read(&mut self, name: &str, parser: &mut lexopt::Parser) -> Result<bool, lexopt::Error> {
        let settings = &mut self.settings;
        match name {
            "data" => self.data = Some(parser.value()?.into()),
            "device" => self.device = Some(parser.value()?.parse_with(device)?),
            "checkpoint" => settings.folder = Some(parser.value()?.into()),
            "plot" => settings.plot = Some(parser.value()?.into()),
            "trajectory" => settings.trajectory = Some(parser.value()?.into()),
            "format" => settings.format = parser.value()?.parse_with(format)?,
            "ratio" => settings.ratio = positive(name, parser)?,
            "epochs-dense" => settings.epochs_dense = parser.value()?.parse()?,
            "epochs-admm" => settings.epochs_admm = at_least_one(name, parser)?,
            "epochs-finetune" => settings.epochs_finetune = parser.value()?.parse()?,
            "updates" => settings.updates = at_least_one(name, parser)?,
            "rho" => settings.rho = positive(name, parser)?,
            "growth" => self.growth = Some(positive(name, parser)?),
            "lr" => settings.rate = positive(name, parser)?,
            "lr-dense" => settings.rate_dense = positive(name, parser)?,
            "batch" => settings.batch = at_least_one(name, parser)?,
            "seed" => settings.seed = parser.value()?.parse()?,
            "train" => self.train = Some(at_least_one(name, parser)?),
            "test" => self.test = Some(at_least_one(name, parser)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Sets the growth of rho to the one given, or else to one that multiplies rho by `total` in the end.
    pub fn set_growth(&mut self, total: f64) {
        let updates = (self.settings.epochs_admm * self.settings.updates) as f64;
        self.settings.growth = self.growth.unwrap_or_else(|| total.powf(1.0 / updates));
    }
}

fn positive(name: &str, parser: &mut lexopt::Parser) -> Result<f64, lexopt::Error> {
    let value: f64 = parser.value()?.parse()?;
    if value > 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(format!("--{name} must be positive, got {value}").into())
    }
}

/// A whole number of at least 1.
///
/// # Errors
///
/// Anything else.
pub fn at_least_one(name: &str, parser: &mut lexopt::Parser) -> Result<usize, lexopt::Error> {
    match parser.value()?.parse()? {
        0 => Err(format!("--{name} must be at least 1").into()),
        value => Ok(value),
    }
}

fn format(text: &str) -> Result<Format, String> {
    match text {
        "tt" => Ok(Format::Tt),
        "tr" => Ok(Format::Tr),
        _ => Err("not tt or tr".into()),
    }
}

fn device(text: &str) -> Result<Device, String> {
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
        Err(format!(
            "CUDA device {number} is not there, the number of devices is {found}"
        ))
    }
}
