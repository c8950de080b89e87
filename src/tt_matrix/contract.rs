//! A TT-matrix times a dense batch: one core after the other, without the matrix.

use ndarray::{Array2, Array4, ArrayView2};

use super::error::TtMatrixError;
use super::matrix::TtMatrix;
use super::plan::{cost, in_order, swaps};
use super::swap::Swap;
use crate::error::{checked_size, first_non_finite};
use crate::linalg::{Work, matmul_into, power_of_two_scale};
use crate::scalar::Scalar;
use crate::tensor_train::{TtError, rescale};

/// A row-major block times `2^exponent`.
pub(super) struct Block<A> {
    pub(super) values: Array2<A>,
    pub(super) exponent: f64,
}

/// The contraction of all cores with a batch of columns, from the cheaper end.
///
/// Before step `k` the block holds the digits given out already, the digits still to be taken in, the columns of the batch,
/// and the bond; step `k` is one product, a matrix of `(everything else) x (n_k, bond in)` times the core as
/// `(n_k, bond in) x (m_k, bond out)`, after a [`Swap`] that brings `n_k` next to the bond.
pub(super) struct Contraction<A> {
    from_left: bool,
    batch: usize,
    /// One before each core and one at the end.
    swaps: Vec<Swap>,
    /// In the order of the contraction, as `(n_k, bond in) x (m_k, bond out)`, times two to these powers.
    cores: Vec<(Array2<A>, f64)>,
    /// Whether intermediate results might leave the range of the type and are scaled at every step.
    careful: bool,
    pub(super) work: Work<A>,
}

impl<A: Scalar> Contraction<A> {
    /// Plans the contraction with a batch of `batch` columns. `spread` is how far, in powers of two, the largest elements of
    /// the dense operands are from one, added up. With the same of the cores, and the numbers of terms in all sums, it
    /// bounds what can be met on the way.
    pub(super) fn new(
        matrix: &TtMatrix<A>,
        batch: usize,
        mut spread: f64,
    ) -> Result<Self, TtMatrixError> {
        let (left, right) = (swaps(matrix, batch, true), swaps(matrix, batch, false));
        let from_left = cost(&left) <= cost(&right);
        let swaps = if from_left { left } else { right };
        let addressable = swaps
            .iter()
            .all(|swap| checked_size(&[swap.rows(), swap.cols()]).is_some());
        if !addressable {
            return Err(TtMatrixError::TooLarge {
                row_modes: matrix.row_modes.clone(),
                col_modes: matrix.col_modes.clone(),
            });
        }
        for (k, core) in matrix.cores().enumerate() {
            if let Some((index, value)) = first_non_finite(&core) {
                let what = format!("core {k}");
                return Err(TtError::NonFinite { what, index, value }.into());
            }
            let (r, m, n, s) = core.dim();
            spread += size(&core) + ((m.max(n) * r.max(s)) as f64).log2();
        }
        // A gradient is a sum over all rows.
        spread += swaps
            .iter()
            .map(|s| s.rows() as f64)
            .fold(1.0, f64::max)
            .log2();
        let careful = spread > 0.9 * A::max_value().widen().log2();
        let core = |k: usize| {
            let core = matrix.core(in_order(k, matrix.order(), from_left));
            let core = core.permuted_axes(if from_left {
                [2, 0, 1, 3]
            } else {
                [2, 3, 1, 0]
            });
            let (n, r, m, s) = core.dim();
            let mut core = shaped(core.as_standard_layout().into_owned(), (n * r, m * s));
            let exponent = if careful { -rescale(&mut core) } else { 0.0 };
            (core, exponent)
        };
        Ok(Self {
            from_left,
            batch,
            cores: (0..matrix.order()).map(core).collect(),
            swaps,
            careful,
            work: Work::default(),
        })
    }

    /// Whether intermediate results are scaled at every step.
    pub(super) fn is_careful(&self) -> bool {
        self.careful
    }

    /// A dense operand as a block.
    pub(super) fn block(&self, x: ArrayView2<'_, A>) -> Block<A> {
        let mut values = x.as_standard_layout().into_owned();
        let mut exponent = 0.0;
        if self.careful {
            exponent -= rescale(&mut values);
        }
        Block { values, exponent }
    }

