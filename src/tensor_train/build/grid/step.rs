//! The step function on a grid.

use ndarray::Array3;

use super::QttGrid;
use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TruncationError, TtError};

impl QttGrid {
    /// The step function that is 0 at the points before number `at` and 1 from there on: ranks at most 2, the
    /// smallest possible.
    ///
    /// # Errors
    ///
    /// [`TtError::IndexOutOfBounds`] for a number above the last.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{QttGrid, TensorTrain};
    ///
    /// let grid = QttGrid::new(&[2; 10], 0.0, 1.0)?;
    /// let tt: TensorTrain<f64> = grid.step(300)?;
    /// assert_eq!(tt.get(&grid.digits(299)?)?, 0.0);
    /// assert_eq!(tt.get(&grid.digits(300)?)?, 1.0);
    /// assert!((tt.norm().powi(2) - 724.0).abs() < 1e-10);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn step<A: Scalar>(&self, at: usize) -> Result<TensorTrain<A>, TtError> {
        let digits = self.digits(at)?;
        let last = digits.len() - 1;
        // The mode that decides when all before it were equal: after it come zeros, which no digit is below.
        let deciding = digits.iter().rposition(|&digit| digit > 0);
        // The states before a mode: the digits so far are equal, or already above; the second where it can be.
        let mut above = false;
        let cores = digits.iter().enumerate().map(|(k, &digit)| {
            let n = self.shape()[k];
            let decided = deciding.is_none_or(|m| k > m);
            let rows = 1 + usize::from(above && !decided);
            above |= digit + 1 < n;
            let ends = k == last || deciding == Some(k) || decided;
            let cols = 1 + usize::from(above && !ends);
            Array3::from_shape_fn((rows, n, cols), |(row, i, col)| {
                let one = if decided || row == 1 {
                    ends || col == 1
                } else if ends {
                    i >= digit
                } else {
                    (col == 0 && i == digit) || (col == 1 && i > digit)
                };
                if one { A::one() } else { A::zero() }
            })
        });
        Ok(TensorTrain::assemble(
            cores.collect(),
            TruncationError::none(last),
        ))
    }
}
