//! The penalty `rho`: how it changes during a run, and where to start.

use super::AdmmError;
use super::record::BlockRecord;
use super::settings::{at_least_one, in_range};

/// How the penalty `rho` of each block changes from update to update.
///
/// Whenever `rho` changes, the scaled dual `U = Y / rho` is rescaled with it, so that the unscaled dual `Y`
/// stays; there is no way to change one without the other.
///
/// # Examples
///
/// ```
/// use tt_admm::admm::Penalty;
///
/// let constant = Penalty::constant();
/// let growing = Penalty::geometric(1.12).bounded(1e-6, 10.0);
/// let balancing = Penalty::residual_balancing().threshold(5.0).every(2);
/// assert_ne!(growing, balancing);
/// assert_eq!(constant, Penalty::default());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Penalty {
    rule: Rule,
    every: usize,
    lowest: f64,
    highest: f64,
}

#[derive(Debug, Clone, PartialEq)]
enum Rule {
    Constant,
    Geometric { factor: f64 },
    Balancing { factor: f64, threshold: f64 },
}

impl Penalty {
    fn with(rule: Rule) -> Self {
        Self {
            rule,
            every: 1,
            lowest: 0.0,
            highest: f64::INFINITY,
        }
    }

    /// `rho` stays.
    #[must_use]
    pub fn constant() -> Self {
        Self::with(Rule::Constant)
    }

    /// `rho` is multiplied by `factor` (positive, usually 1.05 to 1.3) after every update. A slowly growing
    /// `rho` brings the primal residual down while the network can still follow.
    #[must_use]
    pub fn geometric(factor: f64) -> Self {
        Self::with(Rule::Geometric { factor })
    }

    /// `rho` is doubled when the relative primal residual exceeds ten times the relative dual one, and
    /// halved in the opposite case. Relative residuals make the rule independent of the scale of weights
    /// and loss (Wohlberg, 2017, arXiv 1704.06209).
    #[must_use]
    pub fn residual_balancing() -> Self {
        Self::with(Rule::Balancing {
            factor: 2.0,
            threshold: 10.0,
        })
    }

    /// The factor of residual balancing (above 1; 2 by default) or of geometric growth.
    #[must_use]
    pub fn factor(mut self, new: f64) -> Self {
        match &mut self.rule {
            Rule::Constant => {}
            Rule::Geometric { factor } | Rule::Balancing { factor, .. } => *factor = new,
        }
        self
    }

    /// The ratio of residuals that residual balancing tolerates (at least 1; 10 by default).
    #[must_use]
    pub fn threshold(mut self, new: f64) -> Self {
        if let Rule::Balancing { threshold, .. } = &mut self.rule {
            *threshold = new;
        }
        self
    }

    /// Change `rho` only every `updates` updates.
    #[must_use]
    pub fn every(mut self, updates: usize) -> Self {
        self.every = updates;
        self
    }

    /// Never change `rho` to a value outside `lowest ..= highest`.
    #[must_use]
    pub fn bounded(mut self, lowest: f64, highest: f64) -> Self {
        self.lowest = lowest;
        self.highest = highest;
        self
    }

    pub(super) fn check(&self) -> Result<(), AdmmError> {
        at_least_one("the number of updates between changes of rho", self.every)?;
        match self.rule {
            Rule::Constant => {}
            Rule::Geometric { factor } => in_range(
                "the growth factor of rho",
                "positive and finite",
                factor,
                factor > 0.0 && factor.is_finite(),
            )?,
            Rule::Balancing { factor, threshold } => {
                let holds = factor > 1.0 && factor.is_finite();
                in_range(
                    "the factor of residual balancing",
                    "above 1 and finite",
                    factor,
                    holds,
                )?;
                let holds = threshold >= 1.0 && threshold.is_finite();
                let name = "the threshold of residual balancing";
                in_range(name, "at least 1 and finite", threshold, holds)?;
            }
        }
        let holds = self.lowest >= 0.0 && self.lowest.is_finite();
        in_range(
            "the lower bound of rho",
            "finite and not negative",
            self.lowest,
            holds,
        )?;
        let holds = self.highest > 0.0 && self.highest >= self.lowest;
        in_range(
            "the upper bound of rho",
            "above 0 and the lower bound",
            self.highest,
            holds,
        )
    }

