//! The residual table.

use std::io::Write;

use super::record::{BlockRecord, Record};
use super::{Admm, Every, Flow, Observer, Report};
use crate::error::BoxError;
use crate::scalar::Scalar;

/// An observer that writes a table of residuals, one row for each iteration, to any [`Write`].
///
/// Columns: iteration, loss, relative primal residual `|W - Z| / |W|` and relative dual residual
/// `|Z - Z_old| / |U|` of all weights together, smallest and largest `rho`, and the weight with the largest
/// relative primal residual.
///
/// # Examples
///
/// ```
/// use tt_admm::admm::{Observer, TablePrinter};
/// use tt_admm::{Admm, TtProjection, ndarray::array};
///
/// let w = array![[1.0, 0.0], [0.0, 0.1]];
/// let mut admm = Admm::<f64>::builder()
///     .constrain("fc1.weight", TtProjection::new(1))
///     .rho(1.0)
///     .build_from(|_| w.view().into_dyn())?;
/// let mut table = TablePrinter::new(Vec::new());
/// table.start(&admm)?;
/// let record = admm.update(|_| w.view().into_dyn())?.clone();
/// table.iteration(&admm, &record)?;
/// let text = String::from_utf8(table.into_inner())?;
/// assert!(text.lines().next().unwrap().contains("|W-Z|/|W|"));
/// assert!(text.contains("9.950e-2") && text.contains("fc1.weight"));
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Debug, Clone)]
pub struct TablePrinter<T> {
    target: T,
}

impl<T: Write> TablePrinter<T> {
    /// Writes to `target`, for example `std::io::stderr()` or a `Vec<u8>`.
    #[must_use]
    pub fn new(target: T) -> Self {
        Self { target }
    }

    /// This printer, told of the first and then of every `n`-th iteration only.
    #[must_use]
    pub fn every(self, n: usize) -> Every<Self> {
        Every::new(self, n)
    }

    /// The target, with what was written to it.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.target
    }
}

impl<A: Scalar, T: Write> Observer<A> for TablePrinter<T> {
    fn start(&mut self, _admm: &Admm<A>) -> Result<(), BoxError> {
        writeln!(
            self.target,
            "{:>5} {:>11} {:>10} {:>11} {:>10} {:>10}  worst weight",
            "iter", "loss", "|W-Z|/|W|", "|dZ|/|U|", "rho min", "rho max"
        )?;
        Ok(())
    }

    fn iteration(&mut self, _admm: &Admm<A>, record: &Record) -> Result<Flow, BoxError> {
        let rhos = record.blocks().iter().map(BlockRecord::rho);
        let worst = record
            .blocks()
            .iter()
            .max_by(|a, b| a.relative_primal().total_cmp(&b.relative_primal()));
        write!(
            self.target,
            "{:>5} {:>11} {:>10.3e} {:>11.3e} {:>10.3e} {:>10.3e}  {}",
            record.iteration(),
            record
                .loss()
                .map_or_else(|| "-".to_owned(), |loss| format!("{loss:.4e}")),
            record.primal_residual(),
            record.dual_residual(),
            rhos.clone().fold(f64::INFINITY, f64::min),
            rhos.fold(0.0, f64::max),
            worst.map_or("-", BlockRecord::weight),
        )?;
        for (name, value) in record.metrics() {
            write!(self.target, "  {name} {value:.4}")?;
        }
        if !record.unread().is_empty() {
            write!(self.target, "  NOT READ: {}", record.unread().join(", "))?;
        }
        writeln!(self.target)?;
        Ok(Flow::Continue)
    }

    fn finish(&mut self, _admm: &Admm<A>, report: &Report) -> Result<(), BoxError> {
        writeln!(self.target, "{report}")?;
        self.target.flush()?;
        Ok(())
    }
}
