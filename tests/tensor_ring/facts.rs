//! Cases of the test suite of TensorLy and of the literature.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::common::oracle::{distance, norm};
use crate::common::random;
use crate::common::tol::{PRINTED, assert_below, assert_near};
use crate::support::{ring, shifted};
use tt_admm::ndarray::{ArrayD, Dimension, IxDyn};
use tt_admm::{TensorRing, TrAls, TrSvd, TrTruncation, tr_svd};

/// A ring of entries in `[0, 1)`, as `random_tr` makes them.
fn positive(shape: &[usize], ranks: &[usize], seed: u64) -> ArrayD<f64> {
    let cores = random::cores::<f64>(shape, ranks, seed).into_iter();
    let cores = cores.map(|core| core.mapv(|x| 0.5 * (x + 1.0)));
    TensorRing::from_cores(cores.collect()).unwrap().to_dense()
}

const RINGS: [(&[usize], &[usize]); 2] = [
    (&[6, 2, 3, 2, 6], &[3, 2, 4, 12, 18, 3]),
    (&[20, 18, 19], &[6, 7, 8, 6]),
];

/// `test_tensor_ring_als`: an error below 1e-2 from random cores, and one that never rises.
#[test]
fn fact_31_alternating_least_squares() {
    for (shape, ranks) in RINGS {
        for seed in [1, 1234] {
            let x = positive(shape, ranks, seed);
            let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
            let als = TrAls::new(ranks).max_sweeps(12);
            let fit = als.decompose_random(&x, rng).unwrap();
            assert_eq!(fit.ring.ranks(), ranks);
            assert_below(
                distance(&x, &fit.ring.to_dense()) / norm(&x),
                1e-2,
                "random start",
            );
            for pair in fit.errors.windows(2) {
                assert_below(pair[1], pair[0] + 1e-7, "monotone");
            }
            let fit = als.decompose(&x).unwrap();
            assert_below(fit.relative_error, 1e-2, "from TR-SVD");
        }
    }
}

/// `test_tensor_ring_als_sampled`: the same with 300 equations of 216 and of 342 to 380.
#[test]
fn fact_31_sampled() {
    for (shape, ranks) in RINGS {
        let x = positive(shape, ranks, 1);
        let rng = &mut Xoshiro256PlusPlus::seed_from_u64(1234);
        let als = TrAls::new(ranks).sampled(300).max_sweeps(20);
        let fit = als.decompose_random(&x, rng).unwrap();
        let error = distance(&x, &fit.ring.to_dense()) / norm(&x);
        assert_below(error, 1e-2, &format!("{shape:?}"));
    }
}

/// `test_tensor_ring_als_sampled_large_decomp`, for a ring of entries with mean zero: with entries in `[0, 1)` it
/// depends on the start whether 100 sweeps are enough, sampled or not.
#[test]
fn fact_31_sampled_of_order_five() {
    let (shape, ranks) = ([10, 11, 12, 13, 14], [2, 3, 4, 5, 3, 2]);
    let x = ring::<f64>(&shape, &ranks, 1234).to_dense();
    let rng = &mut Xoshiro256PlusPlus::seed_from_u64(1234);
    let als = TrAls::new(ranks).sampled(2000).target(1e-8);
    let fit = als.decompose_random(&x, rng).unwrap();
    let error = distance(&x, &fit.ring.to_dense()) / norm(&x);
    assert_below(error, 1e-7, "2000 of 17160 equations");
}

/// The case of `test_tensor_ring`, with enough rank for an exact ring.
#[test]
fn tr_svd_of_tensorlys_ring() {
    let ranks = [3, 2, 4, 12, 18, 3];
    let x = ring::<f64>(&[6, 2, 3, 2, 6], &ranks, 5).to_dense();
    let found = tr_svd(&x, &ranks[..]).unwrap();
    assert_eq!(found.ranks(), ranks);
    assert_below(distance(&x, &found.to_dense()) / norm(&x), 1e-12, "exact");
}

/// The start mode counts in the ranks of the bonds as they are, where a rotation by hand does the same.
#[test]
fn a_start_is_a_rotation_by_hand() {
    let x = ring::<f64>(&[6, 6, 6, 6], &[2, 3, 1, 4, 2], 6).to_dense();
    for start in 0..4 {
        let ranks = [2, 3, 1, 4];
        let svd = TrSvd::new(ranks).start(start);
        let Ok(found) = svd.decompose(&x) else {
            assert!(ranks[start] * ranks[(start + 1) % 4] > 6);
            continue;
        };
        let mut turned = ranks.to_vec();
        turned.rotate_left(start);
        let by_hand = tr_svd(&shifted(&x, start), turned).unwrap();
        assert_eq!(found.shift(start).unwrap(), by_hand);
    }
}

/// The exact ring of ranks 3 on 20^4: the balanced split needs ranks (3, 3, 27, 27), the train (1, 9, 9, 9) is
/// smaller, and it is what TR-SVD takes.
#[test]
fn the_train_is_smaller_than_the_balanced_ring() {
    let x = ring::<f64>(&[12, 12, 12, 12], &[3, 3, 3, 3, 3], 7).to_dense();
    let found = tr_svd(&x, TrTruncation::relative(1e-10)).unwrap();
    let mut ranks = found.ranks().to_vec();
    ranks.sort_unstable();
    assert_eq!(ranks, [1, 1, 9, 9, 9]);
    let balanced = tr_svd(&x, [3, 3, 27, 27]).unwrap();
    assert_below(balanced.truncation_error().relative(), 1e-12, "balanced");
    assert!(balanced.num_parameters() > found.num_parameters());
    let narrower = tr_svd(&x, [3, 3, 26, 27]).unwrap();
    assert!(narrower.truncation_error().relative() > 1e-3);
    assert_eq!(
        4 * 12 * 9,
        ring::<f64>(&[12; 4], &[3; 5], 7).num_parameters()
    );
}

/// Counting tensors: trains of rank 2.
#[test]
fn sums_of_indices_are_rings_of_rank_two() {
    let shape = [4, 5, 6, 7];
    let x = ArrayD::from_shape_fn(IxDyn(&shape), |i| i.slice().iter().sum::<usize>() as f64);
    let found = tr_svd(&x, TrTruncation::relative(1e-12)).unwrap();
    assert_eq!(found.ranks(), [1, 2, 2, 2, 1]);
    let expected = 276.730_916_234_525_6;
    assert_near(found.norm(), expected, PRINTED * expected);
}
