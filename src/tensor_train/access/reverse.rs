//! The modes in reverse order.

use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TruncationError};

impl<A: Scalar> TensorTrain<A> {
    /// The train with its modes in reverse order, `Y(i_d, ..., i_1) = X(i_1, ..., i_d)`: every core transposed,
    /// nothing computed.
    ///
    /// The result counts as made from cores: its truncation error is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{QttGrid, TensorTrain};
    ///
    /// // The points 0, ..., 1023 with the least significant bit first.
    /// let tt: TensorTrain<f64> = QttGrid::new(&[2; 10], 0.0, 1.0)?.points()?;
    /// assert_eq!(tt.reversed().get(&[1, 1, 0, 0, 0, 0, 0, 0, 0, 0])?, 3.0);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    #[must_use]
    pub fn reversed(&self) -> Self {
        let cores = self.cores.iter().rev();
        let cores = cores.map(|core| core.t().as_standard_layout().into_owned());
        Self::assemble(cores.collect(), TruncationError::none(self.order() - 1))
    }
}
