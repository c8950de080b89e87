//! Tables, JSON, charts, progress.

use std::io::{IsTerminal, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use crate::error::Failure;

/// A progress bar on a terminal, nothing in a pipe.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(what: &'static str, steps: usize) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(steps as u64).with_prefix(what);
        let style = ProgressStyle::with_template("{prefix} [{bar:30}] {pos}/{len} {msg}");
        Self(match style {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        })
    }

    /// One more is done; may be called from any thread.
    pub(crate) fn step(&self, name: &str) {
        self.0.set_message(name.to_owned());
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Prints to standard output; a closed pipe is the end, not an error.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::other(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a failure to standard error, where nothing more can be done if that fails too.
pub(crate) fn complain(failure: &Failure) {
    let _ = writeln!(std::io::stderr().lock(), "tt-admm: {failure}");
}

/// Refuses to replace a file without being told to, before any work is done.
pub(crate) fn may_write(path: Option<&Path>, force: bool) -> Result<(), Failure> {
    match path {
        Some(path) if !force && path.exists() => Err(Failure::in_file(
            path,
            "the file exists; --force replaces it",
        )),
        _ => Ok(()),
    }
}

/// Writes a text whole or not at all: a temporary file beside it, and a rename.
pub(crate) fn write_text(path: &Path, text: &str) -> Result<(), Failure> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    std::fs::write(&temporary, text)
        .and_then(|()| std::fs::rename(&temporary, path))
        .map_err(|error| {
            let _ = std::fs::remove_file(&temporary);
            Failure::in_file(path, error)
        })
}
