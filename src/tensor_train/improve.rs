//! Sweeps of alternating least squares until they gain little.

use super::als::Refined;
use super::error::TtError;
use super::improvement::{Improvement, SweepStatus, Sweeps};
use crate::linalg::Work;
use crate::scalar::Scalar;

/// Rounding of a difference of squared norms, in units of `eps` and the squared norm.
const ROUNDING: f64 = 64.0;

impl<A: Scalar> Refined<A> {
    /// Sweeps over all cores until the rule ends them; returns the measured distance from the tensor with these
    /// elements. `before` is the distance of the cores as they are, if it is known.
    ///
    /// A sweep that does not lower the error is taken back. The error is the difference of two squared norms where
    /// these tell the smallest decrease that matters, and measured otherwise and at the end.
    pub(crate) fn improve(
        &mut self,
        elements: &[A],
        sweeps: Sweeps,
        before: Option<f64>,
        work: &mut Work<A>,
    ) -> Result<(f64, Improvement), TtError> {
        let eps = A::epsilon().widen();
        let norm = self.norm();
        let before = before.unwrap_or_else(|| self.distance(elements, work));
        let (mut error, mut is_measured) = (before, true);
        let (mut made, mut status) = (0, SweepStatus::BoundReached);
        while made < sweeps.bound() {
            if error <= ROUNDING * eps * norm {
                status = SweepStatus::Converged;
                break;
            }
            let mut last = self.saved(work);
            self.sweep_all(elements, work)?;
            made += 1;
            let measure = sweeps.decrease() * error.powi(2) <= ROUNDING * eps * norm.powi(2);
            let now = if measure {
                self.distance(elements, work)
            } else {
                self.distance_by_norms()
            };
            let small = error - now <= sweeps.decrease() * error;
            if now < error {
                (error, is_measured) = (now, measure);
            } else {
                self.restore(&mut last);
            }
            last.recycle(work);
            if small {
                status = SweepStatus::Converged;
                break;
            }
        }
        if !is_measured {
            error = self.distance(elements, work);
        }
        Ok((error, Improvement::new(before, made, status)))
    }
}
