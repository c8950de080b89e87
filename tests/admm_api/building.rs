//! Without `Trainable`: building from closures and stepping from a loop of one's own.

use std::collections::HashMap;

use crate::admm_support::{Targets, state};
use crate::common::{layout, random};
use tt_admm::admm::{AdmmBuilder, AdmmError, Penalty, RhoCalibration};
use tt_admm::ndarray::{Array2, ArrayD, CowArray, IxDyn};
use tt_admm::projection::{LowRankProjection, Prox};
use tt_admm::{Admm, BoxError, Trainable, TtProjection};

fn model() -> Targets<f64> {
    Targets::new(vec![
        random::tensor(&[4, 5], 1),
        random::tensor(&[3, 2, 4], 2),
    ])
}

fn builder() -> AdmmBuilder<f64> {
    Admm::<f64>::builder()
        .constrain("w0", LowRankProjection::new(2))
        .constrain("w1", TtProjection::new(1))
        .rho(1.5)
        .penalty(Penalty::geometric(1.05))
        .over_relaxation(1.4)
        .tolerance(0.0, 0.0)
        .max_iterations(8)
}

#[test]
fn an_own_loop_equals_run() {
    let mut driven = model();
    let mut expected = builder().build(&driven).unwrap();
    expected.run(&mut driven, &mut ()).unwrap();

    let mut own = model();
    let mut admm = builder()
        .build_from(|name| own.weight(name).unwrap())
        .unwrap();
    for _ in 0..8 {
        own.train(&admm.proximal()).unwrap();
        let record = admm.update(|name| own.weight(name).unwrap()).unwrap();
        assert!(record.loss().is_none());
    }
    assert_eq!(own.w, driven.w);
    assert_eq!(state(&admm).0, state(&expected).0);
    // `run` adds the loss; the residuals are the same.
    for (mine, run) in admm.history().iter().zip(expected.history()) {
        assert_eq!(mine.blocks(), run.blocks());
        assert_eq!(
            mine.residual_ratio().to_bits(),
            run.residual_ratio().to_bits()
        );
    }
}

/// Views, owned arrays, and copies-on-write; any memory layout; each weight is asked for once.
#[test]
fn weights_come_in_any_form() {
    let (a, b) = (
        random::tensor::<f64>(&[4, 5], 1),
        random::tensor::<f64>(&[3, 2, 4], 2),
    );
    let by_name: HashMap<&str, &ArrayD<f64>> = [("w0", &a), ("w1", &b)].into();
    let mut expected = builder().build_from(|name| by_name[name].view()).unwrap();
    expected.update(|name| by_name[name].view()).unwrap();

    let mut owned = builder().build_from(|name| by_name[name].clone()).unwrap();
    owned
        .update(|name| layout::column_major(by_name[name]))
        .unwrap();
    assert_eq!(state(&owned), state(&expected));

    let mut mixed = builder()
        .try_build_from(|name| match name {
            "w0" => Ok(CowArray::from(a.view())),
            "w1" => Ok(layout::permuted(&b, &[2, 0, 1]).into()),
            other => Err(BoxError::from(other)),
        })
        .unwrap();
    let mut asked = Vec::new();
    mixed
        .try_update(|name| {
            asked.push(name.to_owned());
            Ok::<_, BoxError>(by_name[name].view())
        })
        .unwrap();
    assert_eq!(asked, ["w0", "w1"]);
    assert_eq!(state(&mixed), state(&expected));
}

#[test]
fn a_weight_with_two_blocks_is_asked_for_once() {
    let w = Array2::<f64>::ones((3, 3)).into_dyn();
    let mut asked = 0;
    let mut admm = Admm::<f64>::builder()
        .constrain("w", LowRankProjection::new(1))
        .constrain("w", LowRankProjection::new(2))
        .rho(1.0)
        .build_from(|_| {
            asked += 1;
            w.view()
        })
        .unwrap();
    assert_eq!(asked, 1);
    admm.update(|_| {
        asked += 1;
        w.view()
    })
    .unwrap();
    assert_eq!(asked, 2);
}

