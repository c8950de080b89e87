//! Multiples.

use std::ops::Neg;

use ndarray::arr0;

use crate::linalg::power_of_two_scale;
use crate::scalar::Scalar;
use crate::tensor_train::certificate::TruncationError;
use crate::tensor_train::graded::is_held;
use crate::tensor_train::{TensorTrain, TtError};

impl<A: Scalar> TensorTrain<A> {
    /// `factor X`, with the same ranks.
    ///
    /// One core is multiplied: the [orthogonality centre](TensorTrain::orthogonality_center), or the first one. If it
    /// cannot hold the result, powers of two are shared out among all cores, and the gauge is lost.
    ///
    /// # Errors
    ///
    /// [`TtError::Factor`] if the factor is NaN or infinite, [`TtError::NonFinite`] if an entry of a core is,
    /// [`TtError::OutOfRange`] if all cores together cannot hold the result.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorTrain, tt_svd, ndarray::{Array3, array}};
    ///
    /// let x = tt_svd(&array![[1.0, 2.0], [3.0, 4.0]], 2)?;
    /// assert!((x.scale(-0.5)?.get(&[1, 1])? + 2.0_f64).abs() < 1e-14);
    ///
    /// // 1e650 as a train of four cores.
    /// let huge = TensorTrain::from_cores(vec![Array3::from_elem((1, 1, 1), 1e100); 4])?.scale(1e250)?;
    /// assert!((huge.log_norm() / (650.0 * 10.0_f64.ln()) - 1.0).abs() < 1e-14);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn scale(&self, factor: A) -> Result<Self, TtError> {
        if !factor.is_finite() {
            return Err(TtError::Factor {
                got: factor.widen(),
            });
        }
        self.check_finite()?;
        let one = self.center.unwrap_or(0);
        let zero = factor == A::zero() || self.cores[one].iter().all(|&x| x == A::zero());
        let scaled = self.multiplied(factor);
        if zero || is_held(&scaled.cores[one]) {
            return Ok(scaled);
        }
        let (mut cores, exponent) = self.leveled();
        let unit = power_of_two_scale(&arr0(factor));
        cores[0].mapv_inplace(|x| x * (factor * unit));
        let nothing = TruncationError::none(self.order() - 1);
        Self::assemble(cores, nothing).spread(exponent - unit.widen().log2())
    }

    /// The centre, or the first core, multiplied.
    fn multiplied(&self, factor: A) -> Self {
        let mut cores = self.cores.clone();
        cores[self.center.unwrap_or(0)].mapv_inplace(|x| x * factor);
        let nothing = TruncationError::none(self.order() - 1);
        Self::assemble(cores, nothing).centered(self.center)
    }
}

impl<A: Scalar> Neg for &TensorTrain<A> {
    type Output = TensorTrain<A>;

    fn neg(self) -> TensorTrain<A> {
        self.multiplied(-A::one())
    }
}

impl<A: Scalar> Neg for TensorTrain<A> {
    type Output = Self;

    fn neg(self) -> Self {
        -&self
    }
}
