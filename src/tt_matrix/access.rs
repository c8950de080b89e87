//! Modes, ranks and cores.

use ndarray::{Array4, ArrayView4, ArrayViewMut4};

use super::matrix::TtMatrix;
use crate::error::checked_size;
use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TruncationError, reshaped};

impl<A: Scalar> TtMatrix<A> {
    /// The tensor train underneath, its mode `k` being the pair `(i_k, j_k)`, row first.
    #[must_use]
    pub fn as_tensor_train(&self) -> &TensorTrain<A> {
        &self.train
    }

    /// The tensor train underneath, by value.
    #[must_use]
    pub fn into_tensor_train(self) -> TensorTrain<A> {
        self.train
    }

    /// The number of pairs of modes, `d`.
    #[must_use]
    pub fn order(&self) -> usize {
        self.train.order()
    }

    /// The row modes `m_1, ..., m_d`.
    #[must_use]
    pub fn row_modes(&self) -> &[usize] {
        &self.row_modes
    }

    /// The column modes `n_1, ..., n_d`.
    #[must_use]
    pub fn col_modes(&self) -> &[usize] {
        &self.col_modes
    }

    /// The number of rows `m_1 ... m_d`; `None` if a dense column of the matrix could not be addressed.
    #[must_use]
    pub fn num_rows(&self) -> Option<usize> {
        checked_size(&self.row_modes)
    }

    /// The number of columns `n_1 ... n_d`; `None` if a dense row of the matrix could not be addressed.
    #[must_use]
    pub fn num_cols(&self) -> Option<usize> {
        checked_size(&self.col_modes)
    }

    /// The `d + 1` ranks `r_0 = 1, r_1, ..., r_d = 1`.
    #[must_use]
    pub fn ranks(&self) -> &[usize] {
        self.train.ranks()
    }

    /// The number of stored values, `sum_k r_{k-1} m_k n_k r_k`.
    #[must_use]
    pub fn num_parameters(&self) -> usize {
        self.train.num_parameters()
    }

    /// What [`TtMatrix::from_dense`] or the last rounding discarded, in the Frobenius norm; zero for a matrix made from
    /// cores.
    #[must_use]
    pub fn truncation_error(&self) -> &TruncationError {
        self.train.truncation_error()
    }

    /// All cores, left to right, of shape `(r_{k-1}, m_k, n_k, r_k)`.
    #[must_use]
    pub fn cores(&self) -> impl ExactSizeIterator<Item = ArrayView4<'_, A>> {
        (0..self.order()).map(|k| self.core(k))
    }

    /// Core number `k`, counted from 0, of shape `(r_{k-1}, m_k, n_k, r_k)`.
    ///
    /// # Panics
    ///
    /// Panics if `k >= order()`, like indexing a slice.
    #[must_use]
    #[track_caller]
    pub fn core(&self, k: usize) -> ArrayView4<'_, A> {
        let core = self.train.core(k);
        let (r, _, s) = core.dim();
        reshaped(core, (r, self.row_modes[k], self.col_modes[k], s))
    }

    /// Mutable views of all cores, for an optimiser. Shapes and ranks cannot change through them.
    pub fn cores_mut(&mut self) -> impl Iterator<Item = ArrayViewMut4<'_, A>> {
        let modes = self.row_modes.iter().zip(&self.col_modes);
        self.train.cores_mut().zip(modes).map(|(core, (&m, &n))| {
            let (r, _, s) = core.dim();
            match core.into_shape_with_order((r, m, n, s)) {
                Ok(core) => core,
                Err(error) => unreachable!("cores are row-major and sizes agree: {error}"),
            }
        })
    }

    /// The cores, left to right, by value, of shape `(r_{k-1}, m_k, n_k, r_k)`.
    #[must_use]
    pub fn into_cores(self) -> Vec<Array4<A>> {
        self.cores().map(|core| core.to_owned()).collect()
    }
}
