//! The tensor train: `X(i_1, ..., i_d) = G_1[i_1] G_2[i_2] ... G_d[i_d]` with cores `G_k` of shape
//! `(r_{k-1}, n_k, r_k)` and `r_0 = r_d = 1` (Oseledets, SIAM J. Sci. Comput. 33, 2011).

mod access;
mod algebra;
mod als;
mod build;
mod certificate;
mod dense;
mod error;
mod gauge;
mod graded;
mod improve;
mod improvement;
mod orthogonal;
mod pullback;
mod run;
mod screen;
mod stored;
mod svd;
mod sweep;
mod thin;
mod thin_cuts;
mod train;

pub use algebra::SignedLog;
pub(crate) use algebra::magnitudes;
pub(crate) use als::Refined;
pub use build::QttGrid;
pub use certificate::TruncationError;
pub(crate) use dense::{matrix, reshaped};
pub use error::TtError;
pub(crate) use graded::{Scaled, raise, rescale};
pub use improvement::{Improvement, SweepStatus, Sweeps};
pub(crate) use screen::{Screened, moderate_norm};
pub use svd::{SplitOrder, TtSvd, tt_svd};
pub(crate) use sweep::core as as_core;
pub use train::TensorTrain;
