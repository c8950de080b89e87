//! Laws of the projections, their factors, and the traits as a user sees them.

// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

#[macro_use]
mod common;
mod admm_support;

#[path = "prox/factors.rs"]
mod factors;
#[path = "prox/grouped.rs"]
mod grouped;
#[path = "prox/laws.rs"]
mod laws;
#[path = "prox/objects.rs"]
mod objects;
#[path = "prox/refused.rs"]
mod refused;
#[path = "prox/restart.rs"]
mod restart;
#[path = "prox/tucker.rs"]
mod tucker;
#[path = "prox/tucker_restart.rs"]
mod tucker_restart;
#[path = "prox/warm_start.rs"]
mod warm_start;

use tt_admm::Tensorization;

/// One layout of every kind, with ranks for it.
fn layouts() -> Vec<(&'static str, Tensorization, Vec<usize>)> {
    let new = |layout: Result<Tensorization, _>| layout.unwrap();
    vec![
        (
            "identity",
            new(Tensorization::identity([3, 4, 5])),
            vec![2, 3],
        ),
        ("vector", new(Tensorization::identity([7])), vec![]),
        ("matrix", new(Tensorization::identity([6, 5])), vec![2]),
        (
            "linear",
            new(Tensorization::linear([2, 3], [2, 2])),
            vec![2, 3, 2],
        ),
        (
            "linear, ranks too large",
            new(Tensorization::linear([6], [2, 2])),
            vec![50, 50],
        ),
        (
            "TT matrix",
            new(Tensorization::tt_matrix([2, 3, 2], [3, 2, 2])),
            vec![3, 2],
        ),
        (
            "convolution",
            new(Tensorization::conv([2, 2], [3, 2], [3])),
            vec![2, 3, 2],
        ),
        (
            "1 x 1 convolution",
            new(Tensorization::conv([4], [1, 1], [6])),
            vec![2, 2],
        ),
        (
            "custom",
            new(Tensorization::custom(
                [4, 6],
                [2, 2, 3, 2],
                [3, 0, 2, 1],
                [4, 6],
            )),
            vec![2],
        ),
    ]
}
