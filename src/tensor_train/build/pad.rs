//! Ranks made larger by zeros.

use ndarray::{Array3, s};

use super::checks::check_cores;
use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TtError};
use crate::truncation::TtRanks;

impl<A: Scalar> TensorTrain<A> {
    /// The same tensor with ranks of at least `ranks`, the cores filled up with zeros: room for an iteration that
    /// cannot change ranks.
    ///
    /// Ranks that are larger already stay as they are. Ranks larger than the shape allows are clipped. The error of
    /// the decomposition stays as it was.
    ///
    /// # Errors
    ///
    /// [`TtError::Rank`] for ranks that do not fit the order, [`TtError::TooLarge`] for a core that memory cannot
    /// address.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TensorTrain;
    ///
    /// let padded = TensorTrain::<f64>::index_sum(&[4, 5, 6])?.pad_ranks([3, 1])?;
    /// assert_eq!(padded.ranks(), [1, 3, 2, 1]);
    /// assert_eq!(padded.get(&[3, 4, 5])?, 12.0);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn pad_ranks(&self, ranks: impl Into<TtRanks>) -> Result<Self, TtError> {
        let wanted = ranks.into().resolve(self.shape())?;
        let ranks = wanted.iter().zip(self.ranks());
        let ranks: Vec<usize> = ranks.map(|(&a, &b)| a.max(b)).collect();
        check_cores(self.shape(), &ranks)?;
        let cores = self.cores().iter().zip(ranks.windows(2));
        let cores = cores.map(|(core, r)| padded(core, r[0], r[1]));
        Ok(Self::assemble(
            cores.collect(),
            self.truncation_error().clone(),
        ))
    }
}

/// The core with zeros up to these ranks.
fn padded<A: Scalar>(core: &Array3<A>, left: usize, right: usize) -> Array3<A> {
    let (r, n, s) = core.dim();
    let mut padded = Array3::zeros((left, n, right));
    padded.slice_mut(s![..r, .., ..s]).assign(core);
    padded
}
