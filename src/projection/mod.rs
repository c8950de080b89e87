//! Prox operators and projections on sets of low-rank tensors.
//!
//! A [`Prox`] is what ADMM asks of a constraint or regulariser; a [`Projection`] is the prox operator of a
//! set. [`TtProjection`] and [`LowRankProjection`] are the sets of bounded TT rank and of bounded matrix
//! rank; any type of yours that implements the traits is their equal.

mod error;
mod factors;
mod low_rank;
mod project;
mod projected;
mod prox;
mod restart;
mod tt;

pub use error::ProjectionError;
pub use factors::Factors;
pub use low_rank::LowRankProjection;
pub use project::tt_project;
pub use projected::{Projected, WarmStart};
pub use prox::{Exactness, Projection, Prox};
pub use restart::Restart;
pub use tt::TtProjection;
