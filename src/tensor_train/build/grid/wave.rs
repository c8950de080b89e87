//! Sine and cosine on a grid.

use ndarray::Array3;

use super::QttGrid;
use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TruncationError};

/// Which of the two.
#[derive(Clone, Copy, PartialEq)]
enum Wave {
    Sine,
    Cosine,
}

impl QttGrid {
    /// The sine `sin(x_i)`: ranks 2. Every digit turns the pair (sine, cosine) by its angle; the error is a few
    /// `d eps`, whatever the number of periods.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{QttGrid, TensorTrain};
    ///
    /// let tt: TensorTrain<f64> = QttGrid::new(&[2; 10], 0.0, 1.0)?.sin();   // sin(0), ..., sin(1023)
    /// assert!(tt.ranks()[1..10].iter().all(|&r| r == 2));
    /// assert!((tt.norm() - 22.628249744131246).abs() < 1e-12);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    #[must_use]
    pub fn sin<A: Scalar>(&self) -> TensorTrain<A> {
        self.wave(Wave::Sine)
    }

    /// The cosine `cos(x_i)`: ranks 2. See [`QttGrid::sin`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{QttGrid, TensorTrain};
    ///
    /// let tt: TensorTrain<f64> = QttGrid::new(&[2; 20], 0.0, 1.0)?.cos();   // cos(0), ..., cos(2^20 - 1)
    /// assert_eq!(tt.num_parameters(), 152);
    /// assert!((tt.norm() - 724.0774507981371).abs() < 1e-10);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    #[must_use]
    pub fn cos<A: Scalar>(&self) -> TensorTrain<A> {
        self.wave(Wave::Cosine)
    }

    fn wave<A: Scalar>(&self, wave: Wave) -> TensorTrain<A> {
        let last = self.shape().len() - 1;
        let cores = self.terms(0.0).into_iter().enumerate().map(|(k, terms)| {
            let turns: Vec<_> = terms.into_iter().map(super::Exact::sin_cos).collect();
            let rows = if k == 0 { 1 } else { 2 };
            let cols = if k == last { 1 } else { 2 };
            // The row (0, 1), that is the angle 0, before the first digit; column 0 is the sine, column 1 the cosine.
            Array3::from_shape_fn((rows, turns.len(), cols), |(row, i, col)| {
                let (sin, cos) = turns[i];
                let from_sine = k > 0 && row == 0;
                let to_sine = if k == last {
                    wave == Wave::Sine
                } else {
                    col == 0
                };
                A::narrow(match (from_sine, to_sine) {
                    (true, true) | (false, false) => cos,
                    (false, true) => sin,
                    (true, false) => -sin,
                })
            })
        });
        TensorTrain::assemble(cores.collect(), TruncationError::none(last))
    }
}
