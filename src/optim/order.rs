//! The order of the samples within an epoch.

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};

/// Fills `order` with a permutation of `0..num_samples` that depends on the arguments only, so that
/// training can be resumed at any epoch without the state of a generator.
pub(super) fn shuffle(order: &mut Vec<usize>, num_samples: usize, seed: u64, epoch: usize) {
    // The seed is hashed first: otherwise epoch 1 of seed 0 would be epoch 0 of seed 1.
    let base = SplitMix64::seed_from_u64(seed).next_u64();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(base.wrapping_add(epoch as u64));
    order.clear();
    order.extend(0..num_samples);
    order.shuffle(&mut rng);
}

#[cfg(test)]
mod tests {
    use super::shuffle;

    fn order(n: usize, seed: u64, epoch: usize) -> Vec<usize> {
        let mut order = vec![9; 3];
        shuffle(&mut order, n, seed, epoch);
        order
    }

    #[test]
    fn an_order_is_a_permutation_and_depends_on_seed_and_epoch_only() {
        let first = order(50, 3, 4);
        assert_eq!(first, order(50, 3, 4));
        assert_ne!(first, order(50, 3, 5));
        assert_ne!(first, order(50, 4, 4));
        assert_ne!(order(50, 0, 1), order(50, 1, 0));
        let mut sorted = first;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..50).collect::<Vec<_>>());
        assert_eq!(order(1, 0, 0), [0]);
    }

    #[test]
    fn every_sample_is_equally_often_the_first() {
        let mut counts = [0_u32; 4];
        for epoch in 0..4000 {
            counts[order(4, 0, epoch)[0]] += 1;
        }
        // Binomial: mean 1000, standard deviation 27.
        assert!(
            counts.iter().all(|&c| (880..1120).contains(&c)),
            "{counts:?}"
        );
    }
}
