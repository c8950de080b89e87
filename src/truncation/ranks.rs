//! Ranks of a tensor train as users write them, and the ranks a shape allows.

use super::RankError;

/// Tensor-train ranks, in any of the forms the literature uses.
///
/// - one number for every bond: `8`
/// - the `d - 1` inner ranks: `[8, 16, 8]` for an order-4 tensor
/// - all `d + 1` ranks with unit ends: `[1, 8, 16, 8, 1]`
///
/// A rank larger than the shape allows is no error: [`TtRanks::resolve`] clips it, and leaves this value as
/// it was, so one `TtRanks` can serve tensors of many shapes.
///
/// # Examples
///
/// ```
/// use tt_admm::TtRanks;
///
/// let ranks = TtRanks::from([8, 16, 8]);
/// assert_eq!(ranks.resolve(&[10, 10, 10, 10])?, [1, 8, 16, 8, 1]);
/// assert_eq!(ranks.resolve(&[4, 3, 5, 6])?, [1, 4, 12, 6, 1]);   // clipped to what fits
/// assert_eq!(TtRanks::from(5).resolve(&[3, 4, 5])?, [1, 3, 5, 1]);
/// assert!(TtRanks::from([2, 2]).resolve(&[3, 4]).is_err());
/// # Ok::<(), tt_admm::RankError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TtRanks(Repr);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Repr {
    Uniform(usize),
    List(Vec<usize>),
}

impl TtRanks {
    /// The `d + 1` ranks for a tensor of this shape: ends 1, each inner rank clipped to the largest one
    /// that its neighbours and the shape allow.
    ///
    /// # Errors
    ///
    /// [`RankError::Count`] for a list of any other length than `d - 1` or `d + 1`, [`RankError::End`] for
    /// end ranks other than 1, [`RankError::Zero`] for a rank of 0.
    pub fn resolve(&self, shape: &[usize]) -> Result<Vec<usize>, RankError> {
        let order = shape.len();
        let wanted = match &self.0 {
            Repr::Uniform(rank) => {
                let mut ranks = vec![*rank; order + 1];
                if let (Some(first), true) = (ranks.first_mut(), order > 0) {
                    *first = 1;
                }
                ranks[order] = 1;
                if *rank == 0 {
                    let largest = feasible_ranks(shape, &vec![usize::MAX; order + 1]);
                    let bond = order.min(1);
                    return Err(RankError::Zero {
                        bond,
                        largest: largest[bond],
                    });
                }
                ranks
            }
            Repr::List(list) if list.len() == order + 1 => {
                for bond in [0, order] {
                    if list[bond] != 1 {
                        return Err(RankError::End {
                            bond,
                            got: list[bond],
                        });
                    }
                }
                list.clone()
            }
            Repr::List(list) if order > 0 && list.len() == order - 1 => {
                let mut ranks = Vec::with_capacity(order + 1);
                ranks.push(1);
                ranks.extend_from_slice(list);
                ranks.push(1);
                ranks
            }
            Repr::List(list) => {
                return Err(RankError::Count {
                    order,
                    got: list.len(),
                });
            }
        };
        if let Some(bond) = wanted.iter().position(|&r| r == 0) {
            let largest = feasible_ranks(shape, &vec![usize::MAX; order + 1]);
            return Err(RankError::Zero {
                bond,
                largest: largest[bond],
            });
        }
        Ok(feasible_ranks(shape, &wanted))
    }
}

impl From<usize> for TtRanks {
    fn from(rank: usize) -> Self {
        Self(Repr::Uniform(rank))
    }
}

impl From<&TtRanks> for TtRanks {
    fn from(ranks: &TtRanks) -> Self {
        ranks.clone()
    }
}

impl From<Vec<usize>> for TtRanks {
    fn from(ranks: Vec<usize>) -> Self {
        Self(Repr::List(ranks))
    }
}

impl From<&[usize]> for TtRanks {
    fn from(ranks: &[usize]) -> Self {
        Self(Repr::List(ranks.to_vec()))
    }
}

impl From<&Vec<usize>> for TtRanks {
    fn from(ranks: &Vec<usize>) -> Self {
        Self(Repr::List(ranks.clone()))
    }
}

impl<const N: usize> From<[usize; N]> for TtRanks {
    fn from(ranks: [usize; N]) -> Self {
        Self(Repr::List(ranks.to_vec()))
    }
}

impl<const N: usize> From<&[usize; N]> for TtRanks {
    fn from(ranks: &[usize; N]) -> Self {
        Self(Repr::List(ranks.to_vec()))
    }
}

