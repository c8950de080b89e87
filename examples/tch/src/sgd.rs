//! Stochastic gradient descent with a state that can be saved.

use tch::nn::VarStore;
use tch::{Tensor, no_grad};

use crate::transfer::sorted;
use crate::{Error, State};

/// SGD with momentum and weight decay, as PyTorch defines it: `v <- m v + (g + d p)`, `p <- p - lr v`.
///
/// The optimisers of tch do the same and work with [`Pull`](crate::Pull), but do not give their momentum
/// away; with this one a run can be taken up again exactly.
///
/// # Examples
///
/// ```
/// use tch::nn::VarStore;
/// use tch::{Device, Kind};
/// use tch_admm::Sgd;
///
/// let store = VarStore::new(Device::Cpu);
/// let p = store.root().ones("p", &[1]);
/// let mut optimiser = Sgd::new(&store, 0.9, 0.0)?;
/// for _ in 0..2 {
///     optimiser.zero_gradients()?;
///     p.sum(Kind::Float).backward();
///     optimiser.step(0.1)?;
/// }
/// assert!((p.double_value(&[0]) - (1.0 - 0.1 - 0.19)).abs() < 1e-6);
/// # Ok::<(), tch_admm::Error>(())
/// ```
#[derive(Debug)]
pub struct Sgd {
    momentum: f64,
    weight_decay: f64,
    parameters: Vec<Parameter>,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    value: Tensor,
    velocity: Tensor,
}

impl Sgd {
    /// For all trainable variables of a store, at rest.
    ///
    /// # Errors
    ///
    /// [`Error::Torch`].
    pub fn new(store: &VarStore, momentum: f64, weight_decay: f64) -> Result<Self, Error> {
        let trainable = sorted(store)
            .into_iter()
            .filter(|(_, value)| value.requires_grad());
        let parameter = |(name, value): (String, Tensor)| -> Result<Parameter, Error> {
            let velocity = value.f_detach()?.f_zeros_like()?;
            Ok(Parameter {
                name,
                value,
                velocity,
            })
        };
        Ok(Self {
            momentum,
            weight_decay,
            parameters: trainable.map(parameter).collect::<Result<_, _>>()?,
        })
    }

    /// Sets all gradients to zero.
    ///
    /// # Errors
    ///
    /// [`Error::Torch`].
    pub fn zero_gradients(&mut self) -> Result<(), Error> {
        for parameter in &self.parameters {
            let mut gradient = parameter.value.f_grad()?;
            if gradient.defined() {
                let _ = gradient.f_detach_()?.f_zero_()?;
            }
        }
        Ok(())
    }

    /// A step with this learning rate. Parameters without a gradient stay.
    ///
    /// # Errors
    ///
    /// [`Error::Torch`].
    pub fn step(&mut self, learning_rate: f64) -> Result<(), Error> {
        no_grad(|| {
            for Parameter {
                value, velocity, ..
            } in &mut self.parameters
            {
                let gradient = value.f_grad()?;
                if !gradient.defined() {
                    continue;
                }
                let _ = velocity.f_mul_scalar_(self.momentum)?.f_add_(&gradient)?;
                if self.weight_decay != 0.0 {
                    let _ = velocity.f_add_(&value.f_mul_scalar(self.weight_decay)?)?;
                }
                let _ = value.f_sub_(&velocity.f_mul_scalar(learning_rate)?)?;
            }
            Ok(())
        })
    }

    /// Adds the velocities to a state.
    ///
    /// # Errors
    ///
    /// Those of [`State::put`].
    pub fn save(&self, state: &mut State) -> Result<(), Error> {
        let mut parameters = self.parameters.iter();
        parameters.try_for_each(|p| state.put(&format!("velocity.{}", p.name), &p.velocity))
    }

    /// Takes the velocities from a state.
    ///
    /// # Errors
    ///
    /// Those of [`State::restore`].
    pub fn load(&mut self, state: &State) -> Result<(), Error> {
        let mut parameters = self.parameters.iter_mut();
        parameters.try_for_each(|p| state.restore(&format!("velocity.{}", p.name), &mut p.velocity))
    }
}
