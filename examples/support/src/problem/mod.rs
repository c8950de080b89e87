//! A small ADMM problem with a reference solution, to check the adapter of a framework.
//!
//! A perceptron `D -> H -> C` with `tanh` in the hidden layer and the mean softmax cross-entropy of fixed
//! data, trained by plain gradient descent on the full batch. Three iterations of ADMM with tensor-train
//! constraints on both weights; the reference has gradients by hand and runs through
//! [`tt_admm::optim::Trainer`]. A framework that is given the same start has to arrive at the same `Z` and
//! `U`, up to rounding.
//!
//! ```text
//! per step: every parameter p <- p - learning_rate (d loss/dp + rho (p - anchor) where p is constrained)
//! per iteration: steps_per_iteration steps, then Z and U
//! ```

mod error;
mod mlp;
mod parameters;
#[cfg(test)]
mod tests;
mod values;

use ndarray::{Array1, Array2, ArrayD, ArrayViewD};
use tt_admm::admm::AdmmBuilder;
use tt_admm::optim::{Sgd, Trainer};
use tt_admm::{Admm, Tensorization, TtProjection};

pub use error::ProblemError;
pub use mlp::Mlp;
use parameters::Parameters;

/// Name, `Z` and `U` of a constrained weight.
pub type Expected = (String, ArrayD<f32>, ArrayD<f32>);

