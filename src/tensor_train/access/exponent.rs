//! Powers of two taken out of cores, and spread over them.

use ndarray::Array3;

use crate::scalar::Scalar;
use crate::tensor_train::graded::{Scaled, rescale};
use crate::tensor_train::{TensorTrain, TruncationError, TtError};

/// A core with entries near 1, what was divided out added to the exponent.
pub(super) fn moderate<A: Scalar>(core: &Array3<A>, exponent: &mut f64) -> Array3<A> {
    let mut core = core.clone();
    *exponent -= rescale(&mut core);
    core
}

/// The train of these cores times `2^exponent`. The cores, beginning with `first`, take as much of the exponent as
/// leaves their entries in the range of the type, moderate ones if that suffices.
pub(super) fn with_exponent<A: Scalar>(
    mut cores: Vec<Array3<A>>,
    exponent: f64,
    first: usize,
) -> Result<TensorTrain<A>, TtError> {
    let nothing = TruncationError::none(cores.len() - 1);
    let largest = -A::min_positive_value().widen().log2();
    let mut rest = exponent;
    for limit in [largest / 4.0, largest] {
        for k in std::iter::once(first).chain(0..cores.len()) {
            if rest == 0.0 {
                break;
            }
            let core = &mut cores[k];
            let top = core.iter().fold(0.0_f64, |m, x| m.max(x.widen().abs()));
            if top == 0.0 {
                return Ok(TensorTrain::assemble(cores, nothing));
            }
            let (up, down) = (limit - top.log2().ceil(), -limit - top.log2().floor());
            let part = rest.clamp(down.min(0.0), up.max(0.0)).trunc();
            multiply(core, part);
            rest -= part;
        }
    }
    if rest > 0.0 {
        let log_norm = TensorTrain::assemble(cores, nothing).log_norm();
        return Err(TtError::OutOfRange {
            log_norm: log_norm + rest * std::f64::consts::LN_2,
        });
    }
    if rest < 0.0 {
        multiply(&mut cores[first], rest);
    }
    Ok(TensorTrain::assemble(cores, nothing))
}

/// Multiplies all entries by `2^exponent`.
fn multiply<A: Scalar>(core: &mut Array3<A>, exponent: f64) {
    core.mapv_inplace(|x| {
        let mantissa = x.widen();
        A::narrow(Scaled { mantissa, exponent }.value())
    });
}

#[cfg(test)]
mod tests {
    use super::with_exponent;
    use crate::tensor_train::TtError;
    use ndarray::Array3;

    #[test]
    fn the_exponent_goes_where_there_is_room() {
        let cores = || vec![Array3::from_elem((1, 2, 1), 1.0_f64); 3];
        for exponent in [0.0, 3.0, -700.0, 900.0, 2000.0, 3000.0, -3000.0] {
            let train = with_exponent(cores(), exponent, 1).unwrap();
            let log = exponent + 1.5;
            assert!((train.log_norm() / 2.0_f64.ln() - log).abs() < 1e-12 * log.abs());
            assert!(train.cores().iter().flatten().all(|x| x.is_normal()));
        }
        let error = with_exponent(cores(), 3080.0, 0).unwrap_err();
        let TtError::OutOfRange { log_norm } = error else {
            panic!("{error:?}")
        };
        assert!((log_norm - 3081.5 * 2.0_f64.ln()).abs() < 1e-9);
        // Too small for the type: zero, as such elements are.
        let tiny = with_exponent(cores(), -1e4, 2).unwrap();
        let mut zero = cores();
        zero[1].fill(0.0);
        let zero = with_exponent(zero, 1e4, 0).unwrap();
        for train in [tiny, zero] {
            let log_norm = train.log_norm();
            assert_eq!(log_norm.to_bits(), f64::NEG_INFINITY.to_bits());
        }
    }
}
