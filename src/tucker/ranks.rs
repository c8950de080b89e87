//! Tucker ranks as users write them, and the ranks a shape allows.

use super::TuckerError;

/// Tucker ranks: the sizes of the core.
///
/// - one number for every mode: `8`
/// - one for each mode: `[8, 16, 3]`
/// - pairs of mode and rank: `[(0, 8), (1, 16)]`; modes that are not named are not compressed
///
/// A rank larger than the shape allows is no error: [`TuckerRanks::resolve`] clips it, and leaves this value as it
/// was, so that one `TuckerRanks` can serve tensors of many shapes.
///
/// # Examples
///
/// ```
/// use tt_admm::TuckerRanks;
///
/// assert_eq!(TuckerRanks::from(4).resolve(&[10, 9, 3])?, [4, 4, 3]);
/// assert_eq!(TuckerRanks::from([9, 2, 2]).resolve(&[10, 9, 3])?, [4, 2, 2]);   // at most 2 * 2
/// assert_eq!(TuckerRanks::from([(0, 5), (1, 6)]).resolve(&[10, 9, 3])?, [5, 6, 3]);
/// assert!(TuckerRanks::from([2, 2]).resolve(&[10, 9, 3]).is_err());
/// # Ok::<(), tt_admm::TuckerError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TuckerRanks(Repr);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Repr {
    Uniform(usize),
    List(Vec<usize>),
    Pairs(Vec<(usize, usize)>),
}

impl TuckerRanks {
    /// The ranks for a tensor of this shape, one for each mode: each clipped to the size of its mode and to the
    /// product of the others; the size itself for a mode that is not compressed.
    ///
    /// # Errors
    ///
    /// [`TuckerError::RankCount`] for a list of another length than the order, [`TuckerError::ZeroRank`],
    /// [`TuckerError::NoSuchMode`] and [`TuckerError::DuplicateMode`] for pairs, [`TuckerError::EmptyMode`].
    pub fn resolve(&self, shape: &[usize]) -> Result<Vec<usize>, TuckerError> {
        check_modes(shape)?;
        let modes: Vec<usize> = (0..shape.len()).collect();
        let wanted = self.wanted(shape, &modes)?;
        Ok(feasible_ranks(shape, &wanted))
    }

    /// Whether the ranks name their modes.
    pub(super) fn are_pairs(&self) -> bool {
        matches!(self.0, Repr::Pairs(_))
    }

    /// The rank for each mode, not clipped; `None` where there is none. `modes` are those that a list is for.
    pub(super) fn wanted(
        &self,
        shape: &[usize],
        modes: &[usize],
    ) -> Result<Vec<Option<usize>>, TuckerError> {
        let mut wanted = vec![None; shape.len()];
        match &self.0 {
            Repr::Uniform(rank) => {
                for &mode in modes {
                    wanted[mode] = Some(*rank);
                }
            }
            Repr::List(list) if list.len() == modes.len() => {
                for (&mode, &rank) in modes.iter().zip(list) {
                    wanted[mode] = Some(rank);
                }
            }
            Repr::List(list) => {
                return Err(TuckerError::RankCount {
                    expected: modes.len(),
                    got: list.len(),
                });
            }
            Repr::Pairs(pairs) => {
                check_distinct(pairs.iter().map(|&(mode, _)| mode), shape.len())?;
                for &(mode, rank) in pairs.iter().filter(|(mode, _)| modes.contains(mode)) {
                    wanted[mode] = Some(rank);
                }
            }
        }
        match wanted.iter().position(|&rank| rank == Some(0)) {
            None => Ok(wanted),
            Some(mode) => Err(TuckerError::ZeroRank {
                mode,
                largest: shape[mode].min(product_without(shape, mode)),
            }),
        }
    }
}

/// Refuses shapes without modes and empty modes.
pub(super) fn check_modes(shape: &[usize]) -> Result<(), TuckerError> {
    if shape.is_empty() {
        return Err(TuckerError::NoModes);
    }
    match shape.iter().position(|&n| n == 0) {
        None => Ok(()),
        Some(mode) => Err(TuckerError::EmptyMode {
            mode,
            shape: shape.to_vec(),
        }),
    }
}

