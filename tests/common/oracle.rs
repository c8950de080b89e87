//! Slow, independent reference implementations in `f64`: nested loops and definitions, no factorisations.

use tt_admm::Scalar;
use tt_admm::ndarray::{Array2, Array3, ArrayD, ArrayRef, Dimension, Ix2, IxDyn};

/// The elements as `f64`, row-major.
pub(crate) fn widened<A: Scalar, D: Dimension>(x: &ArrayRef<A, D>) -> Vec<f64> {
    x.iter().map(|v| v.widen()).collect()
}

/// Frobenius norm in `f64`, safe for any scale.
pub(crate) fn norm<A: Scalar, D: Dimension>(x: &ArrayRef<A, D>) -> f64 {
    norm_of(&widened(x))
}

fn norm_of(x: &[f64]) -> f64 {
    let largest = x.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    if largest == 0.0 {
        return 0.0;
    }
    largest * x.iter().map(|v| (v / largest).powi(2)).sum::<f64>().sqrt()
}

/// `|x - y|_F` in `f64`; the shapes must agree, the dimension types need not.
#[track_caller]
pub(crate) fn distance<A: Scalar, D: Dimension, E: Dimension>(
    x: &ArrayRef<A, D>,
    y: &ArrayRef<A, E>,
) -> f64 {
    assert_eq!(x.shape(), y.shape());
    let difference: Vec<f64> = x
        .iter()
        .zip(y)
        .map(|(a, b)| a.widen() - b.widen())
        .collect();
    norm_of(&difference)
}

/// `sum_i x_i y_i` in `f64`.
#[track_caller]
pub(crate) fn inner<A: Scalar, D: Dimension, E: Dimension>(
    x: &ArrayRef<A, D>,
    y: &ArrayRef<A, E>,
) -> f64 {
    assert_eq!(x.shape(), y.shape());
    x.iter().zip(y).map(|(a, b)| a.widen() * b.widen()).sum()
}

/// `a b` by the definition.
#[track_caller]
pub(crate) fn matmul<A: Scalar, B: Scalar>(
    a: &ArrayRef<A, Ix2>,
    b: &ArrayRef<B, Ix2>,
) -> Array2<f64> {
    assert_eq!(a.ncols(), b.nrows());
    Array2::from_shape_fn((a.nrows(), b.ncols()), |(i, j)| {
        (0..a.ncols())
            .map(|k| a[[i, k]].widen() * b[[k, j]].widen())
            .sum()
    })
}

/// `|q^T q - 1|_F`: how far the columns are from orthonormal.
pub(crate) fn orthonormality_defect<A: Scalar>(q: &ArrayRef<A, Ix2>) -> f64 {
    let mut gram = matmul(&q.t(), q);
    for k in 0..gram.nrows() {
        gram[[k, k]] -= 1.0;
    }
    norm(&gram)
}

/// One element of a train: the sum over all bond indices, by recursion from the left.
pub(crate) fn element<A: Scalar>(cores: &[Array3<A>], index: &[usize]) -> f64 {
    fn from_bond<A: Scalar>(cores: &[Array3<A>], index: &[usize], a: usize) -> f64 {
        let Some(core) = cores.first() else {
            return 1.0;
        };
        (0..core.dim().2)
            .map(|b| core[[a, index[0], b]].widen() * from_bond(&cores[1..], &index[1..], b))
            .sum()
    }
    from_bond(cores, index, 0)
}

/// The dense tensor of a train, element by element.
pub(crate) fn dense<A: Scalar>(cores: &[Array3<A>]) -> ArrayD<f64> {
    let shape: Vec<usize> = cores.iter().map(|c| c.dim().1).collect();
    ArrayD::from_shape_fn(IxDyn(&shape), |index| element(cores, index.slice()))
}

/// The `k`-th unfolding, `(n_1 ... n_k) x (n_{k+1} ... n_d)`.
pub(crate) fn unfolding<A: Scalar, D: Dimension>(x: &ArrayRef<A, D>, k: usize) -> Array2<f64> {
    let cols: usize = x.shape()[k..].iter().product();
    let values = widened(x);
    Array2::from_shape_fn((values.len() / cols, cols), |(i, j)| values[i * cols + j])
}

/// The largest ranks a shape allows, each clipped to `rank`: `min(rank, left side, right side)`.
pub(crate) fn clipped_ranks(shape: &[usize], rank: usize) -> Vec<usize> {
    (0..=shape.len())
        .map(|k| {
            let left: usize = shape[..k].iter().product();
            let right: usize = shape[k..].iter().product();
            if k == 0 || k == shape.len() {
                1
            } else {
                rank.min(left).min(right)
            }
        })
        .collect()
}

/// The largest magnitude.
pub(crate) fn max_abs<A: Scalar, D: Dimension>(x: &ArrayRef<A, D>) -> f64 {
    x.iter().fold(0.0_f64, |m, v| m.max(v.widen().abs()))
}
