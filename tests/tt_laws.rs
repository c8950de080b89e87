//! Laws of tensor trains and of the TT-SVD, against slow oracles.

// Generic test bodies are no `#[test]` functions themselves, so the lint cannot tell that they are tests.
// Exact equality is what many of these laws claim.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

#[macro_use]
mod common;

#[path = "tt_laws/algebra.rs"]
mod algebra;
#[path = "tt_laws/determinism.rs"]
mod determinism;
#[path = "tt_laws/error.rs"]
mod error;
#[path = "tt_laws/improvement.rs"]
mod improvement;
#[path = "tt_laws/methods.rs"]
mod methods;
#[path = "tt_laws/orthogonal.rs"]
mod orthogonal;
#[path = "tt_laws/randomized.rs"]
mod randomized;
#[path = "tt_laws/recovery.rs"]
mod recovery;
#[path = "tt_laws/scale.rs"]
mod scale;
#[path = "tt_laws/special.rs"]
mod special;
#[path = "tt_laws/tolerance.rs"]
mod tolerance;

use tt_admm::ndarray::{ArrayD, IxDyn};
use tt_admm::{Scalar, SplitOrder, TensorTrain};

const ORDERS: [SplitOrder; 3] = [
    SplitOrder::Auto,
    SplitOrder::LeftToRight,
    SplitOrder::RightToLeft,
];

/// A train of random cores.
fn random_train<A: Scalar>(shape: &[usize], ranks: &[usize], seed: u64) -> TensorTrain<A> {
    TensorTrain::from_cores(common::random::cores(shape, ranks, seed)).unwrap()
}

/// The Hilbert tensor `1 / (1 + i_1 + ... + i_d)`: every unfolding has a fast-decaying spectrum.
fn hilbert<A: Scalar>(shape: &[usize]) -> ArrayD<A> {
    use tt_admm::ndarray::Dimension;
    ArrayD::from_shape_fn(IxDyn(shape), |index| {
        A::narrow(1.0 / (1.0 + index.slice().iter().sum::<usize>() as f64))
    })
}
