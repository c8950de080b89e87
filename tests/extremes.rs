//! Inputs at the edge of what the numbers can hold: a right result or a clear error, never a silent NaN.

use ndarray::{Array2, Array3, ArrayD, ArrayViewD, ArrayViewMutD, IxDyn, array};
use tt_admm::admm::{AdmmError, Every, Observer, Status, TablePrinter};
use tt_admm::compress::{CompressError, Factorized, decompose, decompose_trained};
use tt_admm::linalg::{LinalgError, eigh, lstsq, svd};
use tt_admm::ndarray;
use tt_admm::optim::GradientModel;
use tt_admm::projection::{LowRankProjection, Projected, ProjectionError, Prox, WarmStart};
use tt_admm::{
    Admm, BoxError, SplitOrder, TensorTrain, Truncation, TtError, TtProjection, TtSvd, tt_project,
    tt_svd,
};

#[test]
fn a_norm_beyond_the_largest_number_is_an_error() {
    let single = Array3::<f32>::from_elem((4, 5, 6), 1e38);
    let error = tt_project(&single, 2).unwrap_err();
    let TtError::OutOfRange { log_norm } = error else {
        panic!("{error}")
    };
    assert!((log_norm - (1e38_f64.ln() + 0.5 * 120.0_f64.ln())).abs() < 1e-3);
    let double = Array2::<f64>::from_elem((3, 3), f64::MAX);
    assert!(matches!(
        tt_svd(&double, 2),
        Err(TtError::OutOfRange { .. })
    ));
    assert!(matches!(
        svd(&double),
        Err(LinalgError::OutOfRange {
            rows: 3,
            cols: 3,
            ..
        })
    ));
    // Just inside the range all is well.
    let inside = Array3::<f32>::from_elem((4, 5, 6), 1e37);
    let z = tt_project(&inside, 2).unwrap();
    assert!(z.iter().all(|x| (x / 1e37 - 1.0).abs() < 1e-5));
}

#[test]
fn least_squares_of_tiny_matrices() {
    for scale in [1e-309_f64, 1e-200, 1e200] {
        let a = array![[2.0, 0.0], [0.0, 1.0]] * scale;
        let b = array![[2.0], [2.0]] * scale;
        let x = lstsq(&a, &b).unwrap().solution;
        assert!(
            (x[[0, 0]] - 1.0).abs() < 1e-9 && (x[[1, 0]] - 2.0).abs() < 1e-9,
            "{scale}: {x}"
        );
    }
}

