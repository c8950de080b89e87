//! The proximal terms on the device.

use tch::nn::VarStore;
use tch::{Tensor, no_grad};
use tt_admm::Proximal;

use crate::transfer::{as_size, require_float, require_size, to_tensor, variable};
use crate::{Error, Losses};

/// The proximal terms of one W-step, on the device of the network: what pulls the weights towards the
/// constraint.
///
/// Made once per W-step, which uploads every anchor once; a mini-batch then costs no transfer. A training
/// loop calls [`add_to_gradients`](Self::add_to_gradients) between `backward` and the optimiser's step:
///
/// ```
/// use tch::nn::{self, OptimizerConfig};
/// use tch::{Device, Kind, Tensor};
/// use tch_admm::Pull;
/// use tt_admm::{Admm, TtProjection};
///
/// let store = nn::VarStore::new(Device::Cpu);
/// let layer = nn::linear(store.root() / "fc", 6, 4, Default::default());
/// let mut optimiser = nn::Sgd::default().build(&store, 0.1)?;
/// let weight = || tch_admm::transfer::to_array("fc.weight", &layer.ws);
///
/// // A training loop of one's own, without a `Model`.
/// let mut admm = Admm::builder()
///     .constrain("fc.weight", TtProjection::new(2))
///     .rho(0.5)
///     .try_build_from(|_| weight())?;
/// for _ in 0..3 {
///     let pull = Pull::new(&store, &admm.proximal())?;
///     for _ in 0..5 {
///         let x = Tensor::randn(&[8_i64, 6][..], (Kind::Float, Device::Cpu));
///         let loss = x.apply(&layer).square().mean(Kind::Float);
///         optimiser.zero_grad();
///         loss.backward();
///         pull.add_to_gradients()?;
///         optimiser.step();
///     }
///     admm.try_update(|_| weight())?;
/// }
/// assert_eq!(admm.iteration(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Pull {
    iteration: usize,
    terms: Vec<Term>,
}

#[derive(Debug)]
struct Term {
    name: String,
    /// Shares its storage with the network's weight.
    weight: Tensor,
    anchor: Tensor,
    rho: f64,
}

impl Pull {
    /// Uploads the anchors `Z - U` of all constrained weights.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownVariable`], [`Error::Kind`] and [`Error::Shape`] if the store lacks a constrained
    /// weight or has another one of that name.
    pub fn new(store: &VarStore, proximal: &Proximal<'_, f32>) -> Result<Self, Error> {
        let mut terms = Vec::new();
        for name in proximal.names() {
            let (Some(anchor), Some(rho)) = (proximal.anchor(name), proximal.rho(name)) else {
                continue;
            };
            let weight = variable(store, name)?;
            require_float(name, &weight)?;
            require_size(name, &weight, &as_size(anchor.shape()))?;
            terms.push(Term {
                name: name.to_owned(),
                anchor: to_tensor(&anchor, weight.device())?,
                weight,
                rho: f64::from(rho),
            });
        }
        Ok(Self {
            iteration: proximal.iteration(),
            terms,
        })
    }

    /// No terms: the same training function then trains without constraints.
    #[must_use]
    pub fn none() -> Self {
        Self {
            iteration: 1,
            terms: Vec::new(),
        }
    }

    /// The iteration this W-step belongs to, counted from 1.
    #[must_use]
    pub fn iteration(&self) -> usize {
        self.iteration
    }

    /// Adds `rho (W - anchor)` to the gradient of every constrained weight. Call it after `backward` and
    /// before the optimiser's step (and before or after clipping, as the loss or the sum is to be clipped).
    ///
    /// # Errors
    ///
    /// [`Error::NoGradient`] if a constrained weight has none.
    pub fn add_to_gradients(&self) -> Result<(), Error> {
        no_grad(|| {
            for term in &self.terms {
                let mut gradient = term.weight.f_grad()?;
                if !gradient.defined() {
                    return Err(Error::NoGradient {
                        name: term.name.clone(),
                    });
                }
                let mut pull = term.weight.f_sub(&term.anchor)?;
                let _ = gradient.f_add_(&pull.f_mul_scalar_(term.rho)?)?;
            }
            Ok(())
        })
    }

    /// The sum of all terms, `rho/2 |W - anchor|^2`, for a log; this transfers one number per weight.
    ///
    /// # Errors
    ///
    /// [`Error::Torch`].
    pub fn penalty(&self) -> Result<f64, Error> {
        no_grad(|| {
            self.terms.iter().try_fold(0.0, |sum, term| {
                let distance = term
                    .weight
                    .f_sub(&term.anchor)?
                    .f_norm()?
                    .f_double_value(&[])?;
                Ok(sum + 0.5 * term.rho * distance * distance)
            })
        })
    }

    /// A log of this W-step's losses.
    #[must_use]
    pub fn losses(&self) -> Losses {
        Losses::new(self.iteration)
    }
}
