//! The tensor ring: `X(i_1, ..., i_d) = trace(G_1[i_1] G_2[i_2] ... G_d[i_d])` with cores `G_k` of shape
//! `(r_{k-1}, n_k, r_k)` and `r_0 = r_d` (Zhao, Zhou, Xie, Zhang, Cichocki, 2016, arXiv 1606.05535).

mod algebra;
mod als;
mod balance;
mod convert;
mod dense;
mod descent;
mod environment;
mod error;
mod fit;
mod halves;
mod inner;
mod iteration;
mod least_squares;
mod normal;
mod pullback;
mod ranks;
mod residual;
mod ring;
mod round;
mod rule;
mod sampled;
mod screen;
mod splits;
mod start;
mod stored;
mod svd;
mod sweep;
mod transfer;

pub use als::{TrAls, tr_als};
pub use error::TrError;
pub use fit::{TrFit, TrStatus};
pub(crate) use iteration::RefinedRing;
pub use ranks::TrRanks;
pub use ring::TensorRing;
pub use rule::TrTruncation;
pub use svd::{TrSvd, tr_svd};
