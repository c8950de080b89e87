//! Tucker decompositions of dense tensors.

use std::borrow::Cow;

use ndarray::{Array2, ArrayD, ArrayRef, Dimension, IxDyn};

use super::block::Block;
use super::certificate::{TuckerStatus, TuckerTruncationError};
use super::direct::{Found, Plan};
use super::error::TuckerError;
use super::hooi::Iteration;
use super::rule::{Caps, TuckerTruncation, check_tolerance};
use super::tensor::Tucker;
use crate::linalg::{SplitMethod, Work, rounding_level};
use crate::scalar::Scalar;
use crate::tensor_train::Screened;

/// How the factors are found.
///
/// # Examples
///
/// ```
/// use tt_admm::{TuckerAlgorithm, TuckerSvd, ndarray::Array3};
///
/// let wild = |i, j, k| (i * i + j * j + j * k + 2 * i * k * k) as f64;
/// let x = Array3::from_shape_fn((6, 7, 8), |(i, j, k)| wild(i, j, k).sin());
/// let error = |algorithm| {
///     let t = TuckerSvd::new(3).algorithm(algorithm).decompose(&x)?;
///     Ok::<_, tt_admm::TuckerError>(t.truncation_error().total())
/// };
/// let (first, iterated) = (error(TuckerAlgorithm::StHosvd)?, error(TuckerAlgorithm::HOOI)?);
/// assert!(iterated < 0.97 * first);
/// # Ok::<(), tt_admm::TuckerError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum TuckerAlgorithm {
    /// Sequentially truncated: one mode after the other, each in what is left of the tensor; cheap modes first
    /// (Vannieuwenhoven, Vandebril, Meerbergen, SIAM J. Sci. Comput. 34, 2012). Its error is within `sqrt(d)` of the
    /// smallest for `d` compressed modes.
    #[default]
    StHosvd,
    /// Every factor from the tensor itself (De Lathauwer, De Moor, Vandewalle, SIAM J. Matrix Anal. Appl. 21, 2000,
    /// p. 1253): the same bound, more operations.
    Hosvd,
    /// Sweeps of alternating improvement from the result of `StHosvd`, to a stationary point (p. 1324 there). The
    /// error never rises.
    Hooi {
        /// Most sweeps; 0 is read as 1.
        max_sweeps: usize,
        /// Ends when a sweep lowers the squared error by no more than this share.
        tolerance: f64,
    },
}

impl TuckerAlgorithm {
    /// `Hooi` of at most 50 sweeps, until one lowers the squared error by no more than a millionth.
    pub const HOOI: Self = Self::Hooi {
        max_sweeps: 50,
        tolerance: 1e-6,
    };
}

/// Tucker decomposition with its options. [`tucker`] is the short form.
///
/// # Examples
///
/// ```
/// use tt_admm::{TuckerAlgorithm, TuckerSvd, ndarray::Array3};
///
/// // The Hilbert tensor 1 / (1 + i + j + k).
/// let x = Array3::from_shape_fn((5, 5, 5), |(i, j, k)| 1.0 / (1.0 + (i + j + k) as f64));
/// let t = TuckerSvd::new(2).algorithm(TuckerAlgorithm::HOOI).decompose(&x)?;
/// assert_eq!(t.ranks(), [2, 2, 2]);
/// assert!(t.truncation_error().relative() < 0.02);
/// # Ok::<(), tt_admm::TuckerError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TuckerSvd {
    truncation: TuckerTruncation,
    algorithm: TuckerAlgorithm,
    method: SplitMethod,
}

impl TuckerSvd {
    /// ST-HOSVD with this truncation.
    #[must_use]
    pub fn new(truncation: impl Into<TuckerTruncation>) -> Self {
        Self {
            truncation: truncation.into(),
            algorithm: TuckerAlgorithm::StHosvd,
            method: SplitMethod::Auto,
        }
    }

