//! Models shared by the tests of this module.

#![allow(clippy::float_cmp)] // exact values are meant wherever `assert_eq!` compares floats

mod adam;
mod contract;
mod convergence;
mod failures;
mod hyper_parameters;
mod schedule;
mod sgd;
mod trainer;

use super::GradientModel;
use crate::error::BoxError;
use crate::scalar::Scalar;
use ndarray::{Array1, Array2, ArrayD, ArrayViewD, ArrayViewMutD, Axis, Ix1};

/// Least squares `|X w + b - y|^2 / (2 n)` with two parameters, `weight` and `bias` (0-dimensional).
#[derive(Clone, Debug)]
struct Linear<A> {
    x: Array2<A>,
    y: Array1<A>,
    weight: ArrayD<A>,
    bias: ArrayD<A>,
    /// The mini-batches seen.
    batches: Vec<Vec<usize>>,
    fault: Fault,
    /// The fault happens in this call of `gradient`, from 0.
    fault_at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    Error,
    Loss(f64),
    /// In the gradient of the bias, the last parameter.
    Gradient(f64),
    GradientShape,
    WeightShape,
}

impl<A: Scalar> Linear<A> {
    /// `n` samples of `p` features; deterministic, well conditioned, not exactly solvable.
    fn new(n: usize, p: usize) -> Self {
        let x = Array2::from_shape_fn((n, p), |(i, j)| {
            A::narrow(((i * (2 * j + 3) + j) as f64).sin())
        });
        let y = Array1::from_shape_fn(n, |i| A::narrow(1.0 + (i as f64 * 0.7).cos()));
        Self {
            x,
            y,
            weight: Array1::zeros(p).into_dyn(),
            bias: ArrayD::zeros(ndarray::IxDyn(&[])),
            batches: Vec::new(),
            fault: Fault::None,
            fault_at: 0,
        }
    }

    fn failing(mut self, fault: Fault, call: usize) -> Self {
        (self.fault, self.fault_at) = (fault, call);
        self
    }

    fn values(&self) -> Vec<A> {
        self.weight.iter().chain(&self.bias).copied().collect()
    }

    fn residual(&self, samples: &[usize]) -> (Array2<A>, Array1<A>) {
        let x = self.x.select(Axis(0), samples);
        let weight = self.weight.view().into_dimensionality::<Ix1>().unwrap();
        let residual = x.dot(&weight) + self.bias.sum() - self.y.select(Axis(0), samples);
        (x, residual)
    }
}

impl<A: Scalar> GradientModel for Linear<A> {
    type Elem = A;
    type Error = BoxError;

    fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, A>)> {
        vec![("weight", self.weight.view()), ("bias", self.bias.view())]
    }

    fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, A>)> {
        vec![
            ("weight", self.weight.view_mut()),
            ("bias", self.bias.view_mut()),
        ]
    }

    fn num_samples(&self) -> usize {
        self.y.len()
    }

    fn gradient(
        &mut self,
        samples: &[usize],
        gradients: &mut [ArrayD<A>],
    ) -> Result<A, Self::Error> {
        assert!(
            gradients.iter().flatten().all(|g| *g == A::zero()),
            "buffers come zeroed"
        );
        let call = self.batches.len();
        self.batches.push(samples.to_vec());
        let (x, residual) = self.residual(samples);
        let scale = A::narrow(1.0 / samples.len() as f64);
        gradients[0].assign(&(x.t().dot(&residual) * scale));
        gradients[1].fill(residual.sum() * scale);
        let mut loss = residual.dot(&residual) * scale * A::narrow(0.5);
        if call == self.fault_at {
            match self.fault {
                Fault::None => {}
                Fault::Error => {
                    gradients[0].fill(A::nan()); // half-written buffers must not matter later
                    return Err("no data".into());
                }
                Fault::Loss(value) => loss = A::narrow(value),
                Fault::Gradient(value) => gradients[1].fill(A::narrow(value)),
                Fault::GradientShape => gradients[0] = Array1::zeros(7).into_dyn(),
                Fault::WeightShape => self.weight = Array1::zeros(7).into_dyn(),
            }
        }
        Ok(loss)
    }
}
