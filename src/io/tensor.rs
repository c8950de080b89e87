//! One tensor: a type, a shape and its bytes.

use std::ops::Range;
use std::sync::Arc;

use half::{bf16, f16};
use ndarray::{ArrayD, ArrayRef, Dimension, IxDyn};

use super::{Dtype, IoErrorKind};
use crate::error::first_non_finite;
use crate::scalar::Scalar;

/// The most axes that NumPy and PyTorch know.
pub(super) const MOST_AXES: usize = 64;

/// A tensor as stored: row-major, little-endian. The bytes are a part of a buffer that other tensors may share.
#[derive(Debug, Clone)]
pub(super) struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    buffer: Arc<Vec<u8>>,
    range: Range<usize>,
}

impl Tensor {
    /// A tensor with bytes of its own.
    pub(super) fn new(
        dtype: Dtype,
        shape: Vec<usize>,
        bytes: Vec<u8>,
    ) -> Result<Self, IoErrorKind> {
        let range = 0..bytes.len();
        Self::within(dtype, shape, &Arc::new(bytes), range)
    }

    /// A tensor in a buffer that holds this range.
    pub(super) fn within(
        dtype: Dtype,
        shape: Vec<usize>,
        buffer: &Arc<Vec<u8>>,
        range: Range<usize>,
    ) -> Result<Self, IoErrorKind> {
        let expected = checked_byte_count(dtype, &shape)?;
        if expected != range.len() {
            return Err(IoErrorKind::ByteCount {
                shape,
                dtype,
                expected: expected as u64,
                got: range.len() as u64,
            });
        }
        let buffer = Arc::clone(buffer);
        Ok(Self {
            dtype,
            shape,
            buffer,
            range,
        })
    }

    /// The elements of an array of any memory layout.
    pub(super) fn of_array<A: Scalar, D: Dimension>(
        array: &ArrayRef<A, D>,
    ) -> Result<Self, IoErrorKind> {
        let dtype = Dtype::of::<A>();
        let mut bytes = Vec::with_capacity(checked_byte_count(dtype, array.shape())?);
        if dtype == Dtype::F32 {
            let elements = array.iter().map(|x| f32::narrow(x.widen()).to_le_bytes());
            elements.for_each(|x| bytes.extend_from_slice(&x));
        } else {
            let elements = array.iter().map(|x| x.widen().to_le_bytes());
            elements.for_each(|x| bytes.extend_from_slice(&x));
        }
        Self::new(dtype, array.shape().to_vec(), bytes)
    }

    pub(super) fn dtype(&self) -> Dtype {
        self.dtype
    }

    pub(super) fn shape(&self) -> &[usize] {
        &self.shape
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.range.clone()]
    }

    /// The elements, converted to `A`.
    pub(super) fn to_array<A: Scalar>(&self) -> Result<ArrayD<A>, IoErrorKind> {
        let bytes = self.bytes();
        let elements = match self.dtype {
            Dtype::F16 => elements(bytes, |x| f16::from_le_bytes(x).to_f64()),
            Dtype::BF16 => elements(bytes, |x| bf16::from_le_bytes(x).to_f64()),
            Dtype::F32 => elements(bytes, |x| f64::from(f32::from_le_bytes(x))),
            Dtype::F64 => elements(bytes, f64::from_le_bytes),
            dtype => return Err(IoErrorKind::NotReal { dtype }),
        };
        ArrayD::from_shape_vec(IxDyn(&self.shape), elements).map_err(|_| IoErrorKind::Size {
            shape: self.shape.clone(),
            dtype: self.dtype,
        })
    }

    /// The elements, converted to `A`, all of them finite.
    pub(super) fn to_finite_array<A: Scalar>(&self) -> Result<ArrayD<A>, IoErrorKind> {
        let array = self.to_array()?;
        require_finite(&array)?;
        Ok(array)
    }
}

/// Refuses NaN and infinite elements.
pub(super) fn require_finite<A: Scalar, D: Dimension>(
    array: &ArrayRef<A, D>,
) -> Result<(), IoErrorKind> {
    match first_non_finite(array) {
        Some((index, value)) => Err(IoErrorKind::NonFinite { index, value }),
        None => Ok(()),
    }
}

/// The bytes of such a tensor, if there can be one.
pub(super) fn checked_byte_count(dtype: Dtype, shape: &[usize]) -> Result<usize, IoErrorKind> {
    if shape.len() > MOST_AXES {
        return Err(IoErrorKind::Axes {
            got: shape.len(),
            most: MOST_AXES,
        });
    }
    let size = || IoErrorKind::Size {
        shape: shape.to_vec(),
        dtype,
    };
    dtype.byte_count(shape).ok_or_else(size)
}

fn elements<const N: usize, A: Scalar>(bytes: &[u8], value: impl Fn([u8; N]) -> f64) -> Vec<A> {
    let (elements, _) = bytes.as_chunks::<N>();
    elements.iter().map(|&x| A::narrow(value(x))).collect()
}
