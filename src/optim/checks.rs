//! Checks of hyper-parameters and of what a model says about itself.

use super::{GradientModel, OptimError};
use crate::scalar::Scalar;
use std::collections::BTreeMap;

fn require(
    legal: bool,
    name: &'static str,
    range: &'static str,
    value: f64,
) -> Result<(), OptimError> {
    if legal {
        Ok(())
    } else {
        Err(OptimError::HyperParameter { name, range, value })
    }
}

// The three rules look at the value in the element type, because that is the value which is used:
// an f64 of 1e-60 is a zero step in f32, and 1 - 1e-12 is a decay rate of 1.

pub(super) fn positive<A: Scalar>(name: &'static str, value: f64) -> Result<(), OptimError> {
    let used = A::narrow(value);
    require(
        used.is_finite() && used > A::zero(),
        name,
        "finite and > 0",
        value,
    )
}

pub(super) fn non_negative<A: Scalar>(name: &'static str, value: f64) -> Result<(), OptimError> {
    require(
        A::narrow(value).is_finite() && value >= 0.0,
        name,
        "finite and >= 0",
        value,
    )
}

pub(super) fn below_one<A: Scalar>(name: &'static str, value: f64) -> Result<(), OptimError> {
    require(
        value >= 0.0 && A::narrow(value) < A::one(),
        name,
        "in [0, 1)",
        value,
    )
}

pub(super) fn decay_factor(name: &'static str, value: f64) -> Result<(), OptimError> {
    require(value > 0.0 && value <= 1.0, name, "in (0, 1]", value)
}

pub(super) fn fraction(name: &'static str, value: f64) -> Result<(), OptimError> {
    require((0.0..=1.0).contains(&value), name, "in [0, 1]", value)
}

pub(super) fn at_least_one(name: &'static str, count: usize) -> Result<(), OptimError> {
    if count == 0 {
        Err(OptimError::Zero { name })
    } else {
        Ok(())
    }
}

/// Samples and parameters exist, names are unique, and both parameter lists agree.
pub(super) fn model<M: GradientModel + ?Sized>(model: &mut M) -> Result<(), OptimError> {
    if model.num_samples() == 0 {
        return Err(OptimError::NoSamples);
    }
    // Owned, because the second list borrows the model exclusively.
    let listed: Vec<(String, Vec<usize>)> = model
        .parameters()
        .iter()
        .map(|(name, view)| ((*name).to_owned(), view.shape().to_vec()))
        .collect();
    if listed.is_empty() {
        return Err(OptimError::NoParameters);
    }
    let mut seen = BTreeMap::new();
    for (second, (name, _)) in listed.iter().enumerate() {
        if let Some(first) = seen.insert(name.as_str(), second) {
            return Err(OptimError::DuplicateParameter {
                name: name.clone(),
                first,
                second,
            });
        }
    }
    let exclusive = model.parameters_mut();
    if exclusive.len() != listed.len() {
        return Err(OptimError::ParameterCount {
            shared: listed.len(),
            exclusive: exclusive.len(),
        });
    }
    for (position, ((name, shape), (name_mut, view))) in listed.iter().zip(&exclusive).enumerate() {
        if name != name_mut || shape != view.shape() {
            return Err(OptimError::ParameterMismatch {
                position,
                name: name.clone(),
                shape: shape.clone(),
                name_mut: (*name_mut).to_owned(),
                shape_mut: view.shape().to_vec(),
            });
        }
    }
    Ok(())
}
