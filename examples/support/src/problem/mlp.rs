//! The reference model, with gradients by hand.

use std::convert::Infallible;

use ndarray::{Array2, ArrayD, ArrayViewD, ArrayViewMutD, Axis, Zip};
use tt_admm::Scalar;
use tt_admm::optim::GradientModel;

use super::Problem;
use super::parameters::Parameters;

/// The perceptron of the [problem](super), with its data. Made by [`Problem::model`].
#[derive(Debug, Clone)]
pub struct Mlp<A> {
    x: Array2<A>,
    labels: Vec<i64>,
    parameters: Parameters<A>,
}

impl<A: Scalar> Mlp<A> {
    pub(super) fn new(problem: &Problem) -> Self {
        let convert = |&x: &f32| A::narrow(f64::from(x));
        Self {
            x: problem.x.map(convert),
            labels: problem.labels.clone(),
            parameters: problem.start.map(convert),
        }
    }
}

impl<A: Scalar> GradientModel for Mlp<A> {
    type Elem = A;
    type Error = Infallible;

    fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, A>)> {
        self.parameters.views().into()
    }

    fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, A>)> {
        self.parameters.views_mut().into()
    }

    fn num_samples(&self) -> usize {
        self.x.nrows()
    }

    /// With `h = tanh(x W1' + b1)`, scores `s = h W2' + b2` and `p = softmax(s)`, the gradient of the mean
    /// loss with respect to `s` is `(p - e_label) / n`, and the chain rule does the rest.
    fn gradient(
        &mut self,
        samples: &[usize],
        gradients: &mut [ArrayD<A>],
    ) -> Result<A, Infallible> {
        let Parameters {
            fc1_weight,
            fc1_bias,
            fc2_weight,
            fc2_bias,
        } = &self.parameters;
        let x = self.x.select(Axis(0), samples);
        let hidden = (x.dot(&fc1_weight.t()) + fc1_bias).mapv_into(A::tanh);
        let scores = hidden.dot(&fc2_weight.t()) + fc2_bias;
        let (loss, delta) = softmax_cross_entropy(scores, samples.iter().map(|&i| self.labels[i]));
        let mut hidden_delta = delta.dot(fc2_weight);
        Zip::from(&mut hidden_delta)
            .and(&hidden)
            .for_each(|d, &h| *d *= A::one() - h * h);
        gradients[0].assign(&hidden_delta.t().dot(&x).into_dyn());
        gradients[1].assign(&hidden_delta.sum_axis(Axis(0)).into_dyn());
        gradients[2].assign(&delta.t().dot(&hidden).into_dyn());
        gradients[3].assign(&delta.sum_axis(Axis(0)).into_dyn());
        Ok(loss)
    }
}

/// Mean loss, and its gradient with respect to the scores.
fn softmax_cross_entropy<A: Scalar>(
    mut scores: Array2<A>,
    labels: impl Iterator<Item = i64>,
) -> (A, Array2<A>) {
    let count = A::narrow(scores.nrows() as f64);
    let mut loss = A::zero();
    for (mut row, label) in scores.rows_mut().into_iter().zip(labels) {
        let largest = row.fold(A::neg_infinity(), |m, &x| m.max(x));
        let log_sum = row
            .fold(A::zero(), |sum, &x| sum + (x - largest).exp())
            .ln()
            + largest;
        for (class, score) in (0_i64..).zip(&mut row) {
            let hit = if class == label { A::one() } else { A::zero() };
            loss += hit * (log_sum - *score) / count;
            *score = ((*score - log_sum).exp() - hit) / count;
        }
    }
    (loss, scores)
}
