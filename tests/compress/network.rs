//! A small network with gradients by hand: `y = fc2 tanh(fc1 x + bias)`, half the mean squared error.

use crate::common::random;
use tt_admm::compress::decompose;
use tt_admm::ndarray::{Array2, ArrayD, ArrayViewD, ArrayViewMutD, Axis, Ix1, Ix2};
use tt_admm::optim::GradientModel;
use tt_admm::projection::LowRankProjection;
use tt_admm::{Factors, Tensorization, TtProjection};

#[derive(Debug, Clone)]
pub(crate) struct Network {
    pub(crate) x: Array2<f64>,
    pub(crate) y: Array2<f64>,
    pub(crate) fc1: ArrayD<f64>,
    pub(crate) bias: ArrayD<f64>,
    pub(crate) fc2: ArrayD<f64>,
    pub(crate) broken: bool,
}

impl Network {
    pub(crate) fn new() -> Self {
        Self {
            x: random::matrix(40, 4, 1),
            y: random::matrix(40, 3, 2),
            fc1: random::tensor(&[6, 4], 3),
            bias: random::tensor(&[6], 4),
            fc2: random::tensor(&[3, 6], 5),
            broken: false,
        }
    }

    pub(crate) fn loss(&self, samples: &[usize]) -> f64 {
        let mut gradients = [
            ArrayD::zeros(vec![6, 4]),
            ArrayD::zeros(vec![6]),
            ArrayD::zeros(vec![3, 6]),
        ];
        self.clone().gradient(samples, &mut gradients).unwrap()
    }
}

impl GradientModel for Network {
    type Elem = f64;
    type Error = String;

    fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, f64>)> {
        vec![
            ("fc1", self.fc1.view()),
            ("bias", self.bias.view()),
            ("fc2", self.fc2.view()),
        ]
    }

    fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, f64>)> {
        vec![
            ("fc1", self.fc1.view_mut()),
            ("bias", self.bias.view_mut()),
            ("fc2", self.fc2.view_mut()),
        ]
    }

    fn num_samples(&self) -> usize {
        self.x.nrows()
    }

    fn gradient(
        &mut self,
        samples: &[usize],
        gradients: &mut [ArrayD<f64>],
    ) -> Result<f64, String> {
        if self.broken {
            return Err("the data set is gone".to_owned());
        }
        let fc1 = self.fc1.view().into_dimensionality::<Ix2>().unwrap();
        let fc2 = self.fc2.view().into_dimensionality::<Ix2>().unwrap();
        let bias = self.bias.view().into_dimensionality::<Ix1>().unwrap();
        let n = samples.len() as f64;
        let x = self.x.select(Axis(0), samples);
        let hidden = (x.dot(&fc1.t()) + bias).mapv(f64::tanh);
        let error = hidden.dot(&fc2.t()) - self.y.select(Axis(0), samples);
        let back = error.dot(&fc2) * hidden.mapv(|h| 1.0 - h * h);
        // Added, not assigned: the buffers are promised to be zero.
        gradients[0] += &(back.t().dot(&x) / n);
        gradients[1] += &(back.sum_axis(Axis(0)) / n);
        gradients[2] += &(error.t().dot(&hidden) / n);
        Ok(error.mapv(|e| e * e).sum() / (2.0 * n))
    }
}

/// `fc1` as a TT matrix of order 2 with a permutation, `fc2` of rank 2.
pub(crate) fn factors(network: &Network) -> [(&'static str, Factors<f64>); 2] {
    let map = Tensorization::tt_matrix([2, 3], [2, 2]).unwrap();
    let fc1 = decompose("fc1", &network.fc1, &TtProjection::new(2).layout(map)).unwrap();
    let fc2 = decompose("fc2", &network.fc2, &LowRankProjection::new(2)).unwrap();
    [("fc1", fc1.factors), ("fc2", fc2.factors)]
}
