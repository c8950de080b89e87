//! What can go wrong, and the exit codes.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use tt_admm::compress::{CompressError, PlanError};
use tt_admm::io::IoError;

/// A failure, with the file that it is about.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

const FAILED: u8 = 1;
const BUDGET: u8 = 3;

impl Failure {
    pub(crate) fn other(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: FAILED,
        }
    }

    /// About a file.
    pub(crate) fn in_file(path: &Path, message: impl fmt::Display) -> Self {
        Self::other(format!("{}: {message}", path.display()))
    }

    pub(crate) fn of_plan(path: &Path, error: &PlanError) -> Self {
        let mut failure = Self::in_file(path, error);
        if matches!(error, PlanError::TooSmall { .. }) {
            failure.code = BUDGET;
        }
        failure
    }

    pub(crate) fn of_compress(path: &Path, error: &CompressError) -> Self {
        match error {
            CompressError::Plan(error) => Self::of_plan(path, error),
            error => Self::in_file(path, error),
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)
    }
}

/// Errors of files name the file themselves.
impl From<IoError> for Failure {
    fn from(error: IoError) -> Self {
        Self::other(error.to_string())
    }
}
