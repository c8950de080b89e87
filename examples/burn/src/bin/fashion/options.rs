//! The command line.

use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt};
use tt_admm::BoxError;

pub(crate) const USAGE: &str = "usage: fashion [OPTIONS]

--data DIR        folder of Fashion-MNIST (default /usr/share/datasets/fashion-mnist,
                  from the Debian package dataset-fashion-mnist)
--train N         training images (default 6000; the set has 60000)
--test N          test images (default 10000, which is all)
--seed N          of weights and order of images (default 1)
--plot FILE       writes the history of the ADMM phase as an SVG
--checkpoint DIR  keeps the state there, and continues from it";

/// What the user chose.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) data: PathBuf,
    pub(crate) train: usize,
    pub(crate) test: usize,
    pub(crate) seed: u64,
    pub(crate) plot: Option<PathBuf>,
    pub(crate) checkpoint: Option<PathBuf>,
}

impl Options {
    /// `None` asks for the usage.
    pub(crate) fn parse() -> Result<Option<Self>, BoxError> {
        let mut options = Self {
            data: "/usr/share/datasets/fashion-mnist".into(),
            train: 6000,
            test: 10_000,
            seed: 1,
            plot: None,
            checkpoint: None,
        };
        let mut parser = Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("data") => options.data = parser.value()?.into(),
                Arg::Long("train") => options.train = parser.value()?.parse()?,
                Arg::Long("test") => options.test = parser.value()?.parse()?,
                Arg::Long("seed") => options.seed = parser.value()?.parse()?,
                Arg::Long("plot") => options.plot = Some(parser.value()?.into()),
                Arg::Long("checkpoint") => options.checkpoint = Some(parser.value()?.into()),
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                other => return Err(format!("{}\n\n{USAGE}", other.unexpected()).into()),
            }
        }
        if options.train == 0 || options.test == 0 {
            return Err("--train and --test must be at least 1".into());
        }
        Ok(Some(options))
    }
}
