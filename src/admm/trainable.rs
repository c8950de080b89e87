//! What a model offers to be trained under constraints.

use ndarray::{ArrayViewD, CowArray, IxDyn};

use super::{Proximal, Resumable};
use crate::error::BoxError;
use crate::scalar::Scalar;

/// A model that [`Admm::run`](super::Admm::run) can train: any framework plugs in here.
///
/// Nothing needs to be `Send` or `Sync`. For a model with hand-written gradients, implement the smaller
/// [`GradientModel`](crate::optim::GradientModel) instead and use a [`Trainer`](crate::optim::Trainer).
///
/// # Examples
///
/// The model `f(W) = |W - T|^2 / 2`, whose W-step has a closed form:
///
/// ```
/// use tt_admm::admm::{Proximal, TrainSummary};
/// use tt_admm::ndarray::{Array2, ArrayViewD, CowArray, IxDyn};
/// use tt_admm::{Admm, TtProjection, Trainable};
///
/// struct Target { t: Array2<f64>, w: Array2<f64> }
///
/// impl Trainable for Target {
///     type Elem = f64;
///     type Error = String;
///     fn weight(&self, name: &str) -> Result<CowArray<'_, f64, IxDyn>, String> {
///         if name == "w" { Ok(self.w.view().into_dyn().into()) } else { Err("only w".into()) }
///     }
///     fn set_weight(&mut self, _name: &str, value: ArrayViewD<'_, f64>) -> Result<(), String> {
///         self.w.assign(&value);
///         Ok(())
///     }
///     fn train(&mut self, proximal: &Proximal<'_, f64>) -> Result<TrainSummary, String> {
///         let (anchor, rho) = (proximal.anchor("w").unwrap(), proximal.rho("w").unwrap());
///         self.w.assign(&((&self.t + &(&anchor * rho)) / (1.0 + rho)));
///         Ok(TrainSummary::new())
///     }
/// }
///
/// let t = Array2::from_shape_fn((5, 6), |(i, j)| ((i * j) as f64).sin());
/// let mut model = Target { w: t.clone(), t };
/// let mut admm = Admm::builder().constrain("w", TtProjection::new(2)).rho(2.0).build(&model)?;
/// let report = admm.run(&mut model, &mut ())?;
/// assert!(report.primal_residual() < 1e-3);
/// admm.write_projection(&mut model)?;            // W <- Z: exactly rank 2 from here on
/// assert_eq!(model.w.view().into_dyn(), admm.z("w").unwrap());
/// # Ok::<(), tt_admm::admm::AdmmError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be trained by ADMM",
    note = "implement `tt_admm::Trainable`, or `tt_admm::optim::GradientModel` and wrap the model in a `Trainer`"
)]
pub trait Trainable {
    /// Element type of the weights: `f32` or `f64`.
    type Elem: Scalar;

    /// What can go wrong; `std::convert::Infallible`, `String`, `anyhow::Error` and own types all fit.
    type Error: Into<BoxError>;

    /// The weight of this name, in any memory layout, borrowed or copied from a device. Called once per
    /// constrained weight at `build` and after every W-step.
    ///
    /// # Errors
    ///
    /// If there is no such weight or it cannot be read.
    fn weight(&self, name: &str) -> Result<CowArray<'_, Self::Elem, IxDyn>, Self::Error>;

    /// Overwrites the weight of this name. Called by
    /// [`Admm::write_projection`](super::Admm::write_projection) only, never by `run`.
    ///
    /// # Errors
    ///
    /// If there is no such weight or it cannot be written.
    fn set_weight(
        &mut self,
        name: &str,
        value: ArrayViewD<'_, Self::Elem>,
    ) -> Result<(), Self::Error>;

    /// The W-step: trains for a while (an epoch, some hundred mini-batches) on the model's own loss plus the
    /// proximal terms, with the model's own optimiser, schedule and data. Per mini-batch and parameter, call
    /// [`Proximal::add_gradient`].
    ///
    /// # Errors
    ///
    /// If training fails; `run` then returns [`AdmmError::Model`](super::AdmmError::Model) and can be called
    /// again.
    fn train(&mut self, proximal: &Proximal<'_, Self::Elem>) -> Result<TrainSummary, Self::Error>;
}

macro_rules! forward_to_pointee {
    ($pointer:ty) => {
        impl<M: Trainable + ?Sized> Trainable for $pointer {
            type Elem = M::Elem;
            type Error = M::Error;

            fn weight(&self, name: &str) -> Result<CowArray<'_, M::Elem, IxDyn>, M::Error> {
                (**self).weight(name)
            }

            fn set_weight(
                &mut self,
                name: &str,
                value: ArrayViewD<'_, M::Elem>,
            ) -> Result<(), M::Error> {
                (**self).set_weight(name, value)
            }

            fn train(
                &mut self,
                proximal: &Proximal<'_, M::Elem>,
            ) -> Result<TrainSummary, M::Error> {
                (**self).train(proximal)
            }
        }

        impl<M: Resumable + ?Sized> Resumable for $pointer {
            fn save_state(&self) -> Result<Vec<u8>, M::Error> {
                (**self).save_state()
            }

            fn load_state(&mut self, state: &[u8]) -> Result<(), M::Error> {
                (**self).load_state(state)
            }
        }
    };
}

forward_to_pointee!(&mut M);
forward_to_pointee!(Box<M>);

/// What a W-step tells about itself; everything is optional.
///
/// # Examples
///
/// ```
/// use tt_admm::admm::TrainSummary;
///
/// let summary = TrainSummary::new().loss(0.5).metric("accuracy", 0.9);
/// assert_eq!(summary.loss, Some(0.5));
/// assert_eq!(summary.metrics, [("accuracy".to_string(), 0.9)]);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct TrainSummary {
    /// Mean loss, without the proximal terms. `run` stops if it is NaN or infinite.
    pub loss: Option<f64>,
    /// Further figures by name, for the history and the observers.
    pub metrics: Vec<(String, f64)>,
}

impl TrainSummary {
    /// A summary that tells nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With the mean loss.
    #[must_use]
    pub fn loss(mut self, loss: f64) -> Self {
        self.loss = Some(loss);
        self
    }

    /// With a further figure.
    #[must_use]
    pub fn metric(mut self, name: impl Into<String>, value: f64) -> Self {
        self.metrics.push((name.into(), value));
        self
    }
}