/// The largest ranks not above `wanted` that cores of this shape can make use of: `r_k <= r_{k-1} n_k` and
/// `r_{k-1} <= n_k r_k` at every core. The set of tensors of TT rank `<= wanted` stays the same.
pub(crate) fn feasible_ranks(shape: &[usize], wanted: &[usize]) -> Vec<usize> {
    let order = shape.len();
    let mut ranks = wanted.to_vec();
    ranks[0] = 1;
    ranks[order] = 1;
    for k in 1..order {
        ranks[k] = ranks[k].min(ranks[k - 1].saturating_mul(shape[k - 1]));
    }
    for k in (1..order).rev() {
        ranks[k] = ranks[k].min(ranks[k + 1].saturating_mul(shape[k]));
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::{RankError, TtRanks, feasible_ranks};
    use proptest::prelude::*;

    #[test]
    fn every_form_gives_the_same_ranks() {
        let shape = [6, 6, 6, 6];
        let expected = vec![1, 5, 5, 5, 1];
        assert_eq!(TtRanks::from(5).resolve(&shape).unwrap(), expected);
        assert_eq!(TtRanks::from([5, 5, 5]).resolve(&shape).unwrap(), expected);
        assert_eq!(
            TtRanks::from(vec![1, 5, 5, 5, 1]).resolve(&shape).unwrap(),
            expected
        );
        assert_eq!(
            TtRanks::from(&[5_usize, 5, 5][..]).resolve(&shape).unwrap(),
            expected
        );
    }

    #[test]
    fn vectors_have_no_inner_ranks() {
        assert_eq!(TtRanks::from(7).resolve(&[9]).unwrap(), [1, 1]);
        assert_eq!(TtRanks::from([]).resolve(&[9]).unwrap(), [1, 1]);
        assert_eq!(TtRanks::from([1, 1]).resolve(&[9]).unwrap(), [1, 1]);
    }

    #[test]
    fn everything_else_is_refused_with_its_numbers() {
        let shape = [3, 4, 5];
        let error = |ranks: TtRanks| ranks.resolve(&shape).unwrap_err();
        assert_eq!(error([2].into()), RankError::Count { order: 3, got: 1 });
        assert_eq!(
            error([2, 2, 2].into()),
            RankError::Count { order: 3, got: 3 }
        );
        assert_eq!(
            error([2, 0].into()),
            RankError::Zero {
                bond: 2,
                largest: 5
            }
        );
        assert_eq!(
            error(0.into()),
            RankError::Zero {
                bond: 1,
                largest: 3
            }
        );
        assert_eq!(
            error([2, 2, 2, 1].into()),
            RankError::End { bond: 0, got: 2 }
        );
        assert_eq!(
            error([1, 2, 2, 3].into()),
            RankError::End { bond: 3, got: 3 }
        );
        let text = error([2, 2, 2].into()).to_string();
        assert!(
            text.contains("2 inner ranks") && text.contains("4 ranks"),
            "{text}"
        );
        assert_eq!(
            TtRanks::from(0).resolve(&[4]).unwrap_err(),
            RankError::Zero {
                bond: 1,
                largest: 1
            }
        );
    }

    #[test]
    fn huge_shapes_do_not_overflow() {
        let ranks = TtRanks::from(usize::MAX)
            .resolve(&[1 << 40, 1 << 40, 1 << 40])
            .unwrap();
        assert_eq!(ranks, [1, 1 << 40, 1 << 40, 1]);
        assert_eq!(TtRanks::from(3).resolve(&[2; 400]).unwrap()[200], 3);
    }

    proptest! {
        #[test]
        fn clipping_is_idempotent_and_feasible(
            shape in prop::collection::vec(1_usize..7, 1..7),
            rank in 1_usize..60,
        ) {
            let d = shape.len();
            let ranks = feasible_ranks(&shape, &vec![rank; d + 1]);
            prop_assert_eq!(&feasible_ranks(&shape, &ranks), &ranks);
            for k in 1..=d {
                prop_assert!(ranks[k] <= ranks[k - 1] * shape[k - 1]);
                prop_assert!(ranks[k - 1] <= shape[k - 1] * ranks[k]);
            }
            // Not clipped below what the two sides of the unfolding allow.
            for k in 1..d {
                let left: usize = shape[..k].iter().product();
                let right: usize = shape[k..].iter().product();
                prop_assert_eq!(ranks[k], rank.min(left).min(right));
            }
        }
    }
}
