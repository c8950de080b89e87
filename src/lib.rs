//! tt-admm
pub mod admm;
pub mod compress;
mod error;
pub mod linalg;
pub mod optim;
pub mod projection;
mod scalar;
mod tensor_train;
pub mod tensorize;
mod truncation;
pub use admm::{Admm, Trainable};
pub use error::BoxError;
pub use ndarray;
pub use projection::{Factors, LowRankProjection, TtProjection, tt_project};
pub use scalar::Scalar;
pub use tensor_train::{SplitOrder, TensorTrain, TruncationError, TtError, TtSvd, tt_svd};
pub use tensorize::{Tensorization, TensorizeError, balanced_modes};
pub use truncation::{RankError, Truncation, TtRanks};
