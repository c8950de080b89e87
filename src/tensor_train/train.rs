//! The tensor-train container.

use ndarray::{Array3, ArrayView3, ArrayViewMut3};
use serde::{Deserialize, Serialize};

use super::certificate::TruncationError;
use super::error::TtError;
use super::stored::Stored;
use crate::error::first_non_finite;
use crate::scalar::Scalar;

/// A tensor of order `d` as a train of `d` cores `G_k` of shape `(r_{k-1}, n_k, r_k)`, `r_0 = r_d = 1`.
///
/// The cores always fit together and are stored row-major. Make one with [`tt_svd`](crate::tt_svd) or from
/// cores of your own; take the cores back with [`TensorTrain::into_cores`].
///
/// # Examples
///
/// ```
/// use tt_admm::{TensorTrain, ndarray::{Array3, array}};
///
/// // The rank-one tensor u x v with u = (1, 2), v = (3, 4, 5).
/// let u = array![1.0, 2.0].into_shape_with_order((1, 2, 1)).unwrap();
/// let v = array![3.0, 4.0, 5.0].into_shape_with_order((1, 3, 1)).unwrap();
/// let tt = TensorTrain::from_cores(vec![u, v])?;
/// assert_eq!(tt.shape(), [2, 3]);
/// assert_eq!(tt.ranks(), [1, 1, 1]);
/// assert_eq!(tt.num_parameters(), 5);
/// assert_eq!(tt.get(&[1, 2])?, 10.0);
/// # Ok::<(), tt_admm::TtError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Stored<A>", into = "Stored<A>", bound = "A: Scalar")]
pub struct TensorTrain<A> {
    pub(super) cores: Vec<Array3<A>>,
    pub(super) shape: Vec<usize>,
    pub(super) ranks: Vec<usize>,
    pub(super) truncation: TruncationError,
    /// If known: the cores before it are left-orthogonal, those after it right-orthogonal.
    pub(super) center: Option<usize>,
}

/// Equal cores; what was discarded on the way, and what is known of the gauge, does not count.
impl<A: PartialEq> PartialEq for TensorTrain<A> {
    fn eq(&self, other: &Self) -> bool {
        self.cores == other.cores
    }
}

impl<A: Scalar> TensorTrain<A> {
    /// A tensor train of these cores.
    ///
    /// # Errors
    ///
    /// [`TtError::NoModes`] without cores, [`TtError::CoreShape`] if a core does not fit its neighbours or
    /// the end ranks are not 1, [`TtError::NonFinite`] if an entry is NaN or infinite.
    pub fn from_cores(cores: Vec<Array3<A>>) -> Result<Self, TtError> {
        if cores.is_empty() {
            return Err(TtError::NoModes);
        }
        let mut left_rank = 1;
        for (k, core) in cores.iter().enumerate() {
            let (r, n, s) = core.dim();
            let last = k + 1 == cores.len();
            if r != left_rank || n == 0 || s == 0 || (last && s != 1) {
                return Err(TtError::CoreShape {
                    core: k,
                    got: [r, n, s],
                    left_rank,
                    last,
                });
            }
            if let Some((index, value)) = first_non_finite(core) {
                return Err(TtError::NonFinite {
                    what: format!("core {k}"),
                    index,
                    value,
                });
            }
            left_rank = s;
        }
        let nothing = TruncationError::none(cores.len() - 1);
        Ok(Self::assemble(cores, nothing))
    }

    /// Cores known to fit together.
    pub(super) fn assemble(cores: Vec<Array3<A>>, truncation: TruncationError) -> Self {
        let cores: Vec<_> = cores
            .into_iter()
            .map(|c| {
                if c.is_standard_layout() {
                    c
                } else {
                    c.as_standard_layout().into_owned()
                }
            })
            .collect();
        let shape = cores.iter().map(|c| c.dim().1).collect();
        let ranks = std::iter::once(1)
            .chain(cores.iter().map(|c| c.dim().2))
            .collect();
        Self {
            cores,
            shape,
            ranks,
            truncation,
            center: None,
        }
    }

    /// The same train, with its orthogonality centre, where that is known.
    pub(super) fn centered(mut self, center: Option<usize>) -> Self {
        self.center = center;
        self
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

    /// The `d + 1` ranks `r_0 = 1, r_1, ..., r_d = 1`.
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
    /// After a change, [`TensorTrain::truncation_error`] still tells what the decomposition discarded, not
    /// the distance of the changed train; its [`TensorTrain::orthogonality_center`] is no longer known.
    pub fn cores_mut(&mut self) -> impl Iterator<Item = ArrayViewMut3<'_, A>> {
        self.center = None;
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

    /// What [`tt_svd`](crate::tt_svd) or [`TensorTrain::round`] discarded to make this train; zero for a train made
    /// from cores or by other operations.
    #[must_use]
    pub fn truncation_error(&self) -> &TruncationError {
        &self.truncation
    }
}
