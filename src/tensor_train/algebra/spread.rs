//! New cores, and powers of two that are shared out among them.

use ndarray::Array3;

use crate::error::{checked_size, first_non_finite};
use crate::scalar::Scalar;
use crate::tensor_train::graded::{graded, raise};
use crate::tensor_train::{TensorTrain, TtError};

impl<A: Scalar> TensorTrain<A> {
    /// Refuses entries that became NaN or infinite through `cores_mut`, which forgets the centre.
    pub(in crate::tensor_train) fn check_finite(&self) -> Result<(), TtError> {
        if self.center.is_some() {
            return Ok(());
        }
        for (k, core) in self.cores.iter().enumerate() {
            if let Some((index, value)) = first_non_finite(core) {
                return Err(TtError::NonFinite {
                    what: format!("core {k}"),
                    index,
                    value,
                });
            }
        }
        Ok(())
    }

    /// The same train times a power of two, with the largest entry for every index of a right bond near 1; and the
    /// exponent of the power of two that was divided out.
    pub(super) fn leveled(&self) -> (Vec<Array3<A>>, f64) {
        let mut exponents = vec![0.0];
        let cores = self.cores.iter();
        let cores = cores
            .map(|core| graded(core.view(), &mut exponents))
            .collect();
        // Minus infinity if the train is zero.
        let exponent = exponents[0];
        (cores, if exponent.is_finite() { exponent } else { 0.0 })
    }

    /// This train, whose cores have entries of moderate size, times `2^exponent`, to which every core contributes
    /// an equal share. The gauge is lost.
    pub(super) fn spread(mut self, exponent: f64) -> Result<Self, TtError> {
        self.center = None;
        let order = self.order() as f64;
        let up_to = |k: usize| (exponent * (k as f64 / order)).floor();
        let held = |(k, core): (usize, &mut Array3<A>)| raise(core, up_to(k + 1) - up_to(k));
        let moderate = self.clone();
        if self.cores.iter_mut().enumerate().all(held) {
            return Ok(self);
        }
        Err(TtError::OutOfRange {
            log_norm: moderate.log_norm() + exponent * std::f64::consts::LN_2,
        })
    }
}

/// A core of zeros.
pub(super) fn new_core<A: Scalar>(core: usize, shape: [usize; 3]) -> Result<Array3<A>, TtError> {
    let mut elements = Vec::new();
    let size = checked_size(&shape).filter(|&size| elements.try_reserve_exact(size).is_ok());
    let Some(size) = size else {
        return Err(TtError::CoreTooLarge { core, shape });
    };
    elements.resize(size, A::zero());
    match Array3::from_shape_vec(shape, elements) {
        Ok(core) => Ok(core),
        Err(error) => unreachable!("as many elements as the shape has: {error}"),
    }
}
