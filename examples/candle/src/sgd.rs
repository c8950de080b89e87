//! Gradient descent with momentum, whose state can be saved.

use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};
use candle_nn::{Optimizer, VarMap};

use crate::variables;

/// Settings of [`Sgd`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SgdConfig {
    /// The learning rate.
    pub learning_rate: f64,
    /// The momentum; 0 for none.
    pub momentum: f64,
    /// Nesterov's form of momentum.
    pub nesterov: bool,
    /// Weight decay, added to the gradient of variables of two axes and more; biases have none.
    pub weight_decay: f64,
}

/// Gradient descent with momentum.
///
/// candle-nn 0.11 has `SGD` without momentum and `AdamW` whose moments cannot be read, so neither can be stopped and
/// taken up again to the bit; this one can.
///
/// ```text
/// g <- g + weight_decay w;   v <- momentum v + g;   w <- w - learning_rate (v, or g + momentum v with Nesterov)
/// ```
#[derive(Debug)]
pub struct Sgd {
    pub(crate) slots: Vec<Slot>,
    pub(crate) config: SgdConfig,
}

/// A variable with its velocity, zero until the first gradient.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) name: String,
    pub(crate) var: Var,
    pub(crate) velocity: Option<Tensor>,
}

impl Sgd {
    /// For all variables of a map; the saved state then carries their names.
    #[must_use]
    pub fn of(vars: &VarMap, config: SgdConfig) -> Self {
        Self::named(variables::sorted(vars), config)
    }

    fn named(vars: Vec<(String, Var)>, config: SgdConfig) -> Self {
        let slots = vars
            .into_iter()
            .filter(|(_, var)| var.dtype().is_float())
            .map(|(name, var)| Slot {
                name,
                var,
                velocity: None,
            })
            .collect();
        Self { slots, config }
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &SgdConfig {
        &self.config
    }
}

impl Optimizer for Sgd {
    type Config = SgdConfig;

    /// Without names, the variables are numbered.
    fn new(vars: Vec<Var>, config: SgdConfig) -> candle_core::Result<Self> {
        let numbered = vars.into_iter().enumerate();
        let named = numbered.map(|(k, var)| (k.to_string(), var)).collect();
        Ok(Self::named(named, config))
    }

    fn step(&mut self, grads: &GradStore) -> candle_core::Result<()> {
        let SgdConfig {
            learning_rate,
            momentum,
            nesterov,
            weight_decay,
        } = self.config;
        for Slot { var, velocity, .. } in &mut self.slots {
            let Some(gradient) = grads.get(var) else {
                continue;
            };
            let weight = var.as_detached_tensor();
            let mut gradient = gradient.detach();
            if weight_decay != 0.0 && var.rank() > 1 {
                gradient = (gradient + (&weight * weight_decay)?)?;
            }
            let step = if momentum == 0.0 {
                gradient
            } else {
                let next = match velocity.as_ref() {
                    Some(old) => ((old * momentum)? + &gradient)?,
                    None => gradient.clone(),
                };
                let step = if nesterov {
                    (gradient + (&next * momentum)?)?
                } else {
                    next.clone()
                };
                *velocity = Some(next);
                step
            };
            var.set(&(weight - (step * learning_rate)?)?)?;
        }
        Ok(())
    }

    fn learning_rate(&self) -> f64 {
        self.config.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.config.learning_rate = learning_rate;
    }
}
