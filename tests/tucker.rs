//! The Tucker format: laws, facts, gradients, and what is refused.

// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

#[macro_use]
mod common;

#[path = "tucker/container.rs"]
mod container;
#[path = "tucker/gradients.rs"]
mod gradients;
#[path = "tucker/hooi.rs"]
mod hooi;
#[path = "tucker/laws.rs"]
mod laws;
#[path = "tucker/refused.rs"]
mod refused;
#[path = "tucker/scale.rs"]
mod scale;
#[path = "tucker/special.rs"]
mod special;
#[path = "tucker/tolerance.rs"]
mod tolerance;

use common::{jacobi, oracle};
use tt_admm::ndarray::{Array2, ArrayD, ArrayRef, Dimension, IxDyn};
use tt_admm::{Scalar, Tucker, TuckerAlgorithm};

const ALGORITHMS: [TuckerAlgorithm; 3] = [
    TuckerAlgorithm::StHosvd,
    TuckerAlgorithm::Hosvd,
    TuckerAlgorithm::HOOI,
];

/// One element by the definition: a sum over all indices of the core.
fn element<A: Scalar>(core: &ArrayD<A>, factors: &[Option<Array2<A>>], index: &[usize]) -> f64 {
    core.indexed_iter()
        .map(|(a, c)| {
            let weights = factors.iter().enumerate().map(|(k, factor)| match factor {
                Some(u) => u[[index[k], a[k]]].widen(),
                None if index[k] == a[k] => 1.0,
                None => 0.0,
            });
            c.widen() * weights.product::<f64>()
        })
        .sum()
}

/// The dense tensor, element by element.
fn dense<A: Scalar>(tensor: &Tucker<A>) -> ArrayD<f64> {
    let core = tensor.core().to_owned();
    ArrayD::from_shape_fn(IxDyn(tensor.shape()), |index| {
        element(
            &core,
            tensor.factors(),
            tt_admm::ndarray::Dimension::slice(&index),
        )
    })
}

/// The unfolding of one mode: the mode against all others.
fn unfolding<A: Scalar, D: Dimension>(x: &ArrayRef<A, D>, mode: usize) -> Array2<f64> {
    let n = x.shape()[mode];
    let after: usize = x.shape()[mode + 1..].iter().product();
    let values = oracle::widened(x);
    Array2::from_shape_fn((n, values.len() / n), |(i, j)| {
        values[(j / after * n + i) * after + j % after]
    })
}

/// Singular values of the unfolding of every mode.
fn spectra<A: Scalar, D: Dimension>(x: &ArrayRef<A, D>) -> Vec<Vec<f64>> {
    (0..x.ndim())
        .map(|mode| jacobi::singular_values(&unfolding(x, mode)))
        .collect()
}
