//! Profiles: from weights and from singular values, with importance, and what is refused.

use tt_admm::compress::{
    Budget, CostError, Family, Format, LayerProfile, Operator, Plan, PlanError, plan, plan_energy,
    plan_uniform, plan_vbmf,
};
use tt_admm::ndarray::{Array2, ArrayD, ShapeBuilder};
use tt_admm::{Scalar, Tensorization};

use crate::common::jacobi;
use crate::common::random::{self, Rng};
use crate::networks::decaying;

fn low_rank(name: &str, weight: &ArrayD<f64>) -> LayerProfile {
    LayerProfile::measure(name, weight, Operator::linear(1), &[Family::LowRank]).unwrap()
}

fn rank(plan: &Plan, layer: usize) -> usize {
    plan.layers()[layer]
        .scheme
        .as_ref()
        .map_or(usize::MAX, |scheme| scheme.ranks()[1])
}

#[test]
fn singular_values_say_what_the_weight_says() {
    let mut rng = Rng::new(3);
    let budgets: Vec<Budget> = [1.2, 1.5, 2.0, 3.0, 4.0]
        .map(Budget::parameter_ratio)
        .to_vec();
    for (rows, cols) in [(12, 18), (18, 12)] {
        let weight = decaying(&[rows, cols], &mut rng);
        for layout in [
            Tensorization::linear([rows], [cols]).unwrap(),
            Tensorization::linear([2, rows / 2], [cols / 3, 3]).unwrap(),
        ] {
            let tensor = layout.tensorize(&weight).unwrap();
            let spectra = jacobi::unfolding_spectra(&tensor);
            let operator = Operator::linear(1);
            let given =
                LayerProfile::from_spectra("w", operator.clone(), [(layout.clone(), spectra)])
                    .unwrap();
            let measured = LayerProfile::measure_layouts(
                "w",
                &weight,
                operator,
                [(Format::TensorTrain, layout)],
            )
            .unwrap();
            assert!((given.norm() / measured.norm() - 1.0).abs() < 1e-13);
            for budget in &budgets {
                let plans = [&given, &measured]
                    .map(|profile| plan(std::slice::from_ref(profile), *budget).unwrap());
                let [given, measured] = plans;
                assert_eq!(given.layers()[0].scheme, measured.layers()[0].scheme);
                assert!((given.relative_error() - measured.relative_error()).abs() < 1e-7);
            }
        }
    }
}

fn every_memory_order_and_precision_measures_alike<A: Scalar>() {
    let mut rng = Rng::new(9);
    let weight = decaying(&[12, 10], &mut rng).mapv(A::narrow);
    let measure = |w: &ArrayD<A>| {
        LayerProfile::measure("w", w, Operator::linear(1), &[Family::LowRank]).unwrap()
    };
    let row_major = measure(&weight);
    let mut other = ArrayD::zeros(weight.raw_dim().f());
    other.assign(&weight);
    assert_eq!(row_major, measure(&other));
    assert_eq!(row_major.shape(), [12, 10]);
    assert_eq!(row_major.name(), "w");
    assert_eq!(row_major.operator(), &Operator::linear(1));
}

#[test]
fn memory_order_does_not_matter() {
    every_memory_order_and_precision_measures_alike::<f32>();
    every_memory_order_and_precision_measures_alike::<f64>();
}

#[test]
fn importance_and_relative_errors_shift_ranks() {
    let weight = decaying(&[24, 24], &mut Rng::new(1));
    let small = &weight / 1024.0;
    let budget = Budget::parameter_ratio(4.0);
    let twins = |a: LayerProfile, b: LayerProfile| {
        let plan = plan(&[a, b], budget).unwrap();
        (rank(&plan, 0), rank(&plan, 1))
    };
    let (a, b) = (low_rank("a", &weight), low_rank("b", &weight));
    let (even, odd) = twins(a.clone(), b.clone());
    assert!(even.abs_diff(odd) <= 1, "{even} {odd}");
    let (more, less) = twins(a.clone().importance(100.0).unwrap(), b.clone());
    assert!(more > even && less < odd, "{more} {less}");
    let (none, all) = twins(a.clone().importance(0.0).unwrap(), b.clone());
    assert_eq!(none, 1);
    assert!(all > odd);
    // A layer a thousand times smaller does not count, unless relative to its norm.
    let (large, little) = twins(a.clone(), low_rank("b", &small));
    assert!(large > even && little == 1, "{large} {little}");
    let (large, little) = twins(a.clone().relative(), low_rank("b", &small).relative());
    assert_eq!((large, little), (even, odd));
    // In either order.
    let one = low_rank("b", &small).relative().importance(9.0).unwrap();
    let other = low_rank("b", &small).importance(9.0).unwrap().relative();
    assert_eq!(one, other);
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        let error = a.clone().importance(bad).unwrap_err();
        assert!(
            matches!(&error, PlanError::Importance { name, .. } if name == "a"),
            "{error}"
        );
    }
}

