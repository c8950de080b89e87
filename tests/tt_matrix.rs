//! TT-matrices against dense matrices, by the definitions.

// Generic test bodies are no `#[test]` functions themselves, so the lint cannot tell that they are tests.
// Exact equality is what many of these laws claim.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

#[macro_use]
mod common;

#[path = "tt_matrix/algebra.rs"]
mod algebra;
#[path = "tt_matrix/dense.rs"]
mod dense;
#[path = "tt_matrix/format.rs"]
mod format;
#[path = "tt_matrix/gradients.rs"]
mod gradients;
#[path = "tt_matrix/products.rs"]
mod products;
#[path = "tt_matrix/refused.rs"]
mod refused;
#[path = "tt_matrix/scale.rs"]
mod scale;
#[path = "tt_matrix/structured.rs"]
mod structured;

use common::oracle::norm;
use common::random::Rng;
use proptest::prelude::*;
use tt_admm::ndarray::{Array2, Array4};
use tt_admm::{Scalar, TtMatrix};

/// Row modes, column modes, and the `d + 1` ranks.
type Modes = (Vec<usize>, Vec<usize>, Vec<usize>);

/// Up to four pairs of modes, both sides at most 60, modes of size 1 included.
fn modes() -> impl Strategy<Value = Modes> {
    (1_usize..=4).prop_flat_map(|order| {
        let side =
            || prop::collection::vec(1_usize..=5, order).prop_map(|modes| bounded(modes, 60));
        let inner = prop::collection::vec(1_usize..=3, order - 1);
        (side(), side(), inner).prop_map(|(rows, cols, inner)| {
            let ranks = [&[1][..], &inner, &[1]].concat();
            (rows, cols, ranks)
        })
    })
}

/// Halves modes in turn until their product is at most this.
fn bounded(mut modes: Vec<usize>, most: usize) -> Vec<usize> {
    let mut k = 0;
    while modes.iter().product::<usize>() > most {
        let at = k % modes.len();
        modes[at] = modes[at].div_ceil(2);
        k += 1;
    }
    modes
}

/// Cores with entries in `[-1, 1)`.
fn random_cores<A: Scalar>((rows, cols, ranks): &Modes, seed: u64) -> Vec<Array4<A>> {
    let mut rng = Rng::new(seed);
    (0..rows.len())
        .map(|k| {
            let shape = (ranks[k], rows[k], cols[k], ranks[k + 1]);
            Array4::from_shape_simple_fn(shape, || A::narrow(rng.uniform()))
        })
        .collect()
}

fn random_matrix<A: Scalar>(modes: &Modes, seed: u64) -> TtMatrix<A> {
    TtMatrix::from_cores(random_cores(modes, seed)).unwrap()
}

/// The digits of a number, the first most significant.
fn digits(number: usize, modes: &[usize]) -> Vec<usize> {
    (0..modes.len())
        .map(|k| number / modes[k + 1..].iter().product::<usize>() % modes[k])
        .collect()
}

/// The dense matrix by the definition: for every element a sum over all bond indices.
fn definition<A: Scalar>(cores: &[Array4<A>]) -> Array2<f64> {
    fn from_bond<A: Scalar>(cores: &[Array4<A>], i: &[usize], j: &[usize], a: usize) -> f64 {
        let Some(core) = cores.first() else {
            return 1.0;
        };
        (0..core.dim().3)
            .map(|b| core[[a, i[0], j[0], b]].widen() * from_bond(&cores[1..], &i[1..], &j[1..], b))
            .sum()
    }
    let rows: Vec<usize> = cores.iter().map(|core| core.dim().1).collect();
    let cols: Vec<usize> = cores.iter().map(|core| core.dim().2).collect();
    let sides = (rows.iter().product(), cols.iter().product());
    Array2::from_shape_fn(sides, |(i, j)| {
        from_bond(cores, &digits(i, &rows), &digits(j, &cols), 0)
    })
}

/// What rounding errors are relative to: the product of the norms of the cores.
fn size_of<A: Scalar>(cores: &[Array4<A>]) -> f64 {
    cores.iter().map(|core| norm(core)).product()
}
