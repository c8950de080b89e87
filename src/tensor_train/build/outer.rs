//! Outer products of vectors.

use ndarray::{ArrayView1, Axis};

use super::checks::checked_vectors;
use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TruncationError, TtError};

impl<A: Scalar> TensorTrain<A> {
    /// The outer product `X(i_1, ..., i_d) = u_1(i_1) ... u_d(i_d)` of one vector for each mode, ranks 1.
    ///
    /// The vectors are arrays, views, slices or `Vec`s, by reference.
    ///
    /// # Errors
    ///
    /// [`TtError::NoModes`] without vectors, [`TtError::EmptyMode`] for one without entries,
    /// [`TtError::NonFinite`] for an entry that is NaN or infinite.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorTrain, ndarray::array};
    ///
    /// let tt = TensorTrain::rank_one([&array![1.0, 2.0], &array![3.0, 4.0, 5.0]])?;
    /// assert_eq!(tt.to_dense(), array![[3.0, 4.0, 5.0], [6.0, 8.0, 10.0]].into_dyn());
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn rank_one<'v, V>(vectors: impl IntoIterator<Item = V>) -> Result<Self, TtError>
    where
        V: Into<ArrayView1<'v, A>>,
    {
        let vectors = checked_vectors(vectors)?;
        let core = |u: &ArrayView1<'_, A>| u.insert_axis(Axis(0)).insert_axis(Axis(2)).to_owned();
        let nothing = TruncationError::none(vectors.len() - 1);
        Ok(Self::assemble(vectors.iter().map(core).collect(), nothing))
    }
}
