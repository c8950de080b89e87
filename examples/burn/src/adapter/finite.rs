//! The search for values that are not finite.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use super::path::{Path, follow_path};
use crate::Error;

/// Whether all gradients are finite: one number is downloaded.
pub(crate) fn gradients_are_finite<M: Module>(
    module: &M,
    gradients: &GradientsParams,
) -> Result<bool, Error> {
    let mut sum = Sum {
        gradients,
        total: None,
    };
    module.visit(&mut sum);
    sum.total.map_or(Ok(true), is_zero)
}

/// The first parameter with a gradient that is not finite.
pub(crate) fn first_bad_gradient<M: Module>(
    module: &M,
    gradients: &GradientsParams,
) -> Result<Option<String>, Error> {
    search(module, Some(gradients))
}

/// The first parameter that is not finite.
pub(crate) fn first_bad_parameter<M: Module>(module: &M) -> Result<Option<String>, Error> {
    search(module, None)
}

fn search<M: Module>(
    module: &M,
    gradients: Option<&GradientsParams>,
) -> Result<Option<String>, Error> {
    let mut search = Search {
        path: Path::default(),
        gradients,
        result: Ok(None),
    };
    module.visit(&mut search);
    search.result
}

/// 0 if all elements are finite, else NaN: 0 times infinity is NaN, and NaN survives the sum.
fn zero_or_nan<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    tensor.without_autodiff().mul_scalar(0.0).sum()
}

fn is_zero(value: Tensor<1>) -> Result<bool, Error> {
    let value = value
        .try_into_scalar::<f32>()
        .map_err(|e| Error::burn("reading a sum", e.to_string()))?;
    Ok(value == 0.0)
}

struct Sum<'a> {
    gradients: &'a GradientsParams,
    total: Option<Tensor<1>>,
}

impl ModuleVisitor for Sum<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            let term = zero_or_nan(gradient);
            self.total = Some(match self.total.take() {
                Some(total) => {
                    let device = total.device();
                    total + term.to_device(&device)
                }
                None => term,
            });
        }
    }
}

struct Search<'a> {
    path: Path,
    /// Looks at the parameters themselves without.
    gradients: Option<&'a GradientsParams>,
    result: Result<Option<String>, Error>,
}

impl ModuleVisitor for Search<'_> {
    follow_path!();

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !matches!(self.result, Ok(None)) {
            return;
        }
        let tensor = match self.gradients {
            Some(gradients) => gradients.get::<D>(param.id),
            None => Some(param.val()),
        };
        if let Some(tensor) = tensor {
            self.result =
                is_zero(zero_or_nan(tensor)).map(|finite| (!finite).then(|| self.path.name()));
        }
    }
}
