//! The command line.

use std::path::PathBuf;

use lexopt::prelude::*;
use tt_admm::BoxError;

pub(crate) const USAGE: &str = "\
usage: tt-admm-compare FOLDER [--weights FILE] [--ratio R]

Answers commands on standard input; `benches/compare/run` is its driver. Tensors for other processes are
written to FOLDER.

  --weights FILE   safetensors with the kernels of the workload `weights`
  --ratio R        ranks of these for R times fewer parameters; 3 by default
";

/// What all commands share.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options {
    /// Where tensors for other processes go.
    pub(crate) folder: PathBuf,
    /// Trained weights.
    pub(crate) weights: Option<PathBuf>,
    /// Dense parameters of these over those of their tensor trains.
    pub(crate) ratio: f64,
}

impl Options {
    /// Reads the command line; `None` if it asks for help.
    pub(crate) fn parse() -> Result<Option<Self>, BoxError> {
        Ok(Self::parse_from(lexopt::Parser::from_env())?)
    }

    fn parse_from(mut parser: lexopt::Parser) -> Result<Option<Self>, lexopt::Error> {
        let (mut folder, mut weights, mut ratio) = (None, None, 3.0);
        while let Some(argument) = parser.next()? {
            match argument {
                Value(path) if folder.is_none() => folder = Some(path.into()),
                Long("weights") => weights = Some(parser.value()?.into()),
                Long("ratio") => ratio = parser.value()?.parse()?,
                Short('h') | Long("help") => return Ok(None),
                other => return Err(other.unexpected()),
            }
        }
        if !(ratio >= 1.0 && f64::is_finite(ratio)) {
            return Err(format!("--ratio must be at least 1, got {ratio}").into());
        }
        Ok(Some(Self {
            folder: folder.ok_or("FOLDER is missing")?,
            weights,
            ratio,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Option<Options>, lexopt::Error> {
        Options::parse_from(lexopt::Parser::from_args(arguments))
    }

    #[test]
    fn options_are_read() {
        let options = parse(&["out", "--weights", "net.safetensors", "--ratio", "4"]);
        let expected = Options {
            folder: "out".into(),
            weights: Some("net.safetensors".into()),
            ratio: 4.0,
        };
        assert_eq!(options.unwrap(), Some(expected));
        assert_eq!(parse(&["--help"]).unwrap(), None);
    }

    #[test]
    fn misuse_is_refused() {
        for wrong in [
            &[][..],
            &["out", "--ratio", "0.5"],
            &["out", "--ratio", "nan"],
            &["out", "more"],
        ] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
