//! Plans as data: stored, edited by hand, checked.

use serde_json::{Value, json};
use tt_admm::compress::{
    Budget, Conv2d, CostError, Operator, Plan, PlanError, PlannedLayer, Scheme, plan,
};
use tt_admm::{BoxError, Tensorization};

use crate::networks::{network, profiles};

fn linear(rows: usize, cols: usize, rank: usize) -> Scheme {
    Scheme::tensor_train(Tensorization::linear([rows], [cols]).unwrap(), rank).unwrap()
}

fn small() -> Plan {
    let conv = Operator::conv(Conv2d::new([8, 8]).padding([1, 1]));
    let kernel = Tensorization::conv([64], [3, 3], [32]).unwrap();
    Plan::of_layers(vec![
        PlannedLayer::new("fc", [6, 4], Operator::linear(1), Some(linear(6, 4, 2))),
        // Modes without a factor beside small ranks: the core is 2 x 9 x 3.
        PlannedLayer::new(
            "conv",
            [64, 32, 3, 3],
            conv,
            Some(Scheme::tucker(kernel, [(0, 2), (2, 3)]).unwrap()),
        ),
        PlannedLayer::new("out", [3, 6], Operator::linear(1), None),
    ])
}

fn read(value: &Value) -> Result<Plan, serde_json::Error> {
    serde_json::from_str(&value.to_string())
}

#[test]
fn plans_and_schemes_come_back_as_they_were() {
    let plan = small();
    assert_eq!(plan.layers()[1].scheme.as_ref().unwrap().ranks(), [2, 9, 3]);
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    let layout = Tensorization::linear([2, 3], [4]).unwrap();
    for scheme in [
        Scheme::tensor_ring(layout.clone(), [3, 2, 4]).unwrap(),
        Scheme::tensor_train(layout.clone(), 9).unwrap(),
        Scheme::tucker(layout.clone(), 1).unwrap(),
        Scheme::tucker(layout.clone(), [] as [(usize, usize); 0]).unwrap(),
        Scheme::tucker(layout, 2).unwrap().grouped(5).unwrap(),
    ] {
        let text = serde_json::to_string(&scheme).unwrap();
        assert_eq!(serde_json::from_str::<Scheme>(&text).unwrap(), scheme);
    }
    for budget in [
        Budget::parameter_ratio(2.5),
        Budget::macs(7),
        Budget::relative_error(0.1),
    ] {
        let text = serde_json::to_string(&budget).unwrap();
        assert_eq!(serde_json::from_str::<Budget>(&text).unwrap(), budget);
    }
}

#[test]
fn planned_networks_are_printed_and_come_back() {
    for seed in 0..6 {
        let layers = network(seed);
        let plan = plan(&profiles(&layers), Budget::relative_error(0.3)).unwrap();
        let back: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
        assert_eq!(back, plan);
        let table = plan.to_string();
        for layer in plan.layers() {
            assert!(table.contains(&layer.name));
        }
        let last: Vec<&str> = table.lines().last().unwrap().split_whitespace().collect();
        let (dense, cost) = (plan.dense_cost().unwrap(), plan.cost().unwrap());
        let numbers =
            [dense.parameters, cost.parameters, dense.macs, cost.macs].map(|n| n.to_string());
        let error = format!("{:.4}", plan.relative_error());
        assert_eq!(
            last,
            [&["total".to_owned()][..], &numbers[..], &[error]].concat()
        );
    }
}

#[test]
fn missing_fields_of_a_hand_written_plan_have_defaults() {
    let written = json!({ "layers": [{
        "name": "fc", "shape": [6, 4], "operator": { "linear": { "positions": 1 } },
    }] });
    let plan = read(&written).unwrap();
    let expected = PlannedLayer::new("fc", [6, 4], Operator::linear(1), None);
    assert_eq!(plan.layers(), [expected]);
    assert_eq!(plan.relative_error(), 0.0);
}

#[test]
fn what_does_not_fit_together_is_not_read() {
    let good = serde_json::to_value(small()).unwrap();
    assert_eq!(read(&good).unwrap(), small());
    let edits: [(usize, &str, Value); 9] = [
        (0, "/scheme/ranks", json!([1, 0, 1])),
        (0, "/scheme/ranks", json!([1, 2, 2, 1])),
        (0, "/scheme/ranks", json!([2, 2, 1])),
        (0, "/scheme/layout/tensor_shape", json!([6, 5])),
        (0, "/scheme/layout/permutation", json!([0, 0])),
        (0, "/scheme/groups", json!(0)),
        (0, "/scheme/groups", json!(u64::MAX)),
        (1, "/scheme/ranks", json!([2, 9])),
        (1, "/scheme/ranks", json!([2, 0, 3])),
    ];
    for (layer, place, value) in edits {
        let mut bad = good.clone();
        let path = format!("/layers/{layer}{place}");
        *bad.pointer_mut(&path).unwrap() = value.clone();
        assert!(read(&bad).is_err(), "{path} = {value}");
    }
    let mut bad = good;
    *bad.pointer_mut("/layers/0/scheme/format").unwrap() = json!("cp");
    assert!(read(&bad).is_err());
}

