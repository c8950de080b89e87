//! One block: a weight with one prox operator, its `Z`, `U` and `rho`.

use ndarray::{ArrayD, ArrayRef, ArrayViewD, IxDyn, Zip};

use super::AdmmError;
use super::checkpoint::BlockState;
use super::record::{BlockRecord, ratio};
use super::settings::Settings;
use super::works::Works;
use crate::error::first_non_finite;
use crate::linalg::{distance, norm, squared_distance, sum_of_squares};
use crate::projection::{Factors, Projected, ProjectionError, Prox, WarmStart};
use crate::scalar::Scalar;

/// A constrained weight: its prox operator, the copy `Z`, the scaled dual `U` and the penalty `rho`.
///
/// Read access; see [`Admm::block`](super::Admm::block).
///
/// # Examples
///
/// ```
/// use tt_admm::{Admm, TtProjection, ndarray::array};
///
/// let w = array![[1.0, 0.0], [0.0, 0.5]];
/// let admm = Admm::<f64>::builder()
///     .constrain("w", TtProjection::new(1))
///     .rho(2.0)
///     .build_from(|_| w.view().into_dyn())?;
/// let block = &admm.blocks()[0];
/// assert_eq!((block.weight(), block.ordinal(), block.rho()), ("w", 0, 2.0));
/// assert!((block.z()[[0, 0]] - 1.0).abs() < 1e-15 && block.z()[[1, 1]].abs() < 1e-15);
/// assert!(block.u().iter().all(|&u| u == 0.0));
/// # Ok::<(), tt_admm::AdmmError>(())
/// ```
#[derive(Debug)]
pub struct Block<A: Scalar> {
    weight: String,
    ordinal: usize,
    /// Position of the weight among the constrained weights.
    pub(super) slot: usize,
    prox: Box<dyn Prox<A>>,
    z: ArrayD<A>,
    u: ArrayD<A>,
    rho: A,
    projected: Projected<A>,
    /// The one before, for its memory.
    retired: Option<Projected<A>>,
    warm: WarmStart<A>,
    // Proposals of the running update, swapped in when all blocks have one.
    v: ArrayD<A>,
    z_next: ArrayD<A>,
    warm_next: WarmStart<A>,
}

/// A block's result, not yet part of the state.
#[derive(Debug)]
pub(super) struct Proposal<A> {
    projected: Projected<A>,
    record: BlockRecord,
}

impl<A: Scalar> Block<A> {
    /// A block on the weight `w`, not yet [started](Self::start).
    pub(super) fn new(
        weight: String,
        ordinal: usize,
        slot: usize,
        prox: Box<dyn Prox<A>>,
        rho: f64,
        w: &ArrayD<A>,
    ) -> Self {
        Self {
            weight,
            ordinal,
            slot,
            prox,
            z: ArrayD::zeros(w.raw_dim()),
            u: ArrayD::zeros(w.raw_dim()),
            rho: A::narrow(rho),
            projected: Projected::new(0.0),
            retired: None,
            warm: WarmStart::default(),
            v: w.clone(),
            z_next: ArrayD::zeros(w.raw_dim()),
            warm_next: WarmStart::default(),
        }
    }

    /// `Z = prox(W)`, `U = 0`.
    pub(super) fn start(&mut self, works: &Works<A>) -> Result<(), AdmmError> {
        self.projected = self.apply_prox(works)?;
        self.check_result()?;
        std::mem::swap(&mut self.z, &mut self.z_next);
        std::mem::swap(&mut self.warm, &mut self.warm_next);
        Ok(())
    }

    /// `z_next <- prox(v)`, leaving the state alone.
    fn apply_prox(&mut self, works: &Works<A>) -> Result<Projected<A>, AdmmError> {
        self.warm_next.clone_from(&self.warm);
        self.warm_next.work = works.take();
        if let Some(retired) = self.retired.take() {
            retired.recycle(&mut self.warm_next.work);
        }
        let result = self.prox.prox(
            self.v.view(),
            self.rho,
            self.z_next.view_mut(),
            &mut self.warm_next,
        );
        works.put(std::mem::take(&mut self.warm_next.work));
        let projected = result.map_err(|source| self.error(source))?;
        let distance = projected.distance();
        if distance.is_nan() || distance < 0.0 {
            let what = format!("the prox operator says it moved its input by {distance}");
            return Err(self.error(ProjectionError::other(what)));
        }
        Ok(projected)
    }