    /// The penalty after an update with these residuals.
    pub(super) fn next(&self, iteration: usize, record: &BlockRecord) -> f64 {
        let rho = record.rho();
        if !iteration.is_multiple_of(self.every) {
            return rho;
        }
        let wanted = match self.rule {
            Rule::Constant => return rho,
            Rule::Geometric { factor } => rho * factor,
            Rule::Balancing { factor, threshold } => {
                let (primal, dual) = (record.relative_primal(), record.relative_dual());
                if primal > threshold * dual {
                    rho * factor
                } else if dual > threshold * primal {
                    rho / factor
                } else {
                    return rho;
                }
            }
        };
        // A bound stops a change; it does not move a rho that starts outside.
        if wanted > rho {
            wanted.min(self.highest.max(rho))
        } else {
            wanted.max(self.lowest.min(rho))
        }
    }
}

impl Default for Penalty {
    fn default() -> Self {
        Self::constant()
    }
}

/// A starting `rho` for a W-step done by stochastic gradient descent.
///
/// With learning rate `eta`, momentum `m` and `n` steps between updates, the proximal term alone brings `W`
/// closer to `Z - U` by the factor `exp(-n eta rho / (1 - m))` from one update to the next. The calibration
/// solves for the `rho` that makes the exponent the wanted pull, 0.4 by default. The settings of Yin et al.
/// (390 steps, learning rate 0.1, momentum 0.9, `rho` 0.001) amount to a pull of 0.39.
///
/// # Examples
///
/// ```
/// use tt_admm::admm::RhoCalibration;
///
/// let rho = RhoCalibration::sgd(390, 0.1).momentum(0.9).rho()?;
/// assert!((rho - 1.0256e-3).abs() < 1e-6);
/// assert!(RhoCalibration::sgd(390, 0.0).rho().is_err());
/// # Ok::<(), tt_admm::admm::AdmmError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RhoCalibration {
    steps: usize,
    learning_rate: f64,
    momentum: f64,
    pull: f64,
}

impl RhoCalibration {
    /// For this many optimiser steps between two updates, at this learning rate, without momentum.
    #[must_use]
    pub fn sgd(steps_per_update: usize, learning_rate: f64) -> Self {
        Self {
            steps: steps_per_update,
            learning_rate,
            momentum: 0.0,
            pull: 0.4,
        }
    }

    /// The momentum of the optimiser.
    #[must_use]
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// The wanted pull from one update to the next.
    #[must_use]
    pub fn pull(mut self, pull: f64) -> Self {
        self.pull = pull;
        self
    }

    /// `rho = pull (1 - momentum) / (steps learning_rate)`.
    ///
    /// # Errors
    ///
    /// [`AdmmError::InvalidSetting`] for zero steps, a learning rate or pull that is not positive, a
    /// momentum outside `[0, 1)`.
    pub fn rho(&self) -> Result<f64, AdmmError> {
        at_least_one("the number of steps per update", self.steps)?;
        let positive = |x: f64| x > 0.0 && x.is_finite();
        for (name, value) in [
            ("the learning rate", self.learning_rate),
            ("the pull", self.pull),
        ] {
            in_range(name, "positive and finite", value, positive(value))?;
        }
        let momentum = self.momentum;
        in_range(
            "the momentum",
            "at least 0 and below 1",
            momentum,
            (0.0..1.0).contains(&momentum),
        )?;
        Ok(self.pull * (1.0 - momentum) / (self.steps as f64 * self.learning_rate))
    }
}
