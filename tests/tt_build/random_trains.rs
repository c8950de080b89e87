//! Random trains: a function of the generator, with the moments that are promised, at any order.

use super::common::oracle::clipped_ranks;
use super::common::tol::assert_near;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use tt_admm::{Scalar, TensorTrain, TtRanks};

fn train<A: Scalar>(shape: &[usize], ranks: impl Into<TtRanks>, seed: u64) -> TensorTrain<A> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    TensorTrain::random(shape, ranks, &mut rng).unwrap()
}

fn the_generator_decides<A: Scalar>() {
    let shape = [4, 5, 3, 2];
    assert_eq!(train::<A>(&shape, 3, 1), train::<A>(&shape, 3, 1));
    assert_ne!(train::<A>(&shape, 3, 1), train::<A>(&shape, 3, 2));
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let first = TensorTrain::<A>::random(&shape, 3, &mut rng).unwrap();
    let second = TensorTrain::<A>::random(&shape, 3, &mut rng).unwrap();
    assert_eq!(first, train(&shape, 3, 1));
    assert_ne!(first, second);
    // The two element types round the same numbers.
    let wide = train::<f64>(&shape, 3, 1);
    for (a, b) in first
        .cores()
        .iter()
        .flatten()
        .zip(wide.cores().iter().flatten())
    {
        assert_eq!(*a, A::narrow(*b));
    }
}

fn ranks_are_those_asked_for<A: Scalar>() {
    for (shape, rank) in [
        (&[4, 5, 6, 3][..], 5),
        (&[2; 12], 7),
        (&[1, 5, 1], 3),
        (&[9], 4),
    ] {
        let tt = train::<A>(shape, rank, 5);
        assert_eq!(tt.ranks(), clipped_ranks(shape, rank));
        assert_eq!(tt.shape(), shape);
    }
    assert_eq!(train::<A>(&[4, 5, 6], [2, 3], 5).ranks(), [1, 2, 3, 1]);
    assert_eq!(
        train::<A>(&[4, 5, 6], [1, 2, 3, 1], 5).ranks(),
        [1, 2, 3, 1]
    );
}

/// Mean, variance and fourth moment of the entries of a core, times the root of its right rank.
fn entries_are_normal<A: Scalar>() {
    let tt = train::<A>(&[50, 40, 50], [20, 20], 3);
    let entries: Vec<f64> = tt
        .core(1)
        .iter()
        .map(|x| x.widen() * 20.0_f64.sqrt())
        .collect();
    let count = entries.len() as f64;
    let moment = |p: i32| entries.iter().map(|x| x.powi(p)).sum::<f64>() / count;
    // Standard deviations of the sample moments: 1, 1.41, 3.87 and 9.8, over sqrt(16000) = 126; five of them.
    assert_near(moment(1), 0.0, 5.0 * 1.0 / count.sqrt());
    assert_near(moment(2), 1.0, 5.0 * 1.42 / count.sqrt());
    assert_near(moment(3), 0.0, 5.0 * 3.88 / count.sqrt());
    assert_near(moment(4), 3.0, 5.0 * 9.8 / count.sqrt());
    assert!(entries.iter().any(|x| x.abs() > 3.0));
}

/// The mean of `|X|^2 / N` over many trains.
fn expected_square_of_an_element_is_one<A: Scalar>() {
    let shape = [6, 7, 8];
    let squares = (0..400).map(|seed| {
        let tt = train::<A>(&shape, [4, 5], 1000 + seed);
        tt.norm().widen().powi(2) / 336.0
    });
    let squares: Vec<f64> = squares.collect();
    let mean = squares.iter().sum::<f64>() / 400.0;
    let variance = squares.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / 399.0;
    assert_near(mean, 1.0, 5.0 * (variance / 400.0).sqrt());
    assert!(variance < 1.0, "{variance}");
}

fn long_trains_are_moderate<A: Scalar>() {
    let tt = train::<A>(&[2; 400], 8, 4);
    // The expected square is 2^400: the logarithm of the norm is near 139.
    assert_near(tt.log_norm(), 200.0 * 2.0_f64.ln(), 60.0);
    for core in tt.cores() {
        assert!(core.iter().all(|x| x.is_normal() && x.widen().abs() < 9.0));
    }
    let element = tt.get(&[1; 400]).unwrap();
    assert!(element.is_normal(), "{element}");
}

for_both_scalars!(
    the_generator_decides,
    ranks_are_those_asked_for,
    entries_are_normal,
    expected_square_of_an_element_is_one,
    long_trains_are_moderate,
);