/// The problem: data, start and settings. See the [module](self).
///
/// # Examples
///
/// ```
/// use example_support::problem::Problem;
/// use tt_admm::optim::{Sgd, Trainer};
///
/// // In place of the reference model: the adapter of a framework, with the same start and data.
/// let problem = Problem::new()?;
/// let mut model = Trainer::builder(problem.model(), Sgd::new(f64::from(problem.learning_rate)))
///     .batch_size(problem.labels.len())
///     .epochs_per_update(problem.steps_per_iteration)
///     .build()?;
/// let mut admm = problem.builder().build(&model)?;
/// admm.run(&mut model, &mut ())?;
/// assert!(problem.check(&admm)? < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Problem {
    /// Inputs, `[N, D]`, row-major.
    pub x: Array2<f32>,
    /// Labels of the `N` inputs.
    pub labels: Vec<i64>,
    /// Step length of the plain gradient descent.
    pub learning_rate: f32,
    /// Full-batch steps in a W-step.
    pub steps_per_iteration: usize,
    /// Iterations of ADMM; [`Problem::builder`] has them as the maximum.
    pub iterations: usize,
    start: Parameters<f32>,
    layouts: [(&'static str, Tensorization, [usize; 3]); 2],
}

impl Problem {
    /// Number of inputs `N`.
    pub const SAMPLES: usize = 48;
    /// Features `D` of an input.
    pub const FEATURES: usize = 12;
    /// Width `H` of the hidden layer.
    pub const HIDDEN: usize = 16;
    /// Number of classes `C`.
    pub const CLASSES: usize = values::CLASSES as usize;
    /// Largest relative difference of `Z` and `U`, in the Frobenius norm, that [`Problem::check`] accepts.
    pub const TOLERANCE: f64 = 1e-4;

    /// The problem; always the same numbers.
    ///
    /// # Errors
    ///
    /// None that could be met: those of the library, which checks every layout.
    pub fn new() -> Result<Self, ProblemError> {
        let [n, d, h, c] = [Self::SAMPLES, Self::FEATURES, Self::HIDDEN, Self::CLASSES];
        Ok(Self {
            x: values::matrix(1, n, d, 1.5),
            labels: values::labels(n),
            start: Parameters {
                fc1_weight: values::matrix(2, h, d, 0.8),
                fc1_bias: Array1::zeros(h),
                fc2_weight: values::matrix(3, c, h, 0.8),
                fc2_bias: Array1::zeros(c),
            },
            learning_rate: 0.2,
            steps_per_iteration: 10,
            iterations: 3,
            layouts: [
                (
                    "fc1.weight",
                    Tensorization::linear([4, 4], [3, 4])?,
                    [3, 5, 3],
                ),
                (
                    "fc2.weight",
                    Tensorization::linear([2, 3], [4, 4])?,
                    [2, 3, 2],
                ),
            ],
        })
    }

    /// The start by name: `fc1.weight` `[H, D]`, `fc1.bias` `[H]`, `fc2.weight` `[C, H]`, `fc2.bias` `[C]`.
    #[must_use]
    pub fn weights(&self) -> [(&'static str, ArrayViewD<'_, f32>); 4] {
        self.start.views()
    }

    /// One parameter of the start; `None` for another name.
    #[must_use]
    pub fn weight(&self, name: &str) -> Option<ArrayViewD<'_, f32>> {
        let mut weights = self.start.views().into_iter();
        weights.find(|(n, _)| *n == name).map(|(_, weight)| weight)
    }

    /// The settings of ADMM, for `build` with an adapter.
    pub fn builder(&self) -> AdmmBuilder<f32> {
        self.layouts
            .iter()
            .fold(Admm::builder(), |builder, (name, layout, ranks)| {
                builder.constrain(*name, TtProjection::new(*ranks).layout(layout.clone()))
            })
            .rho(0.5)
            .max_iterations(self.iterations)
    }

    /// The constrained weights with their TT ranks.
    pub fn ranks(&self) -> impl Iterator<Item = (&'static str, &[usize; 3])> {
        self.layouts.iter().map(|(name, _, ranks)| (*name, ranks))
    }

    /// The model with gradients by hand, at the start.
    #[must_use]
    pub fn model(&self) -> Mlp<f32> {
        Mlp::new(self)
    }

    /// Name, `Z` and `U` of both constrained weights after all iterations, by the model with gradients by
    /// hand.
    ///
    /// # Errors
    ///
    /// None that could be met: those of the library for its trainer and its loop.
    pub fn reference(&self) -> Result<Vec<Expected>, ProblemError> {
        let mut model = Trainer::builder(self.model(), Sgd::new(f64::from(self.learning_rate)))
            .batch_size(self.labels.len())
            .epochs_per_update(self.steps_per_iteration)
            .build()?;
        let mut admm = self.builder().build(&model)?;
        admm.run(&mut model, &mut ())?;
        let blocks = admm.blocks().iter();
        Ok(blocks
            .map(|b| (b.weight().to_owned(), b.z().to_owned(), b.u().to_owned()))
            .collect())
    }

    /// The largest relative difference of `Z` and `U` from the reference, in the Frobenius norm.
    ///
    /// # Errors
    ///
    /// Says what differs: the number of iterations, a weight that is not constrained or has another shape,
    /// or a difference above [`Problem::TOLERANCE`].
    pub fn check(&self, admm: &Admm<f32>) -> Result<f64, String> {
        if admm.iteration() != self.iterations {
            let (got, expected) = (admm.iteration(), self.iterations);
            return Err(format!("{got} iterations were done, expected {expected}"));
        }
        let mut largest = 0.0_f64;
        for (name, z, u) in self.reference().map_err(|error| error.to_string())? {
            for (what, expected, got) in [("Z", z, admm.z(&name)), ("U", u, admm.u(&name))] {
                let got = got.ok_or_else(|| format!("{name} is not constrained"))?;
                if got.shape() != expected.shape() {
                    let (got, expected) = (got.shape(), expected.shape());
                    return Err(format!(
                        "{what} of {name} has shape {got:?}, expected {expected:?}"
                    ));
                }
                let difference = values::norm(&(&got - &expected)) / values::norm(&expected);
                if difference.is_nan() || difference > Self::TOLERANCE {
                    let limit = Self::TOLERANCE;
                    return Err(format!(
                        "{what} of {name} differs by {difference:.2e} of its norm, more than {limit:.0e}"
                    ));
                }
                largest = largest.max(difference);
            }
        }
        Ok(largest)
    }
}
