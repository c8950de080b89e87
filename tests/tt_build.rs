//! Trains made from formulas, and what is done to their modes, against dense tensors made by nested loops.

// Generic test bodies are no `#[test]` functions themselves, so the lint cannot tell that they are tests.
// Exact equality is what many of these laws claim.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

#[macro_use]
mod common;

#[path = "tt_build/constructors.rs"]
mod constructors;
#[path = "tt_build/elements.rs"]
mod elements;
#[path = "tt_build/facts.rs"]
mod facts;
#[path = "tt_build/grids.rs"]
mod grids;
#[path = "tt_build/parts.rs"]
mod parts;
#[path = "tt_build/permute.rs"]
mod permute;
#[path = "tt_build/random_trains.rs"]
mod random_trains;
#[path = "tt_build/refused.rs"]
mod refused;
#[path = "tt_build/refused_grids.rs"]
mod refused_grids;
#[path = "tt_build/reshape.rs"]
mod reshape;
#[path = "tt_build/scale.rs"]
mod scale;

use common::oracle::{dense, distance, norm};
use common::tol::{assert_below, tol};
use tt_admm::ndarray::{Array3, ArrayD, Dimension, IxDyn};
use tt_admm::{Scalar, TensorTrain, TtError};

/// A train of random cores.
fn random_train<A: Scalar>(shape: &[usize], ranks: &[usize], seed: u64) -> TensorTrain<A> {
    TensorTrain::from_cores(common::random::cores(shape, ranks, seed)).unwrap()
}

/// A dense tensor in `f64` by a loop over all indices.
fn tensor(shape: &[usize], f: impl Fn(&[usize]) -> f64) -> ArrayD<f64> {
    ArrayD::from_shape_fn(IxDyn(shape), |index| f(index.slice()))
}

/// The product of the norms of the cores: the scale of rounding errors in anything made of them.
fn bound<A: Scalar>(cores: &[Array3<A>]) -> f64 {
    cores.iter().map(|c| norm(c)).product()
}

/// The train is this tensor, up to rounding of this many times the largest element.
#[track_caller]
fn assert_is<A: Scalar>(train: &TensorTrain<A>, expected: &ArrayD<f64>, scale: f64) {
    assert_eq!(train.shape(), expected.shape());
    assert_eq!(train.truncation_error().per_bond().len(), train.order() - 1);
    let far = distance(&dense(train.cores()), expected);
    assert_below(far, tol::<A>(expected.len()) * scale, "distance");
}

/// The text of the error has all of these parts.
#[track_caller]
fn assert_says(error: &TtError, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in {text:?}");
    }
}
