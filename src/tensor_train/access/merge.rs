//! Neighbouring modes as one.

use std::ops::Range;

use super::exponent::{moderate, with_exponent};
use crate::error::checked_size;
use crate::linalg::matmul;
use crate::scalar::Scalar;
use crate::tensor_train::dense::{matrix, reshaped};
use crate::tensor_train::graded::rescale;
use crate::tensor_train::{TensorTrain, TtError};

impl<A: Scalar> TensorTrain<A> {
    /// The train with these neighbouring modes as one, the first of them the most significant, as a reshape of the
    /// dense tensor in row-major order would do. [`TensorTrain::split_mode`] is the inverse.
    ///
    /// The result counts as made from cores.
    ///
    /// # Errors
    ///
    /// [`TtError::NoSuchMode`] for a range that is empty or reaches outside, [`TtError::TooLarge`] if memory cannot
    /// address the merged core, [`TtError::OutOfRange`] if fewer cores cannot hold the norm.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TensorTrain;
    ///
    /// let tt = TensorTrain::<f64>::index_sum(&[4, 5, 6, 7])?.merge_modes(1..3)?;
    /// assert_eq!(tt.shape(), [4, 30, 7]);
    /// assert_eq!(tt.get(&[3, 4 * 6 + 5, 6])?, 18.0);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn merge_modes(&self, modes: Range<usize>) -> Result<Self, TtError> {
        let Range { start, end } = modes;
        self.check_mode(start)?;
        if start >= end || end > self.order() {
            return Err(TtError::NoSuchMode {
                mode: end.max(start),
                order: self.order(),
            });
        }
        let merged = &self.cores[start..end];
        let mut size = self.shape[start..end].to_vec();
        size.extend([self.ranks[start], self.ranks[end]]);
        if checked_size(&size).is_none() {
            return Err(TtError::TooLarge { shape: size });
        }
        let mut exponent = 0.0;
        let mut product = moderate(&merged[0], &mut exponent);
        for core in &merged[1..] {
            let core = moderate(core, &mut exponent);
            let ((r, n, t), (_, m, s)) = (product.dim(), core.dim());
            let mut next = matmul(matrix(&product, (r * n, t)), matrix(&core, (t, m * s)));
            exponent -= rescale(&mut next);
            product = reshaped(next.view(), (r, n * m, s)).to_owned();
        }
        let mut cores = self.cores[..start].to_vec();
        cores.push(product);
        cores.extend_from_slice(&self.cores[end..]);
        with_exponent(cores, exponent, start)
    }
}
