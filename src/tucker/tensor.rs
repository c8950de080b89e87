//! The Tucker container.

use ndarray::{Array2, ArrayD, ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::certificate::TuckerTruncationError;
use super::error::TuckerError;
use super::ranks::check_modes;
use super::stored::Stored;
use crate::error::first_non_finite;
use crate::scalar::Scalar;

/// A tensor of shape `(n_1, ..., n_d)` as a core of shape `(r_1, ..., r_d)` and factors `U_k` of shape `(n_k, r_k)`:
///
/// `X(i_1, ..., i_d) = sum_{a_1 ... a_d} C(a_1, ..., a_d) U_1(i_1, a_1) ... U_d(i_d, a_d)`.
///
/// A mode without a factor, `None`, is not compressed: its factor is the identity and is not stored. With factors in two
/// modes of a convolution kernel this is the Tucker-2 format (Kim et al., ICLR 2016). Make one with
/// [`tucker`](crate::tucker) or from parts of your own.
///
/// # Examples
///
/// ```
/// use tt_admm::{Tucker, ndarray::array};
///
/// // u x v with u = (1, 2) and v = (3, 4, 5): a 1 x 3 core, and a factor in the first mode.
/// let core = array![[3.0, 4.0, 5.0]].into_dyn();
/// let t = Tucker::from_parts(core, vec![Some(array![[1.0], [2.0]]), None])?;
/// assert_eq!(t.shape(), [2, 3]);
/// assert_eq!(t.ranks(), [1, 3]);
/// assert_eq!(t.num_parameters(), 5);
/// assert_eq!(t.get(&[1, 2])?, 10.0);
/// # Ok::<(), tt_admm::TuckerError>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Stored<A>", into = "Stored<A>", bound = "A: Scalar")]
pub struct Tucker<A> {
    pub(super) core: ArrayD<A>,
    pub(super) factors: Vec<Option<Array2<A>>>,
    pub(super) shape: Vec<usize>,
    pub(super) truncation: TuckerTruncationError,
}

/// Equal core and factors; what was discarded on the way does not count.
impl<A: PartialEq> PartialEq for Tucker<A> {
    fn eq(&self, other: &Self) -> bool {
        self.core == other.core && self.factors == other.factors
    }
}

impl<A: Scalar> Tucker<A> {
    /// A tensor of this core and these factors, one entry for each mode of the core.
    ///
    /// # Errors
    ///
    /// [`TuckerError::NoModes`] and [`TuckerError::EmptyMode`] for such a core, [`TuckerError::FactorCount`] for
    /// another number of factors than the core has modes, [`TuckerError::FactorShape`] for a factor that does not have
    /// one column for each index of the core, [`TuckerError::NonFinite`] if an entry is NaN or infinite.
    pub fn from_parts(
        core: ArrayD<A>,
        factors: Vec<Option<Array2<A>>>,
    ) -> Result<Self, TuckerError> {
        check_modes(core.shape())?;
        if factors.len() != core.ndim() {
            return Err(TuckerError::FactorCount {
                order: core.ndim(),
                got: factors.len(),
            });
        }
        let non_finite = |what: String, (index, value): (Vec<usize>, f64)| TuckerError::NonFinite {
            what,
            index,
            value,
        };
        for (mode, (factor, &rank)) in factors.iter().zip(core.shape()).enumerate() {
            let Some(factor) = factor else { continue };
            if factor.nrows() == 0 || factor.ncols() != rank {
                return Err(TuckerError::FactorShape {
                    mode,
                    got: factor.dim().into(),
                    rank,
                });
            }
            if let Some(found) = first_non_finite(factor) {
                return Err(non_finite(format!("factor {mode}"), found));
            }
        }
        if let Some(found) = first_non_finite(&core) {
            return Err(non_finite("the core".into(), found));
        }
        let nothing = TuckerTruncationError::none(core.ndim());
        Ok(Self::assemble(core, factors, nothing))
    }

    /// Parts known to fit together.
    pub(super) fn assemble(
        core: ArrayD<A>,
        factors: Vec<Option<Array2<A>>>,
        truncation: TuckerTruncationError,
    ) -> Self {
        let core = row_major(core);
        let factors: Vec<_> = factors.into_iter().map(|f| f.map(row_major)).collect();
        let shape = std::iter::zip(&factors, core.shape())
            .map(|(factor, &rank)| factor.as_ref().map_or(rank, Array2::nrows))
            .collect();
        Self {
            core,
            factors,
            shape,
            truncation,
        }
    }

    /// The number of modes, `d`.
    #[must_use]
    pub fn order(&self) -> usize {
        self.shape.len()
    }

    /// The mode sizes `n_1, ..., n_d`.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The ranks `r_1, ..., r_d`, which are the sizes of the core.
    #[must_use]
    pub fn ranks(&self) -> &[usize] {
        self.core.shape()
    }

    /// The core.
    #[must_use]
    pub fn core(&self) -> ArrayViewD<'_, A> {
        self.core.view()
    }

    /// The factors, one entry for each mode; `None` for the identity.
    #[must_use]
    pub fn factors(&self) -> &[Option<Array2<A>>] {
        &self.factors
    }

    /// Views of the core and then of the factors that are stored, by mode.
    pub fn parts(&self) -> impl Iterator<Item = ArrayViewD<'_, A>> {
        let factors = self.factors.iter().flatten();
        std::iter::once(self.core.view()).chain(factors.map(|f| f.view().into_dyn()))
    }

    /// Mutable views of the core and then of the factors that are stored, by mode, for an optimiser. Shapes cannot
    /// change through them.
    ///
    /// After a change, [`Tucker::truncation_error`] still tells what the decomposition discarded, not the distance of
    /// the changed tensor.
    pub fn parts_mut(&mut self) -> impl Iterator<Item = ArrayViewMutD<'_, A>> {
        let factors = self.factors.iter_mut().flatten();
        std::iter::once(self.core.view_mut()).chain(factors.map(|f| f.view_mut().into_dyn()))
    }

    /// The core and the factors by value.
    #[must_use]
    pub fn into_parts(self) -> (ArrayD<A>, Vec<Option<Array2<A>>>) {
        (self.core, self.factors)
    }

    /// The number of stored values, `prod_k r_k + sum_k n_k r_k` over the modes with a factor.
    #[must_use]
    pub fn num_parameters(&self) -> usize {
        self.parts().map(|part| part.len()).sum()
    }

    /// What [`tucker`](crate::tucker) discarded to make this; zero for a tensor made from parts.
    #[must_use]
    pub fn truncation_error(&self) -> &TuckerTruncationError {
        &self.truncation
    }
}

fn row_major<A: Clone, D: ndarray::Dimension>(a: ndarray::Array<A, D>) -> ndarray::Array<A, D> {
    if a.is_standard_layout() {
        a
    } else {
        a.as_standard_layout().into_owned()
    }
}
