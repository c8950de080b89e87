//! Inner product and norm.

use ndarray::{Array2, Array3, s};

use super::{TensorRing, TrError};
use crate::linalg::{frobenius, matmul};
use crate::scalar::Scalar;
use crate::tensor_train::{Scaled, matrix, rescale, reshaped};

impl<A: Scalar> TensorRing<A> {
    /// Inner product `sum_i X(i) Y(i)` with a ring of the same shape, in `O(r_0^2 sum_k n_k r^3)`, where the rings
    /// are opened at the bond with the smallest product of ranks.
    ///
    /// # Errors
    ///
    /// [`TrError::ShapeMismatch`] if the shapes differ.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tr_svd, ndarray::array};
    ///
    /// let x = tr_svd(&array![[1.0_f64, 2.0], [3.0, 4.0]], [2, 1])?;
    /// let y = tr_svd(&array![[0.5, 0.0], [0.0, 1.0]], [1, 2])?;
    /// assert!((x.dot(&y)? - 4.5).abs() < 1e-13);
    /// # Ok::<(), tt_admm::TrError>(())
    /// ```
    pub fn dot(&self, other: &Self) -> Result<A, TrError> {
        self.check_same_shape(&other.shape)?;
        let order = self.order();
        let opened = (0..order)
            .min_by_key(|&k| self.ranks[k].saturating_mul(other.ranks[k]))
            .unwrap_or(0);
        let (p, q) = (self.ranks[opened], other.ranks[opened]);
        let mut exponent = 0.0;
        // For every pair of indices (a, b) of the open bond, a matrix of the pairs at the current one.
        let mut overlap = Array2::<A>::eye(p * q);
        for k in (0..order).map(|k| (opened + k) % order) {
            let x = unit(&self.cores[k], &mut exponent);
            let y = unit(&other.cores[k], &mut exponent);
            let ((xr, n, xs), (yr, _, ys)) = (x.dim(), y.dim());
            // overlap(ab, ce) x(c, i, d) y(e, i, f)
            let rows = reshaped(overlap.view(), (p * q * xr, yr));
            let half = matmul(rows, matrix(&y, (yr, n * ys)));
            let mut next = Array2::zeros((p * q, xs * ys));
            for (half, mut next) in half
                .exact_chunks((xr, n * ys))
                .into_iter()
                .zip(next.rows_mut())
            {
                let product = matmul(matrix(&x, (xr * n, xs)).t(), reshaped(half, (xr * n, ys)));
                next.assign(&reshaped(product.view(), xs * ys));
            }
            exponent -= rescale(&mut next);
            overlap = next;
        }
        let mantissa = overlap.diag().iter().map(|x| x.widen()).sum();
        let result = Scaled { mantissa, exponent };
        Ok(A::narrow(result.value()))
    }

    /// Frobenius norm, by a sweep of QR factorisations of the equivalent tensor train, in `O(r_0^3 sum_k n_k r^3)`:
    /// accurate to rounding, also for the difference of nearly equal tensors, where the square root of
    /// [`TensorRing::dot`] would lose half the digits. The ring is opened at the bond of smallest rank.
    ///
    /// Infinite or zero if the norm is outside the range of `A`; see [`TensorRing::log_norm`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tr_svd, ndarray::Array3};
    ///
    /// let x = Array3::from_shape_fn((4, 3, 2), |(i, j, k)| (i + j + k + 3) as f64);
    /// assert!((tr_svd(&x, [2, 2, 4])?.norm() - 30.265491900843113).abs() < 1e-12);
    /// # Ok::<(), tt_admm::TrError>(())
    /// ```
    #[must_use]
    pub fn norm(&self) -> A {
        A::narrow(self.scaled_norm().value())
    }

    /// Natural logarithm of the Frobenius norm, minus infinity for a zero tensor. Never over- or underflows.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorRing, ndarray::Array3};
    ///
    /// // All elements 10, order 400: the norm is (10 sqrt 2)^400, far above the largest f64.
    /// let ring = TensorRing::from_cores(vec![Array3::from_elem((1, 2, 1), 10.0_f64); 400])?;
    /// assert!((ring.log_norm() / (400.0 * (10.0 * 2.0_f64.sqrt()).ln()) - 1.0).abs() < 1e-13);
    /// assert!(ring.norm().is_infinite());
    /// # Ok::<(), tt_admm::TrError>(())
    /// ```
    #[must_use]
    pub fn log_norm(&self) -> f64 {
        self.scaled_norm().log_abs()
    }

    fn scaled_norm(&self) -> Scaled {
        let order = self.order();
        let opened = (0..order).min_by_key(|&k| self.ranks[k]).unwrap_or(0);
        let closing = self.ranks[opened];
        let mut exponent = 0.0;
        // The train has ranks r_0 r_k: one copy of every core for each index of the open bond.
        let mut carry = Array2::<A>::eye(closing);
        carry = reshaped(carry.view(), (1, closing * closing)).to_owned();
        for k in (0..order - 1).map(|k| (opened + k) % order) {
            let core = unit(&self.cores[k], &mut exponent);
            let (r, n, s) = core.dim();
            let rows = carry.nrows();
            let mut block = matmul(
                reshaped(carry.view(), (rows * closing, r)),
                matrix(&core, (r, n * s)),
            );
            exponent -= rescale(&mut block);
            let Ok(block) = block.into_shape_with_order((rows, closing, n, s)) else {
                unreachable!("a product is row-major");
            };
            let turned = block.permuted_axes([0, 2, 1, 3]);
            let turned = turned.as_standard_layout();
            let tall = reshaped(turned.view(), (rows * n, closing * s));
            // Without a QR (out of memory) the block itself carries the norm as well.
            let rest = A::qr_r(tall).unwrap_or_else(|| tall.to_owned());
            carry = rest.as_standard_layout().into_owned();
        }
        let last = unit(&self.cores[(opened + order - 1) % order], &mut exponent);
        let block = closed(&carry, &last);
        let mantissa = frobenius(block.iter().copied());
        Scaled { mantissa, exponent }
    }
}

/// A core with entries near 1, what was divided out added to the exponent.
pub(super) fn unit<A: Scalar>(core: &Array3<A>, exponent: &mut f64) -> Array3<A> {
    let mut core = core.clone();
    *exponent -= rescale(&mut core);
    core
}

/// The last core on what the cores before it left: for every pair of closing and left index a column of the carry.
fn closed<A: Scalar>(carry: &Array2<A>, last: &Array3<A>) -> Array2<A> {
    let (r, n, closing) = last.dim();
    let mut block = Array2::zeros((carry.nrows(), n));
    for a in 0..closing {
        let own = carry.slice(s![.., a * r..(a + 1) * r]);
        A::gemm(
            A::one(),
            own,
            last.slice(s![.., .., a]),
            true,
            block.view_mut(),
        );
    }
    block
}
