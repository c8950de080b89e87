//! How the learning rate changes over the epochs.

use super::{OptimError, checks};
use std::f64::consts::PI;

/// The factor of the learning rate as a function of the epoch.
///
/// Epochs are fractional: mini-batch `b` of `B` in epoch `e` is at `e + b / B`. The factor is in
/// `[0, 1]` and never NaN.
///
/// # Examples
///
/// ```
/// use tt_admm::optim::Schedule;
///
/// let schedule = Schedule::step(10, 0.5).with_warmup(4);
/// assert_eq!(schedule.factor(0.0), 0.2);
/// assert_eq!(schedule.factor(1.5), 0.5);
/// assert_eq!(schedule.factor(4.0), 1.0);
/// assert_eq!(schedule.factor(10.0), 0.5);
/// assert_eq!(schedule.factor(29.9), 0.25);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    shape: Shape,
    warmup: usize,
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Constant,
    Step { every: usize, factor: f64 },
    Cosine { total: usize, last: f64 },
    Exponential { factor: f64 },
}

impl Schedule {
    const fn new(shape: Shape) -> Self {
        Self { shape, warmup: 0 }
    }

    /// Factor 1 throughout.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(tt_admm::optim::Schedule::constant().factor(1e6), 1.0);
    /// ```
    #[must_use]
    pub fn constant() -> Self {
        Self::new(Shape::Constant)
    }

    /// Multiplied by `factor`, in `(0, 1]`, after each `every_epochs >= 1` epochs.
    ///
    /// # Examples
    ///
    /// ```
    /// let schedule = tt_admm::optim::Schedule::step(30, 0.5);
    /// assert_eq!(schedule.factor(29.99), 1.0);
    /// assert_eq!(schedule.factor(60.0), 0.25);
    /// ```
    #[must_use]
    pub fn step(every_epochs: usize, factor: f64) -> Self {
        Self::new(Shape::Step {
            every: every_epochs,
            factor,
        })
    }

    /// Half a cosine from 1 at epoch 0 to `final_factor`, in `[0, 1]`, at epoch `total_epochs >= 1`,
    /// and `final_factor` from then on.
    ///
    /// Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (ICLR
    /// 2017), without the restarts.
    ///
    /// # Examples
    ///
    /// ```
    /// let schedule = tt_admm::optim::Schedule::cosine(10, 0.5);
    /// assert_eq!(schedule.factor(0.0), 1.0);
    /// assert!((schedule.factor(5.0) - 0.75).abs() < 1e-15);
    /// assert_eq!(schedule.factor(11.0), 0.5);
    /// ```
    #[must_use]
    pub fn cosine(total_epochs: usize, final_factor: f64) -> Self {
        Self::new(Shape::Cosine {
            total: total_epochs,
            last: final_factor,
        })
    }

    /// `per_epoch_factor`, in `(0, 1]`, to the power of the epoch; smooth within an epoch.
    ///
    /// # Examples
    ///
    /// ```
    /// let schedule = tt_admm::optim::Schedule::exponential(0.25);
    /// assert_eq!(schedule.factor(0.5), 0.5);
    /// assert_eq!(schedule.factor(2.0), 0.0625);
    /// ```
    #[must_use]
    pub fn exponential(per_epoch_factor: f64) -> Self {
        Self::new(Shape::Exponential {
            factor: per_epoch_factor,
        })
    }

    /// Multiplies the factor during the first `epochs` epochs by `(1 + epoch) / (1 + epochs)`.
    ///
    /// The line starts at `1 / (1 + epochs)`, not at 0, so that the first step is not lost. The epochs
    /// of the warm-up count for the schedule itself too: a cosine ends at the same epoch with and
    /// without warm-up. 0 epochs, the default, is no warm-up.
    ///
    /// # Examples
    ///
    /// ```
    /// let schedule = tt_admm::optim::Schedule::constant().with_warmup(3);
    /// assert_eq!(schedule.factor(0.0), 0.25);
    /// assert_eq!(schedule.factor(1.0), 0.5);
    /// assert_eq!(schedule.factor(3.0), 1.0);
    /// ```
    #[must_use]
    pub fn with_warmup(mut self, epochs: usize) -> Self {
        self.warmup = epochs;
        self
    }

    /// The factor of the learning rate at this fractional epoch. A negative or NaN epoch counts as 0.
    ///
    /// A schedule that [`Schedule::check`] refuses has some factor too: 0 where its formula is not
    /// finite.
    ///
    /// # Examples
    ///
    /// ```
    /// let schedule = tt_admm::optim::Schedule::exponential(0.5);
    /// assert_eq!(schedule.factor(3.0), 0.125);
    /// assert_eq!(schedule.factor(-1.0), 1.0);
    /// ```
    #[must_use]
    pub fn factor(&self, epoch: f64) -> f64 {
        let epoch = epoch.max(0.0); // `max` also turns NaN into 0
        let shape = match self.shape {
            Shape::Constant => 1.0,
            Shape::Step { every, factor } => factor.powf((epoch / every.max(1) as f64).floor()),
            Shape::Cosine { total, last } => {
                let total = total as f64;
                if epoch < total {
                    last + (1.0 - last) * 0.5 * (1.0 + (PI * epoch / total).cos())
                } else {
                    last
                }
            }
            Shape::Exponential { factor } => factor.powf(epoch),
        };
        let warmup = self.warmup as f64;
        let ramp = if epoch < warmup {
            (1.0 + epoch) / (1.0 + warmup)
        } else {
            1.0
        };
        let factor = shape * ramp;
        if factor.is_finite() { factor } else { 0.0 }
    }

    /// Whether the numbers of the schedule are legal.
    ///
    /// # Errors
    ///
    /// [`OptimError::Zero`] for a step or a cosine of 0 epochs, [`OptimError::HyperParameter`] for a
    /// factor outside its range.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::optim::Schedule;
    ///
    /// assert!(Schedule::cosine(10, 0.0).check().is_ok());
    /// assert!(Schedule::cosine(0, 0.0).check().is_err());
    /// assert!(Schedule::exponential(1.5).check().is_err());
    /// ```
    pub fn check(&self) -> Result<(), OptimError> {
        match self.shape {
            Shape::Constant => Ok(()),
            Shape::Step { every, factor } => {
                checks::at_least_one("epochs between steps of the schedule", every)?;
                checks::decay_factor("factor of the step schedule", factor)
            }
            Shape::Cosine { total, last } => {
                checks::at_least_one("epochs of the cosine schedule", total)?;
                checks::fraction("final factor of the cosine schedule", last)
            }
            Shape::Exponential { factor } => {
                checks::decay_factor("factor of the exponential schedule", factor)
            }
        }
    }
}

impl Default for Schedule {
    /// [`Schedule::constant`].
    fn default() -> Self {
        Self::constant()
    }
}
