//! The linear algebra that users call: laws, hard spectra, extreme scales, refused input.

// Generic test bodies are no `#[test]` functions themselves, so the lint cannot tell that they are tests.
// Exact equality is what many of these laws claim.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

#[macro_use]
mod common;

#[path = "linalg/eigh.rs"]
mod eigh;
#[path = "linalg/lstsq.rs"]
mod lstsq;
#[path = "linalg/parallel_columns.rs"]
mod parallel_columns;
#[path = "linalg/qr.rs"]
mod qr;
#[path = "linalg/refused.rs"]
mod refused;
#[path = "linalg/scaling.rs"]
mod scaling;
#[path = "linalg/svd.rs"]
mod svd;

use common::random;
use tt_admm::Scalar;
use tt_admm::ndarray::Array2;

/// Whether the first entry of largest magnitude of every column is positive (or the column is zero).
fn signs_are_fixed<A: Scalar>(columns: &Array2<A>) -> bool {
    columns.columns().into_iter().all(|column| {
        let largest = column.iter().fold(A::zero(), |m, x| m.max(x.abs()));
        column
            .iter()
            .find(|x| x.abs() == largest)
            .is_none_or(|&x| x >= A::zero())
    })
}

/// Matrices that are hard in some way, with names.
fn hard_matrices<A: Scalar>() -> Vec<(&'static str, Array2<A>)> {
    let outer = |m: usize, n: usize| {
        let (u, v) = (random::matrix::<A>(m, 1, 1), random::matrix::<A>(1, n, 2));
        Array2::from_shape_fn((m, n), |(i, j)| u[[i, 0]] * v[[0, j]])
    };
    let repeated = |m: usize, n: usize| {
        let a = random::matrix::<A>(m, n, 3);
        Array2::from_shape_fn((m, n), |(i, j)| a[[i, j % 2]])
    };
    let spike = |m: usize, n: usize| {
        let mut a = Array2::<A>::zeros((m, n));
        a[[m - 1, n / 2]] = A::narrow(-3.0);
        a
    };
    let small = |largest: f64, m: usize, n: usize, seed| {
        let sigma: Vec<f64> = (0..m.min(n))
            .map(|k| largest * 0.1_f64.powf(k as f64))
            .collect();
        random::with_spectrum::<A>(m, n, &sigma, seed)
    };
    vec![
        ("1 x 1", Array2::from_elem((1, 1), A::narrow(-2.5))),
        ("1 x 7", random::matrix(1, 7, 10)),
        ("7 x 1", random::matrix(7, 1, 11)),
        ("identity", Array2::eye(6)),
        ("all ones, wide", Array2::ones((3, 8))),
        ("all ones, tall", Array2::ones((8, 3))),
        ("tall outer product", outer(12, 5)),
        ("wide outer product", outer(5, 12)),
        ("repeated columns, tall", repeated(10, 6)),
        ("repeated columns, wide", repeated(4, 9)),
        ("one entry, tall", spike(9, 4)),
        ("one entry, wide", spike(4, 9)),
        ("one entry, square", spike(5, 5)),
        ("decaying, tall", small(1.0, 20, 8, 12)),
        ("decaying, wide", small(1.0, 8, 20, 13)),
        ("decaying, square", small(1e3, 9, 9, 14)),
        ("tall, blocked", random::matrix(190, 70, 15)),
        ("wide, blocked", random::matrix(70, 190, 16)),
        ("square, blocked", random::matrix(96, 96, 17)),
    ]
}
