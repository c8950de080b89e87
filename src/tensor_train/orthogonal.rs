//! Orthogonal gauges: the same tensor with orthonormal cores on either side of a centre.

use ndarray::{Array2, Array3};

use super::dense::reshaped;
use super::error::TtError;
use super::graded::{Scaled, raise};
use super::train::TensorTrain;
use crate::linalg::frobenius;
use crate::scalar::Scalar;

impl<A: Scalar> TensorTrain<A> {
    /// Makes every core but the last left-orthogonal: `(r_{k-1} n_k) x r_k` with orthonormal columns.
    ///
    /// The tensor stays the same; its norm is then the norm of the last core. Ranks larger than the shape
    /// allows shrink. Costs `O(sum_k n_k r^3)`.
    ///
    /// # Errors
    ///
    /// [`TtError::NonFinite`] if an entry is NaN or infinite, [`TtError::OutOfRange`] if one core cannot hold the norm,
    /// [`TtError::Linalg`] if the backend fails. The train stays as it was.
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
    /// [`TtError::NonFinite`] if an entry is NaN or infinite, [`TtError::OutOfRange`] if one core cannot hold the norm,
    /// [`TtError::Linalg`] if the backend fails. The train stays as it was.
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
    /// If the [centre](TensorTrain::orthogonality_center) is known, only the cores between the old and the new one are
    /// touched: a step to the next core costs one QR factorisation.
    ///
    /// The centre holds the whole norm. A norm that no number holds is an error here; [`TensorTrain::round`], which
    /// may leave powers of two in all cores, works all the same.
    ///
    /// # Errors
    ///
    /// [`TtError::NoSuchCore`] if `center >= order()`, and those of [`TensorTrain::left_orthogonalize`].
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
        if self.center == Some(center) {
            return Ok(());
        }
        self.check_finite()?;
        let mut gauge = self.gauge(center)?;
        let middle = &mut gauge.cores[center - gauge.first];
        let norm = Scaled {
            mantissa: frobenius(middle.iter().copied()),
            exponent: gauge.exponent,
        };
        if !raise(middle, gauge.exponent) {
            return Err(TtError::OutOfRange {
                log_norm: norm.log_abs(),
            });
        }
        for (k, core) in (gauge.first..).zip(gauge.cores) {
            self.ranks[k + 1] = core.dim().2;
            self.cores[k] = core;
        }
        self.center = Some(center);
        Ok(())
    }

    /// The core that holds the norm, if it is known that those before it are left-orthogonal and those after it
    /// right-orthogonal.
    ///
    /// [`TensorTrain::orthogonalize`], TT-SVD and [`TensorTrain::round`] set it; [`TensorTrain::scale`], where the centre
    /// can hold the result, and negation keep it; [`TensorTrain::cores_mut`] and all other operations forget it. It
    /// is not stored with the train and does not count in comparisons. With it, norms need no factorisation, a new
    /// centre needs one QR factorisation per core on the way, and rounding skips what is orthogonal already.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tt_svd, ndarray::Array3};
    ///
    /// let mut tt = tt_svd(&Array3::from_shape_fn((4, 5, 6), |(i, j, k)| (i * j + k) as f64), 3)?;
    /// tt.orthogonalize(1)?;
    /// assert_eq!(tt.orthogonality_center(), Some(1));
    /// tt.cores_mut().for_each(|mut core| core.fill(1.0));
    /// assert_eq!(tt.orthogonality_center(), None);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    #[must_use]
    pub fn orthogonality_center(&self) -> Option<usize> {
        self.center
    }
}

/// A row-major matrix as a core.
pub(super) fn core<A: Scalar>(a: &Array2<A>, shape: (usize, usize, usize)) -> Array3<A> {
    reshaped(a.view(), shape).to_owned()
}
