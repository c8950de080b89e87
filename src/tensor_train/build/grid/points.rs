//! The points of a grid, and polynomials of them.

use ndarray::Array1;

use super::QttGrid;
use crate::scalar::Scalar;
use crate::tensor_train::build::polynomial::polynomial;
use crate::tensor_train::{TensorTrain, TtError};

impl QttGrid {
    /// The points themselves, `x_i`: ranks 2.
    ///
    /// The error is a few `eps |x|` where all points have one sign, and a few `eps` of the largest `|x|` elsewhere.
    ///
    /// # Errors
    ///
    /// [`TtError::NonFinite`] if the element type cannot hold the points.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{QttGrid, TensorTrain};
    ///
    /// let grid = QttGrid::linspace(&[2; 30], 0.0, 1.0)?;
    /// let x: TensorTrain<f64> = grid.points()?;
    /// assert_eq!(x.get(&[0; 30])?, 0.0);
    /// assert!((x.get(&[1; 30])? - 1.0).abs() < 1e-15);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn points<A: Scalar>(&self) -> Result<TensorTrain<A>, TtError> {
        let narrowed = |values: Vec<f64>| values.into_iter().map(A::narrow).collect();
        let vectors: Vec<Array1<A>> = self.values().into_iter().map(narrowed).collect();
        TensorTrain::sum_of(&vectors)
    }

    /// The polynomial `c_0 + c_1 x + ... + c_p x^p`: ranks `p + 1`.
    ///
    /// `coefficients` are `c_0, c_1, ...`; zeros at the end do not count. The error is a few `eps` of
    /// `sum_b |c_b| max|x|^b`.
    ///
    /// # Errors
    ///
    /// [`TtError::NonFiniteArgument`] for a coefficient that is NaN or infinite, and if a term overflows `f64`,
    /// [`TtError::NonFinite`] for a core that overflows the element type, [`TtError::TooLarge`] for one that memory
    /// cannot address.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{QttGrid, TensorTrain};
    ///
    /// let grid = QttGrid::linspace(&[2; 20], -1.0, 1.0)?;
    /// let tt: TensorTrain<f64> = grid.polynomial(&[-1.0, 0.0, 2.0])?;    // 2 x^2 - 1
    /// assert_eq!(tt.ranks()[10], 3);
    /// let i = 700_000;
    /// let x = -1.0 + grid.spacing() * i as f64;
    /// assert!((tt.get(&grid.digits(i)?)? - (2.0 * x * x - 1.0)).abs() < 1e-14);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn polynomial<A: Scalar>(&self, coefficients: &[f64]) -> Result<TensorTrain<A>, TtError> {
        polynomial(&self.values(), coefficients)
    }

    /// [`QttGrid::terms`], such that the points left to choose from after some digits never lie farther out than
    /// the ends of the grid, and no sum cancels where the ends have one sign.
    fn values(&self) -> Vec<Vec<f64>> {
        let (first, last) = (
            self.start,
            self.start + self.spacing * (self.num_points() - 1.0),
        );
        let part = if first * last < 0.0 {
            0.5
        } else if first.abs() <= last.abs() {
            0.0
        } else {
            1.0
        };
        let high = |terms: &Vec<_>| terms.iter().map(|x: &super::Exact| x.high).collect();
        self.terms(part).iter().map(high).collect()
    }
}
