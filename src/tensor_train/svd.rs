//! TT-SVD.

use ndarray::{Array1, Array2, Array3, ArrayRef, Dimension};

use super::certificate::TruncationError;
use super::error::TtError;
use super::train::TensorTrain;
use crate::error::{checked_size, first_non_finite};
use crate::linalg::{Keep, Side, power_of_two_scale, rounding_level, split};
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
}

impl TtSvd {
    /// TT-SVD with this truncation, bonds cut in the automatic order.
    #[must_use]
    pub fn new(truncation: impl Into<Truncation>) -> Self {
        Self {
            truncation: truncation.into(),
            order: SplitOrder::Auto,
        }
    }

    /// From which end the bonds are cut.
    #[must_use]
    pub fn order(mut self, order: SplitOrder) -> Self {
        self.order = order;
        self
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
    /// The input is copied once; a bond that prescribed ranks do not cut is passed on without a
    /// factorisation. With a tolerance, each bond may use an equal share of what is left of it.
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
        let shape = tensor.shape();
        let caps = self.check(shape)?;
        if let Some((index, value)) = first_non_finite(tensor) {
            return Err(TtError::NonFinite {
                what: "the tensor".into(),
                index,
                value,
            });
        }
        let scale = power_of_two_scale(tensor);
        let block: Array1<A> = tensor.iter().map(|&x| x * scale).collect();
        let norm = block.iter().map(|x| x.widen().powi(2)).sum::<f64>().sqrt();
        if norm == 0.0 {
            let cores = shape.iter().map(|&n| Array3::zeros((1, n, 1))).collect();
            let nothing = TruncationError::none(shape.len() - 1);
            return Ok(TensorTrain::assemble(cores, nothing));
        }
        let tolerance = self.truncation.tolerance(norm, scale.widen());
        let mut sweep = Sweep {
            shape,
            caps: &caps,
            prescribed: self.truncation.is_prescribed(),
            budget: tolerance.map_or(0.0, |t| t.powi(2)),
            block,
            discarded: vec![0.0; shape.len() - 1],
            left: Vec::new(),
            right: Vec::new(),
            left_rank: 1,
            right_rank: 1,
        };
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
        Ok(TensorTrain::assemble(cores, error))
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

/// The state between two cuts: finished cores on both sides of a block
/// `left_rank x n_a x ... x n_b x right_rank`.
struct Sweep<'a, A> {
    shape: &'a [usize],
    caps: &'a [usize],
    prescribed: bool,
    /// Square of the norm that may still be discarded.
    budget: f64,
    block: Array1<A>,
    discarded: Vec<f64>,
    left: Vec<Array3<A>>,
    /// Outermost first.
    right: Vec<Array3<A>>,
    left_rank: usize,
    right_rank: usize,
}

impl<A: Scalar> Sweep<'_, A> {
    fn remaining(&self) -> usize {
        self.shape.len() - self.left.len() - self.right.len()
    }

    /// Mode, bond and the two sides of the block's unfolding for a cut on this side.
    fn unfolding(&self, side: Side) -> (usize, usize, usize, usize) {
        let size = self.block.len();
        match side {
            Side::Left => {
                let mode = self.left.len();
                let rows = self.left_rank * self.shape[mode];
                (mode, mode + 1, rows, size / rows)
            }
            Side::Right => {
                let mode = self.shape.len() - 1 - self.right.len();
                let cols = self.shape[mode] * self.right_rank;
                (mode, mode, size / cols, cols)
            }
        }
    }

    /// Whether the prescribed rank keeps the whole side, so that nothing needs to be factorised.
    fn is_uncut(&self, side: Side) -> bool {
        let (_, bond, rows, cols) = self.unfolding(side);
        let own = if side == Side::Left { rows } else { cols };
        self.prescribed && self.caps[bond] >= own
    }

    /// Free cuts first, then the one with the smaller operation count; ties go left.
    fn cheaper_side(&self) -> Side {
        let cost = |side: Side| {
            if self.is_uncut(side) {
                return 0.0;
            }
            let (_, bond, rows, cols) = self.unfolding(side);
            let (short, long) = (rows.min(cols) as f64, rows.max(cols) as f64);
            let rank = self.caps[bond].min(rows).min(cols) as f64;
            long * short * short * 2.0 + 10.0 * short.powi(3) + 2.0 * long * short * rank
        };
        if cost(Side::Right) < cost(Side::Left) {
            Side::Right
        } else {
            Side::Left
        }
    }

    /// Cuts the outermost bond on this side.
    fn cut(&mut self, side: Side) -> Result<(), TtError> {
        let (mode, bond, rows, cols) = self.unfolding(side);
        let n = self.shape[mode];
        let (basis, rank) = if self.is_uncut(side) {
            let own = if side == Side::Left { rows } else { cols };
            (Array2::eye(own), own)
        } else {
            let keep = if self.prescribed {
                Keep::rank(self.caps[bond])
            } else {
                let share = self.budget / (self.remaining() - 1) as f64;
                Keep::tail(share.sqrt()).and_max_rank(self.caps[bond])
            };
            let cut = split(
                &super::dense::reshaped(self.block.view(), (rows, cols)),
                side,
                keep,
            )?;
            self.discarded[bond - 1] = cut.discarded;
            self.budget = (self.budget - cut.discarded.powi(2)).max(0.0);
            let rank = if side == Side::Left {
                cut.basis.ncols()
            } else {
                cut.basis.nrows()
            };
            self.block = cut.rest.into_flat();
            (cut.basis, rank)
        };
        match side {
            Side::Left => {
                self.left
                    .push(super::orthogonal::core(&basis, (self.left_rank, n, rank)));
                self.left_rank = rank;
            }
            Side::Right => {
                self.right
                    .push(super::orthogonal::core(&basis, (rank, n, self.right_rank)));
                self.right_rank = rank;
            }
        }
        Ok(())
    }

    /// All cores; the last block becomes the centre and takes the scale back.
    fn into_cores(mut self, scale: A) -> Vec<Array3<A>> {
        let n = self.shape[self.left.len()];
        let shape = (self.left_rank, n, self.right_rank);
        let center = super::dense::reshaped(self.block.view(), shape).mapv(|x| x / scale);
        self.left.push(center);
        self.left.extend(self.right.into_iter().rev());
        self.left
    }
}
