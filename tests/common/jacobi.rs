//! Singular values by one-sided Jacobi rotations (Hestenes, 1958): slow, simple, and of high relative accuracy.
//! Shares nothing with the QR and divide-and-conquer algorithms of the backends.

use tt_admm::Scalar;
use tt_admm::ndarray::{ArrayRef, Dimension, Ix2};

use super::oracle::unfolding;

/// All `min(m, n)` singular values, largest first, in `f64`.
pub(crate) fn singular_values<A: Scalar>(a: &ArrayRef<A, Ix2>) -> Vec<f64> {
    // Columns of the short side: rotating pairs of them until all are orthogonal.
    let tall = if a.nrows() >= a.ncols() {
        a.view()
    } else {
        a.t()
    };
    let mut columns: Vec<Vec<f64>> = tall
        .columns()
        .into_iter()
        .map(|c| c.iter().map(|x| x.widen()).collect())
        .collect();
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(a, b)| a * b).sum::<f64>();
    for _sweep in 0..60 {
        let mut rotated = false;
        for p in 0..columns.len() {
            for q in p + 1..columns.len() {
                let (head, tail) = columns.split_at_mut(q);
                let (x, y) = (&mut head[p], &mut tail[0]);
                let (xx, yy, xy) = (dot(x, x), dot(y, y), dot(x, y));
                if xy.abs() <= f64::EPSILON * (xx * yy).sqrt() {
                    continue;
                }
                rotated = true;
                let zeta = (yy - xx) / (2.0 * xy);
                let t = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
                let c = 1.0 / t.hypot(1.0);
                for (u, v) in x.iter_mut().zip(y.iter_mut()) {
                    (*u, *v) = (c * (*u - t * *v), c * (*v + t * *u));
                }
            }
        }
        if !rotated {
            break;
        }
    }
    let mut sigma: Vec<f64> = columns.iter().map(|c| dot(c, c).sqrt()).collect();
    sigma.sort_by(|a, b| b.total_cmp(a));
    sigma
}

/// Root of the sum of squares of all but the `rank` leading values.
pub(crate) fn tail(sigma: &[f64], rank: usize) -> f64 {
    sigma[rank.min(sigma.len())..]
        .iter()
        .rev()
        .map(|s| s * s)
        .sum::<f64>()
        .sqrt()
}

/// The smallest rank, at least 1, whose tail is at most `limit`.
pub(crate) fn smallest_rank(sigma: &[f64], limit: f64) -> usize {
    (1..sigma.len())
        .find(|&r| tail(sigma, r) <= limit)
        .unwrap_or(sigma.len())
}

/// Singular values of the `d - 1` unfoldings, left to right.
pub(crate) fn unfolding_spectra<A: Scalar, D: Dimension>(x: &ArrayRef<A, D>) -> Vec<Vec<f64>> {
    (1..x.ndim())
        .map(|k| singular_values(&unfolding(x, k)))
        .collect()
}
