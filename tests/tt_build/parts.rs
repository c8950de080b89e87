//! Slices, trains joined along a mode, and modes in reverse.

use super::common::oracle::dense;
use super::common::random::Rng;
use super::common::strategy::{check, shape_and_ranks};
use super::{assert_is, bound, random_train};
use tt_admm::ndarray::{Array3, ArrayViewD, Axis, Slice, concatenate};
use tt_admm::{Scalar, TensorTrain};

/// A slice of a mode of this size that selects something, with any step and ends from either side.
fn any_slice(size: usize, rng: &mut Rng) -> Slice {
    let start = rng.below(size);
    let end = start + 1 + rng.below(size - start);
    let step = [1, 2, 3, -1, -2][rng.below(5)];
    let (start, length, end) = (start.cast_signed(), size.cast_signed(), end.cast_signed());
    match rng.below(3) {
        0 => Slice::new(start, Some(end), step),
        1 => Slice::new(start - length, Some(end), step),
        _ => Slice::new(
            start,
            if end == length {
                None
            } else {
                Some(end - length)
            },
            step,
        ),
    }
}

fn slices_are_those_of_ndarray<A: Scalar>() {
    check(
        96,
        &(shape_and_ranks(1_usize..=6, 400, 4), 0_u64..1 << 40),
        |((shape, ranks), seed)| {
            let train = random_train::<A>(&shape, &ranks, seed);
            let mut rng = Rng::new(seed);
            let slices: Vec<Slice> = shape.iter().map(|&n| any_slice(n, &mut rng)).collect();
            let part = train.slice(slices.clone()).unwrap();
            let x = dense(train.cores());
            let expected = x
                .slice_each_axis(|axis| slices[axis.axis.index()])
                .to_owned();
            // The cores are parts of the cores, so the elements are the same to the bit.
            assert_eq!(dense(part.cores()), expected);
            assert_eq!(part.ranks(), train.ranks());
            let whole = train.slice(vec![..; shape.len()]).unwrap();
            assert_eq!(whole, train);
        },
    );
}

fn joined_along_every_mode<A: Scalar>() {
    check(
        48,
        &(
            shape_and_ranks(1_usize..=5, 200, 4),
            0_usize..4,
            0_u64..1 << 40,
        ),
        |((shape, ranks), others, seed)| {
            let mut rng = Rng::new(seed);
            for mode in 0..shape.len() {
                let trains: Vec<TensorTrain<A>> = (0..=others)
                    .map(|k| {
                        let mut shape = shape.clone();
                        shape[mode] = 1 + rng.below(4);
                        let mut ranks = ranks.clone();
                        for rank in &mut ranks[1..shape.len()] {
                            *rank = 1 + rng.below(4);
                        }
                        random_train(&shape, &ranks, seed ^ k as u64)
                    })
                    .collect();
                let rest: Vec<&TensorTrain<A>> = trains[1..].iter().collect();
                let joined = trains[0].concatenate(mode, &rest).unwrap();
                let parts: Vec<_> = trains.iter().map(|t| dense(t.cores())).collect();
                let views: Vec<ArrayViewD<'_, f64>> = parts.iter().map(|x| x.view()).collect();
                let expected = concatenate(Axis(mode), &views).unwrap();
                let scale = trains.iter().map(|t| bound(t.cores())).sum();
                assert_is(&joined, &expected, scale);
                for bond in 1..shape.len() {
                    let sum: usize = trains.iter().map(|t| t.ranks()[bond]).sum();
                    assert_eq!(joined.ranks()[bond], sum);
                }
                // Every part comes back as a slice.
                let mut from = 0;
                for train in &trains {
                    let mut slices = vec![Slice::from(..); shape.len()];
                    let to = from + train.shape()[mode];
                    slices[mode] = Slice::from(from..to);
                    let part = joined.slice(slices).unwrap();
                    assert_is(&part, &dense(train.cores()), scale);
                    from = to;
                }
            }
        },
    );
}

fn reversal_reverses_axes<A: Scalar>() {
    check(
        48,
        &(shape_and_ranks(1_usize..=6, 300, 4), 0_u64..1 << 40),
        |((shape, ranks), seed)| {
            let train = random_train::<A>(&shape, &ranks, seed);
            let reversed = train.reversed();
            let expected = dense(train.cores()).reversed_axes();
            assert_is(
                &reversed,
                &expected.as_standard_layout().into_owned(),
                bound(train.cores()),
            );
            assert_eq!(reversed.reversed(), train);
            let back: Vec<usize> = train.ranks().iter().rev().copied().collect();
            assert_eq!(reversed.ranks(), back);
            assert!(reversed.cores().iter().all(Array3::is_standard_layout));
        },
    );
}

for_both_scalars!(
    slices_are_those_of_ndarray,
    joined_along_every_mode,
    reversal_reverses_axes,
);
