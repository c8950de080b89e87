//! What a plan may cost, or how far it may be from the weights.

use serde::{Deserialize, Serialize};

use super::PlanError;
use crate::compress::Cost;

/// What the planned layers may cost together, or how far they may be from the dense weights.
///
/// # Examples
///
/// ```
/// use tt_admm::compress::Budget;
///
/// let third = Budget::parameter_ratio(3.0);      // a third of the parameters, or fewer
/// let exact = Budget::parameters(163_310);       // no more than so many parameters
/// let fast = Budget::mac_ratio(2.0);             // half of the multiply-adds
/// let close = Budget::relative_error(0.1);       // as few parameters as an error of 10 % allows
/// # let _ = (third, exact, fast, close);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Budget {
    /// Dense parameters over planned ones is at least this.
    ParameterRatio(f64),
    /// At most this many parameters.
    Parameters(u64),
    /// Dense multiply-adds over planned ones is at least this.
    MacRatio(f64),
    /// At most this many multiply-adds for one sample.
    Macs(u64),
    /// `sqrt(sum |W - W'|^2 / sum |W|^2)` over all layers is at most this, with as few parameters as possible.
    RelativeError(f64),
}

/// What a budget limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    Parameters,
    Macs,
}

impl Resource {
    pub(super) fn of(self, cost: Cost) -> u64 {
        match self {
            Self::Parameters => cost.parameters,
            Self::Macs => cost.macs,
        }
    }

    /// What it is called in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Parameters => "parameters",
            Self::Macs => "multiply-adds",
        }
    }
}

/// A budget in absolute numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Limit {
    Cost(u64),
    /// Largest sum of squared errors.
    Error(f64),
}

impl Budget {
    /// At least this many times fewer parameters than the dense layers.
    #[must_use]
    pub fn parameter_ratio(ratio: f64) -> Self {
        Self::ParameterRatio(ratio)
    }

    /// At most this many parameters.
    #[must_use]
    pub fn parameters(parameters: u64) -> Self {
        Self::Parameters(parameters)
    }

    /// At least this many times fewer multiply-adds than the dense layers.
    #[must_use]
    pub fn mac_ratio(ratio: f64) -> Self {
        Self::MacRatio(ratio)
    }

    /// At most this many multiply-adds for one sample.
    #[must_use]
    pub fn macs(macs: u64) -> Self {
        Self::Macs(macs)
    }

    /// At most this relative error over all layers, with as few parameters as possible.
    #[must_use]
    pub fn relative_error(error: f64) -> Self {
        Self::RelativeError(error)
    }

    pub(super) fn resource(&self) -> Resource {
        match self {
            Self::ParameterRatio(_) | Self::Parameters(_) | Self::RelativeError(_) => {
                Resource::Parameters
            }
            Self::MacRatio(_) | Self::Macs(_) => Resource::Macs,
        }
    }

    /// The limit for layers of this dense cost and squared norm.
    pub(super) fn limit(&self, dense: Cost, norm_square: f64) -> Result<Limit, PlanError> {
        let share = |whole: u64, ratio: f64| {
            if ratio.is_finite() && ratio >= 1.0 {
                // Rounded down, and never up by the conversion: the ratio holds exactly.
                Ok(Limit::Cost(largest_share(whole, ratio)))
            } else {
                Err(PlanError::Ratio { got: ratio })
            }
        };
        match *self {
            Self::ParameterRatio(ratio) => share(dense.parameters, ratio),
            Self::MacRatio(ratio) => share(dense.macs, ratio),
            Self::Parameters(n) | Self::Macs(n) => Ok(Limit::Cost(n)),
            Self::RelativeError(error) if error.is_finite() && error >= 0.0 => {
                Ok(Limit::Error(error * error * norm_square))
            }
            Self::RelativeError(error) => Err(PlanError::Tolerance { got: error }),
        }
    }
}

/// The largest `n` with `whole / n >= ratio`.
fn largest_share(whole: u64, ratio: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and no larger than `whole`"
    )]
    let mut n = ((whole as f64 / ratio).floor() as u64).min(whole);
    let fits = |n: u64| n == 0 || whole as f64 / n as f64 >= ratio;
    // The quotient is rounded, up or down.
    while !fits(n) {
        n -= 1;
    }
    while n < whole && fits(n + 1) {
        n += 1;
    }
    n
}
