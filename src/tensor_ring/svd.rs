//! TR-SVD.

use std::borrow::Cow;

use ndarray::{Array3, ArrayRef, Dimension};

use super::screen::{check_shape, elements_of, screened};
use super::splits::{Candidate, candidates};
use super::sweep::{Cuts, Found, rotated};
use super::{TensorRing, TrError, TrTruncation};
use crate::error::checked_size;
use crate::linalg::{SplitMethod, Work, rounding_level};
use crate::scalar::Scalar;
use crate::tensor_train::{Screened, TruncationError};

/// TR-SVD with its options (Zhao et al., 2016, algorithm 1). [`tr_svd`] is the short form.
///
/// # Examples
///
/// ```
/// use tt_admm::{TrSvd, TrTruncation, ndarray::Array3};
///
/// let x = Array3::from_shape_fn((6, 5, 6), |(i, j, k)| 1.0 / (1.0 + (i + j + k) as f64));
/// let plain = TrSvd::new(TrTruncation::relative(1e-4)).decompose(&x)?;
/// let best = TrSvd::new(TrTruncation::relative(1e-4)).search(true).decompose(&x)?;
/// assert!(best.num_parameters() <= plain.num_parameters());
/// assert!(best.truncation_error().relative() <= 1e-4);
/// # Ok::<(), tt_admm::TrError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TrSvd {
    truncation: TrTruncation,
    start: usize,
    search: bool,
    method: SplitMethod,
}

impl TrSvd {
    /// TR-SVD with this truncation, from the first mode.
    #[must_use]
    pub fn new(truncation: impl Into<TrTruncation>) -> Self {
        Self {
            truncation: truncation.into(),
            start: 0,
            search: false,
            method: SplitMethod::Auto,
        }
    }

    /// The mode that is cut first; the others follow cyclically. Ranks in the truncation belong to the same bonds from
    /// every start.
    #[must_use]
    pub fn start(mut self, mode: usize) -> Self {
        self.start = mode;
        self
    }

    /// Whether every mode is tried as the start, and the ring with the fewest parameters is taken (of equals the one of
    /// smaller error, then the first one found). Costs `d` times as much, and more, as the short forms of the tensor
    /// differ in size. With prescribed ranks, starts that cannot make their two ranks are left out.
    #[must_use]
    pub fn search(mut self, search: bool) -> Self {
        self.search = search;
        self
    }

    /// How each bond is cut.
    #[must_use]
    pub fn method(mut self, method: SplitMethod) -> Self {
        self.method = method;
        self
    }

    /// Checks this shape and the ranks for it.
    ///
    /// # Errors
    ///
    /// As [`TrSvd::decompose`], but for the elements, which are not known here.
    pub fn check(&self, shape: &[usize]) -> Result<(), TrError> {
        check_shape(shape)?;
        self.starts(shape, &self.truncation.caps(shape.len())?)?;
        Ok(())
    }

    /// The modes to start from.
    fn starts(&self, shape: &[usize], caps: &[usize]) -> Result<Vec<usize>, TrError> {
        let order = shape.len();
        if self.start >= order {
            let mode = self.start;
            return Err(TrError::NoSuchMode { mode, order });
        }
        let size: usize = shape.iter().product();
        let possible = |mode: &usize| {
            let largest = shape[*mode].min(size / shape[*mode]);
            let ranks = [caps[*mode], caps[(*mode + 1) % order]];
            let fits = ranks[0].saturating_mul(ranks[1]) <= largest;
            if fits || order == 1 || !self.truncation.is_prescribed() {
                return Ok(*mode);
            }
            let mode = *mode;
            Err(TrError::FirstCut {
                mode,
                ranks,
                largest,
            })
        };
        if !self.search {
            return Ok(vec![possible(&self.start)?]);
        }
        let all: Vec<_> = (0..order).filter(|mode| possible(mode).is_ok()).collect();
        if all.is_empty() {
            possible(&self.start)?;
        }
        Ok(all)
    }

