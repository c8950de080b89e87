//! The search for values that are not finite.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{DType, Tensor};

use super::path::{Path, follow_path};
use crate::Error;

/// Whether all gradients are finite: one number is downloaded. `false` may also mean that they are so large that
/// their sum is not finite.
pub(crate) fn gradients_are_finite<M: Module>(
    module: &M,
    gradients: &GradientsParams,
) -> Result<bool, Error> {
    let mut sum = Sum {
        gradients,
        total: None,
    };
    module.visit(&mut sum);
    let Some(total) = sum.total else {
        return Ok(true);
    };
    let total = total.try_into_scalar::<f32>();
    Ok(total.map_err(failed)?.is_finite())
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

/// Looked for on the host: shader compilers may assume that there is nothing to find.
fn all_finite<const D: usize>(tensor: Tensor<D>) -> Result<bool, Error> {
    let data = tensor.without_autodiff().try_into_data().map_err(failed)?;
    Ok(data.iter::<f64>().all(f64::is_finite))
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::burn("looking for values that are not finite", error.to_string())
}

/// The sum of the absolute values of all gradients.
struct Sum<'a> {
    gradients: &'a GradientsParams,
    total: Option<Tensor<1>>,
}

impl ModuleVisitor for Sum<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            let term = gradient.without_autodiff().abs().cast(DType::F32).sum();
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
            self.result = all_finite(tensor).map(|finite| (!finite).then(|| self.path.name()));
        }
    }
}
