//! Tensor trains, rank-constrained projections and ADMM, to compress neural networks.
//!
//! A network has weights `W_1 ... W_L`. Seen as tensors of higher order, they should have small tensor-train
//! (TT) ranks, with the loss kept low:
//!
//! ```text
//! minimise f(W) + sum_l g_l(W_l),    g_l = 0 where rank_TT(W_l) <= r_l, infinite elsewhere
//! ```
//!
//! Cutting the ranks of a trained network (TT-SVD) ruins it, because nothing in training asked for low rank.
//! This crate implements the remedy of Yin, Sui, Liao and Yuan, *Towards Efficient Tensor
//! Decomposition-Based DNN Model Compression with Optimization Framework* (CVPR 2021, arXiv 2107.12422):
//! train the dense network while ADMM pulls every weight towards its set of low-rank tensors, decompose it
//! then almost without loss, and fine-tune the factors. Any training framework plugs in through one trait.
//!
//! # Decompose and project
//!
//! [`tt_project`] gives the nearest tensor of given ranks that TT-SVD finds; [`tt_svd`] gives the cores, with
//! the exact error of what was cut off:
//!
//! ```
//! use tt_admm::{Truncation, tt_project, tt_svd, ndarray::Array3};
//!
//! let x = Array3::from_shape_fn((16, 17, 18), |(i, j, k)| 1.0 / (1.0 + (i + j + k) as f64));
//! let z = tt_project(&x, 3)?;                                    // same shape, TT ranks at most 3
//! let tt = tt_svd(&x, Truncation::relative(1e-6))?;              // ranks as small as the tolerance allows
//! assert!(tt.truncation_error().relative() <= 1e-6);
//! assert!(tt.num_parameters() < x.len() / 3);
//! assert!((&z - &x).iter().all(|e| e.abs() < 0.05));
//! # Ok::<(), tt_admm::TtError>(())
//! ```
//!
//! # Train under a rank constraint
//!
//! A model that implements [`Trainable`] is driven by [`Admm::run`]; a training loop of your own calls
//! [`Admm::update`] once in a while and adds [`Admm::proximal`] to its gradients:
//!
//! ```
//! use tt_admm::{Admm, Tensorization, TtProjection, ndarray::Array2};
//!
//! // The "loss" is |W - T|^2 / 2; the 8 x 6 weight is a tensor [2, 4, 3, 2].
//! let t = Array2::from_shape_fn((8, 6), |(i, j)| ((3 * i + j) as f64).sin());
//! let mut w = t.clone();
//! let layout = Tensorization::linear([2, 4], [3, 2])?;
//! let mut admm = Admm::builder()
//!     .constrain("w", TtProjection::new([2, 3, 2]).layout(layout))
//!     .rho(2.0)
//!     .build_from(|_| w.view().into_dyn())?;
//! for _ in 0..200 {
//!     for _ in 0..10 {
//!         let mut gradient = &w - &t;
//!         admm.proximal().add_gradient("w", &w, &mut gradient)?;
//!         w.scaled_add(-0.3, &gradient);
//!     }
//!     admm.update(|_| w.view().into_dyn())?;
//! }
//! assert!(admm.history().last().unwrap().primal_residual() < 1e-4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Decompose and fine-tune
//!
//! [`compress::decompose_trained`] turns the trained weights into [`Factors`];
//! [`compress::Factorized`] is the model with factors in place of weights, a
//! [`GradientModel`](optim::GradientModel) again, trained by the same [`Trainer`](optim::Trainer):
//!
//! ```
//! use tt_admm::{TtProjection, compress::decompose, ndarray::Array2};
//!
//! let w = Array2::from_shape_fn((16, 16), |(i, j)| ((i * j) as f32).cos());
//! let found = decompose("fc1.weight", &w, &TtProjection::new(4))?;
//! assert_eq!(found.factors.num_parameters(), 2 * 16 * 4);
//! assert!(found.relative_error < 0.9);
//! # Ok::<(), tt_admm::compress::CompressError>(())
//! ```
//!
//! The example `compress_digits` does all of it on real images.
//!
//! # Plan ranks for a budget
//!
//! [`compress::plan`] chooses layouts and ranks of all layers at once, [`compress::decompose_planned`] carries the plan
//! out and reports parameters, multiply-adds and errors:
//!
//! ```
//! use tt_admm::compress::{Budget, Conv2d, Family, LayerProfile, Operator, decompose_planned, plan};
//! use tt_admm::{BoxError, ndarray::Array4};
//!
//! let kernel = Array4::from_shape_fn((16, 12, 3, 3), |(o, i, h, w)| ((o * i + 5 * h + o * w) as f32).sin());
//! let conv = Operator::conv(Conv2d::new([32, 32]).padding([1, 1]));
//! let layer = LayerProfile::measure("conv1", &kernel, conv, &[Family::TensorTrain, Family::Tucker])?;
//! let plan = plan(&[layer], Budget::parameter_ratio(3.0))?;
//! let found = decompose_planned(&plan, |_| Ok::<_, BoxError>(kernel.view().into_dyn()), &|_| {})?;
//! assert!(found.report.parameter_ratio() >= 3.0);
//! assert!(found.report.relative_error <= plan.relative_error() + 1e-6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Which module
//!
//! | module | what |
//! |---|---|
//! | crate root | the formats [`TensorTrain`], [`TtMatrix`], [`Tucker`] and [`TensorRing`], [`tt_svd`], [`tucker()`], [`tr_svd`], [`tr_als`], the projections [`tt_project`] and [`tr_project`], ranks and truncation |
//! | [`tensorize`] | how a weight is seen as a tensor of higher order |
//! | [`projection`] | the traits [`Prox`] and [`Projection`] and their implementations |
//! | [`admm`] | the loop: penalty, residuals, status, observers, checkpoints |
//! | [`optim`] | SGD, Adam and schedules for models with hand-written gradients |
//! | [`compress`] | trained weights to factors, ranks for a budget, cost and error reports, fine-tuning |
//! | `io` | weights and factors in safetensors and npz files (features) |
//! | [`linalg`] | the SVD, QR, eigenvalues and least squares underneath |
//!
//! # Features
//!
//! By default everything is Rust (`faer`) and builds on a bare machine. One of these features makes the same
//! functions call LAPACK through `ndarray-linalg` instead:
//!
//! | feature | LAPACK |
//! |---|---|
//! | `openblas-system`, `openblas-static` | OpenBLAS, installed or built |
//! | `netlib-system`, `netlib-static` | the reference implementation |
//! | `intel-mkl-system`, `intel-mkl-static` | Intel MKL |
//!
//! The two backends agree to rounding, not to the bit. With the default one, results are the same bits for
//! any number of threads.
//!
//! Further features, off by default, are about watching a run; see [`Observer`]:
//!
//! | feature | what |
//! |---|---|
//! | `history` | `admm::write_csv`, `admm::write_json`, and the observer `admm::HistoryFile` that keeps such a file |
//! | `progress` | the observer `admm::Progress`, a progress bar on standard error |
//! | `tracing` | spans `admm_run`, `w_step`, `update`, `prox` of the crate `tracing`, an event after every update |
//!
//! The fields of the spans are `iteration` (`w_step`, `update`) and `weight` and `ordinal` (`prox`, at level
//! debug); the event has `iteration`, `primal_residual`, `dual_residual` and `residual_ratio`.
//!
//! Two more are about files; each of them brings the module `io`:
//!
//! | feature | what |
//! |---|---|
//! | `safetensors` | trained weights and factors in safetensors files |
//! | `npz` | the same in archives of NumPy |
//!
//! And two for compression: `plot` draws plans and reports as SVG (`compress::curve_chart`, `compress::layer_chart`); `cli` builds
//! the program `tt-admm`, which plans, compresses, reports and expands files: `cargo install tt-admm --features cli`.
//!
//! # Errors and panics
//!
//! Every function checks its input and returns a typed error with the numbers in it. The few functions that
//! can panic say so (`# Panics`); they are those that slices have too, like indexing. Diagnostics go through
//! `log`; nothing is printed but what an observer was made to print.

