//! Projection on tensors of bounded TT rank.

use std::borrow::Cow;

use ndarray::{ArrayViewD, ArrayViewMutD};

use super::part::tensor_view;
use super::restart::Restart;
use super::tt_solver::TtSolver;
use super::warm::project;
use super::{Exactness, Factors, Projected, Projection, ProjectionError, Prox, WarmStart};
use crate::linalg::{SplitMethod, Work};
use crate::scalar::Scalar;
use crate::tensor_train::{SplitOrder, Sweeps, TtSvd};
use crate::tensorize::Tensorization;
use crate::truncation::Truncation;

/// Projection of a weight on the tensors of bounded TT rank, by TT-SVD and rebuilding.
///
/// Exact for order 2; for order `d` the distance is within `sqrt(d - 1)` of the smallest (Oseledets, 2011).
/// The weight is seen as a tensor through a [`Tensorization`]; without one, as it is.
///
/// # Examples
///
/// ```
/// use tt_admm::projection::{Projection, Prox, TtProjection, WarmStart};
/// use tt_admm::{Tensorization, ndarray::Array4};
///
/// // A 3x3 convolution with 8 output and 4 input channels, as the tensor [8, 9, 4].
/// let projection = TtProjection::new([4, 3]).layout(Tensorization::conv([8], [3, 3], [4])?);
/// Prox::<f64>::check(&projection, &[8, 4, 3, 3])?;
///
/// let w = Array4::from_shape_fn((8, 4, 3, 3), |(o, i, h, w)| ((o * i + h * w) as f64).sin());
/// let mut z = w.clone().into_dyn();
/// let done = projection.project(w.view().into_dyn(), z.view_mut(), &mut WarmStart::default())?;
/// assert_eq!(done.factors().unwrap().tensor_train().unwrap().ranks(), [1, 4, 3, 1]);
/// let distance = (&w.into_dyn() - &z).mapv(|e| e * e).sum().sqrt();
/// assert!((distance - done.distance()).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TtProjection {
    svd: TtSvd,
    restart: Restart,
    layout: Option<Tensorization>,
}

impl TtProjection {
    /// Projection on these ranks; with a tolerance in the truncation, on the smallest ranks that meet it.
    #[must_use]
    pub fn new(truncation: impl Into<Truncation>) -> Self {
        Self {
            svd: TtSvd::new(truncation),
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

    /// From which end the bonds are cut.
    #[must_use]
    pub fn order(mut self, order: SplitOrder) -> Self {
        self.svd = self.svd.order(order);
        self
    }

    /// How each bond is cut: a [`SplitMethod`], or the settings of a randomised cut.
    #[must_use]
    pub fn method(mut self, method: impl Into<SplitMethod>) -> Self {
        self.svd = self.svd.method(method);
        self
    }

    /// Lowers the distance by sweeps of alternating least squares, as [`TtSvd::improve`] does.
    ///
    /// Every solution from scratch is improved; [`Restart`] says what a call does that goes on from the last result.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::projection::{Projection, TtProjection, WarmStart};
    /// use tt_admm::{Sweeps, ndarray::Array3};
    ///
    /// let w = Array3::from_shape_fn((8, 9, 8), |(i, j, k)| ((i * j + j * k + 3 * k) as f64).sin()).into_dyn();
    /// let mut z = w.clone();
    /// let plain = TtProjection::new(4);
    /// let better = plain.clone().improve(Sweeps::default());
    /// let plain = plain.project(w.view(), z.view_mut(), &mut WarmStart::default())?;
    /// let better = better.project(w.view(), z.view_mut(), &mut WarmStart::default())?;
    /// assert!(better.distance() < 0.99 * plain.distance());
    /// # Ok::<(), tt_admm::ProjectionError>(())
    /// ```
    #[must_use]
    pub fn improve(mut self, sweeps: impl Into<Sweeps>) -> Self {
        self.svd = self.svd.improve(sweeps);
        self
    }

    /// When to solve from scratch, and when to improve the result of the last call on the same weight.
    #[must_use]
    pub fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    fn layout_for(&self, shape: &[usize]) -> Result<Tensorization, ProjectionError> {
        layout_or(self.layout.as_ref(), shape, || {
            Ok(Tensorization::identity(shape)?)
        })
    }
}

impl<A: Scalar> Prox<A> for TtProjection {
    fn check(&self, shape: &[usize]) -> Result<(), ProjectionError> {
        check_tensor(&self.svd, shape)?;
        let layout = self.layout_for(shape)?;
        self.svd.check(layout.tensor_shape())?;
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
        let solver = TtSolver {
            svd: &self.svd,
            ranks: self.svd.fixed_ranks(&shape),
            shape: &shape,
        };
        project(&solver, self.restart, layout, &v, out, warm)
    }
}

impl<A: Scalar> Projection<A> for TtProjection {
    fn exactness(&self) -> Exactness {
        match &self.layout {
            Some(layout) if layout.order() <= 2 => Exactness::Exact,
            _ => Exactness::QuasiOptimal,
        }
    }
}

/// The given layout if it fits the shape, or the default one.
pub(super) fn layout_or(
    layout: Option<&Tensorization>,
    shape: &[usize],
    default: impl FnOnce() -> Result<Tensorization, ProjectionError>,
) -> Result<Tensorization, ProjectionError> {
    match layout {
        None => default(),
        Some(layout) if layout.weight_shape() == shape => Ok(layout.clone()),
        Some(layout) => Err(ProjectionError::Shape {
            expected: layout.weight_shape().to_vec(),
            got: shape.to_vec(),
        }),
    }
}

/// Refuses shapes without a tensor (no modes, empty modes, too large) before a layout is made for them.
pub(super) fn check_tensor(svd: &TtSvd, shape: &[usize]) -> Result<(), ProjectionError> {
    match svd.check(shape) {
        // Ranks belong to the tensor of the layout, not to the weight.
        Ok(_) | Err(crate::tensor_train::TtError::Rank(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn same_shape<A: Scalar>(
    v: &ArrayViewD<'_, A>,
    out: &ArrayViewMutD<'_, A>,
) -> Result<(), ProjectionError> {
    if out.shape() == v.shape() {
        return Ok(());
    }
    Err(ProjectionError::Shape {
        expected: v.shape().to_vec(),
        got: out.shape().to_vec(),
    })
}

/// TT-SVD through a layout, and the dense image of the result.
pub(super) fn project_train<A: Scalar>(
    svd: &TtSvd,
    layout: Tensorization,
    v: &ArrayViewD<'_, A>,
    out: ArrayViewMutD<'_, A>,
    work: &mut Work<A>,
) -> Result<Projected<A>, ProjectionError> {
    same_shape(v, &out)?;
    let elements = elements_of(&layout, v, work)?;
    let train = svd.run(elements, layout.tensor_shape(), work)?;
    let distance = train.truncation_error().total();
    let factors = Factors::new(train, layout)?;
    factors.write_dense(out, work);
    Ok(Projected::new(distance).with_factors(factors))
}

/// The elements of the tensor of a weight, row-major; where they lie, if they lie so.
pub(super) fn elements_of<'v, A: Scalar>(
    layout: &Tensorization,
    v: &'v ArrayViewD<'_, A>,
    work: &mut Work<A>,
) -> Result<Cow<'v, [A]>, ProjectionError> {
    if layout.is_reshape()
        && let Some(slice) = v.as_slice()
    {
        return Ok(Cow::Borrowed(slice));
    }
    let mut tensor = work.vector(v.len());
    layout.tensorize_into(v, tensor_view(layout, &mut tensor))?;
    Ok(Cow::Owned(tensor))
}
