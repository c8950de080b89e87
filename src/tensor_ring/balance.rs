//! Powers of two that are shared out among the cores.

use ndarray::Array3;

use super::{TensorRing, TrError};
use crate::linalg::norm;
use crate::scalar::Scalar;
use crate::tensor_train::{raise, rescale};

/// Multiplies the tensor by `2^exponent` and gives all cores norms of equal size, by powers of two; so nothing is
/// rounded, unless entries leave the range of normal numbers. `false` if a core cannot hold its share.
pub(super) fn balance<A: Scalar>(cores: &mut [Array3<A>], exponent: f64) -> bool {
    let mut total = exponent;
    for core in cores.iter_mut() {
        total -= rescale(core);
        let size = core.as_slice().map_or(0.0, norm);
        if size > 0.0 {
            let own = size.log2().round();
            core.mapv_inplace(|x| x * A::narrow((-own).exp2()));
            total += own;
        }
    }
    let order = cores.len() as f64;
    let up_to = |k: usize| (total * (k as f64 / order)).floor();
    let mut shares = cores
        .iter_mut()
        .enumerate()
        .map(|(k, core)| raise(core, up_to(k + 1) - up_to(k)));
    shares.all(|held| held)
}

impl<A: Scalar> TensorRing<A> {
    /// This ring times `2^exponent`, with cores of equal norms.
    pub(super) fn balanced(mut self, exponent: f64) -> Result<Self, TrError> {
        let before = self.clone();
        if balance(&mut self.cores, exponent) {
            return Ok(self);
        }
        let log_norm = before.log_norm() + exponent * std::f64::consts::LN_2;
        Err(TrError::OutOfRange { log_norm })
    }
}
