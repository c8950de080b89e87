//! Projection on tensors of bounded tensor-ring ranks.

use ndarray::{ArrayViewD, ArrayViewMutD};

use super::restart::Restart;
use super::tr_solver::TrSolver;
use super::tt::layout_or;
use super::warm::project;
use super::{Exactness, Projected, Projection, ProjectionError, Prox, WarmStart};
use crate::scalar::Scalar;
use crate::tensor_ring::{TrAls, TrRanks};
use crate::tensorize::Tensorization;

/// Projection of a weight on the tensors of these ring ranks, by alternating least squares and rebuilding.
///
/// The first call on a weight starts from a TR-SVD and makes 20 sweeps at most. Later calls start from the cores of the
/// last one and update half of them, left and right in turn, and the other half too while an update lowers the squared
/// distance by half a percent or more: no result is farther from the weight than the last cores are. Such a call costs
/// `4 N r_0 r_k` operations for `N` elements where the halves meet at bond `k`, and smaller ones. [`Restart`] says when
/// a call also solves from scratch and keeps the better result; here `Auto` means every 20 calls for weights of any
/// size.
///
/// No bound is known for the distance, and a nearest point need not exist: a heuristic, of which ADMM needs that
/// it improves from call to call. The weight is seen as a tensor through a [`Tensorization`]; without one, as it is.
///
/// # Examples
///
/// ```
/// use tt_admm::projection::{Projection, TrProjection, WarmStart};
/// use tt_admm::{Tensorization, ndarray::Array4};
///
/// // A 3x3 convolution with 8 output and 4 input channels, as a ring of the tensor [8, 9, 4].
/// let projection = TrProjection::new([2, 3, 2]).layout(Tensorization::conv([8], [3, 3], [4])?);
/// let w = Array4::from_shape_fn((8, 4, 3, 3), |(o, i, h, w)| ((o * i + h * w) as f64).sin());
/// let (mut z, mut memory) = (w.clone().into_dyn(), WarmStart::default());
/// let first = projection.project(w.view().into_dyn(), z.view_mut(), &mut memory)?;
/// let again = projection.project(w.view().into_dyn(), z.view_mut(), &mut memory)?;
/// assert!(again.distance() <= first.distance() * (1.0 + 1e-12));
/// assert_eq!(again.factors().unwrap().num_parameters(), 2 * 8 * 3 + 3 * 9 * 2 + 2 * 4 * 2);
/// let distance = (&w.into_dyn() - &z).mapv(|e| e * e).sum().sqrt();
/// assert!((distance - again.distance()).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TrProjection {
    als: TrAls,
    restart: Restart,
    layout: Option<Tensorization>,
}

impl TrProjection {
    /// Projection on these ranks.
    #[must_use]
    pub fn new(ranks: impl Into<TrRanks>) -> Self {
        Self {
            als: TrAls::new(ranks).max_sweeps(20).tolerance(1e-3),
            restart: Restart::Auto,
            layout: None,
        }
    }

    /// How the weight is seen as a tensor.
    #[must_use]
    pub fn layout(mut self, layout: Tensorization) -> Self {
        self.layout = Some(layout);
        self
    }

    /// When to solve from scratch too.
    #[must_use]
    pub fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// Most sweeps of a solution from scratch.
    #[must_use]
    pub fn max_sweeps(mut self, sweeps: usize) -> Self {
        self.als = self.als.max_sweeps(sweeps);
        self
    }

    /// Keeps the cores small; see [`TrAls::ridge`]. The result may then be farther away than the last cores.
    #[must_use]
    pub fn ridge(mut self, ridge: f64) -> Self {
        self.als = self.als.ridge(ridge);
        self
    }

    fn layout_for(&self, shape: &[usize]) -> Result<Tensorization, ProjectionError> {
        // No modes, empty modes and too many elements are refused before a layout is made for them.
        TrAls::new(1).check(shape)?;
        layout_or(self.layout.as_ref(), shape, || {
            Ok(Tensorization::identity(shape)?)
        })
    }
}

impl<A: Scalar> Prox<A> for TrProjection {
    fn check(&self, shape: &[usize]) -> Result<(), ProjectionError> {
        let layout = self.layout_for(shape)?;
        self.als.check(layout.tensor_shape())?;
        Ok(())
    }

    fn prox(
        &self,
        v: ArrayViewD<'_, A>,
        _rho: A,
        out: ArrayViewMutD<'_, A>,
        warm: &mut WarmStart<A>,
    ) -> Result<Projected<A>, ProjectionError> {
        let layout = self.layout_for(v.shape())?;
        let shape = layout.tensor_shape().to_vec();
        let solver = TrSolver {
            ranks: self.als.check(&shape)?,
            als: &self.als,
            shape: &shape,
        };
        let restart = match self.restart {
            Restart::Auto => Restart::Every(20),
            other => other,
        };
        project(&solver, restart, layout, &v, out, warm)
    }
}

impl<A: Scalar> Projection<A> for TrProjection {
    fn exactness(&self) -> Exactness {
        Exactness::Heuristic
    }
}
