//! The simple rules against their definitions.

use proptest::prelude::any;
use tt_admm::Tensorization;
use tt_admm::compress::{
    Conv2d, Dense, Family, Format, LayerProfile, Operator, plan_energy, plan_uniform, plan_vbmf,
};

use crate::common::random::Rng;
use crate::common::strategy::check;
use crate::common::{jacobi, oracle};
use crate::networks::{decaying, network, profiles};

#[test]
fn energy_is_kept_by_the_smallest_rank() {
    check(60, &any::<u64>(), |seed| {
        let mut rng = Rng::new(seed);
        let weight = decaying(&[4 + rng.below(9), 4 + rng.below(9)], &mut rng);
        let (m, n) = (weight.shape()[0], weight.shape()[1]);
        let layer =
            LayerProfile::measure("w", &weight, Operator::linear(1), &[Family::LowRank]).unwrap();
        let sigma = jacobi::singular_values(&oracle::unfolding(&weight, 1));
        let norm = oracle::norm(&weight);
        for energy in [0.0, 0.3, 0.7, 0.9, 0.97] {
            let rank = jacobi::smallest_rank(&sigma, (1.0_f64 - energy).sqrt() * norm);
            let plan = plan_energy(std::slice::from_ref(&layer), energy).unwrap();
            let planned = &plan.layers()[0];
            if rank * (m + n) < m * n {
                assert_eq!(planned.scheme.as_ref().unwrap().ranks(), [1, rank, 1]);
                let error = jacobi::tail(&sigma, rank) / norm;
                assert!((planned.relative_error - error).abs() < 1e-7);
            } else {
                assert_eq!(
                    (planned.scheme.as_ref(), planned.dense),
                    (None, Some(Dense::Best))
                );
            }
        }
    });
}

#[test]
fn energy_of_both_bonds_of_a_convolution() {
    let mut rng = Rng::new(4);
    let weight = decaying(&[12, 10, 3, 3], &mut rng);
    let layout = Tensorization::conv([12], [3, 3], [10]).unwrap();
    let spectra = jacobi::unfolding_spectra(&layout.tensorize(&weight).unwrap());
    let norm = oracle::norm(&weight);
    let conv = Operator::conv(Conv2d::new([8, 8]));
    for family in [Family::TensorTrain, Family::Tucker] {
        let layer = LayerProfile::measure("w", &weight, conv.clone(), &[family]).unwrap();
        for energy in [0.2_f64, 0.5, 0.8] {
            let plan = plan_energy(std::slice::from_ref(&layer), energy).unwrap();
            let limit = (1.0 - energy).sqrt() * norm;
            let [left, right] = [0, 1].map(|bond| jacobi::smallest_rank(&spectra[bond], limit));
            assert!(left <= 9 * right && right <= 9 * left);
            let expected = match family.format() {
                Format::Tucker => vec![left, 9, right],
                _ => vec![1, left, right, 1],
            };
            let scheme = plan.layers()[0].scheme.as_ref().unwrap();
            assert_eq!(scheme.ranks(), expected);
        }
    }
}

#[test]
fn ranks_that_cannot_be_used_are_cut_down() {
    // The first output channel hears one input channel only: many ranks on the left, one on the right.
    let mut weight = tt_admm::ndarray::Array4::<f64>::zeros((16, 8, 2, 2));
    let mut rng = Rng::new(1);
    for o in 0..16 {
        for k in 0..4 {
            weight[[o, 3, k / 2, k % 2]] = rng.uniform();
        }
    }
    let conv = Operator::conv(Conv2d::new([8, 8]));
    let layer = LayerProfile::measure("w", &weight, conv, &[Family::TensorTrain]).unwrap();
    let plan = plan_energy(&[layer], 1.0).unwrap();
    let scheme = plan.layers()[0].scheme.as_ref().unwrap();
    assert_eq!(scheme.ranks(), [1, 4, 1, 1]);
    assert!(plan.relative_error() < 1e-7);
}

#[test]
fn the_uniform_rule_is_the_largest_rank_that_is_so_much_smaller() {
    check(60, &any::<u64>(), |seed| {
        let mut rng = Rng::new(seed);
        let weight = decaying(&[2 + rng.below(14), 2 + rng.below(14)], &mut rng);
        let (m, n) = (weight.shape()[0], weight.shape()[1]);
        let layer =
            LayerProfile::measure("w", &weight, Operator::linear(1), &[Family::LowRank]).unwrap();
        for ratio in [1.0, 1.2, 2.0, 3.7, 50.0] {
            let plan = plan_uniform(std::slice::from_ref(&layer), ratio).unwrap();
            let fits = |rank: usize| (m * n) as f64 / (rank * (m + n)) as f64 >= ratio;
            let rank = (1..=m.min(n)).rev().find(|&rank| fits(rank)).unwrap_or(1);
            let got = plan.layers()[0]
                .scheme
                .as_ref()
                .map(|scheme| scheme.ranks()[1]);
            let smaller = ratio > 1.0 && rank * (m + n) < m * n;
            assert_eq!(got, smaller.then_some(rank), "{m} x {n}, {ratio}");
        }
    });
}

#[test]
fn every_layer_is_so_much_smaller_or_as_small_as_rank_one() {
    check(60, &any::<u64>(), |seed| {
        let profiles = profiles(&network(seed));
        let mut last = 0.0;
        for ratio in [1.0, 1.3, 2.0, 4.0] {
            let plan = plan_uniform(&profiles, ratio).unwrap();
            for layer in plan.layers() {
                let (cost, dense) = (layer.cost().unwrap(), layer.dense_cost().unwrap());
                let met = dense.parameters as f64 / cost.parameters as f64 >= ratio;
                let ones = layer.scheme.as_ref().is_none_or(|scheme| {
                    let shape = scheme.layout().tensor_shape();
                    let tucker = scheme.format() == Format::Tucker;
                    let mut ranks = scheme.ranks().iter().enumerate();
                    ranks.all(|(k, &r)| r == 1 || (tucker && r == shape[k]))
                });
                assert!(met || ones, "{ratio}: {layer:?}");
                assert!(cost.parameters <= dense.parameters);
            }
            assert!(plan.relative_error() >= last - 1e-12);
            last = plan.relative_error();
        }
    });
}

#[test]
fn weights_without_a_choice_stay_dense_in_all_rules() {
    let weight = decaying(&[6, 4], &mut Rng::new(2));
    // One mode: no bond.
    let layout = || Tensorization::custom([6, 4], [24], [0], [24]).unwrap();
    for format in [Format::TensorTrain, Format::Tucker] {
        let measured =
            LayerProfile::measure_layouts("w", &weight, Operator::linear(1), [(format, layout())]);
        let layers = [measured.unwrap()];
        for plan in [
            plan_energy(&layers, 0.5).unwrap(),
            plan_uniform(&layers, 2.0).unwrap(),
            plan_vbmf(&layers).unwrap(),
        ] {
            assert_eq!(plan.layers()[0].scheme, None);
        }
    }
}
