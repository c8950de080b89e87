//! What a model offers to be trained.

use crate::error::BoxError;
use crate::scalar::Scalar;
use ndarray::{ArrayD, ArrayViewD, ArrayViewMutD};

/// A model with named parameters that computes its own gradients.
///
/// The trait is object-safe; `Box<M>` and `&mut M` are models again, so a model can be lent to a
/// [`Trainer`](super::Trainer). It need not be `Send`. The [module](super) has a complete example.
///
/// # Examples
///
/// The mean of the samples as a model: the loss is `(w - x)^2 / 2`, its gradient `w - x`.
///
/// ```
/// use tt_admm::ndarray::{ArrayD, ArrayViewD, ArrayViewMutD, arr0};
/// use tt_admm::optim::{GradientModel, Sgd, Trainer};
///
/// struct Mean(Vec<f64>, ArrayD<f64>);
///
/// impl GradientModel for Mean {
///     type Elem = f64;
///     type Error = std::convert::Infallible;
///
///     fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, f64>)> {
///         vec![("w", self.1.view())]
///     }
///     fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, f64>)> {
///         vec![("w", self.1.view_mut())]
///     }
///     fn num_samples(&self) -> usize {
///         self.0.len()
///     }
///     fn gradient(
///         &mut self,
///         samples: &[usize],
///         gradients: &mut [ArrayD<f64>],
///     ) -> Result<f64, Self::Error> {
///         let errors = samples.iter().map(|&i| self.1.sum() - self.0[i]);
///         let n = samples.len() as f64;
///         gradients[0].fill(errors.clone().sum::<f64>() / n);
///         Ok(errors.map(|e| e * e / 2.0).sum::<f64>() / n)
///     }
/// }
///
/// let mut model = Mean(vec![1.0, 2.0, 6.0], arr0(0.0).into_dyn());
/// let summary = Trainer::builder(&mut model, Sgd::new(1.0)).batch_size(3).build()?.fit(1)?;
/// assert!((summary.loss() - 41.0 / 6.0).abs() < 1e-12);
/// assert!((model.1.sum() - 3.0).abs() < 1e-12); // one full step to the minimum
/// # Ok::<(), tt_admm::optim::OptimError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model with gradients",
    label = "the trait `GradientModel` is not implemented for `{Self}`",
    note = "implement `tt_admm::optim::GradientModel`: list the parameters and compute their gradients"
)]
pub trait GradientModel {
    /// Element type of the parameters: `f32` or `f64`.
    type Elem: Scalar;

    /// What can go wrong in [`gradient`](Self::gradient); `std::convert::Infallible` if nothing can.
    type Error: Into<BoxError>;

    /// Names and values of the parameters, of any shape, in an order that never changes. Names are
    /// unique.
    fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, Self::Elem>)>;

    /// The same list as [`parameters`](Self::parameters), in the same order, to be written to.
    fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, Self::Elem>)>;

    /// Number of training samples.
    fn num_samples(&self) -> usize;

    /// The mean loss over the samples of these indices (each below
    /// [`num_samples`](Self::num_samples); at least one), and its gradients.
    ///
    /// `gradients` holds one buffer per parameter, in the order of
    /// [`parameters`](Self::parameters) and of the parameter's shape, standard (row-major) layout.
    /// The trainer fills them with zeros before every call, so that an implementation may assign or
    /// add. The parameters must not be changed here.
    ///
    /// # Errors
    ///
    /// Whatever the model fails with. The trainer then leaves the parameters as they are.
    fn gradient(
        &mut self,
        samples: &[usize],
        gradients: &mut [ArrayD<Self::Elem>],
    ) -> Result<Self::Elem, Self::Error>;
}

macro_rules! forward_to_pointee {
    ($pointer:ty) => {
        impl<M: GradientModel + ?Sized> GradientModel for $pointer {
            type Elem = M::Elem;
            type Error = M::Error;

            fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, Self::Elem>)> {
                (**self).parameters()
            }

            fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, Self::Elem>)> {
                (**self).parameters_mut()
            }

            fn num_samples(&self) -> usize {
                (**self).num_samples()
            }

            fn gradient(
                &mut self,
                samples: &[usize],
                gradients: &mut [ArrayD<Self::Elem>],
            ) -> Result<Self::Elem, Self::Error> {
                (**self).gradient(samples, gradients)
            }
        }
    };
}

forward_to_pointee!(&mut M);
forward_to_pointee!(Box<M>);
