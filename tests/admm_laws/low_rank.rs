//! Rank constraints: not convex, so what is sure depends on `rho`.

use crate::admm_support::Targets;
use crate::common::{oracle, random, tol};
use tt_admm::admm::{Report, Status};
use tt_admm::linalg::{Keep, truncated_svd};
use tt_admm::ndarray::{Array2, ArrayD};
use tt_admm::projection::{Grouped, LowRankProjection, Prox, Restart};
use tt_admm::{Admm, TtProjection, TuckerProjection, tt_project, tucker};

fn run(
    t: &ArrayD<f64>,
    prox: impl Prox<f64> + 'static,
    rho: f64,
    relative: f64,
) -> (Report, ArrayD<f64>) {
    let mut model = Targets::one(t.clone());
    let mut admm = Admm::<f64>::builder()
        .constrain("w", prox)
        .rho(rho)
        .tolerance(1e-12, relative)
        .max_iterations(3000)
        .build(&model)
        .unwrap();
    let report = admm.run(&mut model, &mut ()).unwrap();
    (report, admm.z("w").unwrap().to_owned())
}

/// In order 2 the projection is exact and the solution is known: the truncated SVD of the target.
#[test]
fn matrices_end_at_the_truncated_svd() {
    for (m, n, rank, seed) in [(6, 6, 2, 1), (9, 4, 3, 2), (4, 11, 1, 3)] {
        let t = random::matrix::<f64>(m, n, seed);
        let f = truncated_svd(&t, Keep::rank(rank)).unwrap();
        let expected = (f.u * &f.s).dot(&f.vt).into_dyn();
        let t = t.into_dyn();
        for rho in [1.0, 2.0, 3.0, 5.0] {
            let provers: [Box<dyn Prox<f64>>; 3] = [
                Box::new(LowRankProjection::new(rank)),
                Box::new(TtProjection::new(rank)),
                Box::new(TuckerProjection::new(rank)),
            ];
            for prox in provers {
                let (report, z) = run(&t, prox, rho, 1e-9);
                assert_eq!(report.status(), Status::Converged, "rho {rho}: {report}");
                let error = oracle::distance(&z, &expected);
                tol::assert_below(error, 1e-6, "Z against the truncated SVD");
            }
        }
    }
}

/// `f` is 1-smooth: below `rho` = 1 the iteration cycles, above it converges.
#[test]
fn rho_must_exceed_the_curvature_of_the_loss() {
    for seed in 1..=4 {
        let t = random::tensor::<f64>(&[4, 4, 4], seed);
        let once = oracle::distance(&t, &tt_project(&t, [2, 2]).unwrap());
        let go = |rho| {
            let (report, z) = run(&t, TtProjection::new([2, 2]), rho, 1e-6);
            (report, oracle::distance(&t, &z))
        };
        for rho in [0.25, 0.5] {
            let (report, _) = go(rho);
            assert_eq!(
                report.status(),
                Status::MaxIterations,
                "rho {rho}: {report}"
            );
            assert!(report.primal_residual() > 1e-3, "rho {rho}: {report}");
        }
        for rho in [1.5, 2.0, 5.0] {
            let (report, distance) = go(rho);
            assert_eq!(report.status(), Status::Converged, "rho {rho}: {report}");
            if rho >= 2.0 {
                tol::assert_below(distance, once * (1.0 + 1e-6), "worse than one TT-SVD");
            }
        }
    }
}

/// A target that satisfies the constraint is a fixed point.
#[test]
fn a_feasible_target_is_left_alone() {
    let (u, v) = (
        random::matrix::<f64>(5, 2, 1),
        random::matrix::<f64>(2, 7, 2),
    );
    let t: Array2<f64> = u.dot(&v);
    let (report, z) = run(&t.clone().into_dyn(), TtProjection::new(2), 2.0, 1e-9);
    assert_eq!(
        (report.status(), report.iterations()),
        (Status::Converged, 1)
    );
    tol::assert_below(oracle::distance(&z, &t), 1e-13, "moved");
}

/// A convex loss on the Tucker ranks of a kernel, cold and warm, as a whole and in groups: the iteration converges, and
/// ends no worse than one ST-HOSVD.
#[test]
fn tucker_ranks_of_a_kernel() {
    for seed in 1..=3 {
        let t = random::tensor::<f64>(&[6, 4, 3, 2], seed);
        let once = oracle::distance(&t, &tucker(&t, [(0, 3), (1, 2)]).unwrap().to_dense());
        for restart in [Restart::Always, Restart::Every(7)] {
            let projection = TuckerProjection::new([3, 2]).restart(restart);
            let (report, z) = run(&t, projection.clone(), 2.0, 1e-6);
            assert_eq!(report.status(), Status::Converged, "{report}");
            assert!(report.primal_residual() < 1e-4, "{report}");
            let distance = oracle::distance(&t, &z);
            tol::assert_below(distance, once * (1.0 + 1e-6), "worse than one ST-HOSVD");
            let (report, _) = run(&t, Grouped::new(projection, 2), 2.0, 1e-6);
            assert_eq!(report.status(), Status::Converged, "{report}");
        }
    }
}
