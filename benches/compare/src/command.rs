//! What the driver can ask for.

use std::str::FromStr;

use tt_admm::BoxError;

/// An element type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScalarType {
    F32,
    F64,
}

/// An implementation to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// tt-admm.
    Ours,
    /// tt-admm with a `WarmStart` kept from call to call, on weights that move in between.
    Warm,
    /// Textbook TT-SVD by LAPACK's gesdd.
    Gesdd,
    /// A copy of the tensor: no decomposition, the time memory alone takes.
    Copy,
}

/// A line of standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// `describe WORKLOAD`: its size and operation count.
    Describe { workload: String },
    /// `write WORKLOAD SCALAR`: its tensors and a list of them as files.
    Write {
        workload: String,
        scalar: ScalarType,
    },
    /// `measure WORKLOAD SCALAR SIDE THREADS`: a [`Sample`](crate::sample::Sample).
    Measure {
        workload: String,
        scalar: ScalarType,
        side: Side,
        threads: usize,
    },
    /// `gemm SCALAR`: the speed of OpenBLAS's matrix product, on the threads that the environment allows it.
    Gemm { scalar: ScalarType },
}

impl FromStr for ScalarType {
    type Err = BoxError;

    fn from_str(word: &str) -> Result<Self, BoxError> {
        match word {
            "f32" => Ok(Self::F32),
            "f64" => Ok(Self::F64),
            _ => Err(format!("no scalar `{word}`: f32 or f64").into()),
        }
    }
}

impl FromStr for Side {
    type Err = BoxError;

    fn from_str(word: &str) -> Result<Self, BoxError> {
        match word {
            "ours" => Ok(Self::Ours),
            "warm" => Ok(Self::Warm),
            "gesdd" => Ok(Self::Gesdd),
            "copy" => Ok(Self::Copy),
            _ => Err(format!("no side `{word}`: ours, warm, gesdd or copy").into()),
        }
    }
}

impl FromStr for Command {
    type Err = BoxError;

    fn from_str(line: &str) -> Result<Self, BoxError> {
        let words: Vec<&str> = line.split_whitespace().collect();
        Ok(match words[..] {
            ["describe", workload] => Self::Describe {
                workload: workload.to_owned(),
            },
            ["write", workload, scalar] => Self::Write {
                workload: workload.to_owned(),
                scalar: scalar.parse()?,
            },
            ["measure", workload, scalar, side, threads] => Self::Measure {
                workload: workload.to_owned(),
                scalar: scalar.parse()?,
                side: side.parse()?,
                threads: threads.parse()?,
            },
            ["gemm", scalar] => Self::Gemm {
                scalar: scalar.parse()?,
            },
            _ => return Err(format!("no such command: `{line}`").into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let command: Command = "measure 2^20 f64 copy 2\n".parse().unwrap();
        let expected = Command::Measure {
            workload: "2^20".to_owned(),
            scalar: ScalarType::F64,
            side: Side::Copy,
            threads: 2,
        };
        assert_eq!(command, expected);
    }

    #[test]
    fn errors_name_the_word() {
        for (line, word) in [
            ("measure W1 f16 ours 1", "f16"),
            ("measure W1 f32 theirs 1", "theirs"),
            ("melt W1", "melt"),
            ("", "``"),
        ] {
            let error = line.parse::<Command>().unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
