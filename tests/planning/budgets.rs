//! Plans as properties over random networks: budgets are kept, errors are bounds, more budget is never worse.

use proptest::prelude::any;
use tt_admm::compress::{
    Budget, Format, LayerProfile, Plan, PlanError, plan, plan_curve, plan_uniform,
};

use crate::common::strategy::check;
use crate::networks::{Layer, decomposed, error_of, network, profiles};

/// What the Gram matrices of a profile leave uncertain in a squared relative error.
const SQUARES: f64 = 1e-13;

/// By how much the cut of a bond by random columns may raise a squared error: a millionth, for up to five bonds.
const RANDOM_CUTS: f64 = 5e-6;

/// At most `bound`, up to what a Gram matrix can tell and random cuts may lose.
#[track_caller]
fn assert_within(error: f64, bound: f64, what: &str) {
    assert!(
        error * error <= bound * bound * (1.0 + RANDOM_CUTS) + SQUARES,
        "{what}: {error:e} above {bound:e}"
    );
}

const RATIOS: [f64; 7] = [1.0, 1.1, 1.37, 1.9, 2.7, 4.1, 9.0];

/// The plan, or the least that the budget must be.
fn planned(layers: &[LayerProfile], budget: Budget) -> Result<Plan, u64> {
    match plan(layers, budget) {
        Ok(plan) => Ok(plan),
        Err(PlanError::TooSmall { smallest, .. }) => Err(smallest),
        Err(error) => panic!("{error}"),
    }
}

/// What every plan must be, whatever the budget.
fn check_layers(plan: &Plan, layers: &[Layer]) {
    assert_eq!(plan.layers().len(), layers.len());
    for (planned, layer) in plan.layers().iter().zip(layers) {
        assert_eq!(planned.name, layer.name);
        assert_eq!(planned.shape, layer.weight.shape());
        let (cost, dense) = (planned.cost().unwrap(), planned.dense_cost().unwrap());
        match &planned.scheme {
            Some(scheme) => {
                assert!(scheme.ranks().iter().all(|&r| r > 0));
                assert!(cost.parameters < dense.parameters, "{planned:?}");
                assert_eq!(planned.dense, None);
            }
            None => assert!(planned.dense.is_some() && planned.relative_error == 0.0),
        }
    }
    let text = serde_json::to_string(plan).unwrap();
    assert_eq!(&serde_json::from_str::<Plan>(&text).unwrap(), plan);
}

#[test]
fn budgets_are_never_exceeded() {
    check(60, &any::<u64>(), |seed| {
        let layers = network(seed);
        let profiles = profiles(&layers);
        for ratio in RATIOS {
            match planned(&profiles, Budget::parameter_ratio(ratio)) {
                Ok(plan) => {
                    let (dense, cost) = (plan.dense_cost().unwrap(), plan.cost().unwrap());
                    assert!(dense.parameters as f64 / cost.parameters as f64 >= ratio);
                    check_layers(&plan, &layers);
                }
                Err(smallest) => {
                    let plan = plan(&profiles, Budget::parameters(smallest)).unwrap();
                    assert_eq!(plan.cost().unwrap().parameters, smallest);
                    let below = planned(&profiles, Budget::parameters(smallest - 1));
                    assert_eq!(below.unwrap_err(), smallest);
                }
            }
            match planned(&profiles, Budget::mac_ratio(ratio)) {
                Ok(plan) => {
                    let (dense, cost) = (plan.dense_cost().unwrap(), plan.cost().unwrap());
                    assert!(dense.macs as f64 >= ratio * cost.macs as f64 * (1.0 - 1e-15));
                    check_layers(&plan, &layers);
                }
                Err(smallest) => {
                    let plan = plan(&profiles, Budget::macs(smallest)).unwrap();
                    assert_eq!(plan.cost().unwrap().macs, smallest);
                }
            }
        }
    });
}

