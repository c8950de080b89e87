//! Gradients with respect to core and factors.

use std::borrow::Cow;

use ndarray::{Array2, ArrayD, ArrayRef, Dimension, IxDyn};

use super::block::Block;
use super::error::TuckerError;
use super::tensor::Tucker;
use super::tree::{Bases, visit};
use crate::linalg::{Work, matmul};
use crate::scalar::Scalar;

/// The gradient with respect to the parts of a [`Tucker`].
///
/// # Examples
///
/// ```
/// use tt_admm::{tucker, ndarray::Array2};
///
/// let t = tucker(&Array2::from_shape_fn((4, 3), |(i, j)| (i + j) as f64), 2)?;
/// let gradients = t.pullback(&Array2::ones((4, 3)))?;
/// assert_eq!(gradients.core.shape(), [2, 2]);
/// assert_eq!(gradients.factors[0].as_ref().unwrap().dim(), (4, 2));
/// # Ok::<(), tt_admm::TuckerError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TuckerGradients<A> {
    /// With the shape of the core.
    pub core: ArrayD<A>,
    /// With the shapes of the factors; `None` where there is none.
    pub factors: Vec<Option<Array2<A>>>,
}

impl<A: Scalar> Tucker<A> {
    /// The gradient with respect to the core and every factor, given the gradient with respect to the dense tensor.
    ///
    /// For a loss `f(X)` and `gradient = df/dX` (same shape as the tensor, any memory layout), returns `df/dC` and
    /// `df/dU_k`: the transpose of the map from parts to tensor. Costs about `4 N r log2(d)` operations for `N`
    /// elements; the factors need not be orthonormal.
    ///
    /// # Errors
    ///
    /// [`TuckerError::ShapeMismatch`] if the gradient does not have the shape of the tensor.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tucker, ndarray::array};
    ///
    /// // f(X) = sum_i X_i, so df/dX is all ones; the gradient of each part satisfies <dP, P> = f(X).
    /// let t = tucker(&array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], 2)?;
    /// let gradients = t.pullback(&array![[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])?;
    /// assert!(((&t.core() * &gradients.core).sum() - 21.0_f64).abs() < 1e-12);
    /// let (u, du) = (t.factors()[0].as_ref().unwrap(), gradients.factors[0].as_ref().unwrap());
    /// assert!(((u * du).sum() - 21.0_f64).abs() < 1e-12);
    /// # Ok::<(), tt_admm::TuckerError>(())
    /// ```
    pub fn pullback<D: Dimension>(
        &self,
        gradient: &ArrayRef<A, D>,
    ) -> Result<TuckerGradients<A>, TuckerError> {
        if gradient.shape() != self.shape {
            return Err(TuckerError::ShapeMismatch {
                expected: self.shape.clone(),
                got: gradient.shape().to_vec(),
            });
        }
        let work = &mut Work::default();
        let elements = gradient.as_slice().map_or_else(
            || Cow::Owned(gradient.iter().copied().collect()),
            Cow::Borrowed,
        );
        let mut block = Block::new(elements, &self.shape);
        let mut core = ArrayD::zeros(IxDyn(self.ranks()));
        let Some(own) = core.as_slice_mut() else {
            unreachable!("a new array is row-major");
        };
        let order = 0..self.order();
        let modes: Vec<usize> = order.filter(|&k| self.factors[k].is_some()).collect();
        let Some(&last) = modes.last() else {
            block.write(own);
            return Ok(TuckerGradients {
                core,
                factors: self.factors.clone(),
            });
        };
        let mut factors: Bases<A> = vec![None; self.order()];
        let mut own_gradient =
            |part: &mut Block<'_, A>, mode: usize, bases: &mut Bases<A>, work: &mut Work<A>| {
                part.bring_out(mode, work);
                let own_core = Block::in_order_of(&self.core.view(), part, work);
                factors[mode] = Some(matmul(part.by_rows(mode), own_core.by_rows(mode).t()));
                own_core.recycle(work);
                if let (true, Some(factor)) = (mode == last, &bases[mode]) {
                    let product = part.product(mode, factor.view(), work);
                    product.write(own);
                    product.recycle(work);
                }
                Ok::<(), TuckerError>(())
            };
        // The tree takes the factors as they are and changes none.
        let mut bases = self.factors.clone();
        visit(
            &mut block,
            &modes,
            &mut bases,
            None,
            &mut own_gradient,
            work,
        )?;
        Ok(TuckerGradients { core, factors })
    }
}
