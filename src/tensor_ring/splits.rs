//! The two ranks that one cut makes.

/// A rank of the first cut, and the pairs of ranks it can be split into.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    pub(super) rank: usize,
    pub(super) pairs: Vec<[usize; 2]>,
}

/// The pairs with this product and no rank above its cap, the most balanced first.
fn pairs(rank: usize, caps: [usize; 2]) -> Vec<[usize; 2]> {
    let mut pairs: Vec<[usize; 2]> = (1..=rank)
        .filter(|p| rank.is_multiple_of(*p))
        .map(|p| [p, rank / p])
        .filter(|[p, q]| *p <= caps[0] && *q <= caps[1])
        .collect();
    pairs.sort_by_key(|[p, q]| p.abs_diff(*q));
    pairs
}

/// Ways to split a cut of this rank, on a side of this length: those of the rank itself, and where these are trivial
/// (a prime) those of the next larger rank that has others. If the caps allow no pair, the next larger rank for which
/// they do, or else the next smaller one.
pub(super) fn candidates(rank: usize, caps: [usize; 2], side: usize) -> Vec<Candidate> {
    let of = |rank: usize| Candidate {
        rank,
        pairs: pairs(rank, caps),
    };
    let most = side.min(caps[0].saturating_mul(caps[1]));
    let own = of(rank);
    let larger = |wanted: fn(&[usize; 2]) -> bool| {
        let above = (rank + 1..=most).map(of);
        above.into_iter().find(|c| c.pairs.iter().any(wanted))
    };
    if own.pairs.is_empty() {
        let smaller = || (1..rank).rev().map(of).find(|c| !c.pairs.is_empty());
        return larger(|_| true).or_else(smaller).into_iter().collect();
    }
    let trivial = |[p, q]: &[usize; 2]| *p == 1 || *q == 1;
    let mut all = vec![own];
    if rank > 1 && all[0].pairs.iter().all(trivial) {
        all.extend(larger(|[p, q]| *p > 1 && *q > 1));
    }
    all
}

/// The largest pair below these ranks whose product is at most `limit`, the most balanced one of equals.
pub(super) fn largest_pair(ranks: [usize; 2], limit: usize) -> [usize; 2] {
    let pair = |p: usize| [p, ranks[1].min(limit / p)];
    (1..=ranks[0].min(limit))
        .map(pair)
        .max_by_key(|[p, q]| (p * q, std::cmp::Reverse(p.abs_diff(*q))))
        .unwrap_or([1, 1])
}

#[cfg(test)]
mod tests {
    use super::{candidates, largest_pair};

    const FREE: [usize; 2] = [usize::MAX; 2];

    #[test]
    fn a_composite_rank_is_split_in_all_ways() {
        let all = candidates(12, FREE, 100);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].rank, 12);
        let pairs = [[3, 4], [4, 3], [2, 6], [6, 2], [1, 12], [12, 1]];
        assert_eq!(all[0].pairs, pairs);
        assert_eq!(candidates(1, FREE, 100)[0].pairs, [[1, 1]]);
    }

    #[test]
    fn a_prime_rank_is_also_rounded_up_where_the_side_allows() {
        let ranks = |rank, side| -> Vec<usize> {
            let all = candidates(rank, FREE, side);
            all.iter().map(|c| c.rank).collect()
        };
        assert_eq!(ranks(7, 8), [7, 8]);
        assert_eq!(ranks(7, 7), [7]);
        assert_eq!(ranks(2, 9), [2, 4]);
        assert_eq!(ranks(2, 3), [2]);
    }

    #[test]
    fn caps_win() {
        // 7 and 8 do not fit under 3 x 3, 9 does; of 10 nothing fits but 9.
        assert_eq!(candidates(7, [3, 3], 20)[0].pairs, [[3, 3]]);
        assert_eq!(candidates(10, [3, 3], 20)[0].rank, 9);
        assert_eq!(candidates(7, [3, 3], 8)[0].rank, 6);
        assert_eq!(candidates(5, [1, 1], 8)[0].rank, 1);
        assert_eq!(candidates(5, [1, 9], 8), candidates(5, [1, 9], 8));
        assert_eq!(candidates(5, [1, 9], 8)[0].pairs, [[1, 5]]);
    }

    #[test]
    fn the_largest_pair_is_found() {
        assert_eq!(largest_pair([6, 7], 20), [5, 4]);
        assert_eq!(largest_pair([2, 2], 20), [2, 2]);
        assert_eq!(largest_pair([5, 3], 1), [1, 1]);
    }
}
