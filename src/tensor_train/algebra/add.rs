//! Sums and differences.

use ndarray::{Array3, s};

use super::spread::new_core;
use crate::linalg::frobenius;
use crate::scalar::Scalar;
use crate::tensor_train::certificate::TruncationError;
use crate::tensor_train::{TensorTrain, TtError};

impl<A: Scalar> TensorTrain<A> {
    /// `X + Y` for a train of the same shape.
    ///
    /// The inner ranks add up: core `k` is the block-diagonal one of the two cores `k`, the first and the last are
    /// put side by side. All entries are copied, so nothing is rounded (for order 1 the two vectors are added).
    /// [`TensorTrain::round`] finds the smallest ranks of the result.
    ///
    /// # Errors
    ///
    /// [`TtError::ShapeMismatch`] if the shapes differ, [`TtError::NonFinite`] if an entry is NaN or infinite,
    /// [`TtError::CoreTooLarge`] if memory cannot hold a core, [`TtError::OutOfRange`] if the sum of two trains of
    /// order 1 overflows.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{Truncation, tt_svd, ndarray::Array3};
    ///
    /// let x = tt_svd(&Array3::from_elem((2, 3, 4), 1.0), 1)?;
    /// let y = tt_svd(&Array3::from_shape_fn((2, 3, 4), |(i, j, k)| (i * j * k) as f64), 1)?;
    /// let sum = x.add(&y)?;
    /// assert_eq!(sum.ranks(), [1, 2, 2, 1]);
    /// assert!((sum.get(&[1, 2, 3])? - 7.0).abs() < 1e-13);
    /// assert_eq!(x.add(&x)?.round(Truncation::exact())?.ranks(), [1, 1, 1, 1]);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn add(&self, other: &Self) -> Result<Self, TtError> {
        self.combined(other, A::one())
    }

    /// `X - Y` for a train of the same shape; see [`TensorTrain::add`].
    ///
    /// # Errors
    ///
    /// Those of [`TensorTrain::add`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{Truncation, tt_svd, ndarray::array};
    ///
    /// let x = tt_svd(&array![[1.0, 2.0], [3.0, 4.0]], 2)?;
    /// let y = tt_svd(&array![[1.0, 0.0], [0.0, 1.0]], 2)?;
    /// let difference = x.sub(&y)?;
    /// assert!((difference.get(&[1, 1])? - 3.0_f64).abs() < 1e-14);
    /// // What cancels to rounding errors is no rank.
    /// assert_eq!(x.sub(&x)?.round(Truncation::exact())?.ranks(), [1, 1, 1]);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn sub(&self, other: &Self) -> Result<Self, TtError> {
        self.combined(other, -A::one())
    }

    /// `X + sign Y`.
    fn combined(&self, other: &Self, sign: A) -> Result<Self, TtError> {
        self.check_same_shape(other)?;
        self.check_finite()?;
        other.check_finite()?;
        let last = self.order() - 1;
        let mut cores = Vec::with_capacity(last + 1);
        for (k, (x, y)) in self.cores.iter().zip(&other.cores).enumerate() {
            let ((xr, n, xs), (yr, _, ys)) = (x.dim(), y.dim());
            let rows = if k == 0 { 1 } else { xr.saturating_add(yr) };
            let cols = if k == last { 1 } else { xs.saturating_add(ys) };
            let mut core = new_core(k, [rows, n, cols])?;
            put_blocks(&mut core, x, y, if k == 0 { sign } else { A::one() });
            cores.push(core);
        }
        if let [only] = &cores[..]
            && !only.iter().all(|x| x.is_finite())
        {
            return Err(TtError::OutOfRange {
                log_norm: log_norm_of_sum(&self.cores[0], &other.cores[0], sign),
            });
        }
        let nothing = TruncationError::none(last);
        Ok(Self::assemble(cores, nothing))
    }
}

/// Puts `x` into the upper left corner and adds `sign y` in the lower right one. At the ends of a train, where
/// the core has one row or one column for both, they lie side by side.
fn put_blocks<A: Scalar>(core: &mut Array3<A>, x: &Array3<A>, y: &Array3<A>, sign: A) {
    let ((rows, _, cols), (xr, _, xs), (yr, _, ys)) = (core.dim(), x.dim(), y.dim());
    core.slice_mut(s![..xr, .., ..xs]).assign(x);
    core.slice_mut(s![rows - yr.., .., cols - ys..])
        .zip_mut_with(y, |c, &y| *c += sign * y);
}

/// `ln |x + sign y|` of arrays whose sum may overflow.
fn log_norm_of_sum<A: Scalar>(x: &Array3<A>, y: &Array3<A>, sign: A) -> f64 {
    // In units of the largest number.
    let unit = A::max_value().widen().recip();
    let (x, y) = (
        x.mapv(|x| x.widen() * unit),
        y.mapv(|y| (sign * y).widen() * unit),
    );
    frobenius((&x + &y).iter().copied()).ln() - unit.ln()
}
