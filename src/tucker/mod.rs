//! The Tucker format: `X = C x_1 U_1 x_2 U_2 ... x_d U_d`, a small core `C` multiplied in every mode by a factor
//! `U_k` of shape `(n_k, r_k)` (Tucker, Psychometrika 31, 1966).

mod block;
mod certificate;
mod dense;
mod direct;
mod error;
mod hooi;
mod pullback;
mod ranks;
mod refined;
mod rule;
mod stored;
mod svd;
mod tensor;
mod tree;

pub use certificate::{TuckerStatus, TuckerTruncationError};
pub use error::TuckerError;
pub use pullback::TuckerGradients;
pub use ranks::TuckerRanks;
pub(crate) use refined::Refined;
pub use rule::TuckerTruncation;
pub use svd::{TuckerAlgorithm, TuckerSvd, tucker};
pub use tensor::Tucker;
