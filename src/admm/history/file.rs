//! An observer that keeps a file of the history.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use super::{write_csv, write_json};
use crate::admm::{Admm, Flow, Observer, Record, Report};
use crate::error::BoxError;
use crate::scalar::Scalar;
use crate::store::{temporary, write_atomically};

/// An observer that keeps the history of a run in a file, as [`write_csv`] or [`write_json`] writes it. Needs the
/// feature `history`.
///
/// After every iteration, and when the run ends, the whole history is written to a file beside the target, called
/// like it with `.tmp` appended, which then takes its place. So the file is complete at any time: also
/// when the run is killed, fails or is taken up again. What it has to do grows with the history; for runs of
/// very many short iterations, wrap it in [`Every`](crate::admm::Every).
///
/// At the start of a run it checks that such a file can be made, so that a wrong path does not cost an
/// iteration; the target is not touched before the first iteration. A link at the path stays a link.
///
/// # Examples
///
/// ```
/// use tt_admm::admm::{Every, HistoryFile};
/// use tt_admm::prelude::*;
///
/// # struct Still(ArrayD<f64>);
/// # impl Trainable for Still {
/// #     type Elem = f64;
/// #     type Error = String;
/// #     fn weight(&self, _: &str) -> Result<CowArray<'_, f64, IxDyn>, String> { Ok(self.0.view().into()) }
/// #     fn set_weight(&mut self, _: &str, _: ArrayViewD<'_, f64>) -> Result<(), String> { Ok(()) }
/// #     fn train(&mut self, _: &Proximal<'_, f64>) -> Result<TrainSummary, String> { Ok(TrainSummary::new()) }
/// # }
/// # let mut model = Still(tt_admm::ndarray::array![[1.0, 0.0], [0.0, 0.1]].into_dyn());
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let mut admm = Admm::builder()
///     .constrain("fc1", TtProjection::new(1))
///     .rho(1.0)
///     .max_iterations(25)
///     .build(&model)?;
/// let csv = HistoryFile::csv(folder.join("history.csv"));
/// let json = Every::new(HistoryFile::json(folder.join("history.json")), 10);
/// admm.run(&mut model, &mut (csv, json))?;
/// let text = std::fs::read_to_string(folder.join("history.csv"))?;
/// assert_eq!(text.lines().count(), 1 + 25);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct HistoryFile {
    path: PathBuf,
    format: Format,
}

#[derive(Debug, Clone, Copy)]
enum Format {
    Csv,
    Json,
}

impl HistoryFile {
    /// Keeps a CSV file, as [`write_csv`] writes it.
    #[must_use]
    pub fn csv(path: impl Into<PathBuf>) -> Self {
        let (path, format) = (path.into(), Format::Csv);
        Self { path, format }
    }

    /// Keeps a JSON file, as [`write_json`] writes it.
    #[must_use]
    pub fn json(path: impl Into<PathBuf>) -> Self {
        let (path, format) = (path.into(), Format::Json);
        Self { path, format }
    }

    fn check(&self) -> io::Result<()> {
        match fs::metadata(&self.path) {
            // A rename would replace a device or a pipe by a file.
            Ok(found) if !found.is_file() => {
                return Err(io::Error::other("there is something that is no file"));
            }
            _ => {}
        }
        let temporary = temporary(&self.target())?;
        File::create(&temporary)?;
        fs::remove_file(&temporary)
    }

    fn write(&self, history: &[Record]) -> io::Result<()> {
        let mut bytes = Vec::new();
        match self.format {
            Format::Csv => write_csv(history, &mut bytes)?,
            Format::Json => write_json(history, &mut bytes)?,
        }
        write_atomically(&self.target(), &bytes)
    }

    /// The file itself, behind any links.
    fn target(&self) -> PathBuf {
        fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone())
    }

    fn named(&self, error: &io::Error) -> BoxError {
        let what = format!("history file {}: {error}", self.path.display());
        io::Error::new(error.kind(), what).into()
    }
}

impl<A: Scalar> Observer<A> for HistoryFile {
    fn start(&mut self, _admm: &Admm<A>) -> Result<(), BoxError> {
        self.check().map_err(|error| self.named(&error))
    }

    fn iteration(&mut self, admm: &Admm<A>, _record: &Record) -> Result<Flow, BoxError> {
        self.write(admm.history())
            .map_err(|error| self.named(&error))?;
        Ok(Flow::Continue)
    }

    fn finish(&mut self, admm: &Admm<A>, _report: &Report) -> Result<(), BoxError> {
        self.write(admm.history())
            .map_err(|error| self.named(&error))
    }
}