#[test]
fn more_budget_is_never_worse() {
    check(40, &any::<u64>(), |seed| {
        let profiles = profiles(&network(seed));
        let whole = plan(&profiles, Budget::parameter_ratio(1.0))
            .unwrap()
            .dense_cost()
            .unwrap();
        let falls = |least: u64, most: u64, step: u64, budget: fn(u64) -> Budget| {
            let step = usize::try_from(step).unwrap();
            let budgets: Vec<Budget> = (least..=most)
                .step_by(step)
                .chain([most])
                .map(budget)
                .collect();
            let plans = plan_curve(&profiles, &budgets).unwrap();
            let errors: Vec<f64> = plans.iter().map(Plan::relative_error).collect();
            for (k, pair) in errors.windows(2).enumerate() {
                assert!(pair[1] <= pair[0] + 1e-12, "{:?}: {pair:?}", budgets[k]);
            }
            assert!(errors[errors.len() - 1] < 1e-7);
        };
        let least = planned(&profiles, Budget::parameters(0)).unwrap_err();
        falls(least, whole.parameters, 3, Budget::parameters);
        let least = planned(&profiles, Budget::macs(0)).err().unwrap_or(0);
        falls(least, whole.macs, whole.macs / 300 + 1, Budget::macs);
        let mut last = u64::MAX;
        for k in 0..60 {
            let tolerance = 0.02 * f64::from(k);
            let plan = plan(&profiles, Budget::relative_error(tolerance)).unwrap();
            assert_within(plan.relative_error(), tolerance, "planned");
            let parameters = plan.cost().unwrap().parameters;
            assert!(parameters <= last, "{tolerance}");
            last = parameters;
        }
    });
}

#[test]
fn a_curve_is_its_plans_and_threads_do_not_matter() {
    check(12, &any::<u64>(), |seed| {
        let layers = network(seed);
        let budgets: Vec<Budget> = [0.0, 0.1, 0.3, 0.9]
            .map(Budget::relative_error)
            .into_iter()
            .chain([1.0, 1.3].map(Budget::parameter_ratio))
            .collect();
        let go = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| plan_curve(&profiles(&layers), &budgets))
        };
        let one = go(1);
        assert_eq!(one, go(4));
        if let Ok(plans) = one {
            for (curve, budget) in plans.iter().zip(&budgets) {
                assert_eq!(curve, &plan(&profiles(&layers), *budget).unwrap());
            }
        }
    });
}

#[test]
fn what_is_expected_bounds_what_is_reached() {
    check(60, &any::<u64>(), |seed| {
        let layers = network(seed);
        let profiles = profiles(&layers);
        for budget in [
            Budget::relative_error(0.15),
            Budget::relative_error(0.5),
            Budget::parameter_ratio(1.5),
            Budget::parameter_ratio(3.0),
            Budget::mac_ratio(2.0),
        ] {
            let Ok(plan) = planned(&profiles, budget) else {
                continue;
            };
            let found = decomposed(&plan, &layers);
            for (planned, reached) in plan.layers().iter().zip(&found.report.layers) {
                let what = format!("{planned:?}");
                assert_within(reached.relative_error, planned.relative_error, &what);
                assert_eq!(reached.after, planned.cost().unwrap(), "{planned:?}");
                // One bond, one matrix: the truncated SVD.
                let single = planned
                    .scheme
                    .as_ref()
                    .is_some_and(|s| s.layout().order() == 2);
                if single {
                    assert_within(planned.relative_error, reached.relative_error, &what);
                }
                if let Some(scheme) = &planned.scheme {
                    assert_ne!(scheme.format(), Format::TensorRing);
                }
            }
            assert_within(
                found.report.relative_error,
                plan.relative_error(),
                "all layers",
            );
            let dense = error_of(&found, &layers);
            assert!((dense - found.report.relative_error).abs() < 1e-12);
            if let Budget::RelativeError(tolerance) = budget {
                assert_within(dense, tolerance, "budget");
            }
        }
    });
}

#[test]
fn no_plan_is_worse_than_the_uniform_rule() {
    check(60, &any::<u64>(), |seed| {
        let profiles = profiles(&network(seed));
        for ratio in RATIOS {
            let uniform = plan_uniform(&profiles, ratio).unwrap();
            let cost = uniform.cost().unwrap().parameters;
            let plan = plan(&profiles, Budget::parameters(cost)).unwrap();
            assert!(plan.relative_error() <= uniform.relative_error() + 1e-12);
        }
    });
}
