//! Prox operators and projections on sets of low-rank tensors.
//!
//! A [`Prox`] is what ADMM asks of a constraint or regulariser; a [`Projection`] is the prox operator of a
//! set. [`TtProjection`], [`TuckerProjection`], [`TrProjection`] and [`LowRankProjection`] are the sets of bounded TT
//! rank, of bounded Tucker ranks, of bounded tensor-ring ranks and of bounded matrix rank, [`Grouped`] puts one of them on
//! every group of a grouped convolution; any type of yours that implements the traits is their equal.

mod error;
mod factors;
mod grouped;
mod low_rank;
mod part;
mod project;
mod projected;
mod prox;
mod restart;
mod tr;
mod tr_solver;
mod tt;
mod tt_solver;
mod tucker;
mod tucker_solver;
mod warm;

pub use error::ProjectionError;
pub use factors::Factors;
pub use grouped::Grouped;
pub use low_rank::LowRankProjection;
pub use project::{tr_project, tt_project};
pub use projected::{Projected, WarmStart};
pub use prox::{Exactness, Projection, Prox};
pub use restart::Restart;
pub use tr::TrProjection;
pub use tt::TtProjection;
pub use tucker::TuckerProjection;
