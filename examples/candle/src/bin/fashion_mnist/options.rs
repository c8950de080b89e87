//! The command line.

use std::path::PathBuf;

use lexopt::prelude::{Long, Short, ValueExt};

pub(crate) const USAGE: &str = "\
Compresses a small convolutional network on Fashion-MNIST, with candle.

usage: fashion_mnist [--data DIR] [--train N] [--test N] [--seed N] [--plot FILE] [--checkpoint DIR]

  --data DIR         the four files of Fashion-MNIST, as they are or with .gz
                     [/usr/share/datasets/fashion-mnist, of the Debian package dataset-fashion-mnist]
  --train N          use the first N training images [4000]
  --test N           use the first N test images [5000]
  --seed N           seed of initialisation and order [1]
  --plot FILE        draw the convergence of ADMM as an SVG
  --checkpoint DIR   keep finished stages and the state of ADMM there, and go on from them";

/// What the command line asks for.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) data: PathBuf,
    pub(crate) train: usize,
    pub(crate) test: usize,
    pub(crate) seed: u64,
    pub(crate) plot: Option<PathBuf>,
    pub(crate) checkpoint: Option<PathBuf>,
    pub(crate) help: bool,
}

impl Options {
    pub(crate) fn parse() -> Result<Self, lexopt::Error> {
        let mut options = Self {
            data: PathBuf::from("/usr/share/datasets/fashion-mnist"),
            train: 4000,
            test: 5000,
            seed: 1,
            plot: None,
            checkpoint: None,
            help: false,
        };
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("data") => options.data = parser.value()?.into(),
                Long("train") => options.train = parser.value()?.parse()?,
                Long("test") => options.test = parser.value()?.parse()?,
                Long("seed") => options.seed = parser.value()?.parse()?,
                Long("plot") => options.plot = Some(parser.value()?.into()),
                Long("checkpoint") => options.checkpoint = Some(parser.value()?.into()),
                Long("help") | Short('h') => options.help = true,
                other => return Err(other.unexpected()),
            }
        }
        if options.train == 0 || options.test == 0 {
            return Err("--train and --test must be at least 1".into());
        }
        Ok(options)
    }
}
