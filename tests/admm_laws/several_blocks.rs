//! Several constraints on one weight.

use crate::admm_support::{MapProx, Targets, non_negative};
use crate::common::{jacobi, oracle, random, tol};
use tt_admm::admm::{Block, Status};
use tt_admm::ndarray::{ArrayD, Ix2};
use tt_admm::projection::{LowRankProjection, Prox};
use tt_admm::{Admm, Tensorization, Trainable, TtProjection};

#[test]
fn the_anchor_is_the_weighted_mean_of_the_centers() {
    let mut model = Targets::new(vec![
        random::tensor::<f64>(&[4, 3], 1),
        random::tensor::<f64>(&[2, 5], 2),
    ]);
    let mut admm = Admm::<f64>::builder()
        .constrain("w0", non_negative())
        .constrain("w1", TtProjection::new(1))
        .constrain("w0", LowRankProjection::new(1))
        .constrain("w0", LowRankProjection::new(2))
        .rho(0.7)
        .rho_for("w1", 2.5)
        .penalty(tt_admm::admm::Penalty::residual_balancing().threshold(1.0))
        .build(&model)
        .unwrap();
    let places: Vec<_> = admm
        .blocks()
        .iter()
        .map(|b| (b.weight().to_owned(), b.ordinal()))
        .collect();
    let expected = [("w0", 0), ("w1", 0), ("w0", 1), ("w0", 2)];
    assert_eq!(places, expected.map(|(name, k)| (name.to_owned(), k)));
    assert!(admm.block("w0", 3).is_none() && admm.block("w1", 1).is_none());
    for _ in 0..6 {
        model.train(&admm.proximal()).unwrap();
        admm.update(|name| model.w[usize::from(name == "w1")].view())
            .unwrap();
        let proximal = admm.proximal();
        let names: Vec<_> = proximal.names().collect();
        assert_eq!(names, ["w0", "w1"]);
        for (name, count) in [("w0", 3), ("w1", 1)] {
            let blocks = (0..count).map(|k| admm.block(name, k).unwrap());
            let sum: f64 = blocks.clone().map(Block::rho).sum();
            let mean = blocks
                .map(|b| (&b.z() - &b.u()) * (b.rho() / sum))
                .reduce(|a, b| a + b)
                .unwrap();
            tol::assert_near(
                proximal.rho(name).unwrap(),
                sum,
                4.0 * tol::eps::<f64>() * sum,
            );
            let error = oracle::distance(&proximal.anchor(name).unwrap(), &mean);
            tol::assert_below(error, 1e-13 * (1.0 + oracle::norm(&mean)), "anchor");
        }
    }
    // The three rhos on w0 went their own ways.
    let rhos: Vec<_> = (0..3).map(|k| admm.block("w0", k).unwrap().rho()).collect();
    assert!(
        rhos.windows(2).any(|r| r[0].to_bits() != r[1].to_bits()),
        "{rhos:?}"
    );
}

fn converge(model: &mut Targets<f64>, provers: Vec<Box<dyn Prox<f64>>>, rho: f64) -> Admm<f64> {
    let mut builder = Admm::<f64>::builder().rho(rho).tolerance(1e-10, 1e-9);
    for prox in provers {
        builder = builder.constrain("w", prox);
    }
    let mut admm = builder.max_iterations(20_000).build(model).unwrap();
    let report = admm.run(model, &mut ()).unwrap();
    assert_eq!(report.status(), Status::Converged, "{report}");
    admm
}

/// `min |x - t|^2 / 2` with `0 <= x <= 1` and `sum x = s`: `x = clip(t - mu)`, `mu` by bisection.
#[test]
fn a_box_and_a_hyperplane_meet_kkt() {
    for seed in 1..=4 {
        let t = random::tensor::<f64>(&[3, 5], seed) * 2.0;
        let total = 6.0;
        let n = t.len() as f64;
        let clip = |mu: f64| t.mapv(|x| (x - mu).clamp(0.0, 1.0));
        let (mut low, mut high) = (-4.0, 4.0);
        for _ in 0..200 {
            let mid = f64::midpoint(low, high);
            if clip(mid).sum() > total {
                low = mid;
            } else {
                high = mid;
            }
        }
        let expected = clip(low);
        let in_box = MapProx(|v: &ArrayD<f64>, _: f64| v.mapv(|x| x.clamp(0.0, 1.0)));
        let on_plane = MapProx(move |v: &ArrayD<f64>, _: f64| v - (v.sum() - total) / n);
        let mut model = Targets::one(t.clone());
        let admm = converge(&mut model, vec![Box::new(in_box), Box::new(on_plane)], 1.0);
        for solution in [
            model.w[0].view(),
            admm.block("w", 0).unwrap().z(),
            admm.block("w", 1).unwrap().z(),
        ] {
            tol::assert_below(oracle::distance(&solution, &expected), 1e-6, "solution");
        }
        // Stationarity: W - T + sum rho_i U_i = 0; the multiplier of the plane is mu in every entry.
        let y = |k: usize| {
            let block = admm.block("w", k).unwrap();
            &block.u() * block.rho()
        };
        let rest = &model.w[0] - &t + y(0) + y(1);
        tol::assert_below(oracle::norm(&rest), 1e-6, "stationarity");
        for entry in &y(1) {
            tol::assert_near(*entry, low, 1e-5);
        }
    }
}

#[test]
fn non_negative_and_of_low_rank() {
    let t = random::tensor::<f64>(&[6, 5], 4) + 0.4;
    let mut model = Targets::one(t);
    let admm = converge(
        &mut model,
        vec![
            Box::new(non_negative()),
            Box::new(LowRankProjection::new(2)),
        ],
        4.0,
    );
    let w = &model.w[0];
    assert!(w.iter().all(|&x| x > -1e-6));
    let sigma = jacobi::singular_values(&w.view().into_dimensionality::<Ix2>().unwrap());
    tol::assert_below(jacobi::tail(&sigma, 2), 1e-6, "beyond rank 2");
    // The user's prox gives no factors, the second block does.
    assert_eq!(admm.factors("w"), admm.block("w", 1).unwrap().factors());
    assert!(admm.block("w", 1).unwrap().factors().is_some());
}

/// Low TT rank in two layouts of the same convolution.
#[test]
fn two_layouts_at_once() {
    let conv = Tensorization::conv([4], [3, 3], [3]).unwrap();
    let flat = Tensorization::custom([4, 3, 3, 3], [4, 3, 3, 3], [0, 1, 2, 3], [4, 27]).unwrap();
    let mut model = Targets::one(random::tensor::<f64>(&[4, 3, 3, 3], 6));
    let admm = converge(
        &mut model,
        vec![
            Box::new(TtProjection::new([4, 2]).layout(conv.clone())),
            Box::new(LowRankProjection::new(2).layout(flat)),
        ],
        3.0,
    );
    let w = &model.w[0];
    let norm = oracle::norm(w);
    assert!(norm > 0.5);
    let spectra = jacobi::unfolding_spectra(&conv.tensorize(w).unwrap());
    tol::assert_below(
        jacobi::tail(&spectra[1], 2),
        1e-6 * norm,
        "rank 2 at bond 2",
    );
    tol::assert_below(
        jacobi::tail(&spectra[0], 2),
        1e-6 * norm,
        "rank 2 at bond 1",
    );
    for k in 0..2 {
        let z = admm.block("w", k).unwrap().z();
        tol::assert_below(oracle::distance(&z, w), 1e-6 * norm, "primal");
    }
}
