//! The compressed model: its gradients, its training, the way back.

use super::network::{Network, factors};
use crate::common::{oracle, tol};
use tt_admm::compress::{CompressError, Factorized};
use tt_admm::ndarray::ArrayD;
use tt_admm::optim::{GradientModel, OptimError, Sgd, Trainer};
use tt_admm::projection::TtProjection;
use tt_admm::tensorize::Tensorization;
use tt_admm::{Factors, tt_svd};

const NAMES: [&str; 5] = ["fc1/core0", "fc1/core1", "bias", "fc2/core0", "fc2/core1"];

fn compressed() -> Factorized<Network> {
    let network = Network::new();
    let factors = factors(&network);
    Factorized::new(network, factors).unwrap()
}

fn buffers<M: GradientModel<Elem = f64>>(model: &M) -> Vec<ArrayD<f64>> {
    let parameters = model.parameters();
    parameters
        .iter()
        .map(|(_, p)| ArrayD::zeros(p.raw_dim()))
        .collect()
}

/// The order is that of the model, whatever the order in which factors are given.
#[test]
fn factors_take_the_place_of_their_weight() {
    let network = Network::new();
    let mut reversed = factors(&network);
    reversed.reverse();
    let expected = compressed();
    let mut model = Factorized::new(network, reversed).unwrap();
    let list = |m: &Factorized<Network>| -> Vec<(String, ArrayD<f64>)> {
        let parameters = m.parameters();
        parameters
            .into_iter()
            .map(|(name, p)| (name.to_owned(), p.to_owned()))
            .collect()
    };
    let shared = list(&model);
    assert_eq!(shared, list(&expected));
    assert_eq!(
        shared.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(),
        NAMES
    );
    let exclusive: Vec<_> = model
        .parameters_mut()
        .into_iter()
        .map(|(name, p)| (name.to_owned(), p.to_owned()))
        .collect();
    assert_eq!(exclusive, shared);
    // Cores (1, 4, 2), (2, 6, 1); bias 6; (1, 3, 2), (2, 6, 1).
    assert_eq!(model.num_parameters(), 8 + 12 + 6 + 6 + 12);
    assert_eq!(model.num_samples(), 40);
    let names: Vec<_> = model.factors().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, ["fc1", "fc2"]);
    assert!(format!("{model:?}").contains("fc1"));
}

#[test]
fn gradients_meet_central_differences() {
    let mut model = compressed();
    let samples = [3, 17, 5, 30, 31];
    let mut gradients = buffers(&model);
    let loss = model.gradient(&samples, &mut gradients).unwrap();
    tol::assert_near(loss, model.model().loss(&samples), 1e-14);
    let step = tol::FINITE_DIFFERENCE_STEP;
    for k in 0..NAMES.len() {
        assert!(
            oracle::norm(&gradients[k]) > 1e-3,
            "{} has no gradient",
            NAMES[k]
        );
        for i in 0..gradients[k].len() {
            let mut at = |x: f64| {
                *model.parameters_mut()[k].1.iter_mut().nth(i).unwrap() += x;
                let loss = model.model().loss(&samples);
                *model.parameters_mut()[k].1.iter_mut().nth(i).unwrap() -= x;
                loss
            };
            let difference = (at(step) - at(-step)) / (2.0 * step);
            let got = *gradients[k].iter().nth(i).unwrap();
            tol::assert_near(got, difference, tol::FINITE_DIFFERENCE);
        }
    }
}

/// The same gradients in a second call: nothing piles up inside.
#[test]
fn gradients_do_not_pile_up() {
    let mut model = compressed();
    let mut first = buffers(&model);
    let mut second = buffers(&model);
    let a = model.gradient(&[1, 2], &mut first).unwrap();
    model
        .gradient(&[7, 8, 9], &mut buffers(&compressed()))
        .unwrap();
    let b = model.gradient(&[1, 2], &mut second).unwrap();
    assert_eq!((a.to_bits(), first), (b.to_bits(), second));
}

#[test]
fn training_lowers_the_loss_and_keeps_the_ranks() {
    let all: Vec<usize> = (0..40).collect();
    let mut start = compressed();
    let before = start.model().loss(&all);
    let mut trainer = Trainer::builder(start, Sgd::new(0.1).momentum(0.5))
        .batch_size(10)
        .build()
        .unwrap();
    trainer.fit(60).unwrap();
    let trained = trainer.into_model();
    let cores: Vec<_> = trained
        .factors()
        .map(|(_, f)| (f.tensor_train().unwrap().ranks().to_vec(), f.to_dense()))
        .collect();
    assert_eq!(cores[0].0, [1, 2, 1]);
    assert_eq!(cores[1].0, [1, 2, 1]);
    let network = trained.into_model();
    let after = network.loss(&all);
    assert!(after < 0.8 * before, "{before} -> {after}");
    // Dense again, and exactly what the factors say.
    assert_eq!(network.fc1, cores[0].1);
    assert_eq!(network.fc2, cores[1].1);
    assert_ne!(network.bias, Network::new().bias);
}

