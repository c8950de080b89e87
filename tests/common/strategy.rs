//! Random cases: a runner that is the same on every machine, and the shapes and ranks it draws.

use std::fmt::Debug;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// Checks `law` on `cases` values. Fixed seed, unless `PROPTEST_RNG_SEED` asks for another.
#[track_caller]
pub(crate) fn check<S: Strategy>(cases: u32, strategy: &S, law: impl Fn(S::Value))
where
    S::Value: Debug,
{
    let mut config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(20_110_617);
    }
    let outcome = TestRunner::new(config).run(strategy, |value| {
        law(value);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// The sides of a matrix, tall, wide and square, from 1 x 1 on.
pub(crate) fn sides(largest: usize) -> impl Strategy<Value = (usize, usize)> {
    prop_oneof![
        4 => (1..=largest, 1..=largest),
        1 => (1..=largest).prop_map(|n| (n, n)),
        1 => (1..=largest).prop_map(|n| (1, n)),
        1 => (1..=largest).prop_map(|n| (n, 1)),
    ]
}

/// A shape of this order with at most `elements` elements; size-1 modes included.
pub(crate) fn shape(
    order: impl Strategy<Value = usize>,
    elements: usize,
) -> impl Strategy<Value = Vec<usize>> {
    order
        .prop_flat_map(|d| prop::collection::vec(1_usize..=6, d))
        .prop_map(move |mut shape| {
            let mut k = 0;
            while shape.iter().product::<usize>() > elements {
                let at = k % shape.len();
                shape[at] = shape[at].div_ceil(2);
                k += 1;
            }
            shape
        })
}

/// A shape and ranks for it: `d + 1` with unit ends, not always attainable.
pub(crate) fn shape_and_ranks(
    order: impl Strategy<Value = usize>,
    elements: usize,
    largest: usize,
) -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    shape(order, elements).prop_flat_map(move |shape| {
        let ranks = prop::collection::vec(1..=largest, shape.len() - 1).prop_map(|inner| {
            let mut ranks = vec![1];
            ranks.extend(inner);
            ranks.push(1);
            ranks
        });
        (Just(shape), ranks)
    })
}
