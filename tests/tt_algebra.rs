//! The algebra of tensor trains and TT-rounding, against dense tensors and slow oracles.

// Generic test bodies are no `#[test]` functions themselves, so the lint cannot tell that they are tests.
// Exact equality is what many of these laws claim.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

#[macro_use]
mod common;

#[path = "tt_algebra/cancel.rs"]
mod cancel;
#[path = "tt_algebra/dense.rs"]
mod dense;
#[path = "tt_algebra/facts.rs"]
mod facts;
#[path = "tt_algebra/far.rs"]
mod far;
#[path = "tt_algebra/gauge.rs"]
mod gauge;
#[path = "tt_algebra/laws.rs"]
mod laws;
#[path = "tt_algebra/refused.rs"]
mod refused;
#[path = "tt_algebra/round.rs"]
mod round;
#[path = "tt_algebra/tolerance.rs"]
mod tolerance;

use common::oracle::norm;
use tt_admm::ndarray::{Array2, Array3, ArrayD, Dimension, IxDyn};
use tt_admm::{Scalar, TensorTrain};

/// A train of random cores.
fn random_train<A: Scalar>(shape: &[usize], ranks: &[usize], seed: u64) -> TensorTrain<A> {
    TensorTrain::from_cores(common::random::cores(shape, ranks, seed)).unwrap()
}

/// `d + 1` ranks, all the same but for the ends.
fn uniform(order: usize, rank: usize) -> Vec<usize> {
    let mut ranks = vec![rank; order + 1];
    (ranks[0], ranks[order]) = (1, 1);
    ranks
}

/// The product of the norms of the cores: the scale of rounding errors in anything made of them.
fn bound<A: Scalar>(train: &TensorTrain<A>) -> f64 {
    train.cores().iter().map(|c| norm(c)).product()
}

/// The elements in `f64`: a row times one slice after the other.
fn elements<A: Scalar>(train: &TensorTrain<A>) -> ArrayD<f64> {
    ArrayD::from_shape_fn(IxDyn(train.shape()), |index| {
        let mut row = vec![1.0];
        for (core, &i) in train.cores().iter().zip(index.slice()) {
            let product = |b| {
                row.iter()
                    .enumerate()
                    .map(|(a, x)| x * core[[a, i, b]].widen())
                    .sum()
            };
            row = (0..core.dim().2).map(product).collect();
        }
        row[0]
    })
}

/// The Hilbert tensor `1 / (1 + i_1 + ... + i_d)`: every unfolding has a fast-decaying spectrum.
fn hilbert<A: Scalar>(shape: &[usize]) -> ArrayD<A> {
    ArrayD::from_shape_fn(IxDyn(shape), |index| {
        A::narrow(1.0 / (1.0 + index.slice().iter().sum::<usize>() as f64))
    })
}

/// Core as `(r n) x s` (left), or `r x (n s)` transposed (right): orthonormal columns in that gauge.
fn columns<A: Scalar>(core: &Array3<A>, left: bool) -> Array2<A> {
    let (r, n, s) = core.dim();
    if left {
        core.to_shape((r * n, s)).unwrap().to_owned()
    } else {
        core.to_shape((r, n * s)).unwrap().t().to_owned()
    }
}

/// The largest defect of any core but the centre.
fn gauge_defect<A: Scalar>(train: &TensorTrain<A>, center: usize) -> f64 {
    let others = train
        .cores()
        .iter()
        .enumerate()
        .filter(|(k, _)| *k != center);
    others
        .map(|(k, core)| common::oracle::orthonormality_defect(&columns(core, k < center)))
        .fold(0.0, f64::max)
}
