//! A train with a mode removed: one index of it chosen.

use ndarray::{Array2, Axis};

use super::exponent::{moderate, with_exponent};
use crate::linalg::matmul;
use crate::scalar::Scalar;
use crate::tensor_train::dense::{matrix, reshaped};
use crate::tensor_train::graded::rescale;
use crate::tensor_train::{TensorTrain, TtError};

impl<A: Scalar> TensorTrain<A> {
    /// The tensor at one index of a mode, a train of order `d - 1`: `X(.., i, ..)`.
    ///
    /// The matrix of that index is multiplied into a neighbour, in `O(n r^3)`; the ranks of the other bonds stay.
    ///
    /// # Errors
    ///
    /// [`TtError::NoSuchMode`], [`TtError::IndexOutOfBounds`] for an index at or above the size of the mode,
    /// [`TtError::NoModes`] for a train of order 1, of which [`TensorTrain::get`] gives the element;
    /// [`TtError::OutOfRange`] if fewer cores cannot hold the norm.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TensorTrain;
    ///
    /// let tt = TensorTrain::<f64>::index_sum(&[4, 5, 6])?;
    /// let part = tt.select(1, 3)?;
    /// assert_eq!(part.shape(), [4, 6]);
    /// assert_eq!(part.get(&[2, 5])?, 10.0);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn select(&self, mode: usize, index: usize) -> Result<Self, TtError> {
        self.check_removal(mode)?;
        if index >= self.shape[mode] {
            return Err(TtError::IndexOutOfBounds {
                index: vec![index],
                shape: vec![self.shape[mode]],
            });
        }
        let chosen = self.cores[mode].index_axis(Axis(1), index).to_owned();
        self.without(mode, chosen, 0.0)
    }

    pub(super) fn check_mode(&self, mode: usize) -> Result<(), TtError> {
        let order = self.order();
        if mode >= order {
            return Err(TtError::NoSuchMode { mode, order });
        }
        Ok(())
    }

    /// Refuses to remove a mode that does not exist or is the only one.
    pub(super) fn check_removal(&self, mode: usize) -> Result<(), TtError> {
        self.check_mode(mode)?;
        if self.order() == 1 {
            return Err(TtError::NoModes);
        }
        Ok(())
    }

    /// The train with the core of this mode replaced by `2^exponent` times a matrix `r_{k-1} x r_k`.
    pub(super) fn without(
        &self,
        mode: usize,
        mut link: Array2<A>,
        mut exponent: f64,
    ) -> Result<Self, TtError> {
        exponent -= rescale(&mut link);
        let mut cores = self.cores.clone();
        cores.remove(mode);
        let neighbour = mode.min(cores.len() - 1);
        let core = moderate(&cores[neighbour], &mut exponent);
        let (r, n, s) = core.dim();
        let (product, shape) = if neighbour == mode {
            let product = matmul(link.view(), matrix(&core, (r, n * s)));
            let rows = product.nrows();
            (product, (rows, n, s))
        } else {
            let product = matmul(matrix(&core, (r * n, s)), link.view());
            let cols = product.ncols();
            (product, (r, n, cols))
        };
        cores[neighbour] = reshaped(product.view(), shape).to_owned();
        with_exponent(cores, exponent, neighbour)
    }
}
