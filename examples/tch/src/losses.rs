//! The losses of a W-step, read once at its end.

use tch::{Kind, Tensor};

use crate::Error;

/// The losses of the mini-batches of a W-step. They stay on the device until [`mean`](Self::mean), so that
/// no mini-batch has to wait for a transfer.
///
/// # Examples
///
/// ```
/// use tch::Tensor;
/// use tch_admm::{Error, Losses};
///
/// let mut losses = Losses::new(1);
/// losses.push(&Tensor::from(0.25));
/// losses.push(&Tensor::from(0.75));
/// assert_eq!(losses.mean()?, 0.5);
/// losses.push(&Tensor::from(f64::NAN));
/// assert!(matches!(losses.mean(), Err(Error::NonFiniteLoss { step: 3, .. })));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Losses {
    iteration: usize,
    values: Vec<Tensor>,
}

impl Losses {
    /// An empty log for the W-step (or the epoch) of this number.
    #[must_use]
    pub fn new(iteration: usize) -> Self {
        Self {
            iteration,
            values: Vec::new(),
        }
    }

    /// Notes the loss of a mini-batch, a tensor of one element.
    pub fn push(&mut self, loss: &Tensor) {
        self.values.push(loss.detach());
    }

    /// The mean of all losses; 0 if there are none.
    ///
    /// # Errors
    ///
    /// [`Error::NonFiniteLoss`] with the first step whose loss is not finite.
    pub fn mean(&self) -> Result<f64, Error> {
        if self.values.is_empty() {
            return Ok(0.0);
        }
        let mut losses = vec![0.0_f64; self.values.len()];
        let count = losses.len();
        Tensor::f_stack(&self.values, 0)?
            .f_to_kind(Kind::Double)?
            .f_reshape(&[-1_i64][..])?
            .f_copy_data(&mut losses, count)?;
        match losses.iter().position(|loss| !loss.is_finite()) {
            None => Ok(losses.iter().sum::<f64>() / count as f64),
            Some(first) => Err(Error::NonFiniteLoss {
                loss: losses[first],
                step: first + 1,
                iteration: self.iteration,
                parameter: None,
            }),
        }
    }
}
