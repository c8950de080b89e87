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
        let trains: Vec<&Self> = std::iter::once(self)
            .chain(others.iter().copied())
            .collect();
        let cores = (0..=last).map(|k| {
            // Where the next block begins, and by how much that moves on after it.
            let moves = [k > 0, k == mode, k < last];
            let mut shape = self.cores[k].dim();
            for other in others {
                let (r, n, s) = other.cores[k].dim();
                shape.0 += if moves[0] { r } else { 0 };
                shape.1 += if moves[1] { n } else { 0 };
                shape.2 += if moves[2] { s } else { 0 };
            }
            let mut joined = Array3::zeros(shape);
            let mut at = [0; 3];
            for train in &trains {
                let core = &train.cores[k];
                let (r, n, s) = core.dim();
                joined
                    .slice_mut(s![at[0]..at[0] + r, at[1]..at[1] + n, at[2]..at[2] + s])
                    .assign(core);
                for (axis, size) in [r, n, s].into_iter().enumerate() {
                    at[axis] += if moves[axis] { size } else { 0 };
                }
            }
            joined
        });
        Ok(Self::assemble(cores.collect(), TruncationError::none(last)))
    }
}
