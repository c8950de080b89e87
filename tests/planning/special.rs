//! Layers at the edge: nothing in them, nothing to factor, numbers far from one.

use tt_admm::compress::{
    Budget, Conv2d, Dense, Family, LayerProfile, Operator, Plan, PlanError, plan, plan_curve,
    plan_energy, plan_uniform, plan_vbmf,
};
use tt_admm::ndarray::{Array2, Array4, ArrayD};

use crate::common::oracle;
use crate::common::random::{self, Rng};
use crate::networks::{FAMILIES, Layer, decaying, decomposed, profiles};

fn layer(name: &str, weight: ArrayD<f64>, operator: Operator) -> Layer {
    Layer {
        name: name.into(),
        weight,
        operator,
        families: FAMILIES.to_vec(),
    }
}

/// A plan by every rule.
fn plans(profiles: &[LayerProfile]) -> Vec<Plan> {
    let budgets = [
        Budget::parameter_ratio(1.0),
        Budget::mac_ratio(1.0),
        Budget::relative_error(0.0),
        Budget::relative_error(0.2),
        Budget::relative_error(1e200),
    ];
    let mut plans = plan_curve(profiles, &budgets).unwrap();
    plans.push(plan_energy(profiles, 0.9).unwrap());
    plans.push(plan_uniform(profiles, 2.0).unwrap());
    plans.push(plan_vbmf(profiles).unwrap());
    plans
}

#[test]
fn a_zero_weight_has_rank_one_and_no_error() {
    let zero = layer("zero", ArrayD::zeros(vec![8, 12]), Operator::linear(1));
    let kernel = layer(
        "kernel",
        ArrayD::zeros(vec![8, 12, 3, 3]),
        Operator::conv(Conv2d::new([5, 5])),
    );
    for layers in [vec![zero.clone()], vec![kernel.clone()], vec![zero, kernel]] {
        for plan in plans(&profiles(&layers)) {
            assert_eq!(plan.relative_error(), 0.0);
            let found = decomposed(&plan, &layers);
            assert_eq!(found.report.relative_error, 0.0);
            for (_, factors) in &found.factors {
                let zero = factors
                    .as_ref()
                    .is_none_or(|f| f.to_dense().iter().all(|&x| x == 0.0));
                assert!(zero);
            }
        }
    }
}

#[test]
fn rows_columns_and_depthwise_kernels_stay_dense() {
    let conv = |groups: usize| Operator::conv(Conv2d::new([5, 5]).groups(groups));
    let mut rng = Rng::new(1);
    let layers = [
        layer("row", decaying(&[1, 9], &mut rng), Operator::linear(1)),
        layer("column", decaying(&[9, 1], &mut rng), Operator::linear(1)),
        layer(
            "single",
            decaying(&[1, 1], &mut rng),
            Operator::embedding(1),
        ),
        layer("depthwise", decaying(&[8, 1, 3, 3], &mut rng), conv(8)),
        layer("multiplied", decaying(&[16, 1, 3, 3], &mut rng), conv(8)),
        layer("grey", decaying(&[8, 1, 3, 3], &mut rng), conv(1)),
        layer("to one each", decaying(&[4, 2, 3, 3], &mut rng), conv(4)),
    ];
    let profiles = profiles(&layers);
    for plan in plans(&profiles) {
        for layer in plan.layers() {
            assert_eq!(
                (layer.scheme.as_ref(), layer.dense),
                (None, Some(Dense::NothingToFactor))
            );
        }
        assert_eq!(decomposed(&plan, &layers).report.relative_error, 0.0);
    }
    let whole: u64 = layers.iter().map(|layer| layer.weight.len() as u64).sum();
    let error = plan(&profiles, Budget::parameters(whole - 1)).unwrap_err();
    assert!(
        matches!(error, PlanError::TooSmall { smallest, dense, .. } if smallest == whole && dense == whole)
    );
}

#[test]
fn small_and_grouped_kernels_are_planned() {
    let mut rng = Rng::new(8);
    let conv = |groups: usize| Operator::conv(Conv2d::new([5, 4]).groups(groups));
    let layers = [
        layer("1x1", decaying(&[12, 16, 1, 1], &mut rng), conv(1)),
        layer("1x3", decaying(&[12, 16, 1, 3], &mut rng), conv(1)),
        layer("3x1", decaying(&[12, 16, 3, 1], &mut rng), conv(1)),
        layer("groups", decaying(&[24, 8, 3, 3], &mut rng), conv(3)),
    ];
    let profiles = profiles(&layers);
    let plan = plan(&profiles, Budget::parameter_ratio(3.0)).unwrap();
    let found = decomposed(&plan, &layers);
    assert_eq!(found.report.after, plan.cost().unwrap());
    assert!(found.report.parameter_ratio() >= 3.0);
    assert!(found.report.relative_error <= plan.relative_error() + 1e-7);
    assert_eq!(
        plan.layer("groups")
            .unwrap()
            .scheme
            .as_ref()
            .unwrap()
            .groups(),
        3
    );
}

