//! One tensor between burn and `ndarray`.

use burn::tensor::{DType, Device, Tensor, TensorData};
use tt_admm::ndarray::{ArrayD, ArrayViewD, IxDyn};

use crate::Error;

/// The values of a tensor; the name is for errors.
pub(crate) fn download<const D: usize>(
    name: &str,
    tensor: Tensor<D>,
) -> Result<ArrayD<f32>, Error> {
    check_dtype(name, tensor.dtype())?;
    let shape = tensor.dims();
    let reading = || format!("reading `{name}`");
    let values = tensor
        .without_autodiff()
        .try_into_data()
        .map_err(|e| Error::burn(reading(), e.to_string()))?
        .try_into_vec::<f32>()
        .map_err(|e| Error::burn(reading(), e.to_string()))?;
    ArrayD::from_shape_vec(IxDyn(&shape), values).map_err(|e| Error::burn(reading(), e))
}

/// The values of an array, in row-major order, on a device.
pub(crate) fn upload<const D: usize>(array: &ArrayViewD<'_, f32>, device: &Device) -> Tensor<D> {
    Tensor::from_data(data(array), (device, DType::F32))
}

/// The values of an array, in row-major order.
pub(crate) fn data(array: &ArrayViewD<'_, f32>) -> TensorData {
    TensorData::new(
        array.iter().copied().collect::<Vec<f32>>(),
        array.shape().to_vec(),
    )
}

pub(crate) fn check_dtype(name: &str, dtype: DType) -> Result<(), Error> {
    if dtype == DType::F32 {
        return Ok(());
    }
    Err(wrong_dtype(name, dtype))
}

pub(crate) fn wrong_dtype(name: &str, dtype: DType) -> Error {
    Error::DType {
        name: name.to_owned(),
        dtype,
    }
}

pub(crate) fn check_shape(name: &str, expected: &[usize], got: &[usize]) -> Result<(), Error> {
    if expected == got {
        return Ok(());
    }
    Err(Error::Shape {
        name: name.to_owned(),
        expected: expected.to_vec(),
        got: got.to_vec(),
    })
}
