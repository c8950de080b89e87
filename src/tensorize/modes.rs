//! Choosing modes: a size as a product of factors that are as equal as possible.

use super::factor::{divisors, prime_factors, root};

/// Factorises `n` into `count` modes, in ascending order, as balanced as possible.
///
/// Among all factorisations the one with the smallest largest mode is taken, and among those the one with
/// the smallest sum; the search is exact and deterministic. Prime factors stay whole, and modes that are
/// not needed are 1, so pad the layer or choose another `count` if a large prime is left over.
///
/// The factors are found by trial division up to the square root of `n`: microseconds for the sizes of
/// layers, seconds for a prime near `2^62`.
///
/// There is no such factorisation in two cases, and the result is then one that every constructor of
/// [`Tensorization`](crate::tensorize::Tensorization) refuses: `n = 0` gives `count` zeros, and `count = 0`
/// gives an empty list.
///
/// # Examples
///
/// ```
/// use tt_admm::tensorize::balanced_modes;
///
/// assert_eq!(balanced_modes(256, 2), [16, 16]);
/// assert_eq!(balanced_modes(96, 2), [8, 12]);
/// assert_eq!(balanced_modes(360, 3), [5, 8, 9]);
/// assert_eq!(balanced_modes(7, 2), [1, 7]);
/// ```
#[must_use]
pub fn balanced_modes(n: usize, count: usize) -> Vec<usize> {
    if n == 0 {
        return vec![0; count];
    }
    let primes = prime_factors(n);
    // There are no more modes above 1 than prime factors, which bounds the search.
    let used = count.min(primes.len());
    let mut modes = vec![1; count];
    if used > 0 {
        let mut search = Search {
            divisors: divisors(&primes),
            chosen: Vec::new(),
            best: None,
        };
        let smallest = primes.last().copied().unwrap_or(1).max(root(n, used));
        let first = search.divisors.partition_point(|&d| d < smallest);
        for k in first..search.divisors.len() {
            let largest = search.divisors[k];
            if n.is_multiple_of(largest) {
                search.chosen.push(largest);
                search.descend(n / largest, used - 1, largest);
                search.chosen.pop();
            }
            // Divisors ascend, so the first one that works is the smallest largest mode.
            if let Some((_, best)) = &search.best {
                modes[count - used..].copy_from_slice(best);
                break;
            }
        }
    }
    modes.sort_unstable();
    modes
}

struct Search {
    /// All divisors of `n`, ascending.
    divisors: Vec<usize>,
    /// Modes chosen so far, descending.
    chosen: Vec<usize>,
    /// Smallest sum found, and its modes.
    best: Option<(usize, Vec<usize>)>,
}

impl Search {
    /// Completes `chosen` by `count` modes of at most `cap` with product `rest`.
    fn descend(&mut self, rest: usize, count: usize, cap: usize) {
        let sum: usize = self.chosen.iter().sum();
        if count == 0 {
            if rest == 1 && self.best.as_ref().is_none_or(|(least, _)| sum < *least) {
                self.best = Some((sum, self.chosen.clone()));
            }
            return;
        }
        // The largest of the missing modes is at least their geometric mean, and so is their average.
        let least = root(rest, count);
        if self
            .best
            .as_ref()
            .is_some_and(|(best, _)| sum + count * (least - 1) >= *best)
        {
            return;
        }
        let first = self.divisors.partition_point(|&d| d < least);
        let last = self.divisors.partition_point(|&d| d <= cap);
        for k in first..last {
            let mode = self.divisors[k];
            if rest.is_multiple_of(mode) {
                self.chosen.push(mode);
                self.descend(rest / mode, count - 1, mode);
                self.chosen.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{balanced_modes, root};
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

    /// All factorisations into `count` ascending modes of at least `from`.
    fn all(n: usize, count: usize, from: usize) -> Vec<Vec<usize>> {
        if count == 0 {
            return if n == 1 { vec![Vec::new()] } else { Vec::new() };
        }
        (from..=n)
            .filter(|&mode| n.is_multiple_of(mode))
            .flat_map(|mode| {
                all(n / mode, count - 1, mode)
                    .into_iter()
                    .map(move |rest| [vec![mode], rest].concat())
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn no_factorisation_is_more_balanced(n in 1_usize..1200, count in 1_usize..5) {
            let score = |modes: &[usize]| (modes[count - 1], modes.iter().sum::<usize>());
            let best = all(n, count, 1).iter().map(|modes| score(modes)).min().unwrap();
            let modes = balanced_modes(n, count);
            prop_assert_eq!(modes.len(), count);
            prop_assert_eq!(modes.iter().product::<usize>(), n);
            prop_assert_eq!(modes.is_sorted(), true);
            prop_assert_eq!(score(&modes), best);
        }
    }

    #[test]
    fn known_cases() {
        assert_eq!(balanced_modes(256, 2), [16, 16]);
        assert_eq!(balanced_modes(96, 2), [8, 12]);
        assert_eq!(balanced_modes(7, 2), [1, 7]);
        assert_eq!(balanced_modes(14, 3), [1, 2, 7]);
        assert_eq!(balanced_modes(1, 3), [1, 1, 1]);
        assert_eq!(balanced_modes(64, 4), [2, 2, 4, 4]);
        assert_eq!(balanced_modes(3072, 4), [6, 8, 8, 8]);
        assert_eq!(balanced_modes(50_257, 2), [29, 1733]);
        assert_eq!(balanced_modes(12, 1), [12]);
    }

    #[test]
    fn sizes_without_a_factorisation() {
        assert_eq!(balanced_modes(0, 2), [0, 0]);
        assert_eq!(balanced_modes(6, 0), [0_usize; 0]);
        assert_eq!(balanced_modes(0, 0), [0_usize; 0]);
    }

    #[test]
    fn large_sizes_and_many_modes_end_quickly() {
        assert_eq!(
            balanced_modes(1 << 60, 100),
            [vec![1; 40], vec![2; 60]].concat()
        );
        // 2^6 3^3 5^2 7 11 13 17 19 23 has 6720 divisors, close to the most below 10^12.
        let n = 963_761_198_400;
        for count in 1..=12 {
            let modes = balanced_modes(n, count);
            assert_eq!(modes.iter().product::<usize>(), n);
            assert!(modes[count - 1] >= root(n, count).max(23));
        }
    }
}
