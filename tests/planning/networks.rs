//! Random small networks of linear layers, convolutions and embeddings.

use tt_admm::BoxError;
use tt_admm::compress::{
    Conv2d, DecomposedNetwork, Family, LayerProfile, Operator, Plan, decompose_planned,
};
use tt_admm::ndarray::{ArrayD, IxDyn};

use crate::common::oracle;
use crate::common::random::{self, Rng};

pub(crate) const FAMILIES: [Family; 4] = [
    Family::TensorTrain,
    Family::TtMatrix,
    Family::Tucker,
    Family::LowRank,
];

/// A weight with its name, what is done with it, and what it may become.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) name: String,
    pub(crate) weight: ArrayD<f64>,
    pub(crate) operator: Operator,
    pub(crate) families: Vec<Family>,
}

impl Layer {
    pub(crate) fn profile(&self) -> LayerProfile {
        LayerProfile::measure(
            &self.name,
            &self.weight,
            self.operator.clone(),
            &self.families,
        )
        .unwrap()
    }
}

/// A matrix whose singular values fall geometrically, as a weight of this shape.
pub(crate) fn decaying(shape: &[usize], rng: &mut Rng) -> ArrayD<f64> {
    let rows = shape[0];
    let cols: usize = shape[1..].iter().product();
    let fall = 0.5 + 0.4 * rng.uniform().abs();
    let sigma: Vec<f64> = (0..rows.min(cols))
        .map(|k| (0.2 + rng.uniform().abs()) * fall.powi(i32::try_from(k).unwrap()))
        .collect();
    let matrix = random::with_spectrum(rows, cols, &sigma, rng.next());
    matrix.into_shape_with_order(IxDyn(shape)).unwrap()
}

/// One to four layers; sometimes one of which nothing can be factored.
pub(crate) fn network(seed: u64) -> Vec<Layer> {
    let mut rng = Rng::new(seed);
    let sides = [4, 5, 6, 8, 9, 12];
    let count = 1 + rng.below(4);
    (0..count)
        .map(|k| {
            let mut side = || sides[rng.below(sides.len())];
            let (a, b) = (side(), side());
            let kernel = 1 + 2 * rng.below(2);
            let (shape, operator) = match rng.below(6) {
                0 | 1 => (vec![a, b], Operator::linear(1 + rng.below(3))),
                2 => (vec![2 * a, b], Operator::embedding(1 + rng.below(5))),
                3 => {
                    let conv = Conv2d::new([7, 6]).padding([1, 1]).groups(2);
                    (vec![2 * a, b, kernel, kernel], Operator::conv(conv))
                }
                4 if k > 0 => {
                    let conv = Conv2d::new([7, 6]).groups(a);
                    (vec![a, 1, kernel, kernel], Operator::conv(conv))
                }
                _ => {
                    let conv = Conv2d::new([7, 6]).stride([1, 2]).padding([1, 1]);
                    (vec![a, b, kernel, kernel], Operator::conv(conv))
                }
            };
            let mut families: Vec<Family> =
                FAMILIES.into_iter().filter(|_| rng.below(2) == 0).collect();
            if families.is_empty() {
                families.push(FAMILIES[rng.below(4)]);
            }
            Layer {
                name: format!("layer{k}"),
                weight: decaying(&shape, &mut rng),
                operator,
                families,
            }
        })
        .collect()
}

pub(crate) fn profiles(layers: &[Layer]) -> Vec<LayerProfile> {
    layers.iter().map(Layer::profile).collect()
}

pub(crate) fn decomposed(plan: &Plan, layers: &[Layer]) -> DecomposedNetwork<f64> {
    let weight = |name: &str| {
        let layer = layers.iter().find(|layer| layer.name == name).unwrap();
        Ok::<_, BoxError>(layer.weight.view())
    };
    decompose_planned(plan, weight, &|_| {}).unwrap()
}

/// The relative error over all layers, from the dense images of the factors.
pub(crate) fn error_of(found: &DecomposedNetwork<f64>, layers: &[Layer]) -> f64 {
    let (mut lost, mut whole) = (0.0, 0.0);
    for ((_, factors), layer) in found.factors.iter().zip(layers) {
        if let Some(factors) = factors {
            lost += oracle::distance(&layer.weight, &factors.to_dense()).powi(2);
        }
        whole += oracle::norm(&layer.weight).powi(2);
    }
    (lost / whole).sqrt()
}
