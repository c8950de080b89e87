//! Between tensor trains and tensor rings.

use ndarray::{Array3, s};

use super::{TensorRing, TrError};
use crate::error::checked_size;
use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TruncationError};
use crate::truncation::Truncation;

/// A train is a ring with `r_0 = 1`; the cores stay the same.
///
/// # Examples
///
/// ```
/// use tt_admm::{TensorRing, tt_svd, ndarray::array};
///
/// let ring = TensorRing::from(tt_svd(&array![[1.0, 2.0], [3.0, 4.0]], 2)?);
/// assert_eq!(ring.ranks(), [1, 2, 1]);
/// assert!((ring.get(&[1, 0])? - 3.0_f64).abs() < 1e-14);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl<A: Scalar> From<TensorTrain<A>> for TensorRing<A> {
    fn from(train: TensorTrain<A>) -> Self {
        let error: TruncationError = train.truncation_error().clone();
        Self::with_error(train.into_cores(), error)
    }
}

impl<A: Scalar> TensorRing<A> {
    /// The tensor train of the same tensor, rounded.
    ///
    /// A ring is the sum over `r_0` of trains, so it is a train of ranks `r_0 r_k` before rounding, which costs `O(r_0^3
    /// sum_k n_k r^3)`. What rounding discards is the exact distance of the result
    /// ([`TensorTrain::truncation_error`]).
    ///
    /// # Errors
    ///
    /// [`TrError::TensorTrain`] with the errors of [`TensorTrain::round`], [`TrError::RanksTooLarge`] if memory cannot
    /// address a core before rounding.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{Truncation, tr_svd, ndarray::Array3};
    ///
    /// // i + j + k has TT ranks (2, 2).
    /// let ring = tr_svd(&Array3::from_shape_fn((4, 5, 6), |(i, j, k)| (i + j + k) as f64), [2, 2, 4])?;
    /// let train = ring.to_tensor_train(Truncation::relative(1e-12))?;
    /// assert_eq!(train.ranks(), [1, 2, 2, 1]);
    /// assert!((train.get(&[3, 4, 5])? - 12.0_f64).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_tensor_train(
        &self,
        truncation: impl Into<Truncation>,
    ) -> Result<TensorTrain<A>, TrError> {
        let closing = self.ranks[0];
        let order = self.order();
        let mut cores = Vec::with_capacity(order);
        for (k, core) in self.cores.iter().enumerate() {
            let (r, n, s) = core.dim();
            let (first, last) = (k == 0, k + 1 == order);
            let rows = if first { 1 } else { closing.saturating_mul(r) };
            let cols = if last { 1 } else { closing.saturating_mul(s) };
            if checked_size(&[rows, n, cols]).is_none() {
                return Err(TrError::RanksTooLarge {
                    ranks: self.ranks[..order].to_vec(),
                    shape: self.shape.clone(),
                });
            }
            cores.push(copies(core, closing, [first, last]));
        }
        Ok(TensorTrain::from_cores(cores)?.round(truncation)?)
    }
}

/// One train for each index of the closing bond, which is the boundary of its first and its last core: a core of all of
/// them side by side.
fn copies<A: Scalar>(core: &Array3<A>, closing: usize, [first, last]: [bool; 2]) -> Array3<A> {
    let (r, n, s) = core.dim();
    let rows = if first { 1 } else { closing * r };
    let cols = if last { 1 } else { closing * s };
    let mut train = Array3::zeros((rows, n, cols));
    for a in 0..closing {
        let from = if first { a..a + 1 } else { 0..r };
        let to = if last { a..a + 1 } else { 0..s };
        let rows = if first { 0..1 } else { a * r..(a + 1) * r };
        let cols = if last { 0..1 } else { a * s..(a + 1) * s };
        let part = core.slice(s![from, .., to]);
        let mut block = train.slice_mut(s![rows, .., cols]);
        block += &part;
    }
    train
}
