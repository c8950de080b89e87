//! What a run has to tell in the end.

use std::cell::Cell;
use std::fmt;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The exit code of a program; an error goes to stderr.
///
/// # Examples
///
/// ```
/// use example_support::results::finish;
/// use std::process::ExitCode;
///
/// assert_eq!(finish::<String>(Ok(())), ExitCode::SUCCESS);
/// assert_eq!(finish(Err("no data")), ExitCode::FAILURE); // prints "error: no data"
/// ```
#[must_use]
pub fn finish<E: fmt::Display>(outcome: Result<(), E>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The last line of an example: `RESULT key=value key=value ...`, for people and for scripts.
///
/// # Examples
///
/// ```
/// use example_support::results::ResultLine;
///
/// let line = ResultLine::new().accuracy("dense", 0.90124).number("ratio", 12.345, 2).text("device", "cpu");
/// assert_eq!(line.to_string(), "RESULT dense=0.9012 ratio=12.35 device=cpu");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "a result line is there to be printed"]
pub struct ResultLine {
    entries: Vec<(String, String)>,
}

impl ResultLine {
    /// A line without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// An accuracy between 0 and 1, with four decimals.
    pub fn accuracy(self, key: &str, value: f64) -> Self {
        self.number(key, value, 4)
    }

    /// A number with so many decimals.
    pub fn number(self, key: &str, value: f64, decimals: usize) -> Self {
        self.text(key, format!("{value:.decimals$}"))
    }

    /// Anything else; white space in it becomes `_`, so that the line can be split at spaces.
    pub fn text(mut self, key: &str, value: impl fmt::Display) -> Self {
        let value = value.to_string().replace(char::is_whitespace, "_");
        self.entries.push((key.to_owned(), value));
        self
    }

    /// The value of an entry, as it is printed.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let mut entries = self.entries.iter();
        entries.find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }
}

impl fmt::Display for ResultLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RESULT")?;
        for (key, value) in &self.entries {
            write!(f, " {key}={value}")?;
        }
        Ok(())
    }
}

/// The entries of a result line but for those that depend on the clock, `seconds` and `projection_share`: what
/// two runs of the same computation have in common. `None` for another line.
///
/// # Examples
///
/// ```
/// use example_support::results::untimed;
///
/// let line = "RESULT dense=0.9012 projection_share=0.0100 ratio=12.35 seconds=3.1";
/// assert_eq!(untimed(line), Some(vec!["dense=0.9012", "ratio=12.35"]));
/// assert_eq!(untimed("dense=0.9012"), None);
/// ```
#[must_use]
pub fn untimed(line: &str) -> Option<Vec<&str>> {
    let timed =
        |entry: &str| entry.starts_with("seconds=") || entry.starts_with("projection_share=");
    let entries = line.strip_prefix("RESULT ")?.split(' ');
    Some(entries.filter(|entry| !timed(entry)).collect())
}

/// Measures a whole run and, within it, the training; the rest is projections, transfers and bookkeeping.
///
/// # Examples
///
/// ```
/// use example_support::results::Stopwatch;
///
/// let watch = Stopwatch::start();
/// let loss = watch.training(|| 0.5);         // inside the W-step
/// let timing = watch.read();                 // at the end of the run
/// assert_eq!(loss, 0.5);
/// assert!(timing.training <= timing.total);
/// assert!((0.0..=1.0).contains(&timing.projection_share()));
/// ```
#[derive(Debug)]
pub struct Stopwatch {
    started: Instant,
    training: Cell<Duration>,
}

impl Stopwatch {
    /// Starts the measurement of the whole run.
    #[must_use]
    pub fn start() -> Self {
        Self {
            started: Instant::now(),
            training: Cell::new(Duration::ZERO),
        }
    }

    /// Does some training and counts its time. Takes `&self`, so that a closure can hold the watch while
    /// the run is measured.
    pub fn training<T>(&self, work: impl FnOnce() -> T) -> T {
        let before = Instant::now();
        let outcome = work();
        self.training.set(self.training.get() + before.elapsed());
        outcome
    }

    /// The times up to now.
    #[must_use]
    pub fn read(&self) -> Timing {
        Timing {
            total: self.started.elapsed(),
            training: self.training.get(),
        }
    }
}

/// Wall times of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Of the whole run.
    pub total: Duration,
    /// Of the training in it.
    pub training: Duration,
}

impl Timing {
    /// The share of the run's time that was not training, between 0 and 1.
    #[must_use]
    pub fn projection_share(&self) -> f64 {
        let total = self.total.as_secs_f64();
        if total > 0.0 {
            (1.0 - self.training.as_secs_f64() / total).max(0.0)
        } else {
            0.0
        }
    }

    /// Seconds of the whole run.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.total.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_what_is_not_training() {
        let share = |total, training| {
            let [total, training] = [total, training].map(Duration::from_millis);
            Timing { total, training }.projection_share()
        };
        assert!((share(1000, 970) - 0.03).abs() < 1e-12);
        // Clocks may be coarse.
        assert!(share(1000, 1001).abs() < 1e-12 && share(0, 0).abs() < 1e-12);
    }

    #[test]
    fn only_training_counts_as_training() {
        let watch = Stopwatch::start();
        let pause = Duration::from_millis(30);
        watch.training(|| std::thread::sleep(pause));
        std::thread::sleep(pause);
        watch.training(|| std::thread::sleep(pause));
        let timing = watch.read();
        assert!(timing.training >= 2 * pause);
        assert!(timing.total >= timing.training + pause);
        assert!(timing.projection_share() > 0.0 && timing.projection_share() < 1.0);
    }

    #[test]
    fn a_line_splits_at_spaces_whatever_is_in_it() {
        let line = ResultLine::new()
            .number("a", f64::NAN, 2)
            .text("b", "two words\n")
            .number("c", -0.5, 0);
        assert_eq!(line.to_string(), "RESULT a=NaN b=two_words_ c=-0");
        assert_eq!((line.get("b"), line.get("d")), (Some("two_words_"), None));
    }
}
