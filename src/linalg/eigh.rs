//! Eigenvalues of symmetric matrices.

use ndarray::{Array1, Array2, ArrayRef, Ix2};

use super::LinalgError;
use super::scaling::screened_and_scaled;
use super::sign::fix_signs;
use crate::scalar::Scalar;

/// An eigendecomposition `a = vectors diag(values) vectors^T` of a symmetric matrix.
///
/// # Examples
///
/// ```
/// use tt_admm::{linalg::eigh, ndarray::array};
///
/// let e = eigh(&array![[1.0, 0.0], [0.0, 5.0]])?;
/// assert!((e.values[0] - 5.0_f64).abs() < 1e-14 && (e.vectors[[1, 0]] - 1.0).abs() < 1e-14);
/// # Ok::<(), tt_admm::linalg::LinalgError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Eigh<A> {
    /// The eigenvalues, largest first.
    pub values: Array1<A>,
    /// The eigenvectors, one a column, orthonormal, in the order of the values.
    pub vectors: Array2<A>,
}

/// All eigenvalues and eigenvectors of a symmetric `n x n` matrix, largest eigenvalue first.
///
/// Only the lower triangle is read. Costs about `9 n^3` operations.
///
/// # Errors
///
/// [`LinalgError::Empty`], [`LinalgError::NotSquare`] and [`LinalgError::NonFinite`] for such input,
/// [`LinalgError::OutOfRange`] if an eigenvalue is above the largest number.
///
/// # Examples
///
/// ```
/// use tt_admm::{linalg::eigh, ndarray::array};
///
/// let e = eigh(&array![[2.0, 1.0], [1.0, 2.0]])?;
/// assert!((e.values[0] - 3.0_f64).abs() < 1e-14 && (e.values[1] - 1.0).abs() < 1e-14);
/// # Ok::<(), tt_admm::linalg::LinalgError>(())
/// ```
pub fn eigh<A: Scalar>(a: &ArrayRef<A, Ix2>) -> Result<Eigh<A>, LinalgError> {
    let (rows, cols) = a.dim();
    if rows != cols {
        return Err(LinalgError::NotSquare { rows, cols });
    }
    // Whatever is above the diagonal is not looked at, not even for its size.
    let lower = Array2::from_shape_fn(
        (rows, cols),
        |(i, j)| if i >= j { a[[i, j]] } else { A::zero() },
    );
    let (scaled, scale) = screened_and_scaled(&lower)?;
    let (ascending, columns) = A::eigh(scaled.view())
        .ok_or_else(|| LinalgError::not_converged("symmetric eigendecomposition", a.dim()))?;
    let values: Array1<A> = ascending.iter().rev().map(|&x| x / scale).collect();
    let shape = (rows, cols);
    LinalgError::check_range(
        "symmetric eigendecomposition",
        shape,
        values.iter().copied(),
    )?;
    let mut vectors = Array2::zeros((rows, rows));
    for k in 0..rows {
        vectors.column_mut(k).assign(&columns.column(rows - 1 - k));
    }
    fix_signs(&mut vectors, None);
    Ok(Eigh { values, vectors })
}