#[test]
fn the_dense_model_follows_the_factors() {
    let mut model = compressed();
    for (name, mut core) in model.parameters_mut() {
        if name != "bias" {
            core.fill(0.5);
        }
    }
    // Rank 2 and cores of one half: every weight is 2 * 0.25.
    let dense = model.model();
    assert!(
        dense
            .fc1
            .iter()
            .chain(&dense.fc2)
            .all(|&x| (x - 0.5).abs() < 1e-15)
    );
    let dense = model.into_model();
    assert!(dense.fc1.iter().all(|&x| (x - 0.5).abs() < 1e-15));
    assert_eq!(dense.bias, Network::new().bias);
}

/// Lent models and models without any factors.
#[test]
fn a_borrowed_model() {
    let mut network = Network::new();
    let list = factors(&network);
    let lent = Factorized::new(&mut network, list).unwrap();
    Trainer::builder(lent, Sgd::new(0.05))
        .build()
        .unwrap()
        .fit(1)
        .unwrap();
    // Without `into_model` the last step may not be in the dense weights; the rank is, since `new`.
    let sigma = crate::common::jacobi::singular_values(
        &network
            .fc2
            .into_dimensionality::<tt_admm::ndarray::Ix2>()
            .unwrap(),
    );
    assert!(sigma[2] < 1e-12 && sigma[1] > 1e-3, "{sigma:?}");
    let none: [(&str, Factors<f64>); 0] = [];
    let mut plain = Factorized::new(Network::new(), none).unwrap();
    let (mut mine, mut theirs) = (buffers(&plain), buffers(&plain));
    plain.gradient(&[0, 1], &mut mine).unwrap();
    Network::new().gradient(&[0, 1], &mut theirs).unwrap();
    assert_eq!(mine, theirs);
    assert_eq!(plain.num_parameters(), 24 + 6 + 18);
}

#[test]
fn factors_that_do_not_fit() {
    let refuse =
        |list: Vec<(&str, Factors<f64>)>| Factorized::new(Network::new(), list).unwrap_err();
    let [(_, fc1), (_, fc2)] = factors(&Network::new());
    match refuse(vec![("fc3", fc1.clone())]) {
        CompressError::UnknownParameter { name, known } => {
            assert_eq!(name, "fc3");
            assert_eq!(known, ["fc1", "bias", "fc2"]);
        }
        other => panic!("{other}"),
    }
    let twice = refuse(vec![
        ("fc1", fc1.clone()),
        ("fc2", fc2),
        ("fc1", fc1.clone()),
    ]);
    assert_eq!(twice.to_string(), "parameter `fc1` was given factors twice");
    let shape = refuse(vec![("fc2", fc1)]);
    assert_eq!(
        shape.to_string(),
        "parameter `fc2` has shape [3, 6], its factors make [6, 4]"
    );
}

#[test]
fn a_model_that_fails_says_so_through_the_trainer() {
    let network = Network {
        broken: true,
        ..Network::new()
    };
    let list = factors(&network);
    let model = Factorized::new(network, list).unwrap();
    let mut trainer = Trainer::builder(model, Sgd::new(0.1)).build().unwrap();
    let error = trainer.fit(1).unwrap_err();
    let OptimError::Model { source, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(source.to_string(), "the data set is gone");
    assert!(matches!(
        source.downcast_ref::<CompressError>(),
        Some(CompressError::Model(_))
    ));
}

/// A bias of shape `[6]` as a train of order 1, and a weight in a layout that is a plain reshape.
#[test]
fn order_one_and_plain_reshapes() {
    let network = Network::new();
    let bias = Factors::new(
        tt_svd(&network.bias, 1).unwrap(),
        Tensorization::identity([6]).unwrap(),
    )
    .unwrap();
    let split = Tensorization::linear([2, 3], [2, 2]).unwrap();
    let tt = TtProjection::new([2, 4, 2]).layout(split);
    let fc1 = tt_admm::compress::decompose("fc1", &network.fc1, &tt).unwrap();
    let mut model =
        Factorized::new(network.clone(), [("bias", bias), ("fc1", fc1.factors)]).unwrap();
    assert!(oracle::distance(&model.model().bias, &network.bias) < 1e-14);
    let mut gradients = buffers(&model);
    model.gradient(&[0, 5], &mut gradients).unwrap();
    // Ranks 2, 4, 2 are full, so W and its Euler identity are those of the dense weight, per core.
    let mut dense = [
        ArrayD::zeros(vec![6, 4]),
        ArrayD::zeros(vec![6]),
        ArrayD::zeros(vec![3, 6]),
    ];
    network.clone().gradient(&[0, 5], &mut dense).unwrap();
    let expected = oracle::inner(&dense[0], &network.fc1);
    for (gradient, (_, core)) in gradients.iter().zip(model.parameters()).take(4) {
        tol::assert_near(oracle::inner(gradient, &core), expected, 1e-12);
    }
}
