//! A matrix that is dense or decomposed.

use tch::nn::{Init, Path};
use tch::{TchError, Tensor};
use tt_admm::Factors;

use super::TtLinear;
use crate::Error;

/// A weight `[O, I]` that is multiplied with features.
#[derive(Debug)]
pub(super) enum Matrix {
    Dense(Tensor),
    Tt(TtLinear),
}

impl Matrix {
    /// The variable `name` below `path`, or the factors' cores below `cores`.
    pub(super) fn new(
        (path, name): (&Path<'_>, &str),
        cores: &Path<'_>,
        size: [i64; 2],
        init: Init,
        factors: Option<&Factors<f32>>,
    ) -> Result<Self, Error> {
        Ok(match factors {
            None => Self::Dense(path.f_var(name, &size, init)?),
            Some(factors) => Self::Tt(TtLinear::new(cores, size, factors)?),
        })
    }

    /// The products for features `[N, I]`, plus a bias `[O]`.
    pub(super) fn apply(&self, x: &Tensor, bias: Option<&Tensor>) -> Result<Tensor, TchError> {
        match (self, bias) {
            (Self::Dense(weight), bias) => x.f_linear(weight, bias),
            (Self::Tt(layer), Some(bias)) => layer.forward(x)?.f_add(bias),
            (Self::Tt(layer), None) => layer.forward(x),
        }
    }
}

/// Uniform within `1/sqrt(fan)`.
pub(super) fn uniform(fan: i64) -> Init {
    let bound = 1.0 / (fan.max(1) as f64).sqrt();
    Init::Uniform {
        lo: -bound,
        up: bound,
    }
}
