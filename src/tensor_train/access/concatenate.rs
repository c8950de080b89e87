//! Trains joined along a mode.

use ndarray::{Array3, s};

use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TruncationError, TtError};

impl<A: Scalar> TensorTrain<A> {
    /// This tensor and then the others along a mode; the other modes must agree.
    ///
    /// The cores become block diagonal, so the inner ranks add up; the result counts as made from cores. Where the
    /// tensors have much in common, rounding finds smaller ranks.
    ///
    /// # Errors
    ///
    /// [`TtError::NoSuchMode`], and [`TtError::ShapeMismatch`] for the first train that does not fit.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TensorTrain;
    ///
    /// let x = TensorTrain::<f64>::index_sum(&[4, 5, 6])?;
    /// let y = TensorTrain::ones(&[4, 2, 6])?;
    /// let joined = x.concatenate(1, &[&y])?;
    /// assert_eq!(joined.shape(), [4, 7, 6]);
    /// assert_eq!(joined.ranks(), [1, 3, 3, 1]);
    /// assert_eq!((joined.get(&[3, 4, 5])?, joined.get(&[3, 5, 5])?), (12.0, 1.0));
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn concatenate(&self, mode: usize, others: &[&Self]) -> Result<Self, TtError> {
        self.check_mode(mode)?;
        for other in others {
            let mut expected = self.shape.clone();
            if let (Some(size), Some(&got)) = (expected.get_mut(mode), other.shape.get(mode)) {
                *size = got;
            }
            if other.shape != expected {
                return Err(TtError::ShapeMismatch {
                    expected,
                    got: other.shape.clone(),
                });
            }
        }
        let last = self.order() - 1;
        let cores = (0..=last).map(|k| {
            let blocks = std::iter::once(self).chain(others.iter().copied());
            let blocks: Vec<_> = blocks.map(|train| &train.cores[k]).collect();
            joined(&blocks, [k > 0, k == mode, k < last])
        });
        Ok(Self::assemble(cores.collect(), TruncationError::none(last)))
    }
}

/// The core with these blocks, each of which begins where the one before it ended in the axes that are `apart`, and
/// at 0 in the others.
fn joined<A: Scalar>(blocks: &[&Array3<A>], apart: [bool; 3]) -> Array3<A> {
    let mut shape = blocks[0].dim();
    for (r, n, s) in blocks[1..].iter().map(|block| block.dim()) {
        shape.0 += if apart[0] { r } else { 0 };
        shape.1 += if apart[1] { n } else { 0 };
        shape.2 += if apart[2] { s } else { 0 };
    }
    let mut joined = Array3::zeros(shape);
    let (mut a, mut i, mut b) = (0, 0, 0);
    for block in blocks {
        let (r, n, s) = block.dim();
        joined
            .slice_mut(s![a..a + r, i..i + n, b..b + s])
            .assign(block);
        a += if apart[0] { r } else { 0 };
        i += if apart[1] { n } else { 0 };
        b += if apart[2] { s } else { 0 };
    }
    joined
}
