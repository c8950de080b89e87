//! Random rings, and their elements by the definition.

use proptest::prelude::*;

use crate::common::random;
use crate::common::strategy::shape;
use tt_admm::ndarray::{Array3, ArrayD, Dimension, IxDyn};
use tt_admm::{Scalar, TensorRing};

/// A shape, and ranks for it: `d + 1` with equal ends.
pub(crate) fn shape_and_ring_ranks(
    order: impl Strategy<Value = usize>,
    elements: usize,
    largest: usize,
) -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    shape(order, elements).prop_flat_map(move |shape| {
        let ranks = prop::collection::vec(1..=largest, shape.len()).prop_map(closed);
        (Just(shape), ranks)
    })
}

/// The `d + 1` ranks that `d` ranks stand for.
pub(crate) fn closed(mut ranks: Vec<usize>) -> Vec<usize> {
    ranks.push(ranks[0]);
    ranks
}

/// A ring of random cores, entries in `[-1, 1)`; `ranks` are the `d + 1` ranks.
pub(crate) fn ring<A: Scalar>(shape: &[usize], ranks: &[usize], seed: u64) -> TensorRing<A> {
    TensorRing::from_cores(random::cores(shape, ranks, seed)).unwrap()
}

/// One element: the sum over all bond indices, by recursion from the left.
fn element<A: Scalar>(cores: &[Array3<A>], index: &[usize]) -> f64 {
    fn from_bond<A: Scalar>(cores: &[Array3<A>], index: &[usize], a: usize, end: usize) -> f64 {
        let Some(core) = cores.first() else {
            return f64::from(u8::from(a == end));
        };
        (0..core.dim().2)
            .map(|b| core[[a, index[0], b]].widen() * from_bond(&cores[1..], &index[1..], b, end))
            .sum()
    }
    let closing = cores[0].dim().0;
    (0..closing).map(|a| from_bond(cores, index, a, a)).sum()
}

/// The dense tensor of a ring, element by element.
pub(crate) fn dense<A: Scalar>(cores: &[Array3<A>]) -> ArrayD<f64> {
    let shape: Vec<usize> = cores.iter().map(|c| c.dim().1).collect();
    ArrayD::from_shape_fn(IxDyn(&shape), |index| element(cores, index.slice()))
}

/// What the elements of a ring can be at most, up to a factor: the product of the norms of its cores.
pub(crate) fn size<A: Scalar>(ring: &TensorRing<A>) -> f64 {
    ring.cores()
        .iter()
        .map(|core| crate::common::oracle::norm(core))
        .product()
}

/// The tensor with this mode first, the others following cyclically.
pub(crate) fn shifted<A: Scalar>(x: &ArrayD<A>, first: usize) -> ArrayD<A> {
    let order = x.ndim();
    let axes: Vec<usize> = (0..order).map(|k| (k + first) % order).collect();
    x.clone().permuted_axes(IxDyn(&axes))
}

/// `1 / (1 + i_1 + 2 i_2 + 3 i_3 + ...)`: fast falling spectra.
pub(crate) fn smooth<A: Scalar>(shape: &[usize]) -> ArrayD<A> {
    ArrayD::from_shape_fn(IxDyn(shape), |index| {
        let sum: usize = index
            .slice()
            .iter()
            .enumerate()
            .map(|(k, i)| (k + 1) * i)
            .sum();
        A::narrow(1.0 / (1.0 + sum as f64))
    })
}