/// Refuses modes that a tensor of this order does not have, and modes named twice.
pub(super) fn check_distinct(
    modes: impl Iterator<Item = usize>,
    order: usize,
) -> Result<(), TuckerError> {
    let mut seen = vec![false; order];
    for mode in modes {
        match seen.get_mut(mode) {
            None => return Err(TuckerError::NoSuchMode { mode, order }),
            Some(true) => return Err(TuckerError::DuplicateMode { mode }),
            Some(seen) => *seen = true,
        }
    }
    Ok(())
}

/// The largest ranks not above `wanted` that a core can make use of: `r_k <= n_k` and `r_k` at most the product of
/// the others; `n_k` where no rank is wanted. The set of tensors of these ranks stays the same.
pub(super) fn feasible_ranks(shape: &[usize], wanted: &[Option<usize>]) -> Vec<usize> {
    let mut ranks: Vec<usize> = shape
        .iter()
        .zip(wanted)
        .map(|(&n, rank)| rank.map_or(n, |r| r.min(n)))
        .collect();
    // At most one rank can be above the product of the others, so the order does not matter.
    for mode in 0..ranks.len() {
        if wanted[mode].is_some() {
            ranks[mode] = ranks[mode].min(product_without(&ranks, mode));
        }
    }
    ranks
}

/// The product of all but one.
pub(super) fn product_without(sizes: &[usize], mode: usize) -> usize {
    let others = sizes.iter().enumerate().filter(|(k, _)| *k != mode);
    others.fold(1, |product, (_, &n)| product.saturating_mul(n))
}

impl From<usize> for TuckerRanks {
    fn from(rank: usize) -> Self {
        Self(Repr::Uniform(rank))
    }
}

impl From<&TuckerRanks> for TuckerRanks {
    fn from(ranks: &TuckerRanks) -> Self {
        ranks.clone()
    }
}

macro_rules! from_lists {
    ($item:ty, $variant:ident) => {
        impl From<Vec<$item>> for TuckerRanks {
            fn from(ranks: Vec<$item>) -> Self {
                Self(Repr::$variant(ranks))
            }
        }

        impl From<&[$item]> for TuckerRanks {
            fn from(ranks: &[$item]) -> Self {
                Self(Repr::$variant(ranks.to_vec()))
            }
        }

        impl<const N: usize> From<[$item; N]> for TuckerRanks {
            fn from(ranks: [$item; N]) -> Self {
                Self(Repr::$variant(ranks.to_vec()))
            }
        }
    };
}

from_lists!(usize, List);
from_lists!((usize, usize), Pairs);

#[cfg(test)]
mod tests {
    use super::{TuckerRanks, feasible_ranks, product_without};
    use proptest::prelude::*;

    #[test]
    fn huge_shapes_do_not_overflow() {
        let ranks = TuckerRanks::from(usize::MAX).resolve(&[1 << 40; 3]);
        assert_eq!(ranks.unwrap(), [1 << 40; 3]);
    }

    proptest! {
        #[test]
        fn clipping_is_idempotent_and_feasible(
            shape in prop::collection::vec(1_usize..7, 1..6),
            ranks in prop::collection::vec(prop::option::of(1_usize..60), 5),
        ) {
            let wanted = &ranks[..shape.len()];
            let clipped = feasible_ranks(&shape, wanted);
            let again: Vec<_> = clipped.iter().copied().map(Some).collect();
            for (k, &rank) in clipped.iter().enumerate() {
                prop_assert!(rank >= 1 && rank <= shape[k]);
                match wanted[k] {
                    None => prop_assert_eq!(rank, shape[k]),
                    Some(wanted) => {
                        prop_assert!(rank <= product_without(&clipped, k));
                        prop_assert!(rank == wanted.min(shape[k]) || rank == product_without(&clipped, k));
                    }
                }
            }
            if wanted.iter().all(Option::is_some) {
                prop_assert_eq!(feasible_ranks(&shape, &again), clipped);
            }
        }
    }
}
