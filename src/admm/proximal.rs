//! The proximal term of the W-step.

use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::{ArrayRef, ArrayViewD, Dimension, Zip};

use super::AdmmError;
use super::weights::Weight;
use crate::scalar::Scalar;

/// The terms `rho/2 |W - anchor|^2`, `anchor = Z - U`, that the W-step adds to the loss.
///
/// Inside a training step, call [`Proximal::add_gradient`] for every parameter of every mini-batch; names
/// without a constraint are left alone. Frameworks that keep weights on a device read
/// [`Proximal::anchor`] and [`Proximal::rho`] once and add the gradient there.
///
/// Several blocks on one weight act as one term with `rho = sum rho_i` and
/// `anchor = sum rho_i (Z_i - U_i) / sum rho_i`.
///
/// # Examples
///
/// ```
/// use tt_admm::{Admm, TtProjection, ndarray::array};
///
/// let w = array![[1.0, 0.0], [0.0, 0.1]];
/// let admm = Admm::<f64>::builder()
///     .constrain("w", TtProjection::new(1))
///     .rho(2.0)
///     .build_from(|_| w.view().into_dyn())?;
/// let mut gradient = array![[0.0, 0.0], [0.0, 0.0]];
/// let proximal = admm.proximal();
/// proximal.add_gradient("w", &w, &mut gradient)?;         // rho (W - Z + U), Z = diag(1, 0), U = 0
/// assert!((gradient[[1, 1]] - 0.2).abs() < 1e-15);
/// proximal.add_gradient("bias", &w, &mut gradient)?;      // unconstrained: adds nothing
/// assert!((gradient[[1, 1]] - 0.2).abs() < 1e-15);
/// assert_eq!(proximal.rho("w"), Some(2.0));
/// assert_eq!(proximal.rho("bias"), None);
/// # Ok::<(), tt_admm::admm::AdmmError>(())
/// ```
#[derive(Debug)]
pub struct Proximal<'a, A: Scalar> {
    weights: &'a [Weight<A>],
    read: Vec<AtomicBool>,
    iteration: usize,
}

impl<'a, A: Scalar> Proximal<'a, A> {
    pub(super) fn new(weights: &'a [Weight<A>], iteration: usize) -> Self {
        let read = weights.iter().map(|_| AtomicBool::new(false)).collect();
        Self {
            weights,
            read,
            iteration,
        }
    }

    /// Adds `rho (W - anchor)` to the gradient of the weight called `name`; adds nothing if that weight is
    /// not constrained.
    ///
    /// # Errors
    ///
    /// [`AdmmError::ProximalShape`] if the weight or the gradient does not have the shape of the constrained
    /// weight.
    pub fn add_gradient<D: Dimension, E: Dimension>(
        &self,
        name: &str,
        weight: &ArrayRef<A, D>,
        gradient: &mut ArrayRef<A, E>,
    ) -> Result<(), AdmmError> {
        let Some(constrained) = self.find(name) else {
            return Ok(());
        };
        let rho = constrained.rho;
        check_shape("weight", constrained, weight.shape())?;
        check_shape("gradient", constrained, gradient.shape())?;
        Zip::from(gradient.view_mut().into_dyn())
            .and(weight.view().into_dyn())
            .and(&constrained.anchor)
            .for_each(|g, &w, &anchor| *g += rho * (w - anchor));
        Ok(())
    }

    /// `rho/2 |W - anchor|^2` for the weight called `name`; 0 if that weight is not constrained. For several
    /// blocks on one weight, the sum of their terms up to a constant.
    ///
    /// # Errors
    ///
    /// [`AdmmError::ProximalShape`] if the weight does not have the shape of the constrained weight.
    pub fn penalty<D: Dimension>(
        &self,
        name: &str,
        weight: &ArrayRef<A, D>,
    ) -> Result<f64, AdmmError> {
        let Some(constrained) = self.find(name) else {
            return Ok(0.0);
        };
        check_shape("weight", constrained, weight.shape())?;
        let square = Zip::from(weight.view().into_dyn())
            .and(&constrained.anchor)
            .fold(0.0_f64, |sum, &w, &anchor| {
                sum + (w - anchor).widen().powi(2)
            });
        Ok(0.5 * constrained.rho.widen() * square)
    }

    /// The anchor `Z - U` of the weight called `name`, in the weight's shape; `None` without a constraint.
    #[must_use]
    pub fn anchor(&self, name: &str) -> Option<ArrayViewD<'a, A>> {
        self.find(name).map(|w| w.anchor.view())
    }

    /// The penalty `rho` of the weight called `name`; `None` without a constraint.
    #[must_use]
    pub fn rho(&self, name: &str) -> Option<A> {
        self.weights.iter().find(|w| w.name == name).map(|w| w.rho)
    }

    /// The iteration this W-step belongs to, counted from 1.
    #[must_use]
    pub fn iteration(&self) -> usize {
        self.iteration
    }

    /// The constrained weights, in the order of the builder.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.weights.iter().map(|w| w.name.as_str())
    }

    /// Constrained weights whose anchor nobody asked for.
    pub(super) fn unread(&self) -> Vec<String> {
        let unread = |read: &AtomicBool| !read.load(Ordering::Relaxed);
        self.weights
            .iter()
            .zip(&self.read)
            .filter(|(_, read)| unread(read))
            .map(|(w, _)| w.name.clone())
            .collect()
    }

    fn find(&self, name: &str) -> Option<&'a Weight<A>> {
        let slot = self.weights.iter().position(|w| w.name == name)?;
        self.read[slot].store(true, Ordering::Relaxed);
        Some(&self.weights[slot])
    }
}

fn check_shape<A: Scalar>(
    what: &'static str,
    constrained: &Weight<A>,
    got: &[usize],
) -> Result<(), AdmmError> {
    if constrained.w.shape() == got {
        return Ok(());
    }
    Err(AdmmError::ProximalShape {
        what,
        weight: constrained.name.clone(),
        expected: constrained.w.shape().to_vec(),
        got: got.to_vec(),
    })
}
