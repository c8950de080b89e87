//! Carrying a plan out.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::any;
use tt_admm::compress::{
    Budget, CompressError, Operator, Plan, PlanError, PlannedLayer, Scheme, decompose,
    decompose_planned, plan,
};
use tt_admm::ndarray::ArrayD;
use tt_admm::projection::{Projection, WarmStart};
use tt_admm::{Admm, BoxError, Tensorization};

use crate::common::strategy::check;
use crate::common::{oracle, random};
use crate::networks::{decomposed, network, profiles};

#[test]
fn every_layer_is_decomposed_as_its_scheme_says() {
    check(30, &any::<u64>(), |seed| {
        let layers = network(seed);
        let plan = plan(&profiles(&layers), Budget::relative_error(0.3)).unwrap();
        let go = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| decomposed(&plan, &layers))
        };
        let found = go(1);
        assert_eq!(found, go(3));
        assert_eq!(found.factors.len(), layers.len());
        for (((name, factors), layer), planned) in
            found.factors.iter().zip(&layers).zip(plan.layers())
        {
            assert_eq!(name, &layer.name);
            let report = found
                .report
                .layers
                .iter()
                .find(|l| &l.name == name)
                .unwrap();
            assert!((report.norm / oracle::norm(&layer.weight) - 1.0).abs() < 1e-12);
            let (Some(factors), Some(scheme)) = (factors, &planned.scheme) else {
                assert!(factors.is_none() && planned.scheme.is_none());
                assert_eq!((report.after, report.relative_error), (report.before, 0.0));
                assert_eq!(report.dense, planned.dense);
                continue;
            };
            let refined = scheme.refined_projection::<f64>();
            let alone = decompose(name, &layer.weight, &refined).unwrap();
            assert_eq!(&alone.factors, factors);
            assert_eq!(alone.relative_error, report.relative_error);
            // The dense image is the projection, and no farther than the direct decomposition.
            let mut image = ArrayD::zeros(layer.weight.raw_dim());
            refined
                .project(
                    layer.weight.view(),
                    image.view_mut(),
                    &mut WarmStart::default(),
                )
                .unwrap();
            assert_eq!(factors.to_dense(), image);
            let direct = decompose(name, &layer.weight, &scheme.projection::<f64>()).unwrap();
            assert!(report.relative_error <= direct.relative_error + 1e-12);
        }
    });
}

#[test]
fn layers_that_are_finished_are_told() {
    let layers = network(11);
    let plan = plan(&profiles(&layers), Budget::relative_error(0.3)).unwrap();
    let told = Mutex::new(Vec::new());
    let weight = |name: &str| {
        let layer = layers.iter().find(|layer| layer.name == name).unwrap();
        Ok::<_, BoxError>(layer.weight.view())
    };
    decompose_planned(&plan, weight, &|name| {
        told.lock().unwrap().push(name.to_owned());
    })
    .unwrap();
    let mut told = told.into_inner().unwrap();
    told.sort();
    let mut names: Vec<String> = layers.iter().map(|layer| layer.name.clone()).collect();
    names.sort();
    assert_eq!(told, names);
}

fn scheme() -> Scheme {
    Scheme::tensor_train(Tensorization::linear([6], [4]).unwrap(), 2).unwrap()
}

fn layer(name: &str, scheme: Option<Scheme>) -> PlannedLayer {
    PlannedLayer::new(name, [6, 4], Operator::linear(1), scheme)
}

/// The error, and that no layer was finished.
fn refused(plan: &Plan, weight: impl Fn(&str) -> Result<ArrayD<f64>, BoxError>) -> CompressError {
    let done = AtomicUsize::new(0);
    let count = |_: &str| {
        done.fetch_add(1, Ordering::Relaxed);
    };
    let error = decompose_planned(plan, weight, &count).unwrap_err();
    assert_eq!(done.into_inner(), 0);
    error
}

#[test]
fn errors_come_before_any_work() {
    let plan = Plan::of_layers(vec![
        layer("a", Some(scheme())),
        layer("b", Some(scheme())),
        layer("c", None),
    ]);
    let good = random::tensor::<f64>(&[6, 4], 1);
    let error = refused(&plan, |name| match name {
        "c" => Err("not there".into()),
        _ => Ok(good.clone()),
    });
    assert!(
        matches!(&error, CompressError::Weight { name, .. } if name == "c"),
        "{error}"
    );
    let error = refused(&plan, |name| {
        Ok(match name {
            "b" => random::tensor(&[4, 6], 1),
            _ => good.clone(),
        })
    });
    let expected = PlanError::Shape {
        name: "b".into(),
        expected: vec![6, 4],
        got: vec![4, 6],
    };
    assert!(
        matches!(&error, CompressError::Plan(e) if *e == expected),
        "{error}"
    );
    // The first of two, factored or not.
    for bad in ["b", "c"] {
        let error = refused(&plan, |name| {
            let mut weight = good.clone();
            if name >= bad {
                weight[[3, 2]] = f64::INFINITY;
            }
            Ok(weight)
        });
        let expected = PlanError::NonFinite {
            name: bad.into(),
            index: vec![3, 2],
            value: f64::INFINITY,
        };
        assert!(
            matches!(&error, CompressError::Plan(e) if *e == expected),
            "{error}"
        );
    }
    let twice = Plan::of_layers(vec![layer("a", None), layer("a", None)]);
    let error = refused(&twice, |_| Ok(good.clone()));
    assert!(matches!(
        error,
        CompressError::Plan(PlanError::Duplicate { .. })
    ));
    let error = refused(&Plan::of_layers(Vec::new()), |_| Ok(good.clone()));
    assert!(matches!(error, CompressError::Plan(PlanError::NoLayers)));
    // Groups of a single input have no projection.
    let column = Scheme::tensor_train(Tensorization::linear([3], [1]).unwrap(), 1).unwrap();
    let groups = column.grouped(2).unwrap();
    let deep = PlannedLayer::new("deep", [6, 1], Operator::linear(1), Some(groups));
    let plan = Plan::of_layers(vec![layer("a", Some(scheme())), deep]);
    let error = refused(&plan, |name| {
        Ok(match name {
            "deep" => random::tensor(&[6, 1], 1),
            _ => good.clone(),
        })
    });
    assert!(
        matches!(&error, CompressError::Projection { name, .. } if name == "deep"),
        "{error}"
    );
}

#[test]
fn projections_of_a_plan_constrain_a_run() {
    let layers = network(5);
    let plan = plan(&profiles(&layers), Budget::relative_error(0.5)).unwrap();
    let mut builder = Admm::<f64>::builder().rho(1.0);
    let mut count = 0;
    for (name, projection) in plan.projections() {
        builder = builder.constrain(name, projection);
        count += 1;
    }
    assert_eq!(
        count,
        plan.layers()
            .iter()
            .filter(|layer| layer.scheme.is_some())
            .count()
    );
    assert!(count > 0);
    let of = |name: &str| layers.iter().find(|layer| layer.name == name).unwrap();
    let admm = builder.build_from(|name| of(name).weight.view()).unwrap();
    for planned in plan.layers().iter().filter(|layer| layer.scheme.is_some()) {
        let factors = admm.factors(&planned.name).unwrap();
        assert_eq!(
            factors.num_parameters() as u64,
            planned.cost().unwrap().parameters
        );
    }
}