fn shapes(name: &str) -> Option<Vec<usize>> {
    match name {
        "fc" => Some(vec![6, 4]),
        "conv" => Some(vec![64, 32, 3, 3]),
        "out" => Some(vec![3, 6]),
        _ => None,
    }
}

const KNOWN: [&str; 3] = ["fc", "conv", "out"];

#[test]
fn plans_that_do_not_fit_the_weights_are_refused() {
    assert_eq!(small().check(KNOWN, shapes), Ok(()));
    assert_eq!(
        Plan::of_layers(Vec::new()).check(KNOWN, shapes),
        Err(PlanError::NoLayers)
    );

    let mut plan = small();
    assert!(plan.layer_mut("none").is_none() && plan.layer("none").is_none());
    let first = plan.layers()[0].clone();
    assert_eq!(
        Plan::of_layers(vec![first.clone(), first]).check(KNOWN, shapes),
        Err(PlanError::Duplicate { name: "fc".into() })
    );
    plan.layer_mut("fc").unwrap().name = "other".into();
    let expected = PlanError::UnknownLayer {
        name: "other".into(),
        known: KNOWN.map(str::to_owned).to_vec(),
    };
    assert_eq!(plan.check(KNOWN, shapes), Err(expected));

    let shape = |expected: &[usize]| PlanError::Shape {
        name: "fc".into(),
        expected: expected.to_vec(),
        got: vec![6, 4],
    };
    let mut plan = small();
    plan.layer_mut("fc").unwrap().shape = vec![4, 6];
    assert_eq!(plan.check(KNOWN, shapes), Err(shape(&[4, 6])));
    let mut plan = small();
    plan.layer_mut("fc").unwrap().scheme = Some(linear(4, 6, 1));
    assert_eq!(plan.check(KNOWN, shapes), Err(shape(&[4, 6])));
    plan.layer_mut("fc").unwrap().scheme = Some(linear(6, 4, 1).grouped(2).unwrap());
    assert_eq!(plan.check(KNOWN, shapes), Err(shape(&[12, 4])));
    plan.layer_mut("fc").unwrap().scheme = Some(linear(3, 4, 1).grouped(2).unwrap());
    assert_eq!(plan.check(KNOWN, shapes), Ok(()));

    for scheme in [None, small().layers()[0].scheme.clone()] {
        let mut plan = small();
        let layer = plan.layer_mut("fc").unwrap();
        layer.operator = Operator::conv(Conv2d::new([8, 8]));
        layer.scheme = scheme;
        let error = plan.check(KNOWN, shapes).unwrap_err();
        assert!(
            matches!(&error, PlanError::Cost { name, source: CostError::Shape { axes: 4, .. } } if name == "fc"),
            "{error}"
        );
        assert_eq!(plan.cost().unwrap_err(), error);
        assert!(plan.to_string().contains('-'));
    }
    let mut plan = small();
    let groups = Operator::conv(Conv2d::new([8, 8]).groups(2));
    plan.layer_mut("conv").unwrap().operator = groups;
    assert!(matches!(
        plan.check(KNOWN, shapes),
        Err(PlanError::Cost {
            source: CostError::FactorGroups {
                operator: 2,
                factors: 1
            },
            ..
        })
    ));
}

#[test]
fn a_rank_changed_by_hand_is_what_is_decomposed() {
    let mut plan = small();
    plan.layer_mut("fc").unwrap().scheme = Some(linear(6, 4, 1));
    let weight = |name: &str| {
        let shape = shapes(name).unwrap();
        Ok::<_, BoxError>(crate::common::random::tensor::<f32>(&shape, 5))
    };
    let found = tt_admm::compress::decompose_planned(&plan, weight, &|_| {}).unwrap();
    let (name, factors) = &found.factors[0];
    assert_eq!(name, "fc");
    assert_eq!(factors.as_ref().unwrap().num_parameters(), 10);
    assert_eq!(
        found.factors[1].1.as_ref().unwrap().num_parameters(),
        2 * 9 * 3 + 64 * 2 + 32 * 3
    );
    assert!(found.factors[2].1.is_none());
    assert_eq!(found.report.after, plan.cost().unwrap());
}
