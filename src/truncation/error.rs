//! Errors in ranks and tolerances.

/// Why ranks or tolerances were refused.
///
/// # Examples
///
/// ```
/// use tt_admm::{RankError, TtRanks};
///
/// let error = TtRanks::from([2, 0]).resolve(&[3, 4, 5]).unwrap_err();
/// assert_eq!(error, RankError::Zero { bond: 2, largest: 5 });
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RankError {
    /// A list of ranks has a length that fits neither the inner nor all bonds.
    #[error(
        "a tensor of order {order} takes one rank for all bonds, {} inner ranks, or {} ranks with unit \
         ends; got a list of {got}",
        order.saturating_sub(1), order + 1
    )]
    Count {
        /// Order of the tensor.
        order: usize,
        /// Length of the list.
        got: usize,
    },
    /// A rank is zero.
    #[error("rank 0 at bond {bond}; a rank is at least 1 and here at most {largest}")]
    Zero {
        /// The bond, counted from 0 (the left end) to the order (the right end).
        bond: usize,
        /// The largest rank this bond can have for this shape.
        largest: usize,
    },
    /// The first or last rank of a full list is not 1.
    #[error("the rank at the end bond {bond} of a tensor train must be 1, got {got}")]
    End {
        /// The bond: 0 or the order of the tensor.
        bond: usize,
        /// The rank given.
        got: usize,
    },
    /// A tolerance is negative, NaN or infinite.
    #[error("the {kind} tolerance must be finite and not negative, got {got}")]
    Tolerance {
        /// `"relative"` or `"absolute"`.
        kind: &'static str,
        /// The value given.
        got: f64,
    },
}
