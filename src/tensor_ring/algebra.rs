//! Sums, multiples and shifts.

use ndarray::{Array3, s};

use super::{TensorRing, TrError};
use crate::error::checked_size;
use crate::linalg::power_of_two_scale;
use crate::scalar::Scalar;

impl<A: Scalar> TensorRing<A> {
    /// `X + Y` for a ring of the same shape: all ranks add up, every core is the block-diagonal one of the two cores.
    /// All entries are copied, so nothing is rounded. [`TensorRing::round`] finds smaller ranks.
    ///
    /// # Errors
    ///
    /// [`TrError::ShapeMismatch`] if the shapes differ, [`TrError::NonFinite`] if an entry is NaN or infinite,
    /// [`TrError::RanksTooLarge`] if memory cannot address a core of the result.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tr_svd, ndarray::Array3};
    ///
    /// let x = tr_svd(&Array3::from_elem((2, 3, 4), 1.0), 1)?;
    /// let y = tr_svd(&Array3::from_shape_fn((2, 3, 4), |(i, j, k)| (i * j * k) as f64), 1)?;
    /// let sum = x.add(&y)?;
    /// assert_eq!(sum.ranks(), [2, 2, 2, 2]);
    /// assert!((sum.get(&[1, 2, 3])? - 7.0).abs() < 1e-13);
    /// # Ok::<(), tt_admm::TrError>(())
    /// ```
    pub fn add(&self, other: &Self) -> Result<Self, TrError> {
        self.check_same_shape(&other.shape)?;
        self.check_finite()?;
        other.check_finite()?;
        let mut cores = Vec::with_capacity(self.order());
        for (x, y) in self.cores.iter().zip(&other.cores) {
            let ((xr, n, xs), (yr, _, ys)) = (x.dim(), y.dim());
            let shape = [xr.saturating_add(yr), n, xs.saturating_add(ys)];
            if checked_size(&shape).is_none() {
                let sums = self.ranks.iter().zip(&other.ranks);
                let ranks: Vec<usize> = sums.map(|(p, q)| p.saturating_add(*q)).collect();
                return Err(TrError::RanksTooLarge {
                    ranks: ranks[..self.order()].to_vec(),
                    shape: self.shape.clone(),
                });
            }
            cores.push(block_diagonal(x, y));
        }
        Ok(Self::assemble(cores))
    }

    /// `factor X`, with the same ranks. The first core is multiplied; if it cannot hold the result, powers of two are
    /// shared out among all cores.
    ///
    /// # Errors
    ///
    /// [`TrError::Factor`] if the factor is NaN or infinite, [`TrError::NonFinite`] if an entry is, and
    /// [`TrError::OutOfRange`] if all cores together cannot hold the result.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorRing, tr_svd, ndarray::{Array3, array}};
    ///
    /// let x = tr_svd(&array![[1.0, 2.0], [3.0, 4.0]], [1, 2])?;
    /// assert!((x.scale(-0.5)?.get(&[1, 1])? + 2.0_f64).abs() < 1e-14);
    ///
    /// // 1e650 as a ring of four cores.
    /// let huge = TensorRing::from_cores(vec![Array3::from_elem((1, 1, 1), 1e100); 4])?.scale(1e250)?;
    /// assert!((huge.log_norm() / (650.0 * 10.0_f64.ln()) - 1.0).abs() < 1e-14);
    /// # Ok::<(), tt_admm::TrError>(())
    /// ```
    pub fn scale(&self, factor: A) -> Result<Self, TrError> {
        if !factor.is_finite() {
            return Err(TrError::Factor {
                got: factor.widen(),
            });
        }
        self.check_finite()?;
        let mut cores = self.cores.clone();
        cores[0].mapv_inplace(|x| x * factor);
        let lost = |(&x, &y): (&A, &A)| {
            !y.is_finite() || (x != A::zero() && factor != A::zero() && !y.is_normal())
        };
        if !self.cores[0].iter().zip(&cores[0]).any(lost) {
            return Ok(Self::assemble(cores));
        }
        let mut even = Self::assemble(self.cores.clone()).balanced(0.0)?;
        let unit = power_of_two_scale(&ndarray::arr0(factor));
        even.cores[0].mapv_inplace(|x| x * (factor * unit));
        even.balanced(-unit.widen().log2())
    }

    /// The ring with its modes shifted cyclically, so that mode `first` comes first: `Y(i_{first}, ..., i_d, i_1, ...)
    /// = X(i_1, ..., i_d)`. The cores stay the same.
    ///
    /// # Errors
    ///
    /// [`TrError::NoSuchMode`] if `first >= order()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tr_svd, ndarray::Array3};
    ///
    /// let x = Array3::from_shape_fn((4, 3, 2), |(i, j, k)| (100 * i + 10 * j + k) as f64);
    /// let y = tr_svd(&x, [2, 2, 4])?.shift(1)?;
    /// assert_eq!(y.shape(), [3, 2, 4]);
    /// assert_eq!(y.ranks(), [2, 4, 2, 2]);
    /// assert!((y.get(&[2, 1, 3])? - 321.0_f64).abs() < 1e-11);
    /// # Ok::<(), tt_admm::TrError>(())
    /// ```
    pub fn shift(&self, first: usize) -> Result<Self, TrError> {
        let order = self.order();
        if first >= order {
            return Err(TrError::NoSuchMode { mode: first, order });
        }
        let mut cores = self.cores.clone();
        cores.rotate_left(first);
        Ok(Self::assemble(cores))
    }
}

/// Slice by slice, the block-diagonal matrix of two.
fn block_diagonal<A: Scalar>(x: &Array3<A>, y: &Array3<A>) -> Array3<A> {
    let ((xr, n, xs), (yr, _, ys)) = (x.dim(), y.dim());
    let mut core = Array3::zeros((xr + yr, n, xs + ys));
    core.slice_mut(s![..xr, .., ..xs]).assign(x);
    core.slice_mut(s![xr.., .., xs..]).assign(y);
    core
}