    /// How the factors are found.
    #[must_use]
    pub fn algorithm(mut self, algorithm: TuckerAlgorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// How each mode is cut.
    #[must_use]
    pub fn method(mut self, method: SplitMethod) -> Self {
        self.method = method;
        self
    }

    /// The truncation rule.
    #[must_use]
    pub fn truncation(&self) -> &TuckerTruncation {
        &self.truncation
    }

    /// The same, of these modes only, unless the truncation says itself which ones.
    pub(crate) fn or_modes(self, modes: &[usize]) -> Self {
        let truncation = self.truncation.or_modes(modes);
        Self { truncation, ..self }
    }

    /// Checks this shape and the ranks for it; returns the largest ranks the result can have, one for each mode.
    ///
    /// # Errors
    ///
    /// As [`TuckerSvd::decompose`], but for the elements, which are not known here.
    pub fn check(&self, shape: &[usize]) -> Result<Vec<usize>, TuckerError> {
        if let TuckerAlgorithm::Hooi { tolerance, .. } = self.algorithm {
            check_tolerance("sweep", Some(tolerance))?;
        }
        Ok(self.truncation.caps(shape)?.ranks)
    }

    /// The ranks that every result for this shape has but that of a zero tensor, if they are prescribed.
    pub(crate) fn fixed_ranks(&self, shape: &[usize]) -> Option<Vec<usize>> {
        let ranks = self.check(shape).ok()?;
        self.truncation.is_prescribed().then_some(ranks)
    }

    /// Decomposes a dense tensor of any dimension type and memory layout.
    ///
    /// A row-major tensor of moderate size is read in place, any other is copied once. A mode that prescribed ranks do
    /// not cut gets no factor. With a tolerance, each mode may use an equal share of it (of what is left of it, in
    /// ST-HOSVD).
    ///
    /// # Errors
    ///
    /// [`TuckerError::NoModes`], [`TuckerError::EmptyMode`], [`TuckerError::TooLarge`], [`TuckerError::NonFinite`] for
    /// such tensors, [`TuckerError::RankCount`], [`TuckerError::ZeroRank`], [`TuckerError::NoSuchMode`],
    /// [`TuckerError::DuplicateMode`], [`TuckerError::Tolerance`] for ranks or tolerances that do not fit,
    /// [`TuckerError::OutOfRange`] if the core cannot hold the norm, [`TuckerError::Linalg`] if the backend fails. An
    /// iteration that does not converge is no error; see [`TuckerStatus`].
    pub fn decompose<A: Scalar, D: Dimension>(
        &self,
        tensor: &ArrayRef<A, D>,
    ) -> Result<Tucker<A>, TuckerError> {
        self.check(tensor.shape())?;
        let elements = tensor.as_slice().map_or_else(
            || Cow::Owned(tensor.iter().copied().collect()),
            Cow::Borrowed,
        );
        self.run(elements, tensor.shape(), &mut Work::default())
    }

    /// [`TuckerSvd::decompose`] of row-major elements.
    pub(crate) fn run<A: Scalar>(
        &self,
        elements: Cow<'_, [A]>,
        shape: &[usize],
        work: &mut Work<A>,
    ) -> Result<Tucker<A>, TuckerError> {
        self.check(shape)?;
        let caps = self.truncation.caps(shape)?;
        let screened = Screened::new(elements, shape).map_err(|(index, value)| {
            let what = "the tensor".into();
            TuckerError::NonFinite { what, index, value }
        })?;
        let Screened { block, scale, norm } = screened;
        if norm == 0.0 {
            return Ok(zero(shape, &caps));
        }
        let tolerance = self.truncation.tolerance(norm, scale.widen());
        let plan = Plan {
            shape,
            caps: &caps,
            prescribed: self.truncation.is_prescribed(),
            method: self.method,
            budget: tolerance.map_or(0.0, |t| t.powi(2)),
        };
        let block = Block::new(block, shape);
        let whole = block.borrowed();
        let (found, status) = match self.algorithm {
            TuckerAlgorithm::StHosvd => (plan.sequential(whole, work)?, TuckerStatus::Direct),
            TuckerAlgorithm::Hosvd => (plan.parallel(whole, work)?, TuckerStatus::Direct),
            TuckerAlgorithm::Hooi {
                max_sweeps,
                tolerance,
            } => {
                let iteration = Iteration {
                    max_sweeps: max_sweeps.max(1),
                    tolerance,
                    method: self.method,
                };
                let first = plan.sequential(block.borrowed(), work)?;
                iteration.run(whole, first, norm.powi(2), work)?
            }
        };
        // The part that rounding alone may make every cut drop, as `Keep` does.
        let side = shape.iter().copied().max().unwrap_or(1);
        let slack = (shape.len() as f64).sqrt() * rounding_level::<A>(side);
        let scale = scale.widen();
        let error =
            TuckerTruncationError::new(&found.discarded, norm, tolerance, scale, slack, status);
        let Found {
            core: small, bases, ..
        } = found;
        let ranks: Vec<usize> = std::iter::zip(&bases, shape)
            .map(|(basis, &n)| basis.as_ref().map_or(n, Array2::ncols))
            .collect();
        let mut core = ArrayD::zeros(IxDyn(&ranks));
        if let Some(own) = core.as_slice_mut() {
            small.write(own);
        }
        small.recycle(work);
        block.recycle(work);
        let scale = A::narrow(scale);
        if scale != A::one() {
            core.mapv_inplace(|x| x / scale);
            if !core.iter().all(|x| x.is_finite()) {
                let log_norm = norm.ln() - scale.widen().ln();
                return Err(TuckerError::OutOfRange { log_norm });
            }
        }
        Ok(Tucker::assemble(core, bases, error))
    }
}

/// The zero tensor: rank 1 in every compressed mode, its factor the first unit vector.
fn zero<A: Scalar>(shape: &[usize], caps: &Caps) -> Tucker<A> {
    let factor = |n: usize| {
        let mut factor = Array2::zeros((n, 1));
        factor[[0, 0]] = A::one();
        factor
    };
    let cut = |k: usize| caps.compressed[k] && shape[k] > 1;
    let order = 0..shape.len();
    let ranks: Vec<usize> = order
        .clone()
        .map(|k| if cut(k) { 1 } else { shape[k] })
        .collect();
    let factors = order.map(|k| cut(k).then(|| factor(shape[k]))).collect();
    let nothing = TuckerTruncationError::none(shape.len());
    Tucker::assemble(ArrayD::zeros(IxDyn(&ranks)), factors, nothing)
}

/// Decomposes a dense tensor into a core and factors (ST-HOSVD).
///
/// `truncation` is one rank for all modes, a list of ranks, pairs of mode and rank, or a [`TuckerTruncation`] with
/// tolerances. The factors have orthonormal columns. The error of the result is exactly [`Tucker::truncation_error`]
/// and within `sqrt(d)` of the smallest possible at the same ranks (optimal for matrices). Options are on
/// [`TuckerSvd`].
///
/// # Errors
///
/// Those of [`TuckerSvd::decompose`]. Ranks larger than the shape allows are clipped.
///
/// # Examples
///
/// ```
/// use tt_admm::{TuckerTruncation, tucker, ndarray::Array4};
///
/// let x = Array4::from_shape_fn((4, 5, 6, 7), |(i, j, k, l)| (i + j + k + l) as f64);
/// let t = tucker(&x, TuckerTruncation::relative(1e-12))?;
/// assert_eq!(t.ranks(), [2, 2, 2, 2]);
/// assert_eq!(t.num_parameters(), 16 + 2 * (4 + 5 + 6 + 7));
/// assert!((t.norm() - 276.7309162345256).abs() < 1e-10);
/// # Ok::<(), tt_admm::TuckerError>(())
/// ```
pub fn tucker<A: Scalar, D: Dimension>(
    tensor: &ArrayRef<A, D>,
    truncation: impl Into<TuckerTruncation>,
) -> Result<Tucker<A>, TuckerError> {
    TuckerSvd::new(truncation).decompose(tensor)
}
