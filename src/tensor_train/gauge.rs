//! Sweeps of QR factorisations that move the orthogonality centre.

use ndarray::{Array2, Array3, ArrayView3};

use super::error::TtError;
use super::graded::{carried, normalize_columns, rescale};
use super::orthogonal::core;
use super::train::TensorTrain;
use crate::linalg::{Side, frobenius, matmul, orthonormal_factor};
use crate::scalar::Scalar;

/// The cores that change when the centre moves.
pub(super) struct Gauge<A> {
    /// The number of the first of them.
    pub(super) first: usize,
    /// Orthonormal but for the centre, which has entries near 1.
    pub(super) cores: Vec<Array3<A>>,
    /// The centre is to be multiplied by this power of two.
    pub(super) exponent: f64,
    /// Sum of the norms of the terms that were added up in the last product, in units of the centre: far above
    /// its norm if they cancel. Rounding errors are relative to this.
    pub(super) magnitude: f64,
}

/// Cores that are orthonormal now, and what they leave to the next one.
struct Swept<A> {
    bases: Vec<Array3<A>>,
    carry: Option<Array2<A>>,
    /// Of the bond between them and the next core.
    exponents: Vec<f64>,
}

/// Makes cores left-orthogonal, of which the first has this left rank.
fn swept<'a, A: Scalar>(
    cores: impl Iterator<Item = ArrayView3<'a, A>>,
    rank: usize,
) -> Result<Swept<A>, TtError> {
    let mut swept = Swept {
        bases: Vec::new(),
        carry: None,
        exponents: vec![0.0; rank],
    };
    for own in cores {
        let n = own.dim().1;
        let block = carried(swept.carry.as_ref(), own, &mut swept.exponents);
        let mut f = orthonormal_factor(&block, Side::Left)?;
        normalize_columns(&mut f.rest, &mut swept.exponents);
        let shape = (block.nrows() / n, n, f.basis.ncols());
        swept.bases.push(core(&f.basis, shape));
        swept.carry = Some(f.rest);
    }
    Ok(swept)
}

impl<A: Scalar> TensorTrain<A> {
    /// The cores that change when the centre moves here from where it is now, or from nowhere. The entries must be
    /// finite.
    pub(super) fn gauge(&self, center: usize) -> Result<Gauge<A>, TtError> {
        let (first, last) = match self.center {
            Some(known) => (known.min(center), known.max(center)),
            None => (0, self.order() - 1),
        };
        let before = self.cores[first..center].iter().map(|c| c.view());
        let after = self.cores[center + 1..=last].iter().rev();
        let after = after.map(|c| c.view().permuted_axes([2, 1, 0]));
        let left = swept(before, self.ranks[first])?;
        let right = swept(after, self.ranks[last + 1])?;
        let mut exponents = left.exponents;
        let own = self.cores[center].view();
        let mut block = carried(left.carry.as_ref(), own, &mut exponents);
        // The columns in a common unit, that of the largest.
        for (own, other) in exponents.iter_mut().zip(&right.exponents) {
            *own += other;
        }
        let largest = exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // Minus infinity if the train is zero.
        let mut exponent = if largest.is_finite() { largest } else { 0.0 };
        for (mut column, own) in block.columns_mut().into_iter().zip(&exponents) {
            let factor = A::narrow((own - exponent).exp2());
            column.mapv_inplace(|x| x * factor);
        }
        let mut magnitude = frobenius(block.iter().copied());
        if let Some(carry) = right.carry {
            let pairs = block.columns().into_iter().zip(carry.columns());
            magnitude = pairs
                .map(|(x, y)| frobenius(x.iter().copied()) * frobenius(y.iter().copied()))
                .sum();
            block = matmul(block.view(), carry.t());
        }
        let scale = -rescale(&mut block);
        exponent += scale;
        magnitude *= (-scale).exp2();
        let n = self.cores[center].dim().1;
        let mut cores = left.bases;
        cores.push(core(&block, (block.nrows() / n, n, block.ncols())));
        let turned = right
            .bases
            .into_iter()
            .rev()
            .map(|c| c.permuted_axes([2, 1, 0]));
        cores.extend(turned.map(|c| c.as_standard_layout().into_owned()));
        Ok(Gauge {
            first,
            cores,
            exponent,
            magnitude,
        })
    }
}
