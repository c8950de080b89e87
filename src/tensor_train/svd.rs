//! TT-SVD.

use std::borrow::Cow;

use ndarray::{Array, ArrayRef, Dimension};

use super::error::TtError;
use super::improvement::Sweeps;
use super::train::TensorTrain;
use crate::error::checked_size;
use crate::linalg::{SplitMethod, Work};
use crate::scalar::Scalar;
use crate::truncation::Truncation;

/// From which end the bonds are cut.
///
/// Every order gives a quasi-optimal result, within `sqrt(d - 1)` of the best; the results differ slightly.
///
/// # Examples
///
/// ```
/// use tt_admm::{SplitOrder, TtSvd, ndarray::Array3};
///
/// let x = Array3::from_shape_fn((3, 4, 5), |(i, j, k)| ((i * j * k) as f64).sin());
/// let tt = TtSvd::new(2).order(SplitOrder::RightToLeft).decompose(&x)?;
/// // All cores but the first have orthonormal rows, so the first holds the norm.
/// let first = tt.core(0).iter().map(|x| x * x).sum::<f64>().sqrt();
/// assert!((first - tt.norm()).abs() < 1e-13);
/// # Ok::<(), tt_admm::TtError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SplitOrder {
    /// The cheaper end first, by an estimate from the shape and the ranks alone: work moves from both ends
    /// towards the widest bond.
    #[default]
    Auto,
    /// Left to right, as in the literature: all cores but the last are left-orthogonal.
    LeftToRight,
    /// Right to left: all cores but the first are right-orthogonal.
    RightToLeft,
}

/// TT-SVD with its options (Oseledets, 2011, algorithm 1). [`tt_svd`] is the short form.
///
/// # Examples
///
/// ```
/// use tt_admm::{SplitOrder, TtSvd, ndarray::Array3};
///
/// // The Hilbert tensor 1 / (1 + i + j + k).
/// let x = Array3::from_shape_fn((5, 5, 5), |(i, j, k)| 1.0 / (1.0 + (i + j + k) as f64));
/// let tt = TtSvd::new(2).order(SplitOrder::LeftToRight).decompose(&x)?;
/// assert!((tt.truncation_error().relative() - 0.0152733693553496).abs() < 1e-12);
/// # Ok::<(), tt_admm::TtError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TtSvd {
    truncation: Truncation,
    order: SplitOrder,
    method: SplitMethod,
    sweeps: Option<Sweeps>,
}

impl TtSvd {
    /// TT-SVD with this truncation, bonds cut in the automatic order.
    #[must_use]
    pub fn new(truncation: impl Into<Truncation>) -> Self {
        Self {
            truncation: truncation.into(),
            order: SplitOrder::Auto,
            method: SplitMethod::Auto,
            sweeps: None,
        }
    }

    /// From which end the bonds are cut.
    #[must_use]
    pub fn order(mut self, order: SplitOrder) -> Self {
        self.order = order;
        self
    }

    /// How each bond is cut: a [`SplitMethod`], or the settings of a randomised cut.
    #[must_use]
    pub fn method(mut self, method: impl Into<SplitMethod>) -> Self {
        self.method = method.into();
        self
    }

    /// Lowers the error afterwards by sweeps of alternating least squares, at the ranks that TT-SVD found.
    ///
    /// A number is the largest number of sweeps. What they did is
    /// [`TruncationError::improvement`](super::TruncationError::improvement).
    #[must_use]
    pub fn improve(mut self, sweeps: impl Into<Sweeps>) -> Self {
        self.sweeps = Some(sweeps.into());
        self
    }

    /// The ranks that every result for this shape has but that of a zero tensor, if they are prescribed.
    pub(crate) fn fixed_ranks(&self, shape: &[usize]) -> Option<Vec<usize>> {
        let caps = self.check(shape).ok()?;
        self.truncation.is_prescribed().then_some(caps)
    }

    pub(super) fn split_order(&self) -> SplitOrder {
        self.order
    }

    pub(super) fn split_method(&self) -> SplitMethod {
        self.method
    }

    /// The sweeps asked for.
    pub(crate) fn sweeps(&self) -> Option<Sweeps> {
        self.sweeps
    }

    /// The truncation rule.
    #[must_use]
    pub fn truncation(&self) -> &Truncation {
        &self.truncation
    }

