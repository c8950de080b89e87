//! Settings of the loop that are not about `rho`.

use super::AdmmError;

/// The order of the steps inside one iteration of [`Admm::run`](super::Admm::run).
///
/// # Examples
///
/// ```
/// use tt_admm::admm::UpdateOrder;
///
/// assert_eq!(UpdateOrder::default(), UpdateOrder::Textbook);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum UpdateOrder {
    /// W, Z, U: train, then update. The textbook order.
    #[default]
    Textbook,
    /// Z, U, W: update, then train, as the authors' published code does. The first update sees the weights
    /// before any training, so `U` starts as `W - Z` and not as 0.
    Paper,
}

/// Stopping and relaxation, checked once at `build`.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) order: UpdateOrder,
    pub(super) over_relaxation: f64,
    pub(super) max_iterations: usize,
    pub(super) absolute_tolerance: f64,
    pub(super) relative_tolerance: f64,
    /// Patience in updates and the relative improvement expected within it.
    pub(super) stall: Option<(usize, f64)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            order: UpdateOrder::Textbook,
            over_relaxation: 1.0,
            max_iterations: 100,
            absolute_tolerance: 0.0,
            relative_tolerance: 1e-3,
            stall: None,
        }
    }
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), AdmmError> {
        let not_negative = |x: f64| x.is_finite() && x >= 0.0;
        in_range(
            "over-relaxation",
            "above 0 and below 2",
            self.over_relaxation,
            self.over_relaxation > 0.0 && self.over_relaxation < 2.0,
        )?;
        at_least_one("the maximum number of iterations", self.max_iterations)?;
        let expected = "finite and not negative";
        let absolute = self.absolute_tolerance;
        in_range(
            "the absolute tolerance",
            expected,
            absolute,
            not_negative(absolute),
        )?;
        let relative = self.relative_tolerance;
        in_range(
            "the relative tolerance",
            expected,
            relative,
            not_negative(relative),
        )?;
        if let Some((patience, improvement)) = self.stall {
            at_least_one("the patience before a stall", patience)?;
            in_range(
                "the improvement that prevents a stall",
                "at least 0 and below 1",
                improvement,
                (0.0..1.0).contains(&improvement),
            )?;
        }
        Ok(())
    }
}

pub(super) fn in_range(
    setting: &'static str,
    expected: &'static str,
    got: f64,
    holds: bool,
) -> Result<(), AdmmError> {
    if holds {
        Ok(())
    } else {
        Err(AdmmError::InvalidSetting {
            setting,
            expected,
            got,
        })
    }
}

pub(super) fn at_least_one(setting: &'static str, got: usize) -> Result<(), AdmmError> {
    in_range(setting, "at least 1", got as f64, got >= 1)
}