    /// Decomposes a dense tensor of any dimension type and memory layout.
    ///
    /// The first cut, of rank `R = r_0 r_1`, makes both bonds of the start mode; the other cuts are those of a TT-SVD of
    /// the rest. With a tolerance every divisor of `R` is tried as `r_0`, and where `R` is prime those of the next larger
    /// rank too; the ring with the fewest parameters is taken. Each try costs a TT-SVD of the `R x n_2 x ... x n_d`
    /// rest. A bond may use an equal share of the squared tolerance, and what the bonds before it have left.
    ///
    /// # Errors
    ///
    /// [`TrError::NoModes`], [`TrError::EmptyMode`], [`TrError::TooLarge`], [`TrError::NonFinite`] for such tensors;
    /// [`TrError::RankCount`], [`TrError::RankEnds`], [`TrError::RankZero`], [`TrError::Tolerance`] for rules that do not
    /// fit; [`TrError::FirstCut`] if prescribed ranks next to the start mode are too large for one cut;
    /// [`TrError::NoSuchMode`] for a start outside the tensor; [`TrError::OutOfRange`] if a core cannot hold the norm;
    /// [`TrError::Linalg`] if the backend fails.
    pub fn decompose<A: Scalar, D: Dimension>(
        &self,
        tensor: &ArrayRef<A, D>,
    ) -> Result<TensorRing<A>, TrError> {
        self.check(tensor.shape())?;
        let elements = elements_of(tensor);
        self.run(elements, tensor.shape(), &mut Work::default())
    }

    /// TR-SVD of the row-major elements of a tensor.
    pub(crate) fn run<A: Scalar>(
        &self,
        elements: Cow<'_, [A]>,
        shape: &[usize],
        work: &mut Work<A>,
    ) -> Result<TensorRing<A>, TrError> {
        check_shape(shape)?;
        let caps = self.truncation.caps(shape.len())?;
        let starts = self.starts(shape, &caps)?;
        let Screened { block, scale, norm } = screened(elements, shape)?;
        let order = shape.len();
        if norm == 0.0 {
            let cores = shape.iter().map(|&n| Array3::zeros((1, n, 1)));
            return Ok(TensorRing::assemble(cores.collect()));
        }
        let tolerance = self
            .truncation
            .tolerance(norm, |absolute| absolute * scale.widen());
        let mut best: Option<(usize, Found<A>)> = None;
        for start in starts {
            let found = self.best_from(&block, shape, &caps, start, tolerance, work)?;
            let better = best.as_ref().is_none_or(|(_, best)| {
                let sizes = (found.num_parameters(), best.num_parameters());
                sizes.0 < sizes.1 || (sizes.0 == sizes.1 && found.square() < best.square())
            });
            if better {
                best = Some((start, found));
            }
        }
        let Some((start, mut found)) = best else {
            unreachable!("at least one start, or an error");
        };
        // The last core holds the norm.
        if scale != A::one() {
            found.cores[order - 1].mapv_inplace(|x| x / scale);
        }
        if !found.cores[order - 1].iter().all(|x| x.is_finite()) {
            return Err(TrError::OutOfRange {
                log_norm: norm.ln() - scale.widen().ln(),
            });
        }
        // The part that rounding alone may make every cut drop.
        let sides = found.cores.iter().map(|c| c.dim().0 * c.dim().1);
        let level = rounding_level::<A>(sides.max().unwrap_or(1));
        let slack = (order as f64).sqrt() * level;
        let error = TruncationError::new(&found.discarded, norm, tolerance, scale.widen(), slack);
        found.cores.rotate_right(start);
        Ok(TensorRing::with_error(found.cores, error))
    }

