//! The command line.

use std::path::PathBuf;

use lexopt::prelude::*;
use tt_admm::BoxError;

pub(crate) const USAGE: &str = "\
usage: tt-admm-compare FOLDER [--weights FILE] [--ratio R]
       tt-admm-compare --trajectory FILE... [--threads N] [--ratio R]

Answers commands on standard input; `benches/compare/run` is its driver. Tensors for other processes are
written to FOLDER. Or prints a table of cold and warm projections of the weights of successive updates, one
safetensors file for each.

  --weights FILE   safetensors with the kernels of the workload `weights`
  --ratio R        ranks of these for R times fewer parameters; 3 by default
";

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Task {
    /// Commands are to be answered.
    Serve(Options),
    /// Weights of successive updates, the ratio as in [`Options`], and threads.
    Trajectory(Vec<PathBuf>, f64, usize),
    /// The usage is to be printed.
    Help,
}

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
    /// Reads the command line.
    pub(crate) fn parse() -> Result<Task, BoxError> {
        Ok(Self::parse_from(lexopt::Parser::from_env())?)
    }

    fn parse_from(mut parser: lexopt::Parser) -> Result<Task, lexopt::Error> {
        let (mut paths, mut weights, mut ratio) = (Vec::new(), None, 3.0);
        let (mut trajectory, mut threads) = (false, 2);
        while let Some(argument) = parser.next()? {
            match argument {
                Value(path) if trajectory || paths.is_empty() => paths.push(path.into()),
                Long("trajectory") => trajectory = true,
                Long("threads") => threads = parser.value()?.parse()?,
                Long("weights") => weights = Some(parser.value()?.into()),
                Long("ratio") => ratio = parser.value()?.parse()?,
                Short('h') | Long("help") => return Ok(Task::Help),
                other => return Err(other.unexpected()),
            }
        }
        if !(ratio >= 1.0 && f64::is_finite(ratio)) {
            return Err(format!("--ratio must be at least 1, got {ratio}").into());
        }
        if trajectory {
            return match paths.len() {
                0 | 1 => Err("--trajectory needs two files at least".into()),
                _ => Ok(Task::Trajectory(paths, ratio, threads)),
            };
        }
        Ok(Task::Serve(Self {
            folder: paths.pop().ok_or("FOLDER is missing")?,
            weights,
            ratio,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Task, lexopt::Error> {
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
        assert_eq!(options.unwrap(), Task::Serve(expected));
        assert_eq!(parse(&["--help"]).unwrap(), Task::Help);
        let files = vec!["a".into(), "b".into()];
        let expected = Task::Trajectory(files, 3.0, 4);
        let arguments = ["--trajectory", "a", "b", "--threads", "4"];
        assert_eq!(parse(&arguments).unwrap(), expected);
    }

    #[test]
    fn misuse_is_refused() {
        for wrong in [
            &[][..],
            &["out", "--ratio", "0.5"],
            &["out", "--ratio", "nan"],
            &["out", "more"],
            &["--trajectory", "a"],
        ] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
