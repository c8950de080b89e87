//! Putting a loop together; everything is checked before any training.

use ndarray::{CowArray, IxDyn};

use super::block::{Block, checked_rho};
use super::settings::Settings;
use super::weights::Weight;
use super::works::{Works, largest_first};
use super::{Admm, AdmmError, Penalty, RhoCalibration, Trainable, UpdateOrder};
use crate::error::BoxError;
use crate::projection::Prox;
use crate::scalar::Scalar;

/// Settings of an [`Admm`] loop. Start with [`Admm::builder`].
///
/// | setting | default |
/// |---|---|
/// | [`rho`](Self::rho), [`rho_for`](Self::rho_for), [`calibrate`](Self::calibrate) | none: one is required |
/// | [`penalty`](Self::penalty) | constant |
/// | [`max_iterations`](Self::max_iterations) | 100 in each call of `run`, in all calls of `run_resumable` |
/// | [`tolerance`](Self::tolerance) | relative 1e-3, absolute 0 (and a floor at rounding level) |
/// | [`stall`](Self::stall) | off |
/// | [`over_relaxation`](Self::over_relaxation) | 1 (none) |
/// | [`order`](Self::order) | textbook |
///
/// # Examples
///
/// ```
/// use tt_admm::admm::{Penalty, RhoCalibration};
/// use tt_admm::{Admm, LowRankProjection, TtProjection, ndarray::Array2};
///
/// let w = Array2::<f32>::eye(4);
/// let admm = Admm::builder()
///     .constrain("fc1", TtProjection::new(2))
///     .constrain("fc2", LowRankProjection::new(1))
///     .calibrate(RhoCalibration::sgd(100, 0.1).momentum(0.9))
///     .rho_for("fc2", 0.5)
///     .penalty(Penalty::geometric(1.1).bounded(0.0, 1.0))
///     .max_iterations(50)
///     .tolerance(0.0, 1e-4)
///     .stall(10, 0.01)
///     .over_relaxation(1.6)
///     .build_from(|_| w.view().into_dyn())?;
/// assert!((admm.rho("fc1").unwrap() - 0.004).abs() < 1e-9);
/// assert_eq!(admm.rho("fc2"), Some(0.5));
/// # Ok::<(), tt_admm::AdmmError>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct AdmmBuilder<A: Scalar> {
    constraints: Vec<(String, Box<dyn Prox<A>>)>,
    rho: Option<f64>,
    rho_for: Vec<(String, f64)>,
    calibration: Option<RhoCalibration>,
    penalty: Penalty,
    settings: Settings,
}

impl<A: Scalar> AdmmBuilder<A> {
    pub(super) fn new() -> Self {
        Self {
            constraints: Vec::new(),
            rho: None,
            rho_for: Vec::new(),
            calibration: None,
            penalty: Penalty::default(),
            settings: Settings::default(),
        }
    }

    /// Constrains the weight called `weight`. Naming a weight again adds a further block on it, with its own
    /// `Z`, `U` and `rho`.
    pub fn constrain(mut self, weight: impl Into<String>, prox: impl Prox<A> + 'static) -> Self {
        self.constraints.push((weight.into(), Box::new(prox)));
        self
    }

    /// The penalty `rho` of every weight that [`AdmmBuilder::rho_for`] does not name.
    pub fn rho(mut self, rho: f64) -> Self {
        self.rho = Some(rho);
        self
    }

    /// The penalty of one weight.
    pub fn rho_for(mut self, weight: impl Into<String>, rho: f64) -> Self {
        self.rho_for.push((weight.into(), rho));
        self
    }

    /// Takes the default penalty from the settings of the optimiser, unless [`AdmmBuilder::rho`] gives one.
    pub fn calibrate(mut self, calibration: RhoCalibration) -> Self {
        self.calibration = Some(calibration);
        self
    }

    /// How `rho` changes during the run.
    pub fn penalty(mut self, penalty: Penalty) -> Self {
        self.penalty = penalty;
        self
    }

    /// The most iterations in one call of [`Admm::run`], and of a whole run of [`Admm::run_resumable`].
    pub fn max_iterations(mut self, iterations: usize) -> Self {
        self.settings.max_iterations = iterations;
        self
    }

    /// Convergence: every block has `|W - Z| <= sqrt(n) absolute + relative max(|W|, |Z|)` and
    /// `rho |Z - Z_old| <= sqrt(n) absolute + relative rho |U|`, for a weight of `n` elements (Boyd et al.,
    /// 2011, section 3.3.1). A floor at rounding level, `16 eps max(|W|, |Z|)`, is always added.
    pub fn tolerance(mut self, absolute: f64, relative: f64) -> Self {
        self.settings.absolute_tolerance = absolute;
        self.settings.relative_tolerance = relative;
        self
    }

    /// Ends a run as [`Status::Stalled`](super::Status::Stalled) when the best residual ratio has not
    /// improved by the fraction `improvement` (0.01 is one percent) for `patience` updates.
    pub fn stall(mut self, patience: usize, improvement: f64) -> Self {
        self.settings.stall = Some((patience, improvement));
        self
    }

    /// Over-relaxation `alpha`, above 0 and below 2, usually 1.5 to 1.8: the Z- and U-step see
    /// `alpha W + (1 - alpha) Z_old` (Boyd et al., 2011, section 3.4.3). The first update is not relaxed: its `Z_old` is the
    /// projection of the start.
    pub fn over_relaxation(mut self, alpha: f64) -> Self {
        self.settings.over_relaxation = alpha;
        self
    }

