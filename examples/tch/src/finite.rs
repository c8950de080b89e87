//! Finding what is not finite.

use tch::nn::VarStore;
use tch::{Kind, Tensor};

use crate::Error;
use crate::transfer::sorted;

/// The first variable, by name, with elements or else a gradient that are not finite, and which of the two.
/// All are reduced on the device; one transfer brings the answers.
///
/// # Errors
///
/// [`Error::Torch`].
pub(crate) fn first_non_finite(store: &VarStore) -> Result<Option<(&'static str, String)>, Error> {
    let mut candidates = Vec::new();
    for (name, variable) in sorted(store) {
        let gradient = variable.f_grad()?;
        candidates.push(("the value", name.clone(), variable));
        if gradient.defined() {
            candidates.push(("the gradient", name, gradient));
        }
    }
    let finite = candidates
        .iter()
        .map(|(_, _, tensor)| tensor.f_isfinite()?.f_all()?.f_to_kind(Kind::Int64))
        .collect::<Result<Vec<_>, _>>()?;
    if finite.is_empty() {
        return Ok(None);
    }
    let mut answers = vec![0_i64; finite.len()];
    let count = answers.len();
    Tensor::f_stack(&finite, 0)?.f_copy_data(&mut answers, count)?;
    Ok(answers
        .iter()
        .position(|&finite| finite == 0)
        .map(|first| (candidates[first].0, candidates[first].1.clone())))
}