#[test]
fn gauges_of_trains_whose_norm_no_number_holds() {
    for (entry, order) in [(10.0, 400), (0.01, 400)] {
        let cores = vec![Array3::from_elem((1, 2, 1), entry); order];
        let mut train = TensorTrain::<f64>::from_cores(cores).unwrap();
        let before = train.clone();
        let expected = 400.0 * (entry * 2.0_f64.sqrt()).ln();
        match train.left_orthogonalize() {
            Err(TtError::OutOfRange { log_norm }) => {
                assert!((log_norm / expected - 1.0).abs() < 1e-12);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(train, before, "an error leaves the train alone");
    }
    // Wild factors on the way are fine if the norm itself is a number.
    let parts = [1.0, f64::MAX, 1e-308];
    let cores = parts.map(|x| Array3::from_elem((1, 1, 1), x)).to_vec();
    let mut train = TensorTrain::from_cores(cores).unwrap();
    let element = train.get(&[0, 0, 0]).unwrap();
    assert!((train.norm() / element - 1.0).abs() < 1e-14);
    train.orthogonalize(1).unwrap();
    assert!((train.get(&[0, 0, 0]).unwrap() / element - 1.0).abs() < 1e-14);
}

#[test]
fn the_sum_of_penalties_stays_a_number() {
    let w = array![[1.0, 0.0], [0.0, 0.5]].into_dyn();
    let build = |rho: f64| {
        Admm::<f64>::builder()
            .constrain("w", TtProjection::new(1))
            .constrain("w", LowRankProjection::new(1))
            .rho(rho)
            .build_from(|_| w.view())
    };
    let error = build(f64::MAX).unwrap_err();
    assert!(matches!(error, AdmmError::InvalidRho { .. }), "{error}");
    let mut admm = build(1e300).unwrap();
    assert!(admm.proximal().rho("w").unwrap().is_finite());
    assert!(admm.set_rho("w", f64::MAX).is_err());
}

/// At the size of network weights the default tolerances must not accept anything.
#[test]
fn small_weights_do_not_converge_by_being_small() {
    let w = Array2::from_shape_fn((16, 16), |(i, j)| 5e-4 * ((i * j) as f32).sin()).into_dyn();
    let mut admm = Admm::<f32>::builder()
        .constrain("w", TtProjection::new(2))
        .rho(2.0)
        .build_from(|_| w.view())
        .unwrap();
    let record = admm.update(|_| w.view()).unwrap();
    assert!(record.primal_residual() > 0.1);
    assert_ne!(admm.status(), Some(Status::Converged));
}

#[test]
fn relaxation_is_checked_in_the_element_type() {
    let w = Array2::<f32>::eye(2).into_dyn();
    for alpha in [1e-60, 2.0 - 1e-12] {
        let built = Admm::<f32>::builder()
            .constrain("w", TtProjection::new(1))
            .rho(1.0)
            .over_relaxation(alpha)
            .build_from(|_| w.view());
        assert!(
            matches!(built, Err(AdmmError::InvalidSetting { .. })),
            "{alpha}"
        );
    }
}

#[derive(Debug)]
struct Half(f64);

impl Prox<f64> for Half {
    fn check(&self, _: &[usize]) -> Result<(), ProjectionError> {
        Ok(())
    }

    fn prox(
        &self,
        v: ArrayViewD<'_, f64>,
        _: f64,
        mut out: ArrayViewMutD<'_, f64>,
        _: &mut WarmStart<f64>,
    ) -> Result<Projected<f64>, ProjectionError> {
        out.zip_mut_with(&v, |z, x| *z = x / 2.0);
        Ok(Projected::new(self.0))
    }
}

#[test]
fn a_prox_that_does_not_know_its_distance_is_refused() {
    let w = array![[1.0, 0.0], [0.0, 0.5]].into_dyn();
    for distance in [f64::NAN, -1.0] {
        let built = Admm::builder()
            .constrain("w", Half(distance))
            .rho(1.0)
            .build_from(|_| w.view());
        assert!(matches!(built, Err(AdmmError::Prox { .. })));
    }
}

/// A block without factors before one with them hides nothing.
#[test]
fn the_block_with_factors_stands_for_the_weight() {
    let w = array![[1.0, 0.0], [0.0, 0.5]].into_dyn();
    let admm = Admm::builder()
        .constrain("w", Half(1.0))
        .constrain("w", TtProjection::new(1))
        .rho(1.0)
        .build_from(|_| w.view())
        .unwrap();
    assert_eq!(admm.factors("w").unwrap().num_parameters(), 4);
    let found = decompose_trained(&admm, |_| Ok::<_, BoxError>(w.view())).unwrap();
    assert_eq!(found.len(), 1);
    assert!((found[0].from_weight.relative_error - 0.5 / 1.25_f64.sqrt()).abs() < 1e-14);
}

/// A model that breaks its contract in one of several ways.
struct Crooked {
    a: ArrayD<f64>,
    b: ArrayD<f64>,
    swapped: bool,
    gradient: Vec<usize>,
}

impl GradientModel for Crooked {
    type Elem = f64;
    type Error = String;

    fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, f64>)> {
        vec![("a", self.a.view()), ("b", self.b.view())]
    }

    fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, f64>)> {
        let mut list = vec![("a", self.a.view_mut()), ("b", self.b.view_mut())];
        if self.swapped {
            list.reverse();
        }
        list
    }

    fn num_samples(&self) -> usize {
        1
    }

    fn gradient(&mut self, _: &[usize], gradients: &mut [ArrayD<f64>]) -> Result<f64, String> {
        gradients[1] = ArrayD::zeros(IxDyn(&self.gradient));
        Ok(0.0)
    }
}

#[test]
fn models_that_break_their_contract_are_errors_of_factorized() {
    let model = |swapped, gradient: &[usize]| Crooked {
        a: Array2::eye(3).into_dyn(),
        b: ArrayD::ones(IxDyn(&[3])),
        swapped,
        gradient: gradient.to_vec(),
    };
    let factors = || {
        decompose("a", &Array2::<f64>::eye(3), &TtProjection::new(2))
            .unwrap()
            .factors
    };
    let error = Factorized::new(model(true, &[3]), [("a", factors())]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "parameter 0 is a [3, 3] in `parameters` and b [3] in `parameters_mut`"
    );
    for shape in [vec![7], vec![1]] {
        let mut broken = Factorized::new(model(false, &shape), [("a", factors())]).unwrap();
        let mut buffers: Vec<_> = broken
            .parameters()
            .iter()
            .map(|(_, p)| ArrayD::zeros(p.raw_dim()))
            .collect();
        let error = broken.gradient(&[0], &mut buffers).unwrap_err();
        assert!(
            matches!(error, CompressError::GradientShape { ref got, .. } if *got == shape),
            "{error}"
        );
    }
}

