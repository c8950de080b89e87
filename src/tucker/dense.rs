//! From core and factors back to elements.

use std::borrow::Cow;

use ndarray::{Array2, ArrayD, IxDyn};

use super::block::Block;
use super::error::TuckerError;
use super::tensor::Tucker;
use crate::error::checked_size;
use crate::linalg::Work;
use crate::scalar::Scalar;
use crate::tensor_train::{Scaled, rescale};

impl<A: Scalar> Tucker<A> {
    /// The dense tensor, row-major.
    ///
    /// The core is multiplied by one factor after the other, in the order that needs the fewest operations; the last
    /// product costs `2 N r` of them for `N` elements and a factor of rank `r`.
    ///
    /// # Panics
    ///
    /// Panics if the dense tensor has more elements than memory can address.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tucker, ndarray::Array3};
    ///
    /// let x = Array3::from_shape_fn((3, 4, 2), |(i, j, k)| (i + j + k + 3) as f64);
    /// let back = tucker(&x, 2)?.to_dense();
    /// assert_eq!(back.shape(), [3, 4, 2]);
    /// assert!((back[[2, 3, 1]] - 9.0).abs() < 1e-13);
    /// # Ok::<(), tt_admm::TuckerError>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn to_dense(&self) -> ArrayD<A> {
        let size = checked_size(&self.shape);
        assert!(
            size.is_some(),
            "a dense tensor of shape {:?} is too large",
            self.shape
        );
        let mut dense = ArrayD::zeros(IxDyn(&self.shape));
        if let Some(slice) = dense.as_slice_mut() {
            self.write_dense(slice, &mut Work::default());
        }
        dense
    }

    /// Writes the dense tensor in row-major order into `out`, whose length must be the number of elements.
    pub(crate) fn write_dense(&self, out: &mut [A], work: &mut Work<A>) {
        expand(&self.core, &self.factors, out, work);
    }

    /// One element, in `O(prod_k r_k)`.
    ///
    /// # Errors
    ///
    /// [`TuckerError::IndexOutOfBounds`] for an index outside the shape or of the wrong length.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tucker, ndarray::Array2};
    ///
    /// let t = tucker(&Array2::from_shape_fn((30, 40), |(i, j)| (i + j) as f64), 2)?;
    /// assert!((t.get(&[10, 20])? - 30.0).abs() < 1e-12);
    /// assert!(t.get(&[10, 40]).is_err());
    /// # Ok::<(), tt_admm::TuckerError>(())
    /// ```
    pub fn get(&self, index: &[usize]) -> Result<A, TuckerError> {
        if index.len() != self.order() || index.iter().zip(&self.shape).any(|(i, n)| i >= n) {
            return Err(TuckerError::IndexOutOfBounds {
                index: index.to_vec(),
                shape: self.shape.clone(),
            });
        }
        // One mode after the other, the last first: what is left has the modes before it.
        let mut rest: Vec<A> = self.core.iter().copied().collect();
        for (mode, &i) in index.iter().enumerate().rev() {
            let rank = self.ranks()[mode];
            rest = match &self.factors[mode] {
                None => rest.chunks_exact(rank).map(|row| row[i]).collect(),
                Some(factor) => rest
                    .chunks_exact(rank)
                    .map(|row| {
                        let products = row.iter().zip(factor.row(i)).map(|(&x, &u)| x * u);
                        products.fold(A::zero(), |sum, x| sum + x)
                    })
                    .collect(),
            };
        }
        Ok(rest[0])
    }

    /// Frobenius norm, from the core and the triangular factors of the `U_k`: accurate to rounding, whether or not
    /// the columns of the factors are orthonormal.
    ///
    /// Infinite or zero if the norm is outside the range of `A`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tucker, ndarray::Array3};
    ///
    /// let x = Array3::from_shape_fn((3, 4, 2), |(i, j, k)| (i + j + k + 3) as f64);
    /// assert!((tucker(&x, 2)?.norm() - 30.265491900843113).abs() < 1e-12);
    /// # Ok::<(), tt_admm::TuckerError>(())
    /// ```
    #[must_use]
    pub fn norm(&self) -> A {
        let (mut exponent, work) = (0.0, &mut Work::default());
        let mut core = self.core.clone();
        exponent -= rescale(&mut core);
        let mut block = Block::new(Cow::Owned(core.into_raw_vec_and_offset().0), self.ranks());
        for (mode, factor) in self.factors.iter().enumerate() {
            let Some(factor) = factor else { continue };
            let mut factor = factor.clone();
            exponent -= rescale(&mut factor);
            // Without a QR (out of memory) the factor itself does as well.
            let r = A::qr_r(factor.view()).unwrap_or(factor);
            let next = block.product(mode, r.t(), work);
            std::mem::replace(&mut block, next).recycle(work);
            exponent -= block.rescale();
        }
        let mantissa = block.square().sqrt();
        A::narrow(Scaled { mantissa, exponent }.value())
    }
}

/// Writes a core (row-major) times its factors to `out`, row-major.
pub(super) fn expand<A: Scalar>(
    core: &ArrayD<A>,
    factors: &[Option<Array2<A>>],
    out: &mut [A],
    work: &mut Work<A>,
) {
    let Some(elements) = core.as_slice() else {
        unreachable!("cores are row-major");
    };
    let stored = factors.iter().enumerate();
    let mut pairs: Vec<_> = stored.filter_map(|(k, f)| Some((k, f.as_ref()?))).collect();
    // Exchanging neighbours shows that this order needs the fewest operations.
    let growth = |f: &Array2<A>| 1.0 / f.ncols() as f64 - 1.0 / f.nrows() as f64;
    pairs.sort_by(|(_, a), (_, b)| growth(a).total_cmp(&growth(b)));
    let mut block = Block::new(Cow::Borrowed(elements), core.shape());
    let Some((last, others)) = pairs.split_last() else {
        return block.write(out);
    };
    for (mode, factor) in others {
        let next = block.product(*mode, factor.t(), work);
        std::mem::replace(&mut block, next).recycle(work);
    }
    block.product_into(last.0, last.1.t(), out, work);
}
