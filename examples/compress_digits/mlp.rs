//! A multilayer perceptron 64-256-256-10 with gradients by hand.

use std::convert::Infallible;
use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use tt_admm::Scalar;
use tt_admm::ndarray::{Array1, Array2, ArrayD, ArrayView2, ArrayViewD, ArrayViewMutD, Axis, Zip};
use tt_admm::optim::GradientModel;

use crate::digits::{Digits, Split};

const WIDTHS: [usize; 4] = [64, 256, 256, 10];

/// Three linear layers with `ReLU` between them and a softmax cross-entropy loss. It gives parameters and
/// gradients; optimisers, constraints and compression come from the library.
#[derive(Clone)]
pub(crate) struct Mlp<A> {
    layers: Vec<Linear<A>>,
    data: Arc<Split<A>>,
}

/// Parameters `fc1.weight` (out x in), `fc1.bias` (out), `fc2.weight`, ...
#[derive(Clone)]
struct Linear<A> {
    names: [String; 2],
    weight: Array2<A>,
    bias: Array1<A>,
}

impl<A: Scalar> Mlp<A> {
    /// He initialisation.
    pub(crate) fn new(data: Arc<Split<A>>, seed: u64) -> Self {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut layers = Vec::new();
        for (k, sides) in WIDTHS.windows(2).enumerate() {
            let (fan_in, fan_out) = (sides[0], sides[1]);
            let bound = (6.0 / fan_in as f64).sqrt();
            let entry = || A::narrow(rng.random_range(-bound..bound));
            layers.push(Linear {
                names: ["weight", "bias"].map(|kind| format!("fc{}.{kind}", k + 1)),
                weight: Array2::from_shape_simple_fn((fan_out, fan_in), entry),
                bias: Array1::zeros(fan_out),
            });
        }
        Self { layers, data }
    }

    /// Fraction of the held-out images that are classified correctly.
    pub(crate) fn accuracy(&self) -> f64 {
        let test = &self.data.test;
        let scores = self.forward(test.images.view()).pop().unwrap_or_default();
        let right = scores
            .rows()
            .into_iter()
            .zip(&test.labels)
            .filter(|(row, label)| row.iter().all(|&x| x <= row[**label]))
            .count();
        right as f64 / test.len() as f64
    }

    /// The input of every layer, and last the scores.
    fn forward(&self, images: ArrayView2<'_, A>) -> Vec<Array2<A>> {
        let mut activations = vec![images.to_owned()];
        for (k, layer) in self.layers.iter().enumerate() {
            let mut out = activations[k].dot(&layer.weight.t()) + &layer.bias;
            if k + 1 < self.layers.len() {
                out.mapv_inplace(|x| x.max(A::zero()));
            }
            activations.push(out);
        }
        activations
    }

    /// Mean loss over some images of a set, and the gradient of every parameter.
    fn loss_and_gradients(
        &self,
        set: &Digits<A>,
        samples: &[usize],
        gradients: &mut [ArrayD<A>],
    ) -> A {
        let images = set.images.select(Axis(0), samples);
        let mut activations = self.forward(images.view());
        let scores = activations.pop().unwrap_or_default();
        let labels = samples.iter().map(|&i| set.labels[i]);
        let (loss, mut delta) = softmax_cross_entropy(scores, labels);
        for (k, layer) in self.layers.iter().enumerate().rev() {
            let input = &activations[k];
            gradients[2 * k].assign(&delta.t().dot(input).into_dyn());
            gradients[2 * k + 1].assign(&delta.sum_axis(Axis(0)).into_dyn());
            if k > 0 {
                delta = delta.dot(&layer.weight);
                Zip::from(&mut delta).and(input).for_each(|d, &x| {
                    if x <= A::zero() {
                        *d = A::zero();
                    }
                });
            }
        }
        loss
    }
}

/// Mean loss, and its gradient with respect to the scores.
fn softmax_cross_entropy<A: Scalar>(
    mut scores: Array2<A>,
    labels: impl Iterator<Item = usize>,
) -> (A, Array2<A>) {
    let count = A::narrow(scores.nrows() as f64);
    let mut loss = A::zero();
    for (mut row, label) in scores.rows_mut().into_iter().zip(labels) {
        let largest = row.fold(A::neg_infinity(), |m, &x| m.max(x));
        row.mapv_inplace(|x| (x - largest).exp());
        let sum = row.sum();
        loss -= (row[label] / sum).max(A::min_positive_value()).ln() / count;
        row.mapv_inplace(|x| x / (sum * count));
        row[label] -= A::one() / count;
    }
    (loss, scores)
}

impl<A: Scalar> GradientModel for Mlp<A> {
    type Elem = A;
    type Error = Infallible;

    fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, A>)> {
        let mut list = Vec::new();
        for Linear {
            names: [w, b],
            weight,
            bias,
        } in &self.layers
        {
            list.push((w.as_str(), weight.view().into_dyn()));
            list.push((b.as_str(), bias.view().into_dyn()));
        }
        list
    }

    fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, A>)> {
        let mut list = Vec::new();
        for Linear {
            names: [w, b],
            weight,
            bias,
        } in &mut self.layers
        {
            list.push((w.as_str(), weight.view_mut().into_dyn()));
            list.push((b.as_str(), bias.view_mut().into_dyn()));
        }
        list
    }

    fn num_samples(&self) -> usize {
        self.data.train.len()
    }

    fn gradient(
        &mut self,
        samples: &[usize],
        gradients: &mut [ArrayD<A>],
    ) -> Result<A, Infallible> {
        let data = Arc::clone(&self.data);
        Ok(self.loss_and_gradients(&data.train, samples, gradients))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_agree_with_finite_differences() {
        let data = Arc::new(Split::<f64>::load().unwrap());
        let model = Mlp::new(Arc::clone(&data), 1);
        let samples: Vec<usize> = (0..7).collect();
        let zeros = |m: &Mlp<f64>| -> Vec<ArrayD<f64>> {
            m.parameters()
                .iter()
                .map(|(_, p)| ArrayD::zeros(p.raw_dim()))
                .collect()
        };
        let mut gradients = zeros(&model);
        model.loss_and_gradients(&data.train, &samples, &mut gradients);
        let mut unused = zeros(&model);
        let mut loss_at = |slot: usize, element: usize, step: f64| {
            let mut moved = model.clone();
            let mut parameters = moved.parameters_mut();
            parameters[slot].1.as_slice_mut().unwrap()[element] += step;
            drop(parameters);
            moved.loss_and_gradients(&data.train, &samples, &mut unused)
        };
        for (slot, gradient) in gradients.iter().enumerate() {
            let values = gradient.as_slice().unwrap();
            for element in (0..values.len()).step_by(values.len() / 9 + 1) {
                let h = 1e-5;
                let slope = (loss_at(slot, element, h) - loss_at(slot, element, -h)) / (2.0 * h);
                let error = (slope - values[element]).abs();
                assert!(
                    error < 1e-8,
                    "{}[{element}]: {slope} {}",
                    model.parameters()[slot].0,
                    values[element]
                );
            }
        }
    }

    #[test]
    fn a_random_network_guesses() {
        let data = Arc::new(Split::<f32>::load().unwrap());
        assert_eq!((data.train.len(), data.test.len()), (1348, 449));
        let accuracy = Mlp::new(data, 3).accuracy();
        assert!((0.02..0.3).contains(&accuracy), "{accuracy}");
    }
}