#[test]
fn a_printer_can_skip_iterations() {
    let w = array![[1.0, 0.0], [0.0, 0.5]].into_dyn();
    let mut admm = Admm::builder()
        .constrain("w", TtProjection::new(1))
        .rho(1.0)
        .build_from(|_| w.view())
        .unwrap();
    let mut table: Every<TablePrinter<Vec<u8>>> = TablePrinter::new(Vec::new()).every(2);
    for _ in 0..5 {
        let record = admm.update(|_| w.view()).unwrap().clone();
        table.iteration(&admm, &record).unwrap();
    }
}

/// Sums over a long side must not pile up rounding: the certificate is the distance.
#[test]
fn long_sides_lose_no_digits() {
    for (rows, cols) in [(200_000, 2), (50_000, 8), (20_000, 30)] {
        let x = Array2::<f32>::ones((rows, cols));
        let norm = (x.len() as f64).sqrt();
        for order in [
            SplitOrder::Auto,
            SplitOrder::LeftToRight,
            SplitOrder::RightToLeft,
        ] {
            let tt = TtSvd::new(1).order(order).decompose(&x).unwrap();
            let square = tt
                .to_dense()
                .iter()
                .map(|z| (f64::from(*z) - 1.0).powi(2))
                .sum::<f64>();
            let gap = (square.sqrt() - tt.truncation_error().total()).abs() / norm;
            assert!(gap < 1e-5, "{rows} x {cols} {order:?}: {gap:e}");
        }
    }
}

#[test]
fn a_tolerance_that_a_cap_prevents_is_not_met() {
    let x = ndarray::Array4::<f32>::from_shape_fn((16, 16, 16, 16), |(i, j, k, l)| {
        1.0 + 4e-5 * ((i * 7 + j * 5 + k * 3 + l) as f32).sin()
    });
    let rule = Truncation::relative(1e-6).and_max_rank(1);
    let error = tt_svd(&x, rule).unwrap().truncation_error().clone();
    assert!(
        error.relative() > 5e-6 && !error.tolerance_met(),
        "{error:?}"
    );
}

#[test]
fn zero_products_of_long_trains_are_zero() {
    let core = |a: f64, b: f64| Array3::from_shape_vec((1, 2, 1), vec![a, b]).unwrap();
    let train = |last: Array3<f64>| {
        let mut cores = vec![core(1e10, 1e10); 399];
        cores.push(last);
        TensorTrain::from_cores(cores).unwrap()
    };
    let (x, y, zero) = (
        train(core(1.0, 0.0)),
        train(core(0.0, 1.0)),
        train(core(0.0, 0.0)),
    );
    assert_eq!(x.dot(&y).unwrap().to_bits(), 0);
    assert_eq!(zero.norm().to_bits(), 0);
}

/// A weight that satisfies its constraint has converged, whatever rounding leaves in Z and U.
#[test]
fn rounding_noise_is_convergence() {
    let factor = |k: f32| Array2::from_shape_fn((12, 3), |(i, j)| ((i * 3 + j) as f32 * k).sin());
    let w = factor(0.7).dot(&factor(1.3).t()).into_dyn();
    let mut admm = Admm::<f32>::builder()
        .constrain("w", TtProjection::new(3))
        .rho(1.0)
        .build_from(|_| w.view())
        .unwrap();
    for _ in 0..3 {
        admm.update(|_| w.view()).unwrap();
        assert_eq!(admm.status(), Some(Status::Converged));
    }
}

#[test]
fn the_upper_triangle_is_not_looked_at() {
    let clean = array![[2.0, 0.0], [1.0, 2.0]];
    let expected = eigh(&clean).unwrap();
    for junk in [f64::NAN, 1e308] {
        let mut a = clean.clone();
        a[[0, 1]] = junk;
        assert_eq!(eigh(&a).unwrap(), expected);
    }
}

#[test]
fn a_dual_that_cannot_be_rescaled_refuses_the_change() {
    let w = array![[1e3_f32, 0.0], [0.0, 5e2]].into_dyn();
    let mut admm = Admm::<f32>::builder()
        .constrain("w", TtProjection::new(1))
        .rho(1.0)
        .build_from(|_| w.view())
        .unwrap();
    admm.update(|_| w.view()).unwrap();
    let u = admm.u("w").unwrap().to_owned();
    assert!(matches!(
        admm.set_rho("w", 1e-37),
        Err(AdmmError::RhoJump { .. })
    ));
    assert_eq!(admm.u("w").unwrap(), u);
}
