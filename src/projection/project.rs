//! The one-line projections.

use ndarray::{Array, ArrayRef, Dimension};

use crate::linalg::Work;
use crate::scalar::Scalar;
use crate::tensor_ring::{TrError, TrRanks, tr_als};
use crate::tensor_train::{TtError, tt_svd};
use crate::truncation::TtRanks;

/// The nearest tensor of these TT ranks that TT-SVD finds, in the shape of the input.
///
/// `ranks` is one number, the `d - 1` inner ranks, or all `d + 1` ranks; larger ones than the shape allows
/// are clipped. The input may have any memory layout; the result is row-major. The nearest one for
/// matrices; for order `d` the distance is within `sqrt(d - 1)` of the smallest (Oseledets, 2011). Use
/// [`tt_svd`] to get the cores and the exact error.
///
/// # Errors
///
/// [`TtError::NoModes`], [`TtError::EmptyMode`], [`TtError::NonFinite`] for such tensors, [`TtError::Rank`]
/// for ranks that do not fit.
///
/// # Examples
///
/// ```
/// use tt_admm::{tt_project, ndarray::Array3};
///
/// let x = Array3::from_shape_fn((6, 7, 8), |(i, j, k)| 1.0 / (1.0 + (i + j + k) as f64));
/// let z = tt_project(&x, [3, 3])?;
/// assert_eq!(z.dim(), (6, 7, 8));
/// let relative = (&x - &z).mapv(|e| e * e).sum().sqrt() / x.mapv(|e| e * e).sum().sqrt();
/// assert!(relative < 5e-3);
/// let again = tt_project(&z, [3, 3])?;     // a projection: doing it twice changes nothing
/// assert!((&again - &z).iter().all(|e| e.abs() < 1e-14));
/// # Ok::<(), tt_admm::TtError>(())
/// ```
pub fn tt_project<A: Scalar, D: Dimension>(
    tensor: &ArrayRef<A, D>,
    ranks: impl Into<TtRanks>,
) -> Result<Array<A, D>, TtError> {
    let train = tt_svd(tensor, ranks.into())?;
    let mut out = Array::zeros(tensor.raw_dim());
    if let Some(slice) = out.as_slice_mut() {
        train.write_dense(slice, &mut Work::default());
    }
    Ok(out)
}

/// A near tensor of these ring ranks, in the shape of the input: TR-SVD improved by alternating least squares.
///
/// `ranks` is one number, the `d` ranks, or `d + 1` with equal ends; they are not clipped. The input may have any memory
/// layout; the result is row-major. No bound is known for the distance. Use [`tr_als`] to get the cores and
/// the error, and [`TrProjection`](crate::TrProjection) for repeated projections of a tensor that moves.
///
/// # Errors
///
/// Those of [`TrAls::decompose`](crate::TrAls::decompose).
///
/// # Examples
///
/// ```
/// use tt_admm::{tr_project, ndarray::Array3};
///
/// let x = Array3::from_shape_fn((6, 7, 8), |(i, j, k)| 1.0 / (1.0 + (i + j + k) as f64));
/// let z = tr_project(&x, 2)?;
/// assert_eq!(z.dim(), (6, 7, 8));
/// let relative = (&x - &z).mapv(|e| e * e).sum().sqrt() / x.mapv(|e| e * e).sum().sqrt();
/// assert!(relative < 0.02);
/// # Ok::<(), tt_admm::TrError>(())
/// ```
pub fn tr_project<A: Scalar, D: Dimension>(
    tensor: &ArrayRef<A, D>,
    ranks: impl Into<TrRanks>,
) -> Result<Array<A, D>, TrError> {
    let ring = tr_als(tensor, ranks)?.ring;
    let mut out = Array::zeros(tensor.raw_dim());
    if let Some(slice) = out.as_slice_mut() {
        ring.write_dense(slice, &mut Work::default());
    }
    Ok(out)
}