    /// The order of the steps inside an iteration.
    pub fn order(mut self, order: UpdateOrder) -> Self {
        self.settings.order = order;
        self
    }

    /// Checks all settings against the weights of a model and starts with `Z = prox(W)`, `U = 0`.
    ///
    /// # Errors
    ///
    /// Those of [`AdmmBuilder::try_build_from`].
    pub fn build<M>(self, model: &M) -> Result<Admm<A>, AdmmError>
    where
        M: Trainable<Elem = A> + ?Sized,
    {
        self.try_build_from(|name| model.weight(name))
    }

    /// [`AdmmBuilder::build`] without a [`Trainable`]: from a function that returns each weight by name, a
    /// view or an owned array.
    ///
    /// # Errors
    ///
    /// Those of [`AdmmBuilder::try_build_from`].
    pub fn build_from<'w, F, V>(self, mut weight: F) -> Result<Admm<A>, AdmmError>
    where
        F: FnMut(&str) -> V,
        V: Into<CowArray<'w, A, IxDyn>>,
    {
        self.try_build_from(|name| Ok::<V, BoxError>(weight(name)))
    }

    /// [`AdmmBuilder::build_from`] with weights that may be missing.
    ///
    /// # Errors
    ///
    /// - [`AdmmError::NoBlocks`], [`AdmmError::InvalidSetting`], [`AdmmError::MissingRho`],
    ///   [`AdmmError::InvalidRho`], [`AdmmError::UnknownWeight`] (a `rho_for` that names no constrained
    ///   weight) for such settings;
    /// - [`AdmmError::Weight`] if a weight cannot be read, [`AdmmError::NonFinite`] if it is not finite;
    /// - [`AdmmError::Prox`] if ranks or layout do not fit a weight.
    pub fn try_build_from<'w, F, V, E>(self, mut weight: F) -> Result<Admm<A>, AdmmError>
    where
        F: FnMut(&str) -> Result<V, E>,
        V: Into<CowArray<'w, A, IxDyn>>,
        E: Into<BoxError>,
    {
        self.check()?;
        let rhos = self.rhos()?;
        let mut weights: Vec<Weight<A>> = Vec::new();
        let mut places = Vec::with_capacity(self.constraints.len());
        for (name, prox) in &self.constraints {
            let known = weights.iter().position(|w| &w.name == name);
            let slot = if let Some(slot) = known {
                slot
            } else {
                let w = weight(name).map_err(|source| AdmmError::Weight {
                    weight: name.clone(),
                    source: source.into(),
                })?;
                weights.push(Weight::new(name.clone(), &w.into())?);
                weights.len() - 1
            };
            let ordinal = places.iter().filter(|(other, _)| *other == slot).count();
            prox.check(weights[slot].w.shape())
                .map_err(|source| AdmmError::Prox {
                    weight: name.clone(),
                    ordinal,
                    source,
                })?;
            places.push((slot, ordinal));
        }
        let mut blocks: Vec<_> = self
            .constraints
            .into_iter()
            .zip(places)
            .zip(rhos)
            .map(|(((name, prox), (slot, ordinal)), rho)| {
                Block::new(name, ordinal, slot, prox, rho, &weights[slot].w)
            })
            .collect();
        let works = Works::default();
        let started = largest_first(&mut blocks, |block| block.start(&works));
        started.into_iter().collect::<Result<(), _>>()?;
        let mut admm = Admm {
            weights,
            blocks,
            settings: self.settings,
            penalty: self.penalty,
            history: Vec::new(),
            best: (f64::INFINITY, 0),
            w_step_due: false,
            works,
        };
        admm.refresh_anchors();
        Ok(admm)
    }

    fn check(&self) -> Result<(), AdmmError> {
        if self.constraints.is_empty() {
            return Err(AdmmError::NoBlocks);
        }
        // The value that is used is that of the element type.
        let alpha = A::narrow(self.settings.over_relaxation).widen();
        Settings {
            over_relaxation: alpha,
            ..self.settings.clone()
        }
        .check()?;
        self.penalty.check()?;
        for (name, rho) in &self.rho_for {
            if !self.constraints.iter().any(|(weight, _)| weight == name) {
                let mut known: Vec<String> = Vec::new();
                for (weight, _) in &self.constraints {
                    if !known.contains(weight) {
                        known.push(weight.clone());
                    }
                }
                return Err(AdmmError::UnknownWeight {
                    name: name.clone(),
                    known,
                });
            }
            checked_rho::<A>(name, *rho)?;
        }
        Ok(())
    }

    /// The penalty of every block: its own, the common one, or the calibrated one.
    fn rhos(&self) -> Result<Vec<f64>, AdmmError> {
        let calibrated = self
            .calibration
            .as_ref()
            .map(RhoCalibration::rho)
            .transpose()?;
        let common = self.rho.or(calibrated);
        self.constraints
            .iter()
            .map(|(weight, _)| {
                let own = self.rho_for.iter().rev().find(|(name, _)| name == weight);
                let rho =
                    own.map(|(_, rho)| *rho)
                        .or(common)
                        .ok_or_else(|| AdmmError::MissingRho {
                            weight: weight.clone(),
                        })?;
                checked_rho::<A>(weight, rho)?;
                Ok(rho)
            })
            .collect()
    }
}
