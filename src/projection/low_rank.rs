//! Projection on matrices of bounded rank.

use ndarray::{ArrayViewD, ArrayViewMutD};

use super::tt::{check_tensor, layout_or, project_train};
use super::{Exactness, Projected, Projection, ProjectionError, Prox, WarmStart};
use crate::scalar::Scalar;
use crate::tensor_train::TtSvd;
use crate::tensorize::Tensorization;

/// Projection on the matrices of rank at most `r`: the truncated SVD, which is exact (Eckart and Young, 1936).
///
/// A weight with more than two axes is read as the matrix of its first axis against all others, so that a
/// convolution `(O, I, Kh, Kw)` is `O x (I Kh Kw)`; [`LowRankProjection::layout`] chooses another matrix.
///
/// # Examples
///
/// ```
/// use tt_admm::projection::{LowRankProjection, Projection, WarmStart};
/// use tt_admm::ndarray::array;
///
/// let v = array![[3.0, 0.0], [0.0, -1.0]].into_dyn();
/// let mut z = v.clone();
/// let done = LowRankProjection::new(1).project(v.view(), z.view_mut(), &mut WarmStart::default())?;
/// assert!((&z - &array![[3.0, 0.0], [0.0, 0.0]].into_dyn()).iter().all(|e: &f64| e.abs() < 1e-15));
/// assert!((done.distance() - 1.0).abs() < 1e-15);
/// # Ok::<(), tt_admm::projection::ProjectionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LowRankProjection {
    svd: TtSvd,
    layout: Option<Tensorization>,
}

impl LowRankProjection {
    /// Projection on rank at most `rank`, clipped to the smaller side of the matrix.
    #[must_use]
    pub fn new(rank: usize) -> Self {
        Self {
            svd: TtSvd::new(rank),
            layout: None,
        }
    }

    /// How the weight is seen as a matrix; the layout must have two modes.
    #[must_use]
    pub fn layout(mut self, layout: Tensorization) -> Self {
        self.layout = Some(layout);
        self
    }

    fn layout_for(&self, shape: &[usize]) -> Result<Tensorization, ProjectionError> {
        let layout = layout_or(self.layout.as_ref(), shape, || {
            let rows = shape.first().copied().unwrap_or(1);
            let cols = shape.iter().skip(1).product();
            let axes: Vec<usize> = (0..shape.len()).collect();
            Ok(Tensorization::custom(shape, shape, axes, [rows, cols])?)
        })?;
        if layout.order() == 2 {
            Ok(layout)
        } else {
            Err(ProjectionError::NotAMatrix {
                got: layout.order(),
            })
        }
    }
}

impl<A: Scalar> Prox<A> for LowRankProjection {
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
        project_train(&self.svd, layout, &v, out, &mut warm.work)
    }
}

impl<A: Scalar> Projection<A> for LowRankProjection {
    fn exactness(&self) -> Exactness {
        Exactness::Exact
    }
}
