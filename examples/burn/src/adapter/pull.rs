//! The proximal terms on the device.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use tt_admm::Proximal;
use tt_admm::ndarray::ArrayViewD;

use super::finite::{first_bad_gradient, first_bad_parameter, gradients_are_finite};
use super::parameters::{Parameters, unknown};
use super::path::{Path, follow_path};
use super::transfer::{check_dtype, check_shape, upload};
use crate::Error;

/// The pull of the constraints, `rho (W - anchor)`, to be added to the gradients of every mini-batch.
///
/// The anchors were uploaded once, when the `Pull` was made; adding them moves nothing between host and
/// device. Made by [`BurnModel`](crate::BurnModel), or by [`Parameters::pull`] for a loop of your own.
#[derive(Debug)]
pub struct Pull {
    terms: Vec<Term>,
    iteration: usize,
    steps: usize,
}

/// The proximal term of one parameter, in the stored orientation.
#[derive(Debug)]
struct Term {
    name: String,
    /// `Z - U`, flat: the rank of the parameter is known to the traversal only.
    anchor: Tensor<1>,
    rho: f32,
}

impl Pull {
    pub(crate) fn new<M: Module>(
        parameters: &Parameters,
        module: &M,
        proximal: &Proximal<'_, f32>,
    ) -> Result<Self, Error> {
        let mut uploader = Uploader {
            path: Path::default(),
            parameters,
            proximal,
            terms: Vec::new(),
            error: None,
        };
        module.visit(&mut uploader);
        if let Some(error) = uploader.error {
            return Err(error);
        }
        let terms = uploader.terms;
        let missing = |name: &&str| !terms.iter().any(|term| term.name == *name);
        if let Some(name) = proximal.names().find(missing) {
            return Err(unknown(module, name));
        }
        Ok(Self {
            terms,
            iteration: proximal.iteration(),
            steps: 0,
        })
    }

    /// Adds `rho (W - anchor)` to the gradients of the constrained parameters, on their devices. Call it
    /// once per mini-batch, after the backward pass and before the optimiser's step.
    ///
    /// # Errors
    ///
    /// [`Error::NoGradient`] if a constrained parameter has none, [`Error::UnknownParameter`] if the module
    /// no longer has it.
    pub fn add_to<M: Module>(
        &mut self,
        module: &M,
        gradients: &mut GradientsParams,
    ) -> Result<(), Error> {
        self.steps += 1;
        let mut adder = Adder {
            path: Path::default(),
            terms: &self.terms,
            gradients,
            done: Vec::new(),
            without_gradient: None,
        };
        module.visit(&mut adder);
        if let Some(name) = adder.without_gradient {
            return Err(Error::NoGradient {
                name,
                iteration: self.iteration,
                step: self.steps,
            });
        }
        let done = adder.done;
        match (0..self.terms.len()).find(|k| !done.contains(k)) {
            Some(k) => Err(unknown(module, &self.terms[k].name)),
            None => Ok(()),
        }
    }

    /// Refuses a loss or gradients that are not finite. Call it before [`Pull::add_to`]; it is optional,
    /// and costs one pass over the gradients and one number downloaded.
    ///
    /// # Errors
    ///
    /// [`Error::NonFiniteLoss`], [`Error::NonFiniteGradient`].
    pub fn check<M: Module>(
        &self,
        loss: f64,
        module: &M,
        gradients: &GradientsParams,
    ) -> Result<(), Error> {
        let (iteration, step) = (self.iteration, self.steps + 1);
        if !loss.is_finite() {
            let culprit = match first_bad_parameter(module)? {
                None => first_bad_gradient(module, gradients)?,
                found => found,
            };
            return Err(Error::NonFiniteLoss {
                iteration,
                step,
                loss,
                culprit,
            });
        }
        if gradients_are_finite(module, gradients)? {
            return Ok(());
        }
        first_bad_gradient(module, gradients)?.map_or(Ok(()), |parameter| {
            Err(Error::NonFiniteGradient {
                iteration,
                step,
                parameter,
            })
        })
    }

    /// The names of the constrained parameters.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().map(|term| term.name.as_str())
    }

    /// The ADMM iteration, counted from 1.
    #[must_use]
    pub fn iteration(&self) -> usize {
        self.iteration
    }

    /// How often [`Pull::add_to`] was called.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }
}

struct Uploader<'a, 'p> {
    path: Path,
    parameters: &'a Parameters,
    proximal: &'a Proximal<'p, f32>,
    terms: Vec<Term>,
    error: Option<Error>,
}

impl Uploader<'_, '_> {
    fn term<const D: usize>(
        &self,
        name: String,
        weight: &Tensor<D>,
        anchor: ArrayViewD<'_, f32>,
        rho: f32,
    ) -> Result<Term, Error> {
        check_dtype(&name, weight.dtype())?;
        let stored = if self.parameters.is_transposed(&name, anchor.shape())? {
            anchor.reversed_axes()
        } else {
            anchor
        };
        check_shape(&name, &weight.dims(), stored.shape())?;
        let device = weight.device().without_autodiff();
        let anchor = upload::<D>(&stored, &device).reshape([stored.len()]);
        Ok(Term { name, anchor, rho })
    }
}

impl ModuleVisitor for Uploader<'_, '_> {
    follow_path!();

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.error.is_some() {
            return;
        }
        let name = self.path.name();
        let (Some(anchor), Some(rho)) = (self.proximal.anchor(&name), self.proximal.rho(&name))
        else {
            return;
        };
        match self.term(name, &param.val(), anchor, rho) {
            Ok(term) => self.terms.push(term),
            Err(error) => self.error = Some(error),
        }
    }
}

struct Adder<'a> {
    path: Path,
    terms: &'a [Term],
    gradients: &'a mut GradientsParams,
    /// Terms that were added.
    done: Vec<usize>,
    without_gradient: Option<String>,
}

impl ModuleVisitor for Adder<'_> {
    follow_path!();

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(k) = self.terms.iter().position(|term| self.path.is(&term.name)) else {
            return;
        };
        let term = &self.terms[k];
        let Some(gradient) = self.gradients.remove::<D>(param.id) else {
            self.without_gradient
                .get_or_insert_with(|| term.name.clone());
            return;
        };
        let weight = param.val().without_autodiff();
        let anchor = term.anchor.clone().reshape(weight.dims());
        let pull = (weight - anchor).mul_scalar(term.rho);
        self.gradients.register(param.id, gradient + pull);
        self.done.push(k);
    }
}
