//! The row vector that runs through the cores when an element is computed.

use ndarray::{Array1, ArrayView2};

use crate::scalar::Scalar;
use crate::tensor_train::graded::{Scaled, rescale};

/// A row vector times a power of two, so that products over hundreds of cores neither under- nor overflow.
pub(super) struct Row<A> {
    values: Array1<A>,
    exponent: f64,
}

impl<A: Scalar> Row<A> {
    /// The number 1.
    pub(super) fn one() -> Self {
        Self {
            values: Array1::ones(1),
            exponent: 0.0,
        }
    }

    /// The row times a matrix; plain loops, as one row is no work for a backend.
    pub(super) fn times(mut self, matrix: ArrayView2<'_, A>) -> Self {
        let mut product = Array1::zeros(matrix.ncols());
        for (&x, row) in self.values.iter().zip(matrix.rows()) {
            product.scaled_add(x, &row);
        }
        self.exponent -= rescale(&mut product);
        self.values = product;
        self
    }

    /// The row times `2^exponent`.
    pub(super) fn shifted(mut self, exponent: f64) -> Self {
        self.exponent += exponent;
        self
    }

    /// The only entry, after the last core.
    pub(super) fn value(&self) -> A {
        let scaled = Scaled {
            mantissa: self.values[0].widen(),
            exponent: self.exponent,
        };
        A::narrow(scaled.value())
    }
}
