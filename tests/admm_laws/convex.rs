//! Convex problems, where ADMM finds the solution and the multiplier.

use crate::admm_support::{LeastSquares, MapProx, non_negative};
use crate::common::{random, tol};
use tt_admm::Admm;
use tt_admm::admm::{AdmmBuilder, Penalty, Status, UpdateOrder};
use tt_admm::ndarray::{Array1, ArrayD, Ix1};
use tt_admm::projection::Prox;

/// An overdetermined system whose unconstrained solution has negative entries.
fn problem(seed: u64) -> LeastSquares {
    let a = random::matrix::<f64>(30, 12, seed);
    let b = random::matrix::<f64>(30, 1, seed + 99).column(0).to_owned() * 3.0;
    let mut model = LeastSquares::new(a, b);
    model.x = random::matrix::<f64>(12, 1, seed + 7).column(0).to_owned();
    model
}

fn solve(
    model: &mut LeastSquares,
    prox: impl Prox<f64> + 'static,
    settings: impl Fn(AdmmBuilder<f64>) -> AdmmBuilder<f64>,
) -> (Array1<f64>, Array1<f64>) {
    let builder = Admm::<f64>::builder()
        .constrain("x", prox)
        .rho(3.0)
        .tolerance(1e-10, 1e-10)
        .max_iterations(3000);
    let mut admm = settings(builder).build(model).unwrap();
    let report = admm.run(model, &mut ()).unwrap();
    assert_eq!(report.status(), Status::Converged, "{report}");
    let block = admm.block("x", 0).unwrap();
    let z = block.z().to_owned().into_dimensionality::<Ix1>().unwrap();
    let y = (&block.u() * block.rho())
        .into_dimensionality::<Ix1>()
        .unwrap();
    (z, y)
}

type Settings = fn(AdmmBuilder<f64>) -> AdmmBuilder<f64>;

const ALL_SETTINGS: [(&str, Settings); 6] = [
    ("plain", |b| b),
    ("over-relaxed", |b| b.over_relaxation(1.6)),
    ("under-relaxed", |b| b.over_relaxation(0.7)),
    ("balanced", |b| {
        b.rho(0.01).penalty(Penalty::residual_balancing().every(5))
    }),
    ("growing", |b| {
        b.rho(0.5)
            .penalty(Penalty::geometric(1.1).bounded(0.0, 4.0))
    }),
    ("paper order", |b| {
        b.order(UpdateOrder::Paper).over_relaxation(1.6)
    }),
];

/// The Karush-Kuhn-Tucker conditions of `min |A x - b|^2 / 2, x >= 0`, and the multiplier `rho U`.
#[test]
fn non_negative_least_squares_meets_kkt() {
    for (name, settings) in ALL_SETTINGS {
        for seed in 1..=3_u64 {
            let mut model = problem(seed);
            let (z, y) = solve(&mut model, non_negative(), settings);
            let gradient = model.gradient(&z);
            assert!(z.iter().any(|&x| x == 0.0) && z.iter().any(|&x| x > 0.1));
            for (&x, &g) in z.iter().zip(&gradient) {
                assert!(
                    x >= 0.0 && g >= -1e-6 && (x * g).abs() < 1e-6,
                    "{name}: {x} {g}"
                );
            }
            for (y, g) in y.iter().zip(&gradient) {
                tol::assert_near(*y, -g, 1e-6);
            }
        }
    }
}

/// `min |A x - b|^2 / 2 + lambda |x|_1` by coordinate descent.
fn lasso_oracle(model: &LeastSquares, lambda: f64) -> Array1<f64> {
    let mut x = Array1::<f64>::zeros(model.x.len());
    let mut residual = model.b.clone();
    for _ in 0..5000 {
        for j in 0..x.len() {
            let column = model.a.column(j);
            let square = column.dot(&column);
            let free = x[j] + column.dot(&residual) / square;
            let new = free.signum() * (free.abs() - lambda / square).max(0.0);
            residual.scaled_add(x[j] - new, &column);
            x[j] = new;
        }
    }
    x
}

/// A regulariser that is no projection: its prox operator depends on `rho`.
#[test]
fn soft_thresholding_solves_the_lasso() {
    let lambda = 4.0;
    for (name, settings) in ALL_SETTINGS {
        let mut model = problem(11);
        let soft = MapProx(move |v: &ArrayD<f64>, rho: f64| {
            v.mapv(|x| x.signum() * (x.abs() - lambda / rho).max(0.0))
        });
        let (z, y) = solve(&mut model, soft, settings);
        let expected = lasso_oracle(&model, lambda);
        assert!(expected.iter().any(|&x| x == 0.0) && expected.iter().any(|&x| x != 0.0));
        for (x, e) in z.iter().zip(&expected) {
            assert!((x - e).abs() < 1e-6, "{name}: {z} {expected}");
        }
        assert!(y.iter().all(|y| y.abs() <= lambda + 1e-6), "{name}: {y}");
    }
}

/// A start that satisfies the constraint is no reason to stop: nothing has been trained yet.
#[test]
fn a_feasible_start_is_trained_in_both_orders() {
    for order in [UpdateOrder::Textbook, UpdateOrder::Paper] {
        let mut model = problem(5);
        model.x.fill(0.25);
        let (z, _) = solve(&mut model, non_negative(), |b| b.order(order));
        let mut expected = problem(5);
        let (best, _) = solve(&mut expected, non_negative(), |b| b);
        for (x, e) in z.iter().zip(&best) {
            assert!((x - e).abs() < 1e-6, "{order:?}: {z} {best}");
        }
    }
}
