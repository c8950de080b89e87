//! The tensor-ring container.

use ndarray::{Array3, ArrayView3, ArrayViewMut3};
use serde::{Deserialize, Serialize};

use super::TrError;
use super::stored::Stored;
use crate::error::first_non_finite;
use crate::scalar::Scalar;
use crate::tensor_train::TruncationError;

/// A tensor of order `d` as a ring of `d` cores `G_k` of shape `(r_{k-1}, n_k, r_k)`, `r_0 = r_d`: every element is
/// the trace of a product of matrices, `X(i_1, ..., i_d) = trace(G_1[i_1] ... G_d[i_d])`.
///
/// A tensor train is a ring with `r_0 = 1`; the modes of a ring can be shifted cyclically for free. The set of rings of
/// bounded ranks is not closed, and no algorithm finds their smallest ranks (Batselier, 2018, arXiv 1811.03813):
/// a train is the safer format where both do.
///
/// # Examples
///
/// ```
/// use tt_admm::{TensorRing, ndarray::Array3};
///
/// // trace(G_1[i] G_2[j]) with 2 x 2 matrices: a matrix of rank 4 at most.
/// let a = Array3::from_shape_fn((2, 5, 2), |(a, i, b)| (a + b + i) as f64);
/// let b = Array3::from_shape_fn((2, 6, 2), |(a, j, b)| (a * b + j) as f64);
/// let ring = TensorRing::from_cores(vec![a, b])?;
/// assert_eq!(ring.shape(), [5, 6]);
/// assert_eq!(ring.ranks(), [2, 2, 2]);
/// assert_eq!(ring.num_parameters(), 20 + 24);
/// // G_1[1] = [[1, 2], [2, 3]], G_2[3] = [[3, 3], [3, 4]].
/// assert_eq!(ring.get(&[1, 3])?, 1.0 * 3.0 + 2.0 * 3.0 + 2.0 * 3.0 + 3.0 * 4.0);
/// # Ok::<(), tt_admm::TrError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Stored<A>", into = "Stored<A>", bound = "A: Scalar")]
pub struct TensorRing<A> {
    pub(super) cores: Vec<Array3<A>>,
    pub(super) shape: Vec<usize>,
    pub(super) ranks: Vec<usize>,
    pub(super) truncation: TruncationError,
}

/// Equal cores; what was discarded on the way does not count.
impl<A: PartialEq> PartialEq for TensorRing<A> {
    fn eq(&self, other: &Self) -> bool {
        self.cores == other.cores
    }
}

impl<A: Scalar> TensorRing<A> {
    /// A tensor ring of these cores.
    ///
    /// # Errors
    ///
    /// [`TrError::NoModes`] without cores, [`TrError::CoreShape`] if a core does not fit the one before it (the first
    /// one the last), [`TrError::NonFinite`] if an entry is NaN or infinite.
    pub fn from_cores(cores: Vec<Array3<A>>) -> Result<Self, TrError> {
        let order = cores.len();
        if order == 0 {
            return Err(TrError::NoModes);
        }
        for (k, core) in cores.iter().enumerate() {
            let (r, n, s) = core.dim();
            let before = (k + order - 1) % order;
            let left_rank = cores[before].dim().2;
            if r != left_rank || r == 0 || n == 0 || s == 0 {
                return Err(TrError::CoreShape {
                    core: k,
                    got: [r, n, s],
                    before,
                    left_rank,
                });
            }
        }
        let ring = Self::assemble(cores);
        ring.check_finite()?;
        Ok(ring)
    }

    /// Cores known to fit together.
    pub(super) fn assemble(cores: Vec<Array3<A>>) -> Self {
        let nothing = TruncationError::none(cores.len() - 1);
        Self::with_error(cores, nothing)
    }

    /// Cores known to fit together, and what was discarded to make them.
    pub(super) fn with_error(cores: Vec<Array3<A>>, truncation: TruncationError) -> Self {
        let standard = |core: Array3<A>| {
            if core.is_standard_layout() {
                core
            } else {
                core.as_standard_layout().into_owned()
            }
        };
        let cores: Vec<_> = cores.into_iter().map(standard).collect();
        let shape = cores.iter().map(|c| c.dim().1).collect();
        let first = cores.first().map_or(1, |c| c.dim().0);
        let ranks = std::iter::once(first)
            .chain(cores.iter().map(|c| c.dim().2))
            .collect();
        Self {
            cores,
            shape,
            ranks,
            truncation,
        }
    }

    /// The same at this measured distance from a tensor of this norm, both multiplied by `scale`.
    pub(super) fn with_distance(mut self, distance: f64, norm: f64, scale: f64) -> Self {
        let cuts = self.order() - 1;
        self.truncation = TruncationError::measured(cuts, distance / scale, distance / norm);
        self
    }

    /// Refuses entries that are NaN or infinite, also those that became so through `cores_mut`.
    pub(super) fn check_finite(&self) -> Result<(), TrError> {
        for (k, core) in self.cores.iter().enumerate() {
            if let Some((index, value)) = first_non_finite(core) {
                return Err(TrError::NonFinite {
                    what: format!("core {k}"),
                    index,
                    value,
                });
            }
        }
        Ok(())
    }

    pub(super) fn check_same_shape(&self, got: &[usize]) -> Result<(), TrError> {
        if self.shape == got {
            return Ok(());
        }
        Err(TrError::ShapeMismatch {
            expected: self.shape.clone(),
            got: got.to_vec(),
        })
    }

    /// The number of modes, `d`.
    #[must_use]
    pub fn order(&self) -> usize {
        self.cores.len()
    }

    /// The mode sizes `n_1, ..., n_d`.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The `d + 1` ranks `r_0, r_1, ..., r_d`, where `r_d = r_0` is the same bond.
    #[must_use]
    pub fn ranks(&self) -> &[usize] {
        &self.ranks
    }

    /// All cores, left to right.
    #[must_use]
    pub fn cores(&self) -> &[Array3<A>] {
        &self.cores
    }

    /// Core number `k`, counted from 0.
    ///
    /// # Panics
    ///
    /// Panics if `k >= order()`, like indexing a slice.
    #[must_use]
    #[track_caller]
    pub fn core(&self, k: usize) -> ArrayView3<'_, A> {
        self.cores[k].view()
    }

    /// Mutable views of all cores, for an optimiser. Shapes and ranks cannot change through them.
    ///
    /// After a change, [`TensorRing::truncation_error`] still tells what the decomposition discarded, not the
    /// distance of the changed ring.
    pub fn cores_mut(&mut self) -> impl Iterator<Item = ArrayViewMut3<'_, A>> {
        self.cores.iter_mut().map(|core| core.view_mut())
    }

    /// The cores, left to right, by value.
    #[must_use]
    pub fn into_cores(self) -> Vec<Array3<A>> {
        self.cores
    }

    /// The number of stored values, `sum_k r_{k-1} n_k r_k`.
    #[must_use]
    pub fn num_parameters(&self) -> usize {
        self.cores.iter().map(Array3::len).sum()
    }

    /// What [`tr_svd`](crate::tr_svd) discarded to make this ring; zero for a ring made from cores or by algebra.
    ///
    /// [`TruncationError::per_bond`] then has the `d - 1` cuts in the order in which they were made: the first one
    /// makes the two bonds of the mode at which the TR-SVD starts. [`tr_als`](crate::tr_als) measures its total distance
    /// alone.
    #[must_use]
    pub fn truncation_error(&self) -> &TruncationError {
        &self.truncation
    }
}
