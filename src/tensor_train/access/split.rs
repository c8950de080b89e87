//! A mode as several.

use super::centered::{Centered, Lost};
use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TtError};
use crate::truncation::Truncation;

impl<A: Scalar> TensorTrain<A> {
    /// The train with a mode of size `n` as several of these sizes, whose product is `n`; the first of them is the
    /// most significant, as a reshape of the dense tensor in row-major order would do.
    /// [`TensorTrain::merge_modes`] is the inverse.
    ///
    /// The core of the mode is decomposed, and all bonds are rounded to what `truncation` asks for; prescribed ranks
    /// are upper limits here.
    /// [`TensorTrain::truncation_error`] of the result is the exact error, relative to `self`.
    ///
    /// # Errors
    ///
    /// [`TtError::NoSuchMode`], [`TtError::SplitSizes`] if the product of the sizes is not `n`, [`TtError::Rank`]
    /// for ranks or tolerances that do not fit the new shape, [`TtError::OutOfRange`] if one core cannot hold the
    /// norm, [`TtError::Linalg`] if the backend fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorTrain, Truncation};
    ///
    /// let tt = TensorTrain::<f64>::index_sum(&[4, 30, 7])?;
    /// let finer = tt.split_mode(1, &[5, 6], Truncation::exact())?;
    /// assert_eq!(finer.shape(), [4, 5, 6, 7]);
    /// assert_eq!(finer.ranks(), [1, 2, 2, 2, 1]);
    /// assert!((finer.get(&[3, 4, 5, 6])? - 38.0).abs() < 1e-12);      // 3 + (4 * 6 + 5) + 6
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn split_mode(
        &self,
        mode: usize,
        sizes: &[usize],
        truncation: impl Into<Truncation>,
    ) -> Result<Self, TtError> {
        self.check_mode(mode)?;
        let size = self.shape[mode];
        let product = sizes.iter().try_fold(1_usize, |p, &n| p.checked_mul(n));
        if sizes.is_empty() || product != Some(size) {
            return Err(TtError::SplitSizes {
                mode,
                size,
                sizes: sizes.to_vec(),
            });
        }
        let mut shape = self.shape.clone();
        shape.splice(mode..=mode, sizes.iter().copied());
        let truncation = truncation.into();
        let caps = truncation.caps(&shape)?;
        let mut train = Centered::new(self)?;
        if train.is_zero() {
            return Self::zeros(&shape);
        }
        train.move_to(mode)?;
        train.split_mode(sizes)?;
        train.rounded(&truncation, &caps, Lost::nothing(shape.len()))
    }
}
