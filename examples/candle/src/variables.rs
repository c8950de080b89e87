//! Variables of a `VarMap` by name, in both directions.

use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};

use candle_core::{Tensor, Var, WithDType};
use candle_nn::VarMap;
use example_support::names;
use tt_admm::Scalar;
use tt_admm::ndarray::{ArrayD, ArrayViewD, IxDyn};

use crate::Error;

/// `f32` or `f64`: what both candle and the library compute with.
///
/// Half precision is refused on purpose. A weight could be widened exactly, but `Z` could not be written back
/// exactly, and `rho (W - anchor)` is mostly below the resolution of half a gradient; keep a copy of the weights
/// in `f32` for training, as mixed precision does anyway.
pub trait Element: Scalar + WithDType {}

impl<A: Scalar + WithDType> Element for A {}

fn lock(vars: &VarMap) -> MutexGuard<'_, HashMap<String, Var>> {
    // A panic elsewhere while the lock was held leaves the map itself intact.
    vars.data().lock().unwrap_or_else(PoisonError::into_inner)
}

/// All variables in the order of their names; `VarMap::all_vars` has a random order.
#[must_use]
pub fn sorted(vars: &VarMap) -> Vec<(String, Var)> {
    let map = lock(vars);
    let mut list: Vec<_> = map.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    list.sort_by(|a, b| a.0.cmp(&b.0));
    list
}

/// The variable of this name.
///
/// # Errors
///
/// [`Error::UnknownVariable`].
pub fn find(vars: &VarMap, name: &str) -> Result<Var, Error> {
    let map = lock(vars);
    map.get(name)
        .cloned()
        .ok_or_else(|| Error::UnknownVariable {
            name: name.to_owned(),
            nearest: names::nearest(name, map.keys(), 3),
        })
}

/// The variable of this name, if it holds elements of type `A`.
pub(crate) fn find_typed<A: Element>(vars: &VarMap, name: &str) -> Result<Var, Error> {
    let var = find(vars, name)?;
    if var.dtype() == A::DTYPE {
        return Ok(var);
    }
    Err(Error::DType {
        name: name.to_owned(),
        dtype: var.dtype(),
        expected: A::DTYPE,
    })
}

/// Copies a variable from its device: the weight that `Admm::try_update` asks for.
///
/// # Errors
///
/// [`Error::UnknownVariable`], [`Error::DType`], and what candle says if the copy fails.
pub fn read<A: Element>(vars: &VarMap, name: &str) -> Result<ArrayD<A>, Error> {
    let var = find_typed::<A>(vars, name)?;
    let values = var.flatten_all()?.to_vec1::<A>()?;
    let shape = IxDyn(var.dims());
    ArrayD::from_shape_vec(shape, values).map_err(Error::other)
}

/// Overwrites a variable on its device.
///
/// # Errors
///
/// [`Error::UnknownVariable`], [`Error::DType`], [`Error::Shape`], and what candle says if the copy fails.
pub fn write<A: Element>(
    vars: &VarMap,
    name: &str,
    values: ArrayViewD<'_, A>,
) -> Result<(), Error> {
    let var = find_typed::<A>(vars, name)?;
    var.set(&upload(&var, name, values)?)?;
    Ok(())
}

/// A tensor with these values on the device of the variable, after a check of the shape.
pub(crate) fn upload<A: Element>(
    var: &Var,
    name: &str,
    values: ArrayViewD<'_, A>,
) -> Result<Tensor, Error> {
    if var.dims() != values.shape() {
        return Err(Error::Shape {
            name: name.to_owned(),
            expected: var.dims().to_vec(),
            got: values.shape().to_vec(),
        });
    }
    let values = values.as_standard_layout();
    let slice = values.as_slice().unwrap_or_default();
    Ok(Tensor::from_slice(slice, var.dims(), var.device())?)
}
