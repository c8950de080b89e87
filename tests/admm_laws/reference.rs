//! The loop against one written out by hand, step by step.

use crate::admm_support::{MapProx, Targets, non_negative};
use crate::common::{oracle, random, tol};
use tt_admm::admm::UpdateOrder;
use tt_admm::linalg::svd;
use tt_admm::ndarray::{Array2, ArrayD, Ix2};
use tt_admm::projection::{LowRankProjection, Prox};
use tt_admm::{Admm, Trainable};

type Project = fn(&Array2<f64>) -> Array2<f64>;
type MakeProx = fn() -> Box<dyn Prox<f64>>;

fn clip(v: &Array2<f64>) -> Array2<f64> {
    v.mapv(|x| x.max(0.0))
}

fn rank_one(v: &Array2<f64>) -> Array2<f64> {
    let f = svd(v).unwrap();
    Array2::from_shape_fn(v.dim(), |(i, j)| f.u[[i, 0]] * f.s[0] * f.vt[[0, j]])
}

/// `(W, Z, U)` after every iteration, textbook order: W, Z, U.
fn textbook(
    t: &Array2<f64>,
    rho: f64,
    alpha: f64,
    project: Project,
    iterations: usize,
) -> Vec<[Array2<f64>; 3]> {
    let mut z = project(t);
    let mut u = Array2::<f64>::zeros(t.dim());
    let mut all = Vec::new();
    for k in 0..iterations {
        let w = (t + &((&z - &u) * rho)) / (1.0 + rho);
        let relaxed = if k == 0 {
            w.clone()
        } else {
            &w * alpha + &(&z * (1.0 - alpha))
        };
        let z_new = project(&(&relaxed + &u));
        u = &u + &relaxed - &z_new;
        z = z_new;
        all.push([w, z.clone(), u.clone()]);
    }
    all
}

/// The same in the order of the authors' code: Z, U, W.
fn paper(
    t: &Array2<f64>,
    rho: f64,
    alpha: f64,
    project: Project,
    iterations: usize,
) -> Vec<[Array2<f64>; 3]> {
    let mut w = t.clone();
    let mut z = project(t);
    let mut u = Array2::<f64>::zeros(t.dim());
    let mut all = Vec::new();
    for k in 0..iterations {
        let relaxed = if k == 0 {
            w.clone()
        } else {
            &w * alpha + &(&z * (1.0 - alpha))
        };
        let z_new = project(&(&relaxed + &u));
        u = &u + &relaxed - &z_new;
        z = z_new;
        w = (t + &((&z - &u) * rho)) / (1.0 + rho);
        all.push([w.clone(), z.clone(), u.clone()]);
    }
    all
}

#[test]
fn the_sequence_is_the_one_written_by_hand() {
    let t = random::matrix::<f64>(5, 6, 21);
    let sets: [(Project, MakeProx); 2] = [
        (clip, || Box::new(non_negative())),
        (rank_one, || Box::new(LowRankProjection::new(1))),
    ];
    for (project, prox) in sets {
        for (rho, alpha) in [(2.0, 1.0), (0.8, 1.0), (2.0, 1.6), (1.3, 0.5)] {
            for order in [UpdateOrder::Textbook, UpdateOrder::Paper] {
                let expected = match order {
                    UpdateOrder::Paper => paper(&t, rho, alpha, project, 10),
                    _ => textbook(&t, rho, alpha, project, 10),
                };
                let mut model = Targets::one(t.clone().into_dyn());
                let mut admm = Admm::<f64>::builder()
                    .constrain("w", prox())
                    .rho(rho)
                    .over_relaxation(alpha)
                    .order(order)
                    .tolerance(0.0, 0.0)
                    .max_iterations(1)
                    .build(&model)
                    .unwrap();
                for [w, z, u] in expected {
                    admm.run(&mut model, &mut ()).unwrap();
                    let near = |got: &ArrayD<f64>, expected: &Array2<f64>| {
                        let got = got.view().into_dimensionality::<Ix2>().unwrap();
                        let error = oracle::distance(&got, expected);
                        tol::assert_below(error, 1e-12, &format!("{order:?}, {rho}, {alpha}"));
                    };
                    near(&model.w[0], &w);
                    near(&admm.z("w").unwrap().to_owned(), &z);
                    near(&admm.u("w").unwrap().to_owned(), &u);
                }
            }
        }
    }
}

/// In the paper's order the first update sees the weights before training: `U = W - Z`, not 0.
#[test]
fn the_first_dual_tells_the_orders_apart() {
    let t = random::matrix::<f64>(4, 4, 3).into_dyn();
    let mut seen = Vec::new();
    let start = Targets::one(t.clone());
    let mut admm = Admm::<f64>::builder()
        .constrain(
            "w",
            MapProx(|v: &ArrayD<f64>, _: f64| v.mapv(|x| x.max(0.0))),
        )
        .rho(1.0)
        .order(UpdateOrder::Paper)
        .max_iterations(1)
        .build(&start)
        .unwrap();
    assert!(admm.u("w").unwrap().iter().all(|&u| u == 0.0));
    let mut model = start.clone();
    admm.run(&mut model, &mut ()).unwrap();
    seen.push(admm.u("w").unwrap().to_owned());
    assert_eq!(seen[0], t.mapv(|x| x.min(0.0)));
    // By hand with `update`, the same order.
    let mut twin = Admm::<f64>::builder()
        .constrain("w", non_negative())
        .rho(1.0)
        .build(&start)
        .unwrap();
    let mut model = start.clone();
    twin.update(|_| model.w[0].view()).unwrap();
    model.train(&twin.proximal()).unwrap();
    assert_eq!(twin.u("w").unwrap(), seen[0]);
}