    fn check_result(&self) -> Result<(), AdmmError> {
        match first_non_finite(&self.z_next) {
            None => Ok(()),
            Some((index, value)) => Err(self.error(ProjectionError::other(format!(
                "the prox operator gave {value} at index {index:?}"
            )))),
        }
    }

    fn error(&self, source: ProjectionError) -> AdmmError {
        AdmmError::Prox {
            weight: self.weight.clone(),
            ordinal: self.ordinal,
            source,
        }
    }

    /// The Z- and U-step for the weight `w`, without changing the state.
    pub(super) fn propose(
        &mut self,
        w: &ArrayRef<A, IxDyn>,
        settings: &Settings,
        first: bool,
        works: &Works<A>,
    ) -> Result<Proposal<A>, AdmmError> {
        // Over-relaxation: W_hat = alpha W + (1 - alpha) Z_old; there is no Z_old worth it at first.
        let alpha = if first {
            A::one()
        } else {
            A::narrow(settings.over_relaxation)
        };
        let beta = A::one() - alpha;
        let mut finite = true;
        Zip::from(&mut self.v)
            .and(w)
            .and(&self.z)
            .and(&self.u)
            .for_each(|v, &w, &z, &u| {
                *v = alpha * w + beta * z + u;
                finite &= v.is_finite();
            });
        if !finite && let Some((index, value)) = first_non_finite(&self.v) {
            let what = format!("W + U is {value} at index {index:?}");
            return Err(self.error(ProjectionError::other(what)));
        }
        let projected = self.apply_prox(works)?;
        let record = self.measure(w, projected.distance(), settings);
        // A sum over all elements is finite if they are, or else they are looked at.
        if !record.z_norm.is_finite() {
            self.check_result()?;
        }
        Ok(Proposal { projected, record })
    }

    /// Residuals of the proposal, with the tolerances of Boyd et al., 2011, section 3.3.1; `v` becomes the new `U`.
    fn measure(
        &mut self,
        w: &ArrayRef<A, IxDyn>,
        projection_distance: f64,
        settings: &Settings,
    ) -> BlockRecord {
        let (w, z, z_next) = (row_major(w), row_major(&self.z), row_major(&self.z_next));
        let Some(v) = self.v.as_slice_mut() else {
            unreachable!("copies are row-major");
        };
        let [primal, step, weight_norm, z_norm, u_norm] = finish(w, z, z_next, v);
        let rho = self.rho.widen();
        let dual = rho * step;
        let absolute = settings.absolute_tolerance * (self.z.len() as f64).sqrt();
        // What rounding alone leaves of either residual is no sign of disagreement.
        let size = weight_norm.max(z_norm);
        let rounding = 16.0 * A::epsilon().widen() * size;
        let primal_tolerance = absolute + rounding + settings.relative_tolerance * size;
        let dual_tolerance = absolute + rho * (rounding + settings.relative_tolerance * u_norm);
        BlockRecord {
            weight: self.weight.clone(),
            ordinal: self.ordinal,
            rho,
            primal,
            dual,
            weight_norm,
            z_norm,
            u_norm,
            projection_distance,
            residual_ratio: ratio(primal, primal_tolerance).max(ratio(dual, dual_tolerance)),
        }
    }

    /// Makes the proposal the state.
    pub(super) fn commit(&mut self, proposal: Proposal<A>) -> BlockRecord {
        std::mem::swap(&mut self.u, &mut self.v);
        std::mem::swap(&mut self.z, &mut self.z_next);
        std::mem::swap(&mut self.warm, &mut self.warm_next);
        let retired = std::mem::replace(&mut self.projected, proposal.projected);
        self.retired = Some(retired);
        proposal.record
    }

    /// The new `rho` and the factor that rescales `U`, if both are numbers of the element type.
    pub(super) fn rescaling(&self, rho: f64) -> Result<(A, A), AdmmError> {
        let new = checked_rho::<A>(&self.weight, rho)?;
        let factor = A::narrow(self.rho.widen() / new.widen());
        let largest = self.u.iter().fold(A::zero(), |m, &u| m.max(u.abs()));
        if factor.is_normal() && (largest * factor).is_finite() {
            return Ok((new, factor));
        }
        let (weight, from, to) = (self.weight.clone(), self.rho.widen(), rho);
        Err(AdmmError::RhoJump { weight, from, to })
    }

