//! Between variables of a store, on any device, and arrays.

use example_support::names::nearest;
use ndarray::{ArrayD, ArrayViewD, IxDyn};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

use crate::Error;

/// The variable of this name; it shares its storage with the store's.
///
/// # Errors
///
/// [`Error::UnknownVariable`] with the nearest names.
pub fn variable(store: &VarStore, name: &str) -> Result<Tensor, Error> {
    let variables = store.variables();
    if let Some(found) = variables.get(name) {
        return Ok(found.shallow_clone());
    }
    let mut known: Vec<&String> = variables.keys().collect();
    known.sort();
    Err(Error::UnknownVariable {
        name: name.to_owned(),
        nearest: nearest(name, known, 3),
    })
}

/// All variables of a store in the order of their names.
#[must_use]
pub fn sorted(store: &VarStore) -> Vec<(String, Tensor)> {
    let mut variables: Vec<_> = store.variables().into_iter().collect();
    variables.sort_by(|a, b| a.0.cmp(&b.0));
    variables
}

/// The elements of a tensor, copied from its device.
///
/// # Errors
///
/// [`Error::Kind`] unless they are `f32`.
pub fn to_array(name: &str, tensor: &Tensor) -> Result<ArrayD<f32>, Error> {
    require_float(name, tensor)?;
    let size = tensor.size();
    let shape: Vec<usize> = size
        .iter()
        .map(|&n| usize::try_from(n).unwrap_or(0))
        .collect();
    let mut elements = vec![0.0_f32; shape.iter().product()];
    let count = elements.len();
    tensor.f_detach()?.f_copy_data(&mut elements, count)?;
    ArrayD::from_shape_vec(IxDyn(&shape), elements).map_err(Error::other)
}

/// A tensor on this device with the elements of an array.
///
/// # Errors
///
/// [`Error::Torch`], for example when the device has no room.
pub fn to_tensor(array: &ArrayViewD<'_, f32>, device: Device) -> Result<Tensor, Error> {
    let shape = as_size(array.shape());
    let elements: Vec<f32> = array.iter().copied().collect();
    upload(&elements, &shape, device)
}

/// A tensor on this device with these elements in row-major order.
///
/// # Errors
///
/// [`Error::Torch`], for example for a shape with another number of elements.
pub fn upload<T: tch::kind::Element>(
    elements: &Vec<T>,
    size: &[i64],
    device: Device,
) -> Result<Tensor, Error> {
    // `Vec` and not a slice: of all ways to make a tensor this one is in every version of tch.
    Ok(Tensor::try_from(elements)?
        .f_reshape(size)?
        .f_to_device(device)?)
}

/// A shape as Torch has it.
pub(crate) fn as_size(shape: &[usize]) -> Vec<i64> {
    shape
        .iter()
        .map(|&n| i64::try_from(n).unwrap_or(i64::MAX))
        .collect()
}

pub(crate) fn require_float(name: &str, tensor: &Tensor) -> Result<(), Error> {
    match tensor.f_kind()? {
        Kind::Float => Ok(()),
        kind => Err(Error::Kind {
            name: name.to_owned(),
            kind,
            supported: "Float (f32)",
        }),
    }
}

pub(crate) fn require_size(name: &str, tensor: &Tensor, expected: &[i64]) -> Result<(), Error> {
    let got = tensor.size();
    if got == expected {
        return Ok(());
    }
    Err(Error::Shape {
        name: name.to_owned(),
        expected: expected.to_vec(),
        got,
    })
}

/// Copies every variable of `from` to the one of the same name in `to`, if there is one.
///
/// # Errors
///
/// [`Error::Shape`] if they have different shapes.
pub fn copy_shared(from: &VarStore, to: &VarStore) -> Result<(), Error> {
    let source = from.variables();
    for (name, mut variable) in sorted(to) {
        if let Some(value) = source.get(&name) {
            require_size(&name, value, &variable.size())?;
            tch::no_grad(|| variable.f_copy_(value))?;
        }
    }
    Ok(())
}

/// The number of trainable values in a store.
#[must_use]
pub fn num_parameters(store: &VarStore) -> usize {
    store.trainable_variables().iter().map(Tensor::numel).sum()
}
