//! The state of the crate's own trainer and optimisers.

use crate::admm_support::state;
use crate::common::random;
use tt_admm::admm::{Checkpoints, Penalty};
use tt_admm::ndarray::{Array2, ArrayD, ArrayViewD, ArrayViewMutD, Ix2};
use tt_admm::optim::{
    Adam, GradientModel, OptimError, Optimizer, OptimizerState, Schedule, Sgd, Trainer,
};
use tt_admm::{Admm, DecodeError, LowRankProjection, Scalar};

/// Linear regression of several outputs, `|x W - y|^2 / 2` per sample.
#[derive(Debug, Clone)]
struct Regression<A> {
    x: Array2<A>,
    y: Array2<A>,
    w: ArrayD<A>,
    offset: ArrayD<A>,
}

impl<A: Scalar> Regression<A> {
    fn new() -> Self {
        let matrix = |shape: &[usize], seed| -> Array2<A> {
            random::tensor::<A>(shape, seed)
                .into_dimensionality::<Ix2>()
                .unwrap()
        };
        Self {
            x: matrix(&[30, 6], 1),
            y: matrix(&[30, 5], 2),
            w: random::tensor(&[6, 5], 3),
            offset: random::tensor(&[5], 4),
        }
    }
}

impl<A: Scalar> GradientModel for Regression<A> {
    type Elem = A;
    type Error = std::convert::Infallible;

    fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, A>)> {
        vec![("w", self.w.view()), ("offset", self.offset.view())]
    }

    fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, A>)> {
        vec![("w", self.w.view_mut()), ("offset", self.offset.view_mut())]
    }

    fn num_samples(&self) -> usize {
        self.x.nrows()
    }

    fn gradient(&mut self, samples: &[usize], g: &mut [ArrayD<A>]) -> Result<A, Self::Error> {
        let mut loss = A::zero();
        let scale = A::narrow(1.0 / samples.len() as f64);
        for &s in samples {
            for j in 0..5 {
                let mut residual = self.offset[[j]] - self.y[[s, j]];
                for i in 0..6 {
                    residual += self.x[[s, i]] * self.w[[i, j]];
                }
                loss += scale * residual * residual / A::narrow(2.0);
                g[1][[j]] += scale * residual;
                for i in 0..6 {
                    g[0][[i, j]] += scale * residual * self.x[[s, i]];
                }
            }
        }
        Ok(loss)
    }
}

fn trainer<A: Scalar, O: Optimizer<A>>(optimizer: O) -> Trainer<Regression<A>, O> {
    Trainer::builder(Regression::new(), optimizer)
        .batch_size(7)
        .schedule(Schedule::cosine(20, 0.1))
        .seed(5)
        .build()
        .unwrap()
}

fn resumes<A: Scalar, O: Optimizer<A>>(optimizer: impl Fn() -> O) {
    let mut whole = trainer(optimizer());
    let mut first = trainer(optimizer());
    whole.fit(5).unwrap();
    first.fit(2).unwrap();
    let bytes = first.save_state().unwrap();
    let mut second = trainer(optimizer());
    second.load_state(&bytes).unwrap();
    assert_eq!(second.epochs_done(), 2);
    second.fit(3).unwrap();
    assert_eq!(second.model().w, whole.model().w);
    assert_eq!(second.model().offset, whole.model().offset);
    assert_eq!(second.save_state().unwrap(), whole.save_state().unwrap());
}

#[test]
fn every_optimiser_resumes_bit_by_bit() {
    resumes::<f64, _>(|| Sgd::new(0.05));
    resumes::<f64, _>(|| Sgd::new(0.05).momentum(0.9).nesterov(true));
    resumes::<f32, _>(|| Sgd::new(0.05).momentum(0.9).weight_decay(1e-3));
    resumes::<f64, _>(|| Adam::new(0.01));
    resumes::<f32, _>(|| Adam::new(0.01).weight_decay(0.1).decoupled(true));
    resumes::<f32, _>(|| -> Box<dyn Optimizer<f32>> { Box::new(Adam::new(0.01)) });
}

#[test]
fn admm_over_a_trainer_resumes_bit_by_bit() {
    let go = |cuts: &[usize]| {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::open(folder.path()).unwrap();
        let mut last = None;
        for &iterations in cuts {
            let mut model = trainer(Sgd::<f64>::new(0.05).momentum(0.9));
            let mut admm = Admm::builder()
                .constrain("w", LowRankProjection::new(2))
                .rho(0.5)
                .penalty(Penalty::geometric(1.1))
                .max_iterations(iterations)
                .build(&model)
                .unwrap();
            admm.run_resumable(&mut model, &mut (), &checkpoints)
                .unwrap();
            last = Some((state(&admm), model.save_state().unwrap()));
        }
        last.unwrap()
    };
    assert_eq!(go(&[2, 3, 9]), go(&[9]));
}

#[test]
fn foreign_states_are_refused_and_change_nothing() {
    let mut t = trainer(Sgd::<f64>::new(0.05).momentum(0.9));
    t.fit(1).unwrap();
    let good = t.save_state().unwrap();
    let refused = |t: &mut Trainer<_, Sgd<f64>>, bytes: &[u8]| {
        let Err(OptimError::State(error)) = t.load_state(bytes) else {
            panic!("taken")
        };
        error
    };
    assert!(matches!(
        refused(&mut t, b"junk"),
        DecodeError::Foreign { .. }
    ));
    let shorter = &good[..good.len() - 1];
    assert!(matches!(
        refused(&mut t, shorter),
        DecodeError::Truncated { .. }
    ));
    let single = trainer(Sgd::<f32>::new(0.05)).save_state().unwrap();
    assert!(matches!(
        refused(&mut t, &single),
        DecodeError::ElementType { .. }
    ));
    let mut adam = trainer(Adam::<f64>::new(0.01));
    adam.fit(1).unwrap();
    let error = refused(&mut t, &adam.save_state().unwrap()).to_string();
    assert!(error.contains("`adam`, not `sgd`"), "{error}");
    let mut odd = OptimizerState::new("sgd");
    odd.counters = vec![0, 1];
    let error = t.optimizer_mut().set_state(odd).unwrap_err();
    assert!(error.to_string().contains("0 and 2"), "{error}");
    let mut narrow = Regression::<f64>::new();
    narrow.offset = random::tensor(&[4], 4);
    let mut other = Trainer::builder(narrow, Sgd::new(0.05)).build().unwrap();
    let error = other.load_state(&good).unwrap_err().to_string();
    assert!(
        error.contains("`offset` has shape [5], in the model [4]"),
        "{error}"
    );
    assert_eq!(other.epochs_done(), 0);
    assert_eq!(t.save_state().unwrap(), good);
}
