//! What alternating least squares returns.

use super::TensorRing;

/// Why alternating least squares stopped.
///
/// # Examples
///
/// ```
/// use tt_admm::{TrAls, TrStatus, ndarray::Array3};
///
/// let x = Array3::from_shape_fn((4, 5, 6), |(i, j, k)| 1.0 / (1.0 + (i + 2 * j * k) as f64));
/// let fit = TrAls::new(2).max_sweeps(1).tolerance(0.0).decompose(&x)?;
/// assert_eq!(fit.status, TrStatus::MaxSweeps);
/// # Ok::<(), tt_admm::TrError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrStatus {
    /// The error reached the target or the rounding level, or a sweep lowered it by less than the tolerance.
    Converged,
    /// All sweeps were used.
    MaxSweeps,
    /// A sweep raised the error, by rounding or by sampling.
    Stalled,
}

/// The result of alternating least squares: the best ring of all sweeps, and how it was reached.
///
/// # Examples
///
/// ```
/// use tt_admm::{tr_als, ndarray::Array3};
///
/// let x = Array3::from_shape_fn((4, 5, 6), |(i, j, k)| 1.0 / (1.0 + (i + 2 * j * k) as f64));
/// let fit = tr_als(&x, 2)?;
/// assert_eq!(fit.ring.ranks(), [2, 2, 2, 2]);
/// assert_eq!(fit.errors.len(), fit.sweeps + 1);
/// assert!(fit.relative_error <= fit.errors[0]);
/// let distance = (&x.into_dyn() - &fit.ring.to_dense()).mapv(|e| e * e).sum().sqrt();
/// assert!((fit.ring.truncation_error().total() - distance).abs() < 1e-6 * distance);
/// # Ok::<(), tt_admm::TrError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TrFit<A> {
    /// The best ring; [`TensorRing::truncation_error`] has its distance from the tensor as the total.
    pub ring: TensorRing<A>,
    /// `|X - R|_F / |X|_F`, and 0 for a zero tensor.
    pub relative_error: f64,
    /// Sweeps from the start that led to this ring.
    pub sweeps: usize,
    /// Why they ended.
    pub status: TrStatus,
    /// The relative error of the start and after every sweep. Without sampling and ridge it never rises, up to rounding.
    pub errors: Vec<f64>,
}
