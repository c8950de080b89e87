//! Models that fail to train, or whose loss is no number.

use crate::admm_support::{Targets, state};
use crate::common::random;
use tt_admm::admm::{AdmmError, Proximal, TrainSummary, UpdateOrder};
use tt_admm::ndarray::{ArrayViewD, CowArray, IxDyn};
use tt_admm::{Admm, Trainable, TtProjection};

/// Fails once, in the given call of `train`, before touching the weights.
struct Once {
    inner: Targets<f64>,
    calls: usize,
    fail_at: usize,
    loss: Option<f64>,
}

impl Trainable for Once {
    type Elem = f64;
    type Error = String;

    fn weight(&self, name: &str) -> Result<CowArray<'_, f64, IxDyn>, String> {
        self.inner.weight(name)
    }

    fn set_weight(&mut self, name: &str, value: ArrayViewD<'_, f64>) -> Result<(), String> {
        self.inner.set_weight(name, value)
    }

    fn train(&mut self, proximal: &Proximal<'_, f64>) -> Result<TrainSummary, String> {
        self.calls += 1;
        if self.calls != self.fail_at {
            return self.inner.train(proximal);
        }
        match self.loss {
            Some(loss) => Ok(TrainSummary::new().loss(loss)),
            None => Err("out of memory".to_owned()),
        }
    }
}

fn setup(fail_at: usize, loss: Option<f64>, order: UpdateOrder) -> (Once, Admm<f64>) {
    let inner = Targets::one(random::tensor::<f64>(&[4, 5], 3));
    let model = Once {
        inner,
        calls: 0,
        fail_at,
        loss,
    };
    let admm = Admm::<f64>::builder()
        .constrain("w", TtProjection::new(2))
        .rho(2.0)
        .order(order)
        .tolerance(0.0, 0.0)
        .max_iterations(5)
        .build(&model)
        .unwrap();
    (model, admm)
}

/// Textbook order: two updates are done, the third is repeated, and nothing tells the difference.
#[test]
fn a_model_that_fails_in_iteration_3() {
    let (mut model, mut admm) = setup(3, None, UpdateOrder::Textbook);
    let error = admm.run(&mut model, &mut ()).unwrap_err();
    assert!(matches!(error, AdmmError::Model { iteration: 3, .. }));
    assert_eq!(
        error.to_string(),
        "training failed in iteration 3: out of memory"
    );
    assert_eq!(admm.iteration(), 2);
    let report = admm.run(&mut model, &mut ()).unwrap();
    assert_eq!((report.iterations(), admm.iteration()), (5, 7));
    let (mut twin, mut undisturbed) = setup(usize::MAX, None, UpdateOrder::Textbook);
    undisturbed.run(&mut twin, &mut ()).unwrap();
    for _ in 0..2 {
        twin.inner.train(&undisturbed.proximal()).unwrap();
        undisturbed.update(|_| twin.inner.w[0].view()).unwrap();
    }
    assert_eq!(state(&admm).0, state(&undisturbed).0);
    assert_eq!(model.inner.w, twin.inner.w);
}

/// Paper order: the update comes first and stands; the run goes on from there.
#[test]
fn a_model_that_fails_in_paper_order() {
    let (mut model, mut admm) = setup(3, None, UpdateOrder::Paper);
    let error = admm.run(&mut model, &mut ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "training failed in iteration 3: out of memory"
    );
    assert_eq!(admm.iteration(), 3);
    let (mut twin, mut undisturbed) = setup(usize::MAX, None, UpdateOrder::Paper);
    undisturbed.run(&mut twin, &mut ()).unwrap();
    assert_eq!(
        admm.history()[2].blocks(),
        undisturbed.history()[2].blocks()
    );
    assert!(admm.history()[2].loss().is_none());
    // Only the W-step of iteration 3 is missing; with it done, nothing tells the difference.
    assert_eq!(admm.run(&mut model, &mut ()).unwrap().iterations(), 5);
    assert_eq!(admm.iteration(), 7);
    for _ in 0..2 {
        undisturbed.update(|_| twin.inner.w[0].view()).unwrap();
        let proximal = undisturbed.proximal();
        twin.inner.train(&proximal).unwrap();
    }
    assert_eq!(state(&admm).0, state(&undisturbed).0);
    assert_eq!(model.inner.w, twin.inner.w);
}

#[test]
fn a_loss_that_is_no_number() {
    for loss in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (order, done) in [(UpdateOrder::Textbook, 1), (UpdateOrder::Paper, 2)] {
            let (mut model, mut admm) = setup(2, Some(loss), order);
            let error = admm.run(&mut model, &mut ()).unwrap_err();
            match &error {
                AdmmError::NonFiniteLoss {
                    iteration,
                    loss: got,
                    weight: None,
                } => {
                    assert_eq!((*iteration, got.to_bits()), (2, loss.to_bits()));
                }
                other => panic!("{other}"),
            }
            let text = format!("the loss is {loss} after the W-step of iteration 2");
            assert!(error.to_string().starts_with(&text), "{error}");
            assert_eq!(admm.iteration(), done);
            assert_eq!(admm.run(&mut model, &mut ()).unwrap().iterations(), 5);
        }
    }
}