pub mod admm;
pub mod compress;
mod error;
#[cfg(any(feature = "npz", feature = "safetensors"))]
pub mod io;
pub mod linalg;
pub mod optim;
pub mod prelude;
pub mod projection;
mod scalar;
mod store;
mod tensor_ring;
mod tensor_train;
pub mod tensorize;
mod truncation;
mod tt_matrix;
mod tucker;

pub use admm::{Admm, AdmmError, Observer, Proximal, TrainSummary, Trainable};
pub use error::BoxError;
pub use linalg::{RandomizedSvd, SplitMethod};
pub use ndarray;
pub use projection::{
    Factors, Grouped, LowRankProjection, Projection, ProjectionError, Prox, TrProjection,
    TtProjection, TuckerProjection, tr_project, tt_project,
};
pub use rand;
pub use scalar::Scalar;
pub use store::DecodeError;
pub use tensor_ring::{
    TensorRing, TrAls, TrError, TrFit, TrRanks, TrStatus, TrSvd, TrTruncation, tr_als, tr_svd,
};
pub use tensor_train::{
    Improvement, QttGrid, SignedLog, SplitOrder, SweepStatus, Sweeps, TensorTrain, TruncationError,
    TtError, TtSvd, tt_svd,
};
pub use tensorize::{Tensorization, TensorizeError, balanced_modes};
pub use truncation::{RankError, Truncation, TtRanks};
pub use tt_matrix::{TtMatrix, TtMatrixError};
pub use tucker::{
    Tucker, TuckerAlgorithm, TuckerError, TuckerGradients, TuckerRanks, TuckerStatus, TuckerSvd,
    TuckerTruncation, TuckerTruncationError, tucker,
};

/// The README's examples are compiled and run with the other doc tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