#[test]
fn a_weight_that_cannot_be_read() {
    let read = |name: &str| -> Result<CowArray<'static, f64, IxDyn>, String> {
        if name == "w0" {
            Ok(ArrayD::zeros(vec![4, 5]).into())
        } else {
            Err(format!("{name} is on another machine"))
        }
    };
    let error = builder().try_build_from(read).unwrap_err();
    assert_eq!(error.to_string(), "weight `w1`: w1 is on another machine");
    let error = builder()
        .constrain("w7", TtProjection::new(1))
        .build(&model())
        .unwrap_err();
    assert!(matches!(error, AdmmError::Weight { ref weight, .. } if weight == "w7"));

    let model = model();
    let mut admm = builder().build(&model).unwrap();
    admm.update(|name| model.weight(name).unwrap()).unwrap();
    let before = state(&admm);
    let error = admm.try_update(read).unwrap_err();
    assert_eq!(error.to_string(), "weight `w1`: w1 is on another machine");
    assert_eq!(state(&admm), before);
}

#[test]
fn boxed_prox_operators_and_read_access() {
    let list: Vec<(String, Box<dyn Prox<f64>>)> = vec![
        ("w0".into(), Box::new(LowRankProjection::new(1))),
        ("w1".into(), Box::new(TtProjection::new(2))),
    ];
    let model = model();
    let mut builder = Admm::<f64>::builder().rho(9.0).rho_for("w1", 0.5);
    for (name, prox) in list {
        builder = builder.constrain(name, prox);
    }
    let admm = builder
        .calibrate(RhoCalibration::sgd(10, 0.1))
        .build(&model)
        .unwrap();
    assert_eq!((admm.rho("w0"), admm.rho("w1")), (Some(9.0), Some(0.5)));
    assert_eq!(admm.z("w0").unwrap().shape(), [4, 5]);
    assert!(admm.u("w1").unwrap().iter().all(|&u| u == 0.0));
    let factors = admm.factors("w1").unwrap();
    assert_eq!(factors.to_dense(), admm.z("w1").unwrap());
    assert!(admm.z("nobody").is_none() && admm.u("nobody").is_none());
    assert!(admm.rho("nobody").is_none() && admm.factors("nobody").is_none());
    assert_eq!((admm.iteration(), admm.history().len()), (0, 0));
    assert!(
        admm.block("w1", 0)
            .unwrap()
            .prox()
            .check(&[3, 2, 4])
            .is_ok()
    );
}

#[test]
fn a_calibrated_rho_gives_way_to_an_explicit_one() {
    let model = model();
    let calibrated = Admm::<f64>::builder()
        .constrain("w0", LowRankProjection::new(2))
        .calibrate(RhoCalibration::sgd(390, 0.1).momentum(0.9))
        .build(&model)
        .unwrap();
    assert!((calibrated.rho("w0").unwrap() - 0.4 * 0.1 / 39.0).abs() < 1e-15);
    let own = Admm::<f64>::builder()
        .constrain("w0", LowRankProjection::new(2))
        .rho_for("w0", 1.0)
        .rho_for("w0", 2.0)
        .build(&model)
        .unwrap();
    assert_eq!(own.rho("w0"), Some(2.0));
}

#[test]
fn write_projection_writes_the_first_block_of_every_weight() {
    let mut model = model();
    let mut admm = builder()
        .constrain("w0", LowRankProjection::new(1))
        .build(&model)
        .unwrap();
    admm.run(&mut model, &mut ()).unwrap();
    admm.write_projection(&mut model).unwrap();
    assert_eq!(model.w[0].view(), admm.block("w0", 0).unwrap().z());
    assert_ne!(model.w[0].view(), admm.block("w0", 1).unwrap().z());
    assert_eq!(model.w[1].view(), admm.z("w1").unwrap());
}