    /// The product with the batch `x`, `(n_1 ... n_d) x batch`; every matrix that was multiplied by a core goes to `seen`.
    pub(super) fn forward(
        &mut self,
        x: Block<A>,
        mut seen: impl FnMut(&mut Work<A>, Block<A>),
    ) -> Block<A> {
        let Block {
            mut values,
            mut exponent,
        } = x;
        for ((core, power), swap) in self.cores.iter().zip(&self.swaps) {
            let operand = swap.apply(values, &mut self.work);
            values = self.work.matrix(operand.nrows(), core.ncols());
            matmul_into(operand.view(), core.view(), values.view_mut());
            let operand = Block {
                values: operand,
                exponent,
            };
            seen(&mut self.work, operand);
            exponent += power;
            if self.careful {
                exponent -= rescale(&mut values);
            }
        }
        let values = self.last().apply(values, &mut self.work);
        self.in_columns(values, exponent)
    }

    /// The way back: from the gradient of the product, `(m_1 ... m_d) x batch`, and what [`Contraction::forward`] showed,
    /// the gradients of the cores (as they lie in the matrix) and of the batch.
    pub(super) fn backward(
        &mut self,
        gradient: Block<A>,
        mut operands: Vec<Block<A>>,
        matrix: &TtMatrix<A>,
    ) -> (Vec<(Array4<A>, f64)>, Block<A>) {
        let Block {
            mut values,
            mut exponent,
        } = gradient;
        let mut gradients = Vec::with_capacity(self.cores.len());
        let mut swap = self.last();
        for k in (0..self.cores.len()).rev() {
            let (core, power) = &self.cores[k];
            let Some(operand) = operands.pop() else {
                unreachable!("one operand for each core");
            };
            let back = swap.back().apply(values, &mut self.work);
            let rows = operand.values.nrows();
            let product = shaped(back, (rows, core.ncols()));
            let mut gradient = Array2::zeros(core.raw_dim());
            matmul_into(operand.values.t(), product.view(), gradient.view_mut());
            let own = matrix.core(in_order(k, self.cores.len(), self.from_left));
            gradients.push((
                self.as_core(gradient, own.dim()),
                operand.exponent + exponent,
            ));
            values = operand.values;
            matmul_into(product.view(), core.t(), values.view_mut());
            self.work.give(product);
            exponent += power;
            if self.careful {
                exponent -= rescale(&mut values);
            }
            swap = self.swaps[k];
        }
        let values = swap.back().apply(values, &mut self.work);
        if self.from_left {
            gradients.reverse();
        }
        (gradients, self.in_columns(values, exponent))
    }

    /// The elements of a batch as a matrix, one column for each.
    fn in_columns(&self, values: Array2<A>, exponent: f64) -> Block<A> {
        let sides = (values.len() / self.batch, self.batch);
        let values = shaped(values, sides);
        Block { values, exponent }
    }

    /// A matrix `(n_k, bond in) x (m_k, bond out)` as a core of this shape.
    fn as_core(&self, a: Array2<A>, (r, m, n, s): (usize, usize, usize, usize)) -> Array4<A> {
        let (shape, axes) = if self.from_left {
            ((n, r, m, s), [1, 2, 0, 3])
        } else {
            ((n, s, m, r), [3, 2, 0, 1])
        };
        let core = shaped(a, shape).permuted_axes(axes);
        core.as_standard_layout().into_owned()
    }

    fn last(&self) -> Swap {
        self.swaps[self.swaps.len() - 1]
    }
}

/// How far the largest element is from one, in powers of two.
pub(super) fn size<A: Scalar, D: ndarray::Dimension>(a: &ndarray::ArrayRef<A, D>) -> f64 {
    power_of_two_scale(a).widen().log2().abs()
}

/// A row-major array with another shape.
fn shaped<A, D: ndarray::Dimension, E: ndarray::IntoDimension>(
    array: ndarray::Array<A, D>,
    shape: E,
) -> ndarray::Array<A, E::Dim> {
    match array.into_shape_with_order(shape) {
        Ok(array) => array,
        Err(error) => unreachable!("blocks are row-major and sizes agree: {error}"),
    }
}
