//! TT-SVD.

use std::borrow::Cow;

use ndarray::{Array, Array3, ArrayRef, Dimension};

use super::certificate::TruncationError;
use super::error::TtError;
use super::screen::Screened;
use super::sweep::Sweep;
use super::thin::LARGE;
use super::train::TensorTrain;
use crate::error::checked_size;
use crate::linalg::{Side, SplitMethod, Work, rounding_level};
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
}

impl TtSvd {
    /// TT-SVD with this truncation, bonds cut in the automatic order.
    #[must_use]
    pub fn new(truncation: impl Into<Truncation>) -> Self {
        Self {
            truncation: truncation.into(),
            order: SplitOrder::Auto,
            method: SplitMethod::Auto,
        }
    }

    /// From which end the bonds are cut.
    #[must_use]
    pub fn order(mut self, order: SplitOrder) -> Self {
        self.order = order;
        self
    }

    /// How each bond is cut.
    #[must_use]
    pub fn method(mut self, method: SplitMethod) -> Self {
        self.method = method;
        self
    }

    /// The ranks that every result for this shape has but that of a zero tensor, if they are prescribed.
    pub(crate) fn fixed_ranks(&self, shape: &[usize]) -> Option<Vec<usize>> {
        let caps = self.check(shape).ok()?;
        self.truncation.is_prescribed().then_some(caps)
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
    /// [`TtError::Rank`] for ranks or tolerances that do not fit, [`TtError::OutOfRange`] if a core cannot
    /// hold the norm, [`TtError::Linalg`] if the backend fails.
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

    /// TT-SVD of the row-major elements of a tensor.
    pub(crate) fn run<A: Scalar>(
        &self,
        elements: Cow<'_, [A]>,
        shape: &[usize],
        work: &mut Work<A>,
    ) -> Result<TensorTrain<A>, TtError> {
        Ok(self.run_to_center(elements, shape, work)?.0)
    }

    /// [`TtSvd::run`], and the centre: the cores before it are left-orthogonal, those after it
    /// right-orthogonal.
    pub(crate) fn run_to_center<A: Scalar>(
        &self,
        elements: Cow<'_, [A]>,
        shape: &[usize],
        work: &mut Work<A>,
    ) -> Result<(TensorTrain<A>, usize), TtError> {
        let caps = self.check(shape)?;
        let mut sweep = Sweep {
            shape,
            caps: &caps,
            prescribed: self.truncation.is_prescribed(),
            method: self.method,
            large: elements.len() >= LARGE,
            later_cuts: 0,
            budget: 0.0,
            block: elements,
            gram: None,
            discarded: vec![0.0; shape.len() - 1],
            left: Vec::new(),
            right: Vec::new(),
            left_rank: 1,
            right_rank: 1,
            work,
        };
        // Where the first step is a Gram matrix, its trace saves a pass over the tensor.
        let first = (self.order != SplitOrder::LeftToRight).then(|| sweep.norm_by_gram());
        let (scale, norm) = if let Some(norm) = first.flatten() {
            (A::one(), norm)
        } else {
            let screened = Screened::new(sweep.block, shape);
            let Screened { block, scale, norm } = screened.map_err(|(index, value)| {
                let what = "the tensor".into();
                TtError::NonFinite { what, index, value }
            })?;
            sweep.block = block;
            (scale, norm)
        };
        if norm == 0.0 {
            let cores = shape.iter().map(|&n| Array3::zeros((1, n, 1))).collect();
            let nothing = TruncationError::none(shape.len() - 1);
            return Ok((TensorTrain::assemble(cores, nothing), 0));
        }
        let tolerance = self.truncation.tolerance(norm, scale.widen());
        sweep.budget = tolerance.map_or(0.0, |t| t.powi(2));
        while sweep.remaining() > 1 {
            let side = match self.order {
                SplitOrder::LeftToRight => Side::Left,
                SplitOrder::RightToLeft => Side::Right,
                SplitOrder::Auto => sweep.cheaper_side(),
            };
            sweep.cut(side)?;
        }
        // The part that rounding alone may make every cut drop, as `Keep` does.
        let side = shape
            .iter()
            .zip(caps.windows(2))
            .map(|(n, r)| n * r[0].max(r[1]))
            .max();
        let cuts = (shape.len() as f64 - 1.0).max(1.0);
        let slack = cuts.sqrt() * rounding_level::<A>(side.unwrap_or(1));
        let error = TruncationError::new(&sweep.discarded, norm, tolerance, scale.widen(), slack);
        let center = sweep.left.len();
        let cores = sweep.into_cores(scale);
        if !cores[center].iter().all(|x| x.is_finite()) {
            return Err(TtError::OutOfRange {
                log_norm: norm.ln() - scale.widen().ln(),
            });
        }
        let train = TensorTrain::assemble(cores, error).centered(Some(center));
        Ok((train, center))
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
