//! Integer arithmetic behind the choice of modes.

/// The smallest `r` with `r^count >= n`, for `n >= 1`.
pub(super) fn root(n: usize, count: usize) -> usize {
    let (mut low, mut high) = (1, n);
    while low < high {
        let middle = low + (high - low) / 2;
        let reaches = std::iter::repeat_n(middle, count.min(64))
            .try_fold(1_usize, |power, factor| {
                power.checked_mul(factor).filter(|&p| p < n)
            })
            .is_none();
        (low, high) = if reaches {
            (low, middle)
        } else {
            (middle + 1, high)
        };
    }
    low
}

/// Prime factors with multiplicity, ascending; empty for 1.
pub(super) fn prime_factors(mut n: usize) -> Vec<usize> {
    let mut primes = Vec::new();
    let mut p = 2;
    while p <= n / p {
        while n.is_multiple_of(p) {
            primes.push(p);
            n /= p;
        }
        p += if p == 2 { 1 } else { 2 };
    }
    if n > 1 {
        primes.push(n);
    }
    primes
}

/// All divisors of the product of `primes`, ascending.
pub(super) fn divisors(primes: &[usize]) -> Vec<usize> {
    let mut divisors = vec![1];
    for &p in primes {
        let multiples: Vec<usize> = divisors.iter().map(|d| d * p).collect();
        divisors.extend(multiples);
        divisors.sort_unstable();
        divisors.dedup();
    }
    divisors
}

#[cfg(test)]
mod tests {
    use super::{divisors, prime_factors, root};

    #[test]
    fn small_and_extreme_arguments() {
        assert_eq!(prime_factors(360), [2, 2, 2, 3, 3, 5]);
        assert_eq!(prime_factors(97), [97]);
        assert_eq!(prime_factors(1), [0_usize; 0]);
        assert_eq!(divisors(&[2, 2, 3]), [1, 2, 3, 4, 6, 12]);
        assert_eq!(
            (root(27, 3), root(28, 3), root(1, 5), root(2, 90)),
            (3, 4, 1, 2)
        );
        assert_eq!(root(usize::MAX, 2), 1 << 32);
    }
}
