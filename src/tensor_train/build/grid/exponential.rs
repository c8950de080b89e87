//! The exponential on a grid.

use ndarray::{Array1, Array3};

use super::QttGrid;
use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TtError};

impl QttGrid {
    /// The exponential `exp(x_i)`: rank 1.
    ///
    /// Elements have a relative error of a few `d eps`. Zero are those that are too small for the element type, and
    /// possibly those that are smaller than the largest one by such a factor.
    ///
    /// # Errors
    ///
    /// [`TtError::NonFinite`] if the element type cannot hold the largest element.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{QttGrid, TensorTrain};
    ///
    /// let grid = QttGrid::linspace(&[2; 30], -700.0, 700.0)?;
    /// let tt: TensorTrain<f64> = grid.exp()?;
    /// assert_eq!(tt.num_parameters(), 60);
    /// assert!((tt.get(&[0; 30])? / (-700.0_f64).exp() - 1.0).abs() < 1e-12);
    /// assert!((tt.get(&[1; 30])? / 700.0_f64.exp() - 1.0).abs() < 1e-12);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn exp<A: Scalar>(&self) -> Result<TensorTrain<A>, TtError> {
        // Counted from the largest point no factor but those of the first mode is above 1.
        let part = if self.spacing() > 0.0 { 1.0 } else { 0.0 };
        let cores = self.terms(part).into_iter().map(|terms| {
            let factors: Array1<A> = terms.iter().map(|x| A::narrow(x.exp())).collect();
            Array3::from_shape_fn((1, factors.len(), 1), |(_, i, _)| factors[i])
        });
        TensorTrain::from_cores(cores.collect())
    }
}
