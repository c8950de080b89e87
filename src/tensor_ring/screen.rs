//! Checks of a tensor before it is decomposed.

use std::borrow::Cow;

use ndarray::{ArrayRef, Dimension};

use super::TrError;
use crate::error::checked_size;
use crate::scalar::Scalar;
use crate::tensor_train::Screened;

pub(super) fn check_shape(shape: &[usize]) -> Result<(), TrError> {
    if shape.is_empty() {
        return Err(TrError::NoModes);
    }
    let shape = shape.to_vec();
    if let Some(mode) = shape.iter().position(|&n| n == 0) {
        return Err(TrError::EmptyMode { mode, shape });
    }
    if checked_size(&shape).is_none() {
        return Err(TrError::TooLarge { shape });
    }
    Ok(())
}

/// Row-major elements, where they lie if they lie so.
pub(super) fn elements_of<A: Scalar, D: Dimension>(tensor: &ArrayRef<A, D>) -> Cow<'_, [A]> {
    tensor.as_slice().map_or_else(
        || Cow::Owned(tensor.iter().copied().collect()),
        Cow::Borrowed,
    )
}

pub(super) fn screened<'t, A: Scalar>(
    elements: Cow<'t, [A]>,
    shape: &[usize],
) -> Result<Screened<'t, A>, TrError> {
    Screened::new(elements, shape).map_err(|(index, value)| {
        let what = "the tensor".into();
        TrError::NonFinite { what, index, value }
    })
}
