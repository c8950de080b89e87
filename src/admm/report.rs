//! How a run ended.

use std::fmt;

use super::record::Record;

/// Why [`Admm::run`](super::Admm::run) ended. Not converging is a status, not an error.
///
/// # Examples
///
/// ```
/// use tt_admm::{Admm, TtProjection, ndarray::array};
///
/// let w = array![[1.0, 0.0], [0.0, 0.5]];
/// let mut admm = Admm::<f64>::builder()
///     .constrain("w", TtProjection::new(2))                // no constraint on a 2 x 2 matrix
///     .rho(1.0)
///     .build_from(|_| w.view().into_dyn())?;
/// assert_eq!(admm.status(), None);                         // nothing measured yet
/// admm.update(|_| w.view().into_dyn())?;
/// assert!(admm.history()[0].primal_residual() < 1e-15);
/// # Ok::<(), tt_admm::AdmmError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// Both residuals of every block are within their tolerances.
    Converged,
    /// The allowed number of iterations was used up.
    MaxIterations,
    /// The residuals have stopped improving.
    Stalled,
    /// The observer asked to stop.
    Stopped,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Converged => "converged",
            Self::MaxIterations => "maximum iterations",
            Self::Stalled => "stalled",
            Self::Stopped => "stopped",
        })
    }
}

/// The outcome of one call of [`Admm::run`](super::Admm::run).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Report {
    pub(super) status: Status,
    pub(super) iterations: usize,
    pub(super) last: Record,
    pub(super) unread: Vec<String>,
}

impl Report {
    /// Why the run ended.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// Iterations in this call.
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// The record of the last iteration; earlier ones are in [`Admm::history`](super::Admm::history).
    #[must_use]
    pub fn last(&self) -> &Record {
        &self.last
    }

    /// Relative primal residual at the end, `sqrt(sum |W - Z|^2 / sum |W|^2)` over all blocks.
    #[must_use]
    pub fn primal_residual(&self) -> f64 {
        self.last.primal_residual()
    }

    /// Relative dual residual at the end.
    #[must_use]
    pub fn dual_residual(&self) -> f64 {
        self.last.dual_residual()
    }

    /// Constrained weights whose proximal term the model failed to read in at least one W-step; see
    /// [`Record::unread`].
    #[must_use]
    pub fn unread(&self) -> &[String] {
        &self.unread
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} after {} iterations: relative primal residual {:.3e}, dual {:.3e}",
            self.status,
            self.iterations,
            self.primal_residual(),
            self.dual_residual()
        )?;
        if self.unread.is_empty() {
            return Ok(());
        }
        write!(
            f,
            "; not every W-step read the proximal term of {}",
            self.unread.join(", ")
        )
    }
}
