//! What a fit reports.

/// The outcome of [`Trainer::fit`](super::Trainer::fit).
///
/// # Examples
///
/// ```
/// use tt_admm::optim::FitSummary;
///
/// fn line(summary: &FitSummary) -> String {
///     format!("{} epochs, {} steps, loss {}", summary.epochs(), summary.steps(), summary.loss())
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FitSummary {
    pub(super) loss: f64,
    pub(super) steps: usize,
    pub(super) epochs: usize,
}

impl FitSummary {
    /// Mean loss per sample over the last epoch, each mini-batch weighted by its size. The loss of a
    /// mini-batch is that before its step.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// Number of optimiser steps (mini-batches) of this fit.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Number of epochs of this fit.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.epochs
    }
}
