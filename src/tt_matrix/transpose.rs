//! The transpose.

use super::matrix::{TtMatrix, merged};
use crate::scalar::Scalar;

impl<A: Scalar> TtMatrix<A> {
    /// The transpose: row and column modes change places, ranks and truncation error stay.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TtMatrix, ndarray::array};
    ///
    /// let m = TtMatrix::from_kronecker(&[array![[1.0, 2.0]], array![[3.0], [4.0]]])?.transpose();
    /// assert_eq!((m.row_modes(), m.col_modes()), (&[2, 1][..], &[1, 2][..]));
    /// assert_eq!(m.to_dense()?, array![[3.0, 4.0], [6.0, 8.0]]);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    #[must_use]
    pub fn transpose(&self) -> Self {
        let mut train = self.train.clone();
        for (core, mut new) in self.cores().zip(train.cores_mut()) {
            new.assign(&merged(&core.permuted_axes([0, 2, 1, 3])));
        }
        Self {
            row_modes: self.col_modes.clone(),
            col_modes: self.row_modes.clone(),
            train,
        }
    }
}
