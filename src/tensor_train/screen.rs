//! Screening and scaling of a tensor before it is decomposed.

use std::borrow::Cow;

use crate::error::first_non_finite;
use crate::linalg::{power_of_two_scale, sum_of_squares};
use crate::scalar::Scalar;

/// The elements of a tensor, finite and of a size at which squares are safe.
pub(crate) struct Screened<'t, A: Scalar> {
    pub(crate) block: Cow<'t, [A]>,
    /// The power of two that the elements were multiplied by.
    pub(crate) scale: A,
    /// The norm of the block.
    pub(crate) norm: f64,
}

/// The norm of finite elements, if it is one at which squares, and products of two squares, keep their digits in
/// the element type.
pub(crate) fn moderate_norm<A: Scalar>(elements: &[A]) -> Option<f64> {
    moderate_square::<A>(sum_of_squares(elements))
}

/// [`moderate_norm`] from the square of the norm.
pub(super) fn moderate_square<A: Scalar>(square: f64) -> Option<f64> {
    let safe = A::max_value().widen().powf(0.3);
    (safe.recip()..safe)
        .contains(&square)
        .then(|| square.sqrt())
}

impl<'t, A: Scalar> Screened<'t, A> {
    /// The elements, or the first one that is not finite, with its index.
    pub(crate) fn new(elements: Cow<'t, [A]>, shape: &[usize]) -> Result<Self, (Vec<usize>, f64)> {
        if let Some(norm) = moderate_norm(&elements) {
            return Ok(Self {
                block: elements,
                scale: A::one(),
                norm,
            });
        }
        let tensor = super::dense::reshaped(ndarray::ArrayView1::from(&*elements), shape);
        if let Some(found) = first_non_finite(&tensor) {
            return Err(found);
        }
        let scale = power_of_two_scale(&tensor);
        let mut block = elements.into_owned();
        for x in &mut block {
            *x *= scale;
        }
        let norm = sum_of_squares(&block).sqrt();
        Ok(Self {
            block: Cow::Owned(block),
            scale,
            norm,
        })
    }
}
