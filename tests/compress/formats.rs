//! Models with factors in every format.

use crate::common::{oracle, tol};
use crate::network::Network;
use tt_admm::compress::{Factorized, decompose};
use tt_admm::ndarray::ArrayD;
use tt_admm::optim::{GradientModel, Sgd, Trainer};
use tt_admm::projection::{Grouped, LowRankProjection, Prox};
use tt_admm::{Tensorization, TtProjection, TuckerProjection};

/// A projection, and the names of the factors it gives.
type Format = (Box<dyn Prox<f64>>, &'static [&'static str]);

/// The weight `fc1` (6 x 4) in every format, with the names of its factors.
fn formats() -> Vec<Format> {
    let cube = Tensorization::linear([2, 3], [4]).unwrap();
    let pairs = Tensorization::tt_matrix([2, 3], [2, 2]).unwrap();
    vec![
        (
            Box::new(TuckerProjection::new(2).layout(cube)),
            &["fc1/core", "fc1/factor1", "fc1/factor2"],
        ),
        (
            Box::new(TuckerProjection::new([(0, 2)])),
            &["fc1/core", "fc1/factor0"],
        ),
        (
            Box::new(Grouped::new(LowRankProjection::new(1), 2)),
            &[
                "fc1/group0/core0",
                "fc1/group0/core1",
                "fc1/group1/core0",
                "fc1/group1/core1",
            ],
        ),
        (
            Box::new(TtProjection::new(2).layout(pairs)),
            &["fc1/core0", "fc1/core1"],
        ),
    ]
}

fn compressed(prox: &dyn Prox<f64>) -> Factorized<Network> {
    let network = Network::new();
    let found = decompose("fc1", &network.fc1, prox).unwrap();
    let error = oracle::distance(&network.fc1, &found.factors.to_dense());
    let relative = error / oracle::norm(&network.fc1);
    tol::assert_near(found.relative_error, relative, 1e-12);
    Factorized::new(network, [("fc1", found.factors)]).unwrap()
}

#[test]
fn names_of_every_format() {
    for (prox, names) in formats() {
        let mut model = compressed(prox.as_ref());
        let list: Vec<String> = model
            .parameters()
            .iter()
            .map(|(n, _)| (*n).to_owned())
            .collect();
        let (own, others) = list.split_at(names.len());
        assert_eq!(own, names);
        assert_eq!(others, ["bias", "fc2"]);
        let exclusive: Vec<String> = model
            .parameters_mut()
            .iter()
            .map(|(n, _)| (*n).to_owned())
            .collect();
        assert_eq!(exclusive, list);
        let dense = model.factors().next().unwrap().1.to_dense();
        assert_eq!(model.model().fc1, dense);
    }
}

#[test]
fn gradients_of_every_format_meet_central_differences() {
    let samples = [3, 17, 5, 30, 31];
    for (prox, names) in formats() {
        let mut model = compressed(prox.as_ref());
        let mut gradients: Vec<ArrayD<f64>> = model
            .parameters()
            .iter()
            .map(|(_, p)| ArrayD::zeros(p.raw_dim()))
            .collect();
        model.gradient(&samples, &mut gradients).unwrap();
        let step = tol::FINITE_DIFFERENCE_STEP;
        for (k, name) in names.iter().enumerate() {
            assert!(oracle::norm(&gradients[k]) > 1e-4, "{name} has no gradient");
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
}

#[test]
fn training_lowers_the_loss_in_every_format() {
    let all: Vec<usize> = (0..40).collect();
    for (prox, _) in formats() {
        let mut start = compressed(prox.as_ref());
        let before = start.model().loss(&all);
        let mut trainer = Trainer::builder(start, Sgd::new(0.1).momentum(0.5))
            .batch_size(10)
            .build()
            .unwrap();
        trainer.fit(60).unwrap();
        let after = trainer.into_model().into_model().loss(&all);
        assert!(after < 0.8 * before, "{before} -> {after}");
    }
}
