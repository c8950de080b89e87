//! First-order training of models whose gradients are written by hand.
//!
//! A [`GradientModel`] names its parameters and computes the mean loss of a mini-batch together with
//! its gradients; an [`Optimizer`] ([`Sgd`] or [`Adam`]) turns gradients into steps; a [`Schedule`]
//! scales the learning rate over the epochs; a [`Trainer`] runs the epochs. Gradients can be edited
//! between the model and the optimiser with [`Trainer::fit_with`], which is how penalty terms such as
//! `rho (W - Z + U)` are added without the model knowing about them.
//!
//! Everything is deterministic: the order of the samples depends on the seed and the epoch number
//! only. Nothing needs to be `Send`.
//!
//! # Examples
//!
//! A line `y = w x` fitted by stochastic gradient descent:
//!
//! ```
//! use tt_admm::ndarray::{ArrayD, ArrayViewD, ArrayViewMutD, IxDyn};
//! use tt_admm::optim::{GradientModel, Schedule, Sgd, Trainer};
//!
//! struct Line {
//!     data: Vec<(f64, f64)>,
//!     w: ArrayD<f64>,
//! }
//!
//! impl GradientModel for Line {
//!     type Elem = f64;
//!     type Error = std::convert::Infallible;
//!
//!     fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, f64>)> {
//!         vec![("w", self.w.view())]
//!     }
//!     fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, f64>)> {
//!         vec![("w", self.w.view_mut())]
//!     }
//!     fn num_samples(&self) -> usize {
//!         self.data.len()
//!     }
//!     fn gradient(
//!         &mut self,
//!         samples: &[usize],
//!         gradients: &mut [ArrayD<f64>],
//!     ) -> Result<f64, Self::Error> {
//!         let scale = 1.0 / samples.len() as f64;
//!         let mut loss = 0.0;
//!         for &i in samples {
//!             let (x, y) = self.data[i];
//!             let residual = self.w[[0]] * x - y;
//!             loss += 0.5 * scale * residual * residual;
//!             gradients[0][[0]] += scale * residual * x;
//!         }
//!         Ok(loss)
//!     }
//! }
//!
//! let data = (1..=10).map(|i| (f64::from(i) / 10.0, 3.0 * f64::from(i) / 10.0)).collect();
//! let model = Line { data, w: ArrayD::zeros(IxDyn(&[1])) };
//! let mut trainer = Trainer::builder(model, Sgd::new(0.5).momentum(0.5))
//!     .batch_size(4)
//!     .schedule(Schedule::cosine(50, 0.1))
//!     .build()?;
//! let summary = trainer.fit(50)?;
//! assert_eq!(summary.steps(), 150); // batches of 4, 4 and 2 samples
//! assert!(summary.loss() < 1e-9);
//! assert!((trainer.model().w[[0]] - 3.0).abs() < 1e-4);
//! # Ok::<(), tt_admm::optim::OptimError>(())
//! ```

mod adam;
mod builder;
mod checks;
mod error;
mod model;
mod optimizer;
mod order;
mod schedule;
mod sgd;
mod state;
mod summary;
mod trainer;

#[cfg(test)]
mod tests;

pub use adam::Adam;
pub use builder::TrainerBuilder;
pub use error::OptimError;
pub use model::GradientModel;
pub use optimizer::Optimizer;
pub use schedule::Schedule;
pub use sgd::Sgd;
pub use state::OptimizerState;
pub use summary::FitSummary;
pub use trainer::Trainer;
