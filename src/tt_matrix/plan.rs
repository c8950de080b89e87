//! The steps of a contraction from either end, and what they cost.

use super::matrix::TtMatrix;
use super::swap::Swap;
use crate::scalar::Scalar;

/// The core of step `k`.
pub(super) fn in_order(k: usize, order: usize, from_left: bool) -> usize {
    if from_left { k } else { order - 1 - k }
}

/// The rearrangements before each core and at the end, contracting from this end. Sizes saturate.
pub(super) fn swaps<A: Scalar>(matrix: &TtMatrix<A>, batch: usize, from_left: bool) -> Vec<Swap> {
    let order = matrix.order();
    let steps: Vec<[usize; 3]> = (0..order)
        .map(|k| {
            let (r, m, n, s) = matrix.core(in_order(k, order, from_left)).dim();
            [n, m, if from_left { s } else { r }]
        })
        .collect();
    let rest = (steps[1..].iter()).fold(1_usize, |rest, step| rest.saturating_mul(step[0]));
    let (a, c) = if from_left {
        (1, rest.saturating_mul(batch))
    } else {
        (rest, batch)
    };
    let mut swaps = Vec::with_capacity(order + 1);
    let mut swap = Swap {
        a,
        n: steps[0][0],
        c,
        m: 1,
        s: 1,
    };
    swaps.push(swap);
    for (k, &[_, m, s]) in steps.iter().enumerate() {
        let n = steps.get(k + 1).map_or(1, |next| next[0]);
        // The mode given out joins those before it or those after it; the next one to take in comes from the other side.
        let (a, c) = if from_left {
            (swap.a.saturating_mul(swap.m), swap.c / n)
        } else {
            (swap.a / n, swap.m.saturating_mul(swap.c))
        };
        swap = Swap { a, n, c, m, s };
        swaps.push(swap);
    }
    swaps
}

/// Multiply-adds of the products between these rearrangements.
pub(super) fn cost(swaps: &[Swap]) -> f64 {
    let steps = swaps.iter().zip(&swaps[1..]);
    steps
        .map(|(swap, next)| swap.rows() as f64 * swap.cols() as f64 * next.m as f64 * next.s as f64)
        .sum()
}
