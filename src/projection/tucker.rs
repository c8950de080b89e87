//! Projection on tensors of bounded Tucker ranks.

use ndarray::{ArrayViewD, ArrayViewMutD};

use super::restart::Restart;
use super::tt::layout_or;
use super::tucker_solver::TuckerSolver;
use super::warm::project;
use super::{Exactness, Projected, Projection, ProjectionError, Prox, WarmStart};
use crate::linalg::SplitMethod;
use crate::scalar::Scalar;
use crate::tensorize::Tensorization;
use crate::tucker::{TuckerAlgorithm, TuckerSvd, TuckerTruncation};

/// Projection of a weight on the tensors of bounded Tucker ranks, by ST-HOSVD and rebuilding.
///
/// Exact for order 2; otherwise the distance is within `sqrt(d)` of the smallest for `d` compressed modes
/// (Vannieuwenhoven, Vandebril, Meerbergen, 2012). Large weights go on from the result of the last call; see
/// [`Restart`].
///
/// A convolution `(O, I, Kh, Kw)` is seen as the tensor `[O, I, Kh Kw]` of which the first two modes are compressed:
/// a 1 x 1, a `Kh x Kw` and a 1 x 1 convolution (Tucker-2; Kim et al., ICLR 2016). A list of ranks is then one for the
/// output and one for the input. Any other weight is compressed in all its axes. A [`Tensorization`], ranks by
/// pairs or [`TuckerTruncation::and_modes`] choose something else.
///
/// # Examples
///
/// ```
/// use tt_admm::projection::{Projection, TuckerProjection, WarmStart};
/// use tt_admm::ndarray::Array4;
///
/// let w = Array4::from_shape_fn((8, 4, 3, 3), |(o, i, h, w)| ((o * i + h * w) as f64).sin());
/// let mut z = w.clone().into_dyn();
/// let projection = TuckerProjection::new([4, 2]);
/// let done = projection.project(w.view().into_dyn(), z.view_mut(), &mut WarmStart::default())?;
/// let factors = done.factors().unwrap();
/// assert_eq!(factors.tucker().unwrap().ranks(), [4, 2, 9]);
/// assert_eq!(factors.num_parameters(), 4 * 2 * 9 + 8 * 4 + 4 * 2);
/// let distance = (&w.into_dyn() - &z).mapv(|e| e * e).sum().sqrt();
/// assert!((distance - done.distance()).abs() < 1e-12);
/// # Ok::<(), tt_admm::ProjectionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TuckerProjection {
    svd: TuckerSvd,
    restart: Restart,
    layout: Option<Tensorization>,
}

impl TuckerProjection {
    /// Projection on these ranks; with a tolerance in the truncation, on small ranks that meet it.
    #[must_use]
    pub fn new(truncation: impl Into<TuckerTruncation>) -> Self {
        Self {
            svd: TuckerSvd::new(truncation),
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

    /// How a solution from scratch is found.
    #[must_use]
    pub fn algorithm(mut self, algorithm: TuckerAlgorithm) -> Self {
        self.svd = self.svd.algorithm(algorithm);
        self
    }

    /// How each mode is cut.
    #[must_use]
    pub fn method(mut self, method: SplitMethod) -> Self {
        self.svd = self.svd.method(method);
        self
    }

    /// When to solve from scratch, and when to improve the result of the last call on the same weight.
    #[must_use]
    pub fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }

    /// The layout for weights of this shape, and the decomposition with the modes that are compressed.
    fn plan(&self, shape: &[usize]) -> Result<(TuckerSvd, Tensorization), ProjectionError> {
        // No modes, empty modes and too many elements are refused before a layout is made for them.
        TuckerSvd::new(TuckerTruncation::exact()).check(shape)?;
        if let (None, &[outputs, inputs, height, width]) = (&self.layout, shape) {
            let tensor = [outputs, inputs, height * width];
            let layout = Tensorization::custom(shape, shape, [0, 1, 2, 3], tensor)?;
            return Ok((self.svd.clone().or_modes(&[0, 1]), layout));
        }
        let layout = layout_or(self.layout.as_ref(), shape, || {
            Ok(Tensorization::identity(shape)?)
        })?;
        Ok((self.svd.clone(), layout))
    }
}

impl<A: Scalar> Prox<A> for TuckerProjection {
    fn check(&self, shape: &[usize]) -> Result<(), ProjectionError> {
        let (svd, layout) = self.plan(shape)?;
        svd.check(layout.tensor_shape())?;
        Ok(())
    }

    fn prox(
        &self,
        v: ArrayViewD<'_, A>,
        _rho: A,
        out: ArrayViewMutD<'_, A>,
        warm: &mut WarmStart<A>,
    ) -> Result<Projected<A>, ProjectionError> {
        let (svd, layout) = self.plan(v.shape())?;
        let shape = layout.tensor_shape().to_vec();
        let solver = TuckerSolver {
            ranks: svd.fixed_ranks(&shape),
            svd: &svd,
            shape: &shape,
        };
        project(&solver, self.restart, layout, &v, out, warm)
    }
}

impl<A: Scalar> Projection<A> for TuckerProjection {
    fn exactness(&self) -> Exactness {
        match &self.layout {
            Some(layout) if layout.order() <= 2 => Exactness::Exact,
            _ => Exactness::QuasiOptimal,
        }
    }
}
