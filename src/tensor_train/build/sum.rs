//! Sums of one function for each mode.

use ndarray::{Array1, Array3, ArrayView1, s};

use super::checks::{check_cores, checked_vectors};
use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TruncationError, TtError};

impl<A: Scalar> TensorTrain<A> {
    /// The sum `X(i_1, ..., i_d) = f_1(i_1) + ... + f_d(i_d)` of one vector of values for each mode, ranks 2.
    ///
    /// The cores hold the values as they are (Oseledets, Constr. Approx. 37, 2013, section 2).
    ///
    /// # Errors
    ///
    /// Those of [`TensorTrain::rank_one`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorTrain, ndarray::array};
    ///
    /// let tt = TensorTrain::sum_of([&array![1.0, 2.0], &array![10.0, 20.0], &array![0.5, 0.25]])?;
    /// assert_eq!(tt.ranks(), [1, 2, 2, 1]);
    /// assert_eq!(tt.get(&[1, 0, 1])?, 12.25);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn sum_of<'v, V>(vectors: impl IntoIterator<Item = V>) -> Result<Self, TtError>
    where
        V: Into<ArrayView1<'v, A>>,
    {
        let vectors = checked_vectors(vectors)?;
        let last = vectors.len() - 1;
        let cores = vectors.iter().enumerate();
        let cores = cores.map(|(k, f)| summand(f, k == 0, k == last));
        Ok(Self::assemble(cores.collect(), TruncationError::none(last)))
    }

    /// The sum of the indices, `X(i_1, ..., i_d) = i_1 + ... + i_d`, counted from 0; ranks 2.
    ///
    /// # Errors
    ///
    /// Those of [`TensorTrain::zeros`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TensorTrain;
    ///
    /// let tt = TensorTrain::<f64>::index_sum(&[4, 5, 6, 7])?;
    /// assert_eq!(tt.ranks(), [1, 2, 2, 2, 1]);
    /// assert!((tt.norm() - 276.7309162345256).abs() < 1e-10);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn index_sum(shape: &[usize]) -> Result<Self, TtError> {
        check_cores(shape, &vec![2; shape.len() + 1])?;
        let count = |&n: &usize| (0..n).map(|i| A::narrow(i as f64)).collect::<Array1<A>>();
        Self::sum_of(&shape.iter().map(count).collect::<Vec<_>>())
    }
}

/// The core of one summand. The row vector after it is `(1, s)` with the sum `s` up to here.
fn summand<A: Scalar>(f: &ArrayView1<'_, A>, first: bool, last: bool) -> Array3<A> {
    let mut core = Array3::zeros((2, f.len(), 2));
    core.slice_mut(s![0, .., 0]).fill(A::one());
    core.slice_mut(s![1, .., 1]).fill(A::one());
    core.slice_mut(s![0, .., 1]).assign(f);
    let rows = if first { 0..1 } else { 0..2 };
    let cols = if last { 1..2 } else { 0..2 };
    core.slice(s![rows, .., cols]).to_owned()
}
