//! The traits.

use std::fmt::Debug;
use std::sync::Arc;

use ndarray::{ArrayViewD, ArrayViewMutD};

use super::{Projected, ProjectionError, WarmStart};
use crate::scalar::Scalar;

/// The prox operator of a function `g`: `prox(v) = argmin_z g(z) + rho/2 |z - v|_F^2`.
///
/// This is all that ADMM asks of a constraint or regulariser. The trait is object-safe; `Box<P>`, `Arc<P>`
/// and `&P` forward.
///
/// # Examples
///
/// Non-negativity, the projection on a convex set:
///
/// ```
/// use tt_admm::projection::{Exactness, Projected, Projection, ProjectionError, Prox, WarmStart};
/// use tt_admm::{Scalar, ndarray::{ArrayViewD, ArrayViewMutD, array}};
///
/// #[derive(Debug)]
/// struct NonNegative;
///
/// impl<A: Scalar> Prox<A> for NonNegative {
///     fn check(&self, _shape: &[usize]) -> Result<(), ProjectionError> {
///         Ok(())
///     }
///     fn prox(
///         &self,
///         v: ArrayViewD<'_, A>,
///         _rho: A,
///         mut out: ArrayViewMutD<'_, A>,
///         _warm: &mut WarmStart<A>,
///     ) -> Result<Projected<A>, ProjectionError> {
///         let mut square = 0.0;
///         out.zip_mut_with(&v, |z, &x| {
///             *z = x.max(A::zero());
///             square += (*z - x).widen().powi(2);
///         });
///         Ok(Projected::new(f64::sqrt(square)))
///     }
/// }
/// impl<A: Scalar> Projection<A> for NonNegative {
///     fn exactness(&self) -> Exactness {
///         Exactness::Exact
///     }
/// }
///
/// let v = array![3.0, -4.0].into_dyn();
/// let mut z = v.clone();
/// let done = NonNegative.project(v.view(), z.view_mut(), &mut WarmStart::default())?;
/// assert_eq!(z, array![3.0, 0.0].into_dyn());
/// assert_eq!(done.distance(), 4.0);
/// # Ok::<(), ProjectionError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a prox operator for `{A}`",
    note = "implement `tt_admm::projection::Prox`, or use `TtProjection`, `TuckerProjection` or `LowRankProjection`"
)]
pub trait Prox<A: Scalar>: Debug + Send + Sync {
    /// Checks once, before any training, that weights of this shape can be handled.
    ///
    /// # Errors
    ///
    /// Whatever makes every later call of [`Prox::prox`] fail for this shape.
    fn check(&self, shape: &[usize]) -> Result<(), ProjectionError>;

    /// Writes `argmin_z g(z) + rho/2 |z - v|_F^2` to `out`, which has the shape of `v`.
    ///
    /// `warm` is a slot of its own for every weight and lives as long as the ADMM run; what a call leaves
    /// there, the next one finds. `v` is finite.
    ///
    /// # Errors
    ///
    /// If `v` cannot be handled. What is then in `out` and `warm` is discarded by the caller.
    fn prox(
        &self,
        v: ArrayViewD<'_, A>,
        rho: A,
        out: ArrayViewMutD<'_, A>,
        warm: &mut WarmStart<A>,
    ) -> Result<Projected<A>, ProjectionError>;
}

/// How close a [`Projection`] comes to the nearest point of its set.
///
/// # Examples
///
/// ```
/// use tt_admm::projection::{Exactness, Projection};
/// use tt_admm::{LowRankProjection, TtProjection};
///
/// assert_eq!(Projection::<f64>::exactness(&LowRankProjection::new(2)), Exactness::Exact);
/// assert_eq!(Projection::<f64>::exactness(&TtProjection::new(2)), Exactness::QuasiOptimal);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Exactness {
    /// The nearest point, up to rounding (a matrix of bounded rank; convex sets).
    Exact,
    /// Within a known factor of the smallest distance (TT-SVD at prescribed ranks: `sqrt(d - 1)` for order
    /// `d`; ST-HOSVD: `sqrt(d)` for `d` compressed modes).
    QuasiOptimal,
    /// No bound.
    Heuristic,
}

/// A prox operator whose `g` is the indicator of a set, so that `rho` does not matter.
///
/// # Examples
///
/// ```
/// use tt_admm::projection::{Projection, WarmStart};
/// use tt_admm::{LowRankProjection, ndarray::array};
///
/// let projection: Box<dyn Projection<f64>> = Box::new(LowRankProjection::new(1));
/// let v = array![[2.0, 0.0], [0.0, 1.0]].into_dyn();
/// let mut z = v.clone();
/// let done = projection.project(v.view(), z.view_mut(), &mut WarmStart::default())?;
/// assert!((done.distance() - 1.0).abs() < 1e-14);
/// # Ok::<(), tt_admm::ProjectionError>(())
/// ```
pub trait Projection<A: Scalar>: Prox<A> {
    /// What the distance of the result is worth.
    fn exactness(&self) -> Exactness;

    /// Writes a point of the set near `v` to `out`.
    ///
    /// # Errors
    ///
    /// Those of [`Prox::prox`].
    fn project(
        &self,
        v: ArrayViewD<'_, A>,
        out: ArrayViewMutD<'_, A>,
        warm: &mut WarmStart<A>,
    ) -> Result<Projected<A>, ProjectionError> {
        self.prox(v, A::one(), out, warm)
    }
}

macro_rules! forward_to_pointee {
    ($pointer:ty) => {
        impl<A: Scalar, P: Prox<A> + ?Sized> Prox<A> for $pointer {
            fn check(&self, shape: &[usize]) -> Result<(), ProjectionError> {
                (**self).check(shape)
            }

            fn prox(
                &self,
                v: ArrayViewD<'_, A>,
                rho: A,
                out: ArrayViewMutD<'_, A>,
                warm: &mut WarmStart<A>,
            ) -> Result<Projected<A>, ProjectionError> {
                (**self).prox(v, rho, out, warm)
            }
        }

        impl<A: Scalar, P: Projection<A> + ?Sized> Projection<A> for $pointer {
            fn exactness(&self) -> Exactness {
                (**self).exactness()
            }

            fn project(
                &self,
                v: ArrayViewD<'_, A>,
                out: ArrayViewMutD<'_, A>,
                warm: &mut WarmStart<A>,
            ) -> Result<Projected<A>, ProjectionError> {
                (**self).project(v, out, warm)
            }
        }
    };
}

forward_to_pointee!(&P);
forward_to_pointee!(Box<P>);
forward_to_pointee!(Arc<P>);