#[test]
fn bad_weights_are_named() {
    let mut weight = random::tensor::<f64>(&[4, 3], 1);
    weight[[2, 1]] = f64::NAN;
    let error =
        LayerProfile::measure("fc", &weight, Operator::linear(1), &[Family::LowRank]).unwrap_err();
    assert!(
        matches!(&error, PlanError::NonFinite { name, index, value } if name == "fc" && index == &[2, 1] && value.is_nan())
    );
    assert!(error.to_string().contains("`fc`") && error.to_string().contains("[2, 1]"));
    let weight = random::tensor::<f32>(&[4, 3, 2], 1);
    let error =
        LayerProfile::measure("fc", &weight, Operator::linear(1), &[Family::LowRank]).unwrap_err();
    assert!(
        matches!(
            error,
            PlanError::Cost {
                source: CostError::Shape { axes: 2, .. },
                ..
            }
        ),
        "{error}"
    );
    let empty = Array2::<f64>::zeros((0, 3));
    let error =
        LayerProfile::measure("fc", &empty, Operator::linear(1), &[Family::LowRank]).unwrap_err();
    assert!(matches!(error, PlanError::Cost { .. }), "{error}");
    let weight = random::tensor::<f64>(&[4, 3], 1);
    let layout = Tensorization::linear([4], [4]).unwrap();
    let error = LayerProfile::measure_layouts(
        "fc",
        &weight,
        Operator::linear(1),
        [(Format::TensorTrain, layout)],
    );
    let expected = PlanError::Shape {
        name: "fc".into(),
        expected: vec![4, 4],
        got: vec![4, 3],
    };
    assert_eq!(error.unwrap_err(), expected);
    let layout = Tensorization::linear([4], [3]).unwrap();
    let error = LayerProfile::measure_layouts(
        "fc",
        &weight,
        Operator::linear(1),
        [(Format::TensorRing, layout)],
    );
    assert!(matches!(error, Err(PlanError::Spectra { .. })));
}

#[test]
fn bad_singular_values_are_refused() {
    let layout = || Tensorization::linear([4], [3]).unwrap();
    let given = |spectra: Vec<(Tensorization, Vec<Vec<f64>>)>| {
        LayerProfile::from_spectra("fc", Operator::linear(1), spectra)
    };
    for (lists, part) in [
        (vec![], "1 lists"),
        (vec![vec![1.0], vec![1.0]], "1 lists"),
        (vec![vec![]], "1 to 3"),
        (vec![vec![1.0; 4]], "1 to 3"),
        (vec![vec![1.0, 2.0]], "descending"),
        (vec![vec![1.0, -1.0]], "descending"),
        (vec![vec![f64::NAN]], "descending"),
        (vec![vec![f64::INFINITY]], "descending"),
        (vec![vec![f64::MAX; 3]], "overflow"),
    ] {
        let error = given(vec![(layout(), lists)]).unwrap_err();
        assert!(matches!(error, PlanError::Spectra { .. }), "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!(matches!(given(Vec::new()), Err(PlanError::Spectra { .. })));
    // Two layouts, two weights.
    let other = Tensorization::linear([3], [4]).unwrap();
    let error = given(vec![(layout(), vec![vec![1.0]]), (other, vec![vec![1.0]])]).unwrap_err();
    let expected = PlanError::Shape {
        name: "fc".into(),
        expected: vec![4, 3],
        got: vec![3, 4],
    };
    assert_eq!(error, expected);
    // All zero.
    let zero = given(vec![(layout(), vec![vec![0.0]])]).unwrap();
    assert_eq!(rank(&plan(&[zero], Budget::parameters(7)).unwrap(), 0), 1);
}

#[test]
fn bad_budgets_and_lists_of_layers_are_refused() {
    let layer = || low_rank("fc", &random::tensor(&[6, 5], 1));
    let layers = [layer()];
    for ratio in [0.99, 0.0, -1.0, f64::NAN, f64::INFINITY] {
        for budget in [Budget::parameter_ratio(ratio), Budget::mac_ratio(ratio)] {
            assert!(matches!(
                plan(&layers, budget),
                Err(PlanError::Ratio { .. })
            ));
        }
        assert!(matches!(
            plan_uniform(&layers, ratio),
            Err(PlanError::Ratio { .. })
        ));
    }
    for tolerance in [-0.1, f64::NAN, f64::INFINITY] {
        let budget = Budget::relative_error(tolerance);
        assert!(matches!(
            plan(&layers, budget),
            Err(PlanError::Tolerance { .. })
        ));
    }
    for energy in [-0.1, 1.1, f64::NAN] {
        assert!(matches!(
            plan_energy(&layers, energy),
            Err(PlanError::Energy { .. })
        ));
    }
    let duplicate = PlanError::Duplicate { name: "fc".into() };
    let twice = [layer(), layer()];
    let budget = Budget::parameter_ratio(1.0);
    assert_eq!(plan(&[], budget), Err(PlanError::NoLayers));
    assert_eq!(plan(&twice, budget), Err(duplicate.clone()));
    assert_eq!(plan_uniform(&[], 2.0), Err(PlanError::NoLayers));
    assert_eq!(plan_uniform(&twice, 2.0), Err(duplicate.clone()));
    assert_eq!(plan_energy(&[], 0.5), Err(PlanError::NoLayers));
    assert_eq!(plan_energy(&twice, 0.5), Err(duplicate.clone()));
    assert_eq!(plan_vbmf(&[]), Err(PlanError::NoLayers));
    assert_eq!(plan_vbmf(&twice), Err(duplicate));
    let error = plan(&layers, Budget::parameters(3)).unwrap_err();
    let expected = PlanError::TooSmall {
        resource: "parameters",
        budget: 3,
        smallest: 11,
        dense: 30,
    };
    assert_eq!(error, expected);
    assert!(error.to_string().contains("11 of 30"), "{error}");
}
