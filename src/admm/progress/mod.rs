//! A progress bar.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use crate::admm::{Admm, AdmmError, BlockRecord, Flow, Observer, Record, Report};
use crate::error::BoxError;
use crate::scalar::Scalar;

const RUNNING: &str = "{bar:8} {pos}/{len} eta {eta} {wide_msg}";
const ENDED: &str = "{bar:8} {pos}/{len} {elapsed} {wide_msg}";

/// An observer that draws a progress bar on standard error. Needs the feature `progress`.
///
/// The bar counts the iterations of the current run, up to [`Admm::max_iterations`], and shows the loss, the
/// relative primal and dual residual of all weights together (`|W - Z| / |W|`, `|Z - Z_old| / |U|`), and `rho`,
/// or its smallest and largest value. Of a run that [`Admm::run_resumable`] takes up, it counts the iterations that
/// were left, and so ends before its full length. Where standard error is no terminal, nothing is drawn.
///
/// The last line stays: with the status at the end of a run, and as it was if the run fails.
///
/// # Examples
///
/// ```
/// use tt_admm::admm::Progress;
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
/// let mut admm = Admm::builder()
///     .constrain("fc1", TtProjection::new(1))
///     .rho(1.0)
///     .max_iterations(25)
///     .build(&model)?;
/// let report = admm.run(&mut model, &mut Progress::new())?;
/// assert_eq!(report.iterations(), 25);
/// # Ok::<(), tt_admm::AdmmError>(())
/// ```
#[derive(Debug)]
pub struct Progress {
    running: Option<Running>,
    target: fn() -> ProgressDrawTarget,
}

#[derive(Debug)]
struct Running {
    bar: ProgressBar,
    /// Iterations before this run.
    before: usize,
}

impl Progress {
    /// Draws on standard error.
    #[must_use]
    pub fn new() -> Self {
        Self {
            running: None,
            target: ProgressDrawTarget::stderr,
        }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl<A: Scalar> Observer<A> for Progress {
    fn start(&mut self, admm: &Admm<A>) -> Result<(), BoxError> {
        let length = admm.max_iterations() as u64;
        let bar = ProgressBar::with_draw_target(Some(length), (self.target)())
            .with_style(style(RUNNING))
            .with_finish(ProgressFinish::Abandon);
        bar.tick();
        let before = admm.iteration();
        self.running = Some(Running { bar, before });
        Ok(())
    }

    fn iteration(&mut self, _admm: &Admm<A>, record: &Record) -> Result<Flow, BoxError> {
        if let Some(Running { bar, before }) = &self.running {
            bar.set_message(message(record));
            bar.set_position(record.iteration().saturating_sub(*before) as u64);
        }
        Ok(Flow::Continue)
    }

    fn finish(&mut self, _admm: &Admm<A>, report: &Report) -> Result<(), BoxError> {
        if let Some(Running { bar, .. }) = self.running.take() {
            bar.set_style(style(ENDED));
            bar.set_position(report.iterations() as u64);
            // "Abandon" leaves the count where it is; a run may end early.
            bar.abandon_with_message(format!("{}: {}", report.status(), message(report.last())));
        }
        Ok(())
    }

    fn failed(&mut self, _admm: &Admm<A>, _error: &AdmmError) {
        // Dropped, the bar leaves its line as it is.
        self.running = None;
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Short enough for 80 columns beside the running bar; what is too long is cut off at the right.
fn message(record: &Record) -> String {
    let rhos = record.blocks().iter().map(BlockRecord::rho);
    let smallest = rhos.clone().fold(f64::INFINITY, f64::min);
    let largest = rhos.fold(0.0, f64::max);
    let loss = record
        .loss()
        .map_or_else(String::new, |loss| format!("loss {loss:.2e} "));
    let range = if smallest < largest {
        format!("{smallest:.0e}..{largest:.0e}")
    } else {
        format!("{largest:.1e}")
    };
    format!(
        "{loss}primal {:.1e} dual {:.1e} rho {range}",
        record.primal_residual(),
        record.dual_residual()
    )
}

#[cfg(test)]
mod tests;
