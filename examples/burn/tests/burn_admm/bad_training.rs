//! A training that goes wrong ends the run with an error that says where.

use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::Tensor;
use burn_admm::{BurnModel, Error, Parameters, Pull};
use tt_admm::TrainSummary;

use crate::common::{Mlp, admm, device, gradients, inner, numbers, tensor};

/// A step that is far too long makes the weights infinite; the run says where, and does not panic.
#[test]
fn a_run_that_diverges() {
    let net = Mlp::new(&device());
    let mut admm = admm(&net);
    let mut optimizer = SgdConfig::new().init();
    let training = move |net: &mut Mlp, pull: &mut Pull| {
        let x: Tensor<2> = tensor(&numbers(&[5, 12], 2).view(), &device());
        let mut value = 0.0;
        for _ in 0..50 {
            let loss = net.forward(x.clone()).square().sum();
            value = f64::from(loss.clone().into_scalar::<f32>());
            let mut gradients = GradientsParams::from_grads(loss.backward(), net);
            pull.add_to(net, &mut gradients)?;
            *net = optimizer.step(1e6, net.clone(), gradients);
        }
        Ok::<_, Error>(TrainSummary::new().loss(value))
    };
    let mut model = BurnModel::new(net, training);
    let error = admm.run(&mut model, &mut ()).unwrap_err();
    assert!(matches!(
        inner(&error),
        Error::NonFiniteLoss {
            iteration: 1,
            step: 50,
            culprit: Some(_),
            ..
        }
    ));
}

#[test]
fn a_training_that_forgets_the_pull() {
    let net = Mlp::new(&device());
    let mut admm = admm(&net);
    let training = |_: &mut Mlp, _: &mut Pull| Ok::<_, Error>(TrainSummary::new());
    let error = admm
        .run(&mut BurnModel::new(net, training), &mut ())
        .unwrap_err();
    assert!(matches!(inner(&error), Error::PullUnused { iteration: 1 }));
}

/// burn panics on shapes that do not fit; the run ends with an error that says when.
#[test]
fn a_training_that_panics() {
    let net = Mlp::new(&device());
    let mut admm = admm(&net);
    let training = |net: &mut Mlp, pull: &mut Pull| {
        pull.add_to(net, &mut gradients(net))?;
        let x: Tensor<2> = tensor(&numbers(&[5, 13], 2).view(), &device());
        net.forward(x);
        Ok::<_, Error>(TrainSummary::new())
    };
    let mut model = BurnModel::new(net, training);
    let error = admm.run(&mut model, &mut ()).unwrap_err();
    let Error::Panic {
        iteration: 1,
        step: 2,
        message,
    } = inner(&error)
    else {
        panic!("{error:?}");
    };
    assert!(message.contains("13"), "{message}");
    // The loop and the model can be used further.
    assert_eq!(admm.iteration(), 0);
    admm.try_update(|name| Parameters::new().read(model.module(), name))
        .unwrap();
}

#[test]
fn an_error_of_the_training_is_passed_on() {
    let net = Mlp::new(&device());
    let mut admm = admm(&net);
    let training = |_: &mut Mlp, _: &mut Pull| Err::<TrainSummary, _>("no data");
    let error = admm
        .run(&mut BurnModel::new(net, training), &mut ())
        .unwrap_err();
    assert!(matches!(inner(&error), Error::Training(_)));
    assert!(error.to_string().contains("no data"));
}
