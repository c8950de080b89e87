//! The command line.

use std::path::PathBuf;

use tt_admm::BoxError;

use crate::formats::Format;
use crate::settings::SEEDS;

/// What was asked for.
#[derive(Debug, PartialEq)]
pub(crate) struct Arguments {
    pub(crate) seeds: u64,
    pub(crate) format: Format,
    /// Where the ADMM runs are saved.
    pub(crate) checkpoint: Option<PathBuf>,
}

impl Arguments {
    pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, BoxError> {
        let mut parsed = Self {
            seeds: SEEDS,
            format: Format::Tt,
            checkpoint: None,
        };
        let mut arguments = arguments.into_iter();
        while let Some(name) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{name} needs a value"));
            match name.as_str() {
                "--seeds" => {
                    let seeds = value()?;
                    parsed.seeds = seeds.parse().ok().filter(|&n| n >= 1).ok_or_else(|| {
                        format!("--seeds needs a whole number from 1 up, got `{seeds}`")
                    })?;
                }
                "--format" => parsed.format = value()?.parse()?,
                "--checkpoint" => parsed.checkpoint = Some(value()?.into()),
                _ => {
                    let usage = "the options are --format F, --seeds N and --checkpoint DIR";
                    return Err(format!("unknown option `{name}`; {usage}").into());
                }
            }
        }
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Format};
    use std::path::Path;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(line.split_whitespace().map(str::to_owned)).map_err(|e| e.to_string())
    }

    #[test]
    fn options_are_read_and_others_refused() {
        let parsed = parse("--checkpoint runs --seeds 3 --format tucker").unwrap();
        assert_eq!((parsed.seeds, parsed.format), (3, Format::Tucker));
        assert_eq!(parsed.checkpoint.as_deref(), Some(Path::new("runs")));
        let plain = parse("").unwrap();
        assert_eq!((plain.checkpoint, plain.format), (None, Format::Tt));
        for line in [
            "--seeds",
            "--seeds 0",
            "--seeds x",
            "--seed 3",
            "--checkpoint",
            "--format",
            "--format cp",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
