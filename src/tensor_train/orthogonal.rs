//! Orthogonal gauges: the same tensor with orthonormal cores on either side of a centre.

use ndarray::{Array2, Array3};

use super::dense::{matrix, reshaped};
use super::error::TtError;
use super::inner::{Scaled, rescale, unit};
use super::train::TensorTrain;
use crate::linalg::{Side, matmul, orthonormal_factor};
use crate::scalar::Scalar;

impl<A: Scalar> TensorTrain<A> {
    /// Makes every core but the last left-orthogonal: `(r_{k-1} n_k) x r_k` with orthonormal columns.
    ///
    /// The tensor stays the same; its norm is then the norm of the last core. Ranks larger than the shape
    /// allows shrink. Costs `O(sum_k n_k r^3)`.
    ///
    /// # Errors
    ///
    /// [`TtError::OutOfRange`] if one core cannot hold the norm, [`TtError::Linalg`] if the backend fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorTrain, ndarray::Array3};
    ///
    /// let mut tt = TensorTrain::from_cores(vec![
    ///     Array3::from_elem((1, 2, 2), 1.0), Array3::from_elem((2, 3, 1), 0.5),
    /// ])?;
    /// tt.left_orthogonalize()?;
    /// let last = tt.core(1).iter().map(|x| x * x).sum::<f64>().sqrt();
    /// assert!((last - 6.0_f64.sqrt()).abs() < 1e-14);   // the tensor is 2 x 3, all ones
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn left_orthogonalize(&mut self) -> Result<(), TtError> {
        self.orthogonalize(self.order() - 1)
    }

    /// Makes every core but the first right-orthogonal: `r_{k-1} x (n_k r_k)` with orthonormal rows. See
    /// [`TensorTrain::left_orthogonalize`].
    ///
    /// # Errors
    ///
    /// [`TtError::OutOfRange`] if one core cannot hold the norm, [`TtError::Linalg`] if the backend fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorTrain, ndarray::Array3};
    ///
    /// let mut tt = TensorTrain::from_cores(vec![
    ///     Array3::from_elem((1, 2, 2), 1.0), Array3::from_elem((2, 3, 1), 0.5),
    /// ])?;
    /// tt.right_orthogonalize()?;
    /// let first = tt.core(0).iter().map(|x| x * x).sum::<f64>().sqrt();
    /// assert!((first - 6.0_f64.sqrt()).abs() < 1e-14);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn right_orthogonalize(&mut self) -> Result<(), TtError> {
        self.orthogonalize(0)
    }

    /// Makes the cores before `center` left-orthogonal and those after it right-orthogonal. See
    /// [`TensorTrain::left_orthogonalize`].
    ///
    /// # Errors
    ///
    /// [`TtError::NoSuchCore`] if `center >= order()`; [`TtError::OutOfRange`] if one core cannot hold the norm, [`TtError::Linalg`] if the backend fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tt_svd, ndarray::Array3};
    ///
    /// let x = Array3::from_shape_fn((4, 5, 6), |(i, j, k)| (i * j + k) as f64);
    /// let mut tt = tt_svd(&x, 3)?;
    /// tt.orthogonalize(1)?;
    /// let norm = tt.core(1).iter().map(|x| x * x).sum::<f64>().sqrt();
    /// assert!((norm - tt.norm()).abs() < 1e-11);
    /// assert!(tt.orthogonalize(3).is_err());
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn orthogonalize(&mut self, center: usize) -> Result<(), TtError> {
        let order = self.order();
        if center >= order {
            return Err(TtError::NoSuchCore {
                core: center,
                order,
            });
        }
        // Entries stay near 1 on the way; the centre takes the exponent at the end.
        let mut exponent = 0.0;
        let mut cores: Vec<_> = self.cores.iter().map(|c| unit(c, &mut exponent)).collect();
        for k in 0..center {
            let (r, n, s) = cores[k].dim();
            let f = orthonormal_factor(&matrix(&cores[k], (r * n, s)), Side::Left)?;
            let (next_n, next_s) = (cores[k + 1].dim().1, cores[k + 1].dim().2);
            let next = matmul(f.rest.view(), matrix(&cores[k + 1], (s, next_n * next_s)));
            cores[k] = core(&f.basis, (r, n, f.basis.ncols()));
            cores[k + 1] = core(&next, (next.nrows(), next_n, next_s));
            exponent -= rescale(&mut cores[k + 1]);
        }
        for k in (center + 1..order).rev() {
            let (r, n, s) = cores[k].dim();
            let f = orthonormal_factor(&matrix(&cores[k], (r, n * s)), Side::Right)?;
            let (before_r, before_n) = (cores[k - 1].dim().0, cores[k - 1].dim().1);
            let before = matmul(
                matrix(&cores[k - 1], (before_r * before_n, r)),
                f.rest.view(),
            );
            cores[k] = core(&f.basis, (f.basis.nrows(), n, s));
            cores[k - 1] = core(&before, (before_r, before_n, before.ncols()));
            exponent -= rescale(&mut cores[k - 1]);
        }
        let is_zero = cores[center].iter().all(|&x| x == A::zero());
        cores[center].mapv_inplace(|x| {
            A::narrow(
                Scaled {
                    mantissa: x.widen(),
                    exponent,
                }
                .value(),
            )
        });
        let held = cores[center].iter().all(|x| x.is_finite())
            && (is_zero || cores[center].iter().any(|x| x.is_normal()));
        if !held {
            return Err(TtError::OutOfRange {
                log_norm: self.log_norm(),
            });
        }
        self.replace_cores(cores);
        Ok(())
    }
}

/// A row-major matrix as a core.
pub(super) fn core<A: Scalar>(a: &Array2<A>, shape: (usize, usize, usize)) -> Array3<A> {
    reshaped(a.view(), shape).to_owned()
}
