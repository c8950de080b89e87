//! A model with hand-written gradients, trained by stochastic gradients under a TT constraint.

use crate::common::{oracle, random, tol};
use tt_admm::admm::{RhoCalibration, Status};
use tt_admm::ndarray::{Array2, ArrayD, ArrayViewD, ArrayViewMutD, Axis, Ix2};
use tt_admm::optim::{GradientModel, Sgd, Trainer};
use tt_admm::{Admm, Tensorization, TtProjection, tt_project};

/// `|X W^T - Y|^2 / 2` per sample.
struct Linear {
    x: Array2<f64>,
    y: Array2<f64>,
    w: ArrayD<f64>,
}

impl GradientModel for Linear {
    type Elem = f64;
    type Error = std::convert::Infallible;

    fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, f64>)> {
        vec![("w", self.w.view())]
    }

    fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, f64>)> {
        vec![("w", self.w.view_mut())]
    }

    fn num_samples(&self) -> usize {
        self.x.nrows()
    }

    fn gradient(
        &mut self,
        samples: &[usize],
        gradients: &mut [ArrayD<f64>],
    ) -> Result<f64, Self::Error> {
        let w = self.w.view().into_dimensionality::<Ix2>().unwrap();
        let x = self.x.select(Axis(0), samples);
        let n = samples.len() as f64;
        let error = x.dot(&w.t()) - self.y.select(Axis(0), samples);
        gradients[0].assign(&(error.t().dot(&x) / n));
        Ok(error.mapv(|e| e * e).sum() / (2.0 * n))
    }
}

/// A teacher of TT ranks (2, 2, 2) is found again from its outputs alone.
#[test]
fn a_low_rank_teacher_is_recovered() {
    let map = Tensorization::linear([2, 3], [2, 3]).unwrap();
    let raw = map.tensorize(&random::matrix::<f64>(6, 6, 3)).unwrap();
    let teacher = map
        .detensorize(&tt_project(&raw, 2).unwrap())
        .unwrap()
        .into_dimensionality::<Ix2>()
        .unwrap();
    let x = random::matrix::<f64>(96, 6, 4) * 2.0;
    let y = x.dot(&teacher.t());
    let w = random::tensor::<f64>(&[6, 6], 5);
    let model = Linear { x, y, w };
    let mut trainer = Trainer::builder(model, Sgd::new(0.05).momentum(0.5))
        .batch_size(24)
        .epochs_per_update(5)
        .build()
        .unwrap();
    let mut admm = Admm::builder()
        .constrain("w", TtProjection::new(2).layout(map))
        .calibrate(RhoCalibration::sgd(20, 0.05).momentum(0.5))
        .max_iterations(200)
        .tolerance(1e-8, 1e-5)
        .build(&trainer)
        .unwrap();
    tol::assert_near(admm.rho("w").unwrap(), 0.2, 1e-15);
    let report = admm.run(&mut trainer, &mut ()).unwrap();
    assert_eq!(report.status(), Status::Converged, "{report}");
    assert!(report.unread().is_empty());
    assert_eq!(trainer.epochs_done(), 5 * report.iterations());
    let history = admm.history();
    let (first, last) = (&history[0], report.last());
    assert!(
        first.primal_residual() > 0.05,
        "{}",
        first.primal_residual()
    );
    assert!(last.primal_residual() < 1e-4 * first.primal_residual());
    assert!(last.loss().unwrap() < 1e-6 * first.loss().unwrap());
    let error = oracle::distance(&admm.z("w").unwrap(), &teacher);
    tol::assert_below(error, 1e-3 * oracle::norm(&teacher), "the teacher");
    assert_eq!(
        admm.factors("w").unwrap().tensor_train().unwrap().ranks(),
        [1, 2, 2, 2, 1]
    );
    admm.write_projection(&mut trainer).unwrap();
    assert_eq!(trainer.model().w.view(), admm.z("w").unwrap());
}
