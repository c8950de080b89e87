//! Shapes and vectors that a train can be made of.

use ndarray::ArrayView1;

use crate::error::{checked_size, first_non_finite};
use crate::scalar::Scalar;
use crate::tensor_train::TtError;

/// Refuses a shape without modes or with an empty mode.
pub(super) fn check_shape(shape: &[usize]) -> Result<(), TtError> {
    if shape.is_empty() {
        return Err(TtError::NoModes);
    }
    if let Some(mode) = shape.iter().position(|&n| n == 0) {
        return Err(TtError::EmptyMode {
            mode,
            shape: shape.to_vec(),
        });
    }
    Ok(())
}

/// [`check_shape`], and refuses cores that memory cannot address; `ranks` are the `d + 1` ranks.
pub(super) fn check_cores(shape: &[usize], ranks: &[usize]) -> Result<(), TtError> {
    check_shape(shape)?;
    for (&n, r) in shape.iter().zip(ranks.windows(2)) {
        let core = [r[0], n, r[1]];
        if checked_size(&core).is_none() {
            return Err(TtError::TooLarge {
                shape: core.to_vec(),
            });
        }
    }
    Ok(())
}

/// One finite vector for each mode.
pub(in crate::tensor_train) fn checked_vectors<'v, A, V>(
    vectors: impl IntoIterator<Item = V>,
) -> Result<Vec<ArrayView1<'v, A>>, TtError>
where
    A: Scalar,
    V: Into<ArrayView1<'v, A>>,
{
    let vectors: Vec<_> = vectors.into_iter().map(Into::into).collect();
    let shape: Vec<usize> = vectors.iter().map(ArrayView1::len).collect();
    check_shape(&shape)?;
    for (k, vector) in vectors.iter().enumerate() {
        if let Some((index, value)) = first_non_finite(vector) {
            return Err(TtError::NonFinite {
                what: format!("vector {k}"),
                index,
                value,
            });
        }
    }
    Ok(vectors)
}
