//! The search for values that are not finite.

use candle_core::backprop::GradStore;
use candle_core::{DType, Result, Tensor, Var};

/// Whether the gradients of all variables are finite; one number is copied from the device.
pub(crate) fn gradients_are_finite(variables: &[(String, Var)], grads: &GradStore) -> Result<bool> {
    let mut total: Option<Tensor> = None;
    for (_, var) in variables {
        if let Some(gradient) = grads.get(var) {
            let term = zero_or_nan(gradient)?;
            total = Some(match total {
                Some(total) => (&total + term.to_device(total.device())?)?,
                None => term,
            });
        }
    }
    total.map_or(Ok(true), |total| is_zero(&total))
}

/// The first variable that is not finite itself.
pub(crate) fn first_variable(variables: &[(String, Var)]) -> Result<Option<String>> {
    first(variables, |var| Some(var.as_tensor()))
}

/// The first variable whose gradient is not finite.
pub(crate) fn first_gradient(
    variables: &[(String, Var)],
    grads: &GradStore,
) -> Result<Option<String>> {
    first(variables, |var| grads.get(var))
}

fn first<'a>(
    variables: &'a [(String, Var)],
    value: impl Fn(&'a Var) -> Option<&'a Tensor>,
) -> Result<Option<String>> {
    for (name, var) in variables {
        if let Some(value) = value(var)
            && value.dtype().is_float()
            && !is_zero(&zero_or_nan(value)?)?
        {
            return Ok(Some(name.clone()));
        }
    }
    Ok(None)
}

/// 0 if all elements are finite, else NaN: 0 times infinity is NaN, and the sum keeps it.
fn zero_or_nan(value: &Tensor) -> Result<Tensor> {
    (value.detach() * 0.0)?.sum_all()?.to_dtype(DType::F32)
}

fn is_zero(value: &Tensor) -> Result<bool> {
    Ok(value.to_scalar::<f32>()? == 0.0)
}