    /// Checks this shape and the ranks for it; returns the largest `d + 1` ranks the result can have.
    ///
    /// # Errors
    ///
    /// As [`TtSvd::decompose`], but for the elements, which are not known here.
    pub fn check(&self, shape: &[usize]) -> Result<Vec<usize>, TtError> {
        if shape.is_empty() {
            return Err(TtError::NoModes);
        }
        if let Some(mode) = shape.iter().position(|&n| n == 0) {
            return Err(TtError::EmptyMode {
                mode,
                shape: shape.to_vec(),
            });
        }
        if checked_size(shape).is_none() {
            return Err(TtError::TooLarge {
                shape: shape.to_vec(),
            });
        }
        if let Some(sweeps) = self.sweeps {
            sweeps.check()?;
        }
        Ok(self.truncation.caps(shape)?)
    }

    /// Decomposes a dense tensor of any dimension type and memory layout.
    ///
    /// A row-major tensor of moderate size is read in place, any other is copied once. A bond that prescribed
    /// ranks do not cut is passed on without a factorisation. With a tolerance, each bond may use an equal
    /// share of what is left of it.
    ///
    /// # Errors
    ///
    /// [`TtError::NoModes`], [`TtError::EmptyMode`], [`TtError::NonFinite`] for such tensors,
    /// [`TtError::Rank`] for ranks or tolerances that do not fit, [`TtError::Sweeps`] for a bad share of the error,
    /// [`TtError::OutOfRange`] if a core cannot hold the norm, [`TtError::Linalg`] if the backend fails.
    pub fn decompose<A: Scalar, D: Dimension>(
        &self,
        tensor: &ArrayRef<A, D>,
    ) -> Result<TensorTrain<A>, TtError> {
        self.check(tensor.shape())?;
        let elements = tensor.as_slice().map_or_else(
            || Cow::Owned(tensor.iter().copied().collect()),
            Cow::Borrowed,
        );
        self.run(elements, tensor.shape(), &mut Work::default())
    }

    /// [`TtSvd::decompose`] of a tensor that is not needed afterwards: its memory is used for intermediate
    /// results.
    ///
    /// # Errors
    ///
    /// Those of [`TtSvd::decompose`].
    pub fn decompose_into<A: Scalar, D: Dimension>(
        &self,
        tensor: Array<A, D>,
    ) -> Result<TensorTrain<A>, TtError> {
        let shape = tensor.shape().to_vec();
        self.check(&shape)?;
        let elements = if tensor.is_standard_layout() {
            let size = tensor.len();
            match tensor.into_raw_vec_and_offset() {
                (elements, Some(0)) if elements.len() == size => elements,
                (elements, offset) => elements[offset.unwrap_or(0)..][..size].to_vec(),
            }
        } else {
            tensor.iter().copied().collect()
        };
        self.run(Cow::Owned(elements), &shape, &mut Work::default())
    }
}

/// Decomposes a dense tensor into a tensor train (TT-SVD).
///
/// `truncation` is one rank for all bonds, a list of ranks, or a [`Truncation`] with tolerances. The error
/// of the result is exactly [`TensorTrain::truncation_error`] and within `sqrt(d - 1)` of the smallest
/// possible at the same ranks (optimal for matrices). Options are on [`TtSvd`].
///
/// # Errors
///
/// [`TtError::NoModes`], [`TtError::EmptyMode`], [`TtError::NonFinite`] for such tensors, [`TtError::Rank`]
/// for ranks or tolerances that do not fit, [`TtError::Linalg`] if the backend fails. Ranks larger than
/// the shape allows are clipped.
///
/// # Examples
///
/// ```
/// use tt_admm::{Truncation, tt_svd, ndarray::Array4};
///
/// let x = Array4::from_shape_fn((4, 5, 6, 7), |(i, j, k, l)| (i + j + k + l) as f64);
/// let tt = tt_svd(&x, Truncation::relative(1e-12))?;
/// assert_eq!(tt.ranks(), [1, 2, 2, 2, 1]);
/// assert_eq!(tt.num_parameters(), 4 * 2 + 2 * 5 * 2 + 2 * 6 * 2 + 2 * 7);
/// assert!((tt.norm() - 276.7309162345256).abs() < 1e-10);
/// # Ok::<(), tt_admm::TtError>(())
/// ```
pub fn tt_svd<A: Scalar, D: Dimension>(
    tensor: &ArrayRef<A, D>,
    truncation: impl Into<Truncation>,
) -> Result<TensorTrain<A>, TtError> {
    TtSvd::new(truncation).decompose(tensor)
}
