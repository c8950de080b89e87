//! Fashion-MNIST: a small network compressed by TT-SVD and by ADMM, in a few minutes.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use example_support::data::{Normalization, idx};
use example_support::results::finish;
use lexopt::prelude::*;
use tch::Device;
use tch_admm::Error;
use tch_admm::cli::{self, Common, misuse};
use tch_admm::cnn::SmallCnn;
use tch_admm::experiment::{self, Architecture, Data, Format, Settings, thinned};
use tch_admm::lstm::RowLstm;
use tch_admm::network::TestImages;

const USAGE: &str = "\
usage: fashion [cnn | lstm] [options]

  cnn                  three convolutions and two dense layers (this is the default)
  lstm                 a recurrent layer that reads the images row by row

";

/// The network to be compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Cnn,
    Lstm,
}

impl Choice {
    /// The first argument if it is the name of a network, and otherwise the default.
    fn take(parser: &mut lexopt::Parser) -> Self {
        let named = parser.try_raw_args().and_then(|mut arguments| {
            let choice = match arguments.peek()?.to_str()? {
                "cnn" => Self::Cnn,
                "lstm" => Self::Lstm,
                _ => return None,
            };
            arguments.next();
            Some(choice)
        });
        named.unwrap_or(Self::Cnn)
    }

    /// Training and test images.
    fn images(self) -> [usize; 2] {
        match self {
            Self::Cnn => [4000, 2000],
            Self::Lstm => [6000, 5000],
        }
    }

    fn settings(self) -> Settings {
        let cnn = Settings {
            weights: None,
            folder: None,
            plot: None,
            trajectory: None,
            format: Format::Tt,
            ratio: 10.0,
            epochs_dense: 10,
            epochs_admm: 14,
            epochs_finetune: 6,
            batch: 64,
            rate_dense: 0.02,
            rate: 0.02,
            updates: 2,
            rho: 0.03,
            growth: 1.0,
            seed: 0,
        };
        match self {
            Self::Cnn => cnn,
            Self::Lstm => Settings {
                ratio: 3.0,
                epochs_dense: 20,
                epochs_admm: 12,
                epochs_finetune: 4,
                rate_dense: 0.1,
                rate: 0.02,
                rho: 0.02,
                ..cnn
            },
        }
    }
}

/// How much rho grows in total.
const GROWTH: f64 = 160.0;

fn main() -> ExitCode {
    finish(
        parse(lexopt::Parser::from_env()).map_err(misuse).and_then(
            |(choice, common)| match choice {
                Choice::Cnn => run(&SmallCnn, common),
                Choice::Lstm => run(&RowLstm, common),
            },
        ),
    )
}

fn parse(mut parser: lexopt::Parser) -> Result<(Choice, Common), lexopt::Error> {
    let choice = Choice::take(&mut parser);
    let mut common = Common::new(choice.settings());
    common.data = Some(PathBuf::from("/usr/share/datasets/fashion-mnist"));
    [common.train, common.test] = choice.images().map(Some);
    while let Some(argument) = parser.next()? {
        match argument {
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
    Ok((choice, common))
}

fn run<A: Architecture>(network: &A, options: Common) -> Result<(), Error> {
    // Tensors as small as these are not worth a second thread.
    tch::set_num_threads(1);
    let (train, test) = idx(&options.data.unwrap_or_default()).map_err(Error::other)?;
    let device = options.device.unwrap_or_else(Device::cuda_if_available);
    let test = thinned(test, options.test.unwrap_or(usize::MAX))?;
    let normalization = Normalization::fashion_mnist();
    let data = Data {
        train: Arc::new(thinned(train, options.train.unwrap_or(usize::MAX))?),
        test: TestImages::new(&test, normalization.clone(), device)?,
        normalization,
        augment: None,
        device,
    };
    let outcome = experiment::run(network, &data, &options.settings)?;
    let device = format!("{device:?}").to_lowercase();
    println!("{}", outcome.line().text("device", device));
    Ok(())
}
