//! What a decomposition keeps: prescribed ranks, a largest rank, an error tolerance, or any mix of them.

mod error;
mod ranks;
mod rule;

pub use error::RankError;
pub use ranks::TtRanks;
pub use rule::Truncation;