    /// Changes `rho` and rescales `U`, so that the unscaled dual `rho U` stays. There is no other way to
    /// change `rho`.
    pub(super) fn set_rho(&mut self, rho: f64) -> Result<(), AdmmError> {
        if checked_rho::<A>(&self.weight, rho)? != self.rho {
            let (new, factor) = self.rescaling(rho)?;
            self.u.mapv_inplace(|u| u * factor);
            self.rho = new;
        }
        Ok(())
    }

    /// Takes the state of a checkpoint, of the same weight and shape.
    pub(super) fn restore(&mut self, state: &BlockState<A>) {
        self.rho = state.rho;
        self.z.assign(&state.z);
        self.u.assign(&state.u);
        self.warm.clone_from(&state.warm);
        let projected = Projected::new(state.distance);
        self.projected = match &state.factors {
            Some(factors) => projected.with_factors(factors.clone()),
            None => projected,
        };
    }

    /// How far the prox operator moved its input when it made `Z`.
    pub(super) fn projection_distance(&self) -> f64 {
        self.projected.distance()
    }

    /// Name of the weight.
    #[must_use]
    pub fn weight(&self) -> &str {
        &self.weight
    }

    /// Which of the blocks on this weight, counted from 0.
    #[must_use]
    pub fn ordinal(&self) -> usize {
        self.ordinal
    }

    /// The prox operator.
    #[must_use]
    pub fn prox(&self) -> &dyn Prox<A> {
        &*self.prox
    }

    /// `Z`, the copy that satisfies the constraint, in the weight's shape.
    #[must_use]
    pub fn z(&self) -> ArrayViewD<'_, A> {
        self.z.view()
    }

    /// The scaled dual `U`, in the weight's shape.
    #[must_use]
    pub fn u(&self) -> ArrayViewD<'_, A> {
        self.u.view()
    }

    /// The penalty.
    #[must_use]
    pub fn rho(&self) -> A {
        self.rho
    }

    /// The factors of `Z`, if the prox operator gives any.
    #[must_use]
    pub fn factors(&self) -> Option<&Factors<A>> {
        self.projected.factors()
    }

    /// What the prox operator remembers.
    #[must_use]
    pub fn warm_start(&self) -> &WarmStart<A> {
        &self.warm
    }
}

/// A penalty that is positive and finite also in the element type, with room for the sum over a million blocks
/// on one weight.
pub(super) fn checked_rho<A: Scalar>(weight: &str, rho: f64) -> Result<A, AdmmError> {
    let narrow = A::narrow(rho);
    let largest = A::max_value() * A::narrow(1e-6);
    if narrow > A::zero() && narrow <= largest {
        return Ok(narrow);
    }
    let (weight, largest) = (weight.to_owned(), largest.widen());
    Err(AdmmError::InvalidRho {
        weight,
        rho,
        largest,
    })
}

/// `v <- v - z_next`, the new `U`, and `|w - z_next|`, `|z_next - z|`, `|w|`, `|z_next|`, `|U|`: every element is
/// read once.
fn finish<A: Scalar>(w: &[A], z: &[A], z_next: &[A], v: &mut [A]) -> [f64; 5] {
    /// Elements that stay in the first-level cache.
    const PART: usize = 1 << 11;
    let mut squares = [0.0; 5];
    let parts = w
        .chunks(PART)
        .zip(z.chunks(PART))
        .zip(z_next.chunks(PART))
        .zip(v.chunks_mut(PART));
    for (((w, z), z_next), v) in parts {
        // U + W_hat - Z_new
        v.iter_mut().zip(z_next).for_each(|(v, &z)| *v -= z);
        squares[0] += squared_distance(w, z_next);
        squares[1] += squared_distance(z_next, z);
        squares[2] += sum_of_squares(w);
        squares[3] += sum_of_squares(z_next);
        squares[4] += sum_of_squares(v);
    }
    // Where squares may have vanished or overflown, with more care.
    let safe = |square: f64| (1e-280..f64::INFINITY).contains(&square);
    if squares.into_iter().all(safe) {
        return squares.map(f64::sqrt);
    }
    [
        distance(w, z_next),
        distance(z_next, z),
        norm(w),
        norm(z_next),
        norm(v),
    ]
}

/// The elements of an array of this module, all of which are row-major.
fn row_major<A>(array: &ArrayRef<A, IxDyn>) -> &[A] {
    match array.as_slice() {
        Some(elements) => elements,
        None => unreachable!("arrays of a block are made row-major"),
    }
}
