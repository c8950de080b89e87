//! The names that most programs need: `use tt_admm::prelude::*;`.
//!
//! # Examples
//!
//! ```
//! use tt_admm::prelude::*;
//!
//! let x = Array3::from_shape_fn((4, 5, 6), |(i, j, k)| (i + j + k) as f64);
//! assert!((&tt_project(&x, 2)? - &x).iter().all(|e| e.abs() < 1e-13));
//! # Ok::<(), TtError>(())
//! ```

pub use ndarray::{
    Array, Array2, Array3, Array4, ArrayD, ArrayViewD, ArrayViewMutD, CowArray, IxDyn,
};

pub use crate::admm::{
    Admm, AdmmError, Checkpoints, Flow, Observer, Penalty, Proximal, Record, Report, Resumable,
    Status, TablePrinter, TrainSummary, Trainable,
};
pub use crate::compress::{Factorized, decompose, decompose_trained};
pub use crate::error::BoxError;
pub use crate::optim::{Adam, GradientModel, Schedule, Sgd, Trainer};
pub use crate::projection::{
    Factors, LowRankProjection, Projected, Projection, ProjectionError, Prox, TrProjection,
    TtProjection, TuckerProjection, WarmStart, tr_project, tt_project,
};
pub use crate::scalar::Scalar;
pub use crate::tensor_ring::{TensorRing, TrAls, TrError, TrRanks, TrTruncation, tr_als, tr_svd};
pub use crate::tensor_train::{TensorTrain, TtError, TtSvd, tt_svd};
pub use crate::tensorize::Tensorization;
pub use crate::truncation::{Truncation, TtRanks};
pub use crate::tt_matrix::TtMatrix;
pub use crate::tucker::{Tucker, TuckerError, TuckerRanks, TuckerSvd, TuckerTruncation, tucker};
