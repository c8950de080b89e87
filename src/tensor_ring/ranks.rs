//! Ranks of a tensor ring as users write them.

use super::TrError;

/// Tensor-ring ranks, in any of the forms the literature uses.
///
/// Bond `k` is the one on the left of mode `k`; bond 0 closes the ring.
///
/// - one number for every bond: `4`
/// - the `d` ranks `r_0, ..., r_{d-1}`: `[2, 4, 3]` for an order-3 tensor
/// - `d + 1` ranks with equal ends: `[2, 4, 3, 2]`
///
/// # Examples
///
/// ```
/// use tt_admm::{TrError, TrRanks};
///
/// assert_eq!(TrRanks::from(4).resolve(3)?, [4, 4, 4]);
/// assert_eq!(TrRanks::from([2, 4, 3]).resolve(3)?, [2, 4, 3]);
/// assert_eq!(TrRanks::from([2, 4, 3, 2]).resolve(3)?, [2, 4, 3]);
/// let error = TrRanks::from([2, 4, 3, 5]).resolve(3).unwrap_err();
/// assert_eq!(error, TrError::RankEnds { order: 3, first: 2, last: 5 });
/// # Ok::<(), TrError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TrRanks(Repr);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Repr {
    Uniform(usize),
    List(Vec<usize>),
}

impl TrRanks {
    /// The `d` ranks `r_0, ..., r_{d-1}` of a tensor of this order.
    ///
    /// # Errors
    ///
    /// [`TrError::RankCount`] for a list of any other length than `d` or `d + 1`, [`TrError::RankEnds`] if `d + 1`
    /// ranks have different ends, [`TrError::RankZero`] for a rank of 0, [`TrError::NoModes`] for order 0.
    pub fn resolve(&self, order: usize) -> Result<Vec<usize>, TrError> {
        if order == 0 {
            return Err(TrError::NoModes);
        }
        let ranks = match &self.0 {
            Repr::Uniform(rank) => vec![*rank; order],
            Repr::List(list) if list.len() == order => list.clone(),
            Repr::List(list) if list.len() == order + 1 => {
                let (first, last) = (list[0], list[order]);
                if first != last {
                    return Err(TrError::RankEnds { order, first, last });
                }
                list[..order].to_vec()
            }
            Repr::List(list) => {
                let got = list.len();
                return Err(TrError::RankCount { order, got });
            }
        };
        match ranks.iter().position(|&rank| rank == 0) {
            Some(bond) => Err(TrError::RankZero { bond }),
            None => Ok(ranks),
        }
    }
}

impl From<usize> for TrRanks {
    fn from(rank: usize) -> Self {
        Self(Repr::Uniform(rank))
    }
}

impl From<&TrRanks> for TrRanks {
    fn from(ranks: &TrRanks) -> Self {
        ranks.clone()
    }
}

impl From<Vec<usize>> for TrRanks {
    fn from(ranks: Vec<usize>) -> Self {
        Self(Repr::List(ranks))
    }
}

impl From<&[usize]> for TrRanks {
    fn from(ranks: &[usize]) -> Self {
        Self(Repr::List(ranks.to_vec()))
    }
}

impl From<&Vec<usize>> for TrRanks {
    fn from(ranks: &Vec<usize>) -> Self {
        Self(Repr::List(ranks.clone()))
    }
}

impl<const N: usize> From<[usize; N]> for TrRanks {
    fn from(ranks: [usize; N]) -> Self {
        Self(Repr::List(ranks.to_vec()))
    }
}

impl<const N: usize> From<&[usize; N]> for TrRanks {
    fn from(ranks: &[usize; N]) -> Self {
        Self(Repr::List(ranks.to_vec()))
    }
}