    /// The ring of fewest parameters from this start.
    fn best_from<A: Scalar>(
        &self,
        elements: &[A],
        shape: &[usize],
        caps: &[usize],
        start: usize,
        tolerance: Option<f64>,
        work: &mut Work<A>,
    ) -> Result<Found<A>, TrError> {
        let prescribed = self.truncation.is_prescribed();
        let block = if start == 0 {
            Cow::Borrowed(elements)
        } else {
            Cow::Owned(rotated(elements, shape, start))
        };
        let (mut shape, mut caps) = (shape.to_vec(), caps.to_vec());
        shape.rotate_left(start);
        caps.rotate_left(start);
        if let [n] = shape[..] {
            let rank = if prescribed { caps[0] } else { 1 };
            return one_core(&block, n, rank);
        }
        let cuts = Cuts {
            shape: &shape,
            caps: &caps,
            prescribed,
            method: self.method,
            budget: tolerance.map_or(0.0, |t| t.powi(2)),
        };
        if prescribed {
            let ranks = [caps[0], caps[1]];
            let first = cuts.first(&block, Some(ranks[0] * ranks[1]), work)?;
            return cuts.finish(&first, ranks, work);
        }
        let mut first = cuts.first(&block, None, work)?;
        let side = shape[0].min(block.len() / shape[0]);
        let mut best: Option<Found<A>> = None;
        for Candidate { rank, pairs } in candidates(first.basis.ncols(), [caps[0], caps[1]], side) {
            if rank != first.basis.ncols() {
                first = cuts.first(&block, Some(rank), work)?;
            }
            for pair in pairs {
                let found = cuts.finish(&first, pair, work)?;
                if best
                    .as_ref()
                    .is_none_or(|b| found.num_parameters() < b.num_parameters())
                {
                    best = Some(found);
                }
            }
        }
        match best {
            Some(found) => Ok(found),
            None => unreachable!("every rank has a pair, (1, 1) at the least"),
        }
    }
}

/// A vector as a ring: on the first entry of the diagonal.
fn one_core<A: Scalar>(elements: &[A], n: usize, rank: usize) -> Result<Found<A>, TrError> {
    if checked_size(&[rank, n, rank]).is_none() {
        return Err(TrError::RanksTooLarge {
            ranks: vec![rank],
            shape: vec![n],
        });
    }
    let mut core = Array3::zeros((rank, n, rank));
    for (i, &x) in elements.iter().enumerate() {
        core[[0, i, 0]] = x;
    }
    Ok(Found {
        cores: vec![core],
        discarded: Vec::new(),
    })
}

/// Decomposes a dense tensor into a tensor ring (TR-SVD).
///
/// `truncation` is one rank for all bonds, a list of ranks, or a [`TrTruncation`] with tolerances. The error of the
/// result is exactly [`TensorRing::truncation_error`].
///
/// The cuts mix the two bonds of the start mode arbitrarily, so TR-SVD does not find small ring ranks even where
/// they exist: at prescribed ranks its error may be large, at a tolerance its ranks. [`tr_als`](crate::tr_als) goes on
/// from there. Options are on [`TrSvd`].
///
/// # Errors
///
/// Those of [`TrSvd::decompose`].
///
/// # Examples
///
/// ```
/// use tt_admm::{TrTruncation, tr_svd, ndarray::Array4};
///
/// let x = Array4::from_shape_fn((4, 5, 6, 7), |(i, j, k, l)| (i + j + k + l) as f64);
/// let ring = tr_svd(&x, TrTruncation::relative(1e-12))?;
/// assert_eq!(ring.ranks(), [1, 2, 2, 2, 1]);   // the train is the smallest of all tries
/// assert!((ring.norm() - 276.7309162345256).abs() < 1e-10);
/// let fixed = tr_svd(&x, [2, 2, 4, 4])?;
/// assert_eq!(fixed.ranks(), [2, 2, 4, 4, 2]);
/// let distance = (&x.into_dyn() - &fixed.to_dense()).mapv(|e| e * e).sum().sqrt();
/// assert!((fixed.truncation_error().total() - distance).abs() < 1e-11);
/// # Ok::<(), tt_admm::TrError>(())
/// ```
pub fn tr_svd<A: Scalar, D: Dimension>(
    tensor: &ArrayRef<A, D>,
    truncation: impl Into<TrTruncation>,
) -> Result<TensorRing<A>, TrError> {
    TrSvd::new(truncation).decompose(tensor)
}
