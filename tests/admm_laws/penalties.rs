//! Whoever changes `rho` keeps the unscaled dual `rho U`.

use crate::admm_support::{Targets, non_negative};
use crate::common::{oracle, random, tol};
use tt_admm::admm::Penalty;
use tt_admm::ndarray::ArrayD;
use tt_admm::{Admm, Scalar, Trainable, TtProjection};

fn dual<A: Scalar>(admm: &Admm<A>, name: &str, ordinal: usize) -> ArrayD<f64> {
    let block = admm.block(name, ordinal).unwrap();
    block.u().mapv(|u| u.widen() * block.rho().widen())
}

fn set_rho_keeps_the_dual<A: Scalar>() {
    let mut model = Targets::one(random::tensor::<A>(&[3, 4, 2], 5));
    let mut admm = Admm::builder()
        .constrain("w", TtProjection::new(1))
        .constrain("w", TtProjection::new(2))
        .rho(1.5)
        .max_iterations(4)
        .tolerance(0.0, 0.0)
        .build(&model)
        .unwrap();
    admm.run(&mut model, &mut ()).unwrap();
    let before = [dual(&admm, "w", 0), dual(&admm, "w", 1)];
    assert!(before.iter().all(|y| oracle::norm(y) > 1e-3));
    for rho in [3.0, 0.7, 1e-4, 1e5, 1.1] {
        admm.set_rho("w", rho).unwrap();
        for (k, y) in before.iter().enumerate() {
            assert_eq!(admm.block("w", k).unwrap().rho(), A::narrow(rho));
            let error = oracle::distance(&dual(&admm, "w", k), y);
            tol::assert_below(error, tol::tol::<A>(24) * oracle::norm(y), "rho U moved");
        }
        // The anchor follows: (rho (Z - U) + rho (Z' - U')) / (2 rho).
        let proximal = admm.proximal();
        let center = |k| {
            let block = admm.block("w", k).unwrap();
            &block.z() - &block.u()
        };
        let expected = (center(0) + center(1)).mapv(|x| x / A::narrow(2.0));
        let error = oracle::distance(&proximal.anchor("w").unwrap(), &expected);
        let slack = tol::tol::<A>(24) * oracle::norm(&expected);
        tol::assert_below(error, slack, "the anchor");
        tol::assert_near(
            proximal.rho("w").unwrap().widen(),
            2.0 * rho,
            2.0 * rho * tol::eps::<A>(),
        );
    }
}

#[test]
fn set_rho_keeps_the_dual_in_f64() {
    set_rho_keeps_the_dual::<f64>();
}

#[test]
fn set_rho_keeps_the_dual_in_f32() {
    set_rho_keeps_the_dual::<f32>();
}

/// After every update `rho U` is what the plain U-step with the old `rho` gives.
#[test]
fn policies_keep_the_dual() {
    let policies = [
        Penalty::geometric(1.3),
        Penalty::geometric(0.8).every(2),
        Penalty::residual_balancing().threshold(1.0).factor(3.0),
    ];
    for policy in policies {
        let mut model = Targets::one(random::tensor::<f64>(&[3, 4, 2], 5));
        let mut admm = Admm::<f64>::builder()
            .constrain("w", TtProjection::new(1))
            .constrain("w", non_negative())
            .rho(1.5)
            .penalty(policy.clone())
            .build(&model)
            .unwrap();
        let mut changes = 0;
        for _ in 0..12 {
            model.train(&admm.proximal()).unwrap();
            let old: Vec<_> = admm
                .blocks()
                .iter()
                .map(|b| (b.u().to_owned(), b.rho()))
                .collect();
            admm.update(|_| model.w[0].view()).unwrap();
            for (k, (u, rho)) in old.into_iter().enumerate() {
                let block = &admm.blocks()[k];
                changes += usize::from(block.rho().to_bits() != rho.to_bits());
                let expected = (u + &model.w[0] - block.z()) * rho;
                let error = oracle::distance(&dual(&admm, "w", k), &expected);
                let slack = tol::tol::<f64>(24) * (1.0 + oracle::norm(&expected));
                tol::assert_below(error, slack, "rho U");
            }
        }
        assert!(changes >= 4, "{policy:?} changed rho {changes} times");
    }
}
