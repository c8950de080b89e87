//! Small networks of matrices against all choices there are.

use proptest::prelude::any;
use tt_admm::compress::{Budget, Family, LayerProfile, Operator, plan};

use crate::common::random::Rng;
use crate::common::strategy::check;
use crate::common::{jacobi, oracle};
use crate::networks::decaying;

/// All choices of a matrix: parameters and squared error, dense last.
fn choices(weight: &tt_admm::ndarray::ArrayD<f64>) -> Vec<(u64, f64)> {
    let (m, n) = (weight.shape()[0], weight.shape()[1]);
    let sigma = jacobi::singular_values(&oracle::unfolding(weight, 1));
    let mut choices: Vec<(u64, f64)> = (1..=m.min(n))
        .map(|r| ((r * (m + n)) as u64, jacobi::tail(&sigma, r).powi(2)))
        .filter(|choice| choice.0 < (m * n) as u64)
        .collect();
    choices.push(((m * n) as u64, 0.0));
    choices
}

/// Every selection of one choice for each layer: parameters and squared error together.
fn selections(layers: &[Vec<(u64, f64)>]) -> Vec<(u64, f64)> {
    layers.iter().fold(vec![(0, 0.0)], |sums, layer| {
        let both = |sum: &(u64, f64)| {
            let sum = *sum;
            layer.iter().map(move |c| (sum.0 + c.0, sum.1 + c.1))
        };
        sums.iter().flat_map(both).collect()
    })
}

/// The most parameters between two neighbours on the lower convex hull.
fn widest_step(choices: &[(u64, f64)]) -> u64 {
    let mut at = 0;
    let mut widest = 0;
    while at + 1 < choices.len() {
        let slope =
            |k: usize| (choices[at].1 - choices[k].1) / (choices[k].0 - choices[at].0) as f64;
        let mut next = at + 1;
        for k in at + 1..choices.len() {
            if slope(k) >= slope(next) {
                next = k;
            }
        }
        widest = widest.max(choices[next].0 - choices[at].0);
        at = next;
    }
    widest
}

/// Weights of `count` matrices.
fn matrices(count: usize, rng: &mut Rng) -> Vec<tt_admm::ndarray::ArrayD<f64>> {
    (0..count)
        .map(|_| {
            let shape = [3 + rng.below(8), 3 + rng.below(8)];
            decaying(&shape, rng)
        })
        .collect()
}

fn measured(weights: &[tt_admm::ndarray::ArrayD<f64>]) -> Vec<LayerProfile> {
    let measure = |(k, w): (usize, &tt_admm::ndarray::ArrayD<f64>)| {
        LayerProfile::measure(k.to_string(), w, Operator::linear(1), &[Family::LowRank]).unwrap()
    };
    weights.iter().enumerate().map(measure).collect()
}

#[test]
fn the_gap_to_the_best_choice_is_less_than_one_step() {
    check(60, &any::<u64>(), |seed| {
        let mut rng = Rng::new(seed);
        let count = 1 + rng.below(3);
        let weights = matrices(count, &mut rng);
        let layers: Vec<_> = weights.iter().map(choices).collect();
        let all = selections(&layers);
        let step = layers.iter().map(|layer| widest_step(layer)).max().unwrap();
        let profiles = measured(&weights);
        let whole: f64 = weights.iter().map(|w| oracle::norm(w).powi(2)).sum();
        let most = all.iter().map(|s| s.0).max().unwrap();
        let least = all.iter().map(|s| s.0).min().unwrap();
        let best = |budget: u64| {
            let within = all.iter().filter(|s| s.0 <= budget).map(|s| s.1);
            within.fold(f64::INFINITY, f64::min) / whole
        };
        for budget in (least..=most).step_by(5) {
            let plan = plan(&profiles, Budget::parameters(budget)).unwrap();
            let square = plan.relative_error().powi(2);
            assert!(square >= best(budget) - 1e-12, "better than the best");
            // One layer has no gap: all its choices are looked at.
            let reserve = if count == 1 { 0 } else { step };
            assert!(
                square <= best(budget.saturating_sub(reserve)) + 1e-12,
                "{budget} of {most}, {reserve}"
            );
        }
    });
}

#[test]
fn an_error_is_met_with_the_fewest_parameters_up_to_one_step() {
    check(60, &any::<u64>(), |seed| {
        let mut rng = Rng::new(seed);
        let count = 1 + rng.below(3);
        let weights = matrices(count, &mut rng);
        let layers: Vec<_> = weights.iter().map(choices).collect();
        let all = selections(&layers);
        let step = layers.iter().map(|layer| widest_step(layer)).max().unwrap();
        let profiles = measured(&weights);
        let whole: f64 = weights.iter().map(|w| oracle::norm(w).powi(2)).sum();
        for k in 0..20 {
            let tolerance = 0.03 + 0.05 * f64::from(k);
            let plan = plan(&profiles, Budget::relative_error(tolerance)).unwrap();
            let within = all.iter().filter(|s| s.1 / whole <= tolerance * tolerance);
            let fewest = within.map(|s| s.0).min().unwrap();
            let parameters = plan.cost().unwrap().parameters;
            assert!(parameters >= fewest, "fewer than the fewest");
            let gap = if count == 1 { 0 } else { step };
            assert!(parameters <= fewest + gap, "{parameters}, {fewest}, {gap}");
        }
    });
}
