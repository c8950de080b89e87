//! Contractions with vectors.

use ndarray::{Array2, ArrayView1, Axis};

use super::exponent::moderate;
use super::row::Row;
use crate::linalg::matmul;
use crate::scalar::Scalar;
use crate::tensor_train::build::checked_vectors;
use crate::tensor_train::dense::reshaped;
use crate::tensor_train::graded::rescale;
use crate::tensor_train::{TensorTrain, TtError};

impl<A: Scalar> TensorTrain<A> {
    /// The contraction of a mode with a vector, a train of order `d - 1`: `sum_i X(.., i, ..) v(i)`.
    ///
    /// With a vector of ones this is the sum over the mode, with quadrature weights an integral. The ranks of the
    /// other bonds stay; it costs `O(n r^2 + n' r^3)` with the size `n'` of a neighbour.
    ///
    /// # Errors
    ///
    /// [`TtError::NoSuchMode`], [`TtError::ShapeMismatch`] for a vector of another length,
    /// [`TtError::NonFinite`] for an entry that is NaN or infinite, [`TtError::NoModes`] for a train of order 1, of
    /// which [`TensorTrain::contract_all`] gives the number; [`TtError::OutOfRange`] if fewer cores cannot hold the
    /// norm.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorTrain, ndarray::array};
    ///
    /// let tt = TensorTrain::<f64>::index_sum(&[4, 3, 6])?;
    /// let sums = tt.contract(1, &array![1.0, 1.0, 1.0])?;        // 3 (i + k) + 0 + 1 + 2
    /// assert_eq!(sums.shape(), [4, 6]);
    /// assert_eq!(sums.get(&[2, 5])?, 24.0);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn contract<'v>(
        &self,
        mode: usize,
        vector: impl Into<ArrayView1<'v, A>>,
    ) -> Result<Self, TtError> {
        self.check_removal(mode)?;
        let vector = vector.into();
        if vector.len() != self.shape[mode] {
            return Err(TtError::ShapeMismatch {
                expected: vec![self.shape[mode]],
                got: vec![vector.len()],
            });
        }
        let vector = checked_vectors([vector])?[0];
        let (link, exponent) = self.link(mode, vector);
        self.without(mode, link, exponent)
    }

    /// The contraction of all modes, one vector for each: the inner product
    /// `sum_i X(i_1, ..., i_d) v_1(i_1) ... v_d(i_d)` with a rank-one tensor, in `O(sum_k n_k r_{k-1} r_k)`.
    ///
    /// # Errors
    ///
    /// [`TtError::ShapeMismatch`] if number or lengths of the vectors do not fit the shape,
    /// [`TtError::NonFinite`] for an entry that is NaN or infinite.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{QttGrid, TensorTrain};
    ///
    /// // The integral of sin over [0, pi] by the midpoint rule with 2^20 points.
    /// let h = std::f64::consts::PI / f64::from(1 << 20);
    /// let sine: TensorTrain<f64> = QttGrid::new(&[2; 20], 0.5 * h, h)?.sin();
    /// let integral = h * sine.contract_all(vec![&[1.0, 1.0]; 20])?;
    /// assert!((integral - 2.0).abs() < 1e-12);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn contract_all<'v, V>(&self, vectors: impl IntoIterator<Item = V>) -> Result<A, TtError>
    where
        V: Into<ArrayView1<'v, A>>,
    {
        let vectors: Vec<ArrayView1<'v, A>> = vectors.into_iter().map(Into::into).collect();
        let lengths: Vec<usize> = vectors.iter().map(ArrayView1::len).collect();
        if lengths != self.shape {
            return Err(TtError::ShapeMismatch {
                expected: self.shape.clone(),
                got: lengths,
            });
        }
        let vectors = checked_vectors(vectors)?;
        let row = vectors
            .iter()
            .enumerate()
            .fold(Row::one(), |row, (mode, &v)| {
                let (link, exponent) = self.link(mode, v);
                row.times(link.view()).shifted(exponent)
            });
        Ok(row.value())
    }

    /// `sum_i v(i) G[:, i, :]` of a core, as a matrix of moderate entries and the exponent of a power of two.
    fn link(&self, mode: usize, vector: ArrayView1<'_, A>) -> (Array2<A>, f64) {
        let mut exponent = 0.0;
        let core = moderate(&self.cores[mode], &mut exponent);
        let mut vector = vector.to_owned();
        exponent -= rescale(&mut vector);
        let (r, n, s) = core.dim();
        let mut link = Array2::zeros((r, s));
        let vector = vector.insert_axis(Axis(0));
        for (mut row, block) in link.rows_mut().into_iter().zip(core.outer_iter()) {
            let product = matmul(vector.view(), reshaped(block, (n, s)));
            row.assign(&product.row(0));
        }
        (link, exponent)
    }
}