#[test]
fn units_do_not_matter() {
    let mut rng = Rng::new(3);
    let weights = [
        decaying(&[12, 16], &mut rng),
        decaying(&[9, 6, 3, 3], &mut rng),
    ];
    let conv = Operator::conv(Conv2d::new([5, 5]));
    let network = |scale: f64| {
        let scaled = |k: usize| &weights[k] * scale;
        [
            layer("fc", scaled(0), Operator::linear(1)),
            layer("conv", scaled(1), conv.clone()),
        ]
    };
    let budgets = [
        Budget::parameter_ratio(2.0),
        Budget::relative_error(0.3),
        Budget::mac_ratio(1.5),
    ];
    let plain = plan_curve(&profiles(&network(1.0)), &budgets).unwrap();
    // Powers of two, so that all digits are the same.
    for exponent in [-500, 500] {
        let layers = network(2.0_f64.powi(exponent));
        let plans = plan_curve(&profiles(&layers), &budgets).unwrap();
        for (plan, plain) in plans.iter().zip(&plain) {
            for (layer, plain) in plan.layers().iter().zip(plain.layers()) {
                assert_eq!(layer.scheme, plain.scheme);
            }
            assert!((plan.relative_error() - plain.relative_error()).abs() < 1e-12);
            let found = decomposed(plan, &layers);
            assert!(found.report.relative_error <= plan.relative_error() + 1e-7);
            assert!(found.report.relative_error > 0.0);
        }
    }
}

#[test]
fn layers_of_very_different_size_are_planned_together() {
    let mut rng = Rng::new(3);
    let tiny = &decaying(&[12, 16], &mut rng) * 1e-150;
    let huge = &decaying(&[16, 12], &mut rng) * 1e150;
    let mut layers = [
        layer("tiny", tiny, Operator::linear(1)),
        layer("huge", huge, Operator::linear(1)),
    ];
    for layer in &mut layers {
        layer.families = vec![Family::LowRank];
    }
    let measured = profiles(&layers);
    let rank = |plan: &Plan, k: usize| plan.layers()[k].scheme.as_ref().map(|s| s.ranks()[1]);
    let budget = Budget::parameter_ratio(2.5);
    let plain = plan(&measured, budget).unwrap();
    assert!(
        rank(&plain, 0) == Some(1) && rank(&plain, 1) > Some(1),
        "{plain}"
    );
    let relative: Vec<LayerProfile> = measured.into_iter().map(LayerProfile::relative).collect();
    let relative = plan(&relative, budget).unwrap();
    assert!(
        rank(&relative, 0) > Some(1) && rank(&relative, 1) > Some(1),
        "{relative}"
    );
    let found = decomposed(&relative, &layers);
    for (layer, planned) in found.report.layers.iter().zip(relative.layers()) {
        assert!(layer.relative_error <= planned.relative_error + 1e-7);
    }
    let share = found.report.relative_error / found.report.layers[1].relative_error;
    assert!((share - 1.0).abs() < 1e-12);
    // The largest numbers there are: the norm is beyond them.
    let most = Array2::<f64>::from_elem((4, 4), f64::MAX);
    let layer =
        LayerProfile::measure("most", &most, Operator::linear(1), &[Family::LowRank]).unwrap();
    let plan = plan(&[layer], Budget::parameters(8)).unwrap();
    assert_eq!(
        (rank(&plan, 0), plan.relative_error() < 1e-7),
        (Some(1), true)
    );
}

#[test]
fn costs_beyond_all_machines_are_planned() {
    let mut rng = Rng::new(3);
    let often = Operator::linear(usize::MAX);
    let layers = [
        layer("a", decaying(&[12, 16], &mut rng), often.clone()),
        layer("b", decaying(&[16, 12], &mut rng), often),
    ];
    let profiles = profiles(&layers);
    let error = plan(&profiles, Budget::macs(1)).unwrap_err();
    assert!(
        matches!(
            error,
            PlanError::TooSmall {
                smallest: u64::MAX,
                ..
            }
        ),
        "{error}"
    );
    let _ = plan(&profiles, Budget::parameter_ratio(2.0))
        .unwrap()
        .to_string();
}

#[test]
fn wide_and_tall_modes_of_tucker_are_measured_alike() {
    // More outputs than inputs and kernel positions together.
    let mut rng = Rng::new(6);
    let tall = decaying(&[40, 4, 2, 1], &mut rng);
    let conv = Operator::conv(Conv2d::new([5, 5]));
    let profile = LayerProfile::measure("w", &tall, conv.clone(), &[Family::Tucker]).unwrap();
    let layers = [layer("w", tall, conv)];
    let mut factored = 0;
    for tolerance in [0.1, 0.3, 0.6] {
        let plan = plan(
            std::slice::from_ref(&profile),
            Budget::relative_error(tolerance),
        )
        .unwrap();
        let found = decomposed(&plan, &layers);
        assert!(found.report.relative_error <= plan.relative_error() + 1e-7);
        assert!(plan.relative_error() <= tolerance * (1.0 + 1e-12));
        let Some(factors) = &found.factors[0].1 else {
            continue;
        };
        factored += 1;
        let error = oracle::distance(&layers[0].weight, &factors.to_dense())
            / oracle::norm(&layers[0].weight);
        assert!((error - found.report.relative_error).abs() < 1e-12);
    }
    assert!(factored > 0);
    let random = random::tensor::<f32>(&[6, 5, 1, 1], 2);
    let plain = Array4::from_shape_fn((6, 5, 1, 1), |(o, i, ..)| random[[o, i, 0, 0]]);
    let conv = Operator::conv(Conv2d::new([5, 5]));
    let a = LayerProfile::measure("w", &random, conv.clone(), &FAMILIES).unwrap();
    assert_eq!(
        a,
        LayerProfile::measure("w", &plain, conv, &FAMILIES).unwrap()
    );
}
