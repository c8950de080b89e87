//! Factors of single weights and of a whole run, with their errors.

use crate::admm_support::Targets;
use crate::common::{jacobi, layout, oracle, random, tol};
use tt_admm::compress::{decompose, decompose_trained};
use tt_admm::ndarray::{ArrayD, Ix2};
use tt_admm::projection::{LowRankProjection, Projection, Prox, WarmStart};
use tt_admm::{Admm, BoxError, Scalar, Tensorization, Trainable, TtProjection};

fn one_weight<A: Scalar>() {
    let map = Tensorization::conv([2, 2], [3, 3], [3]).unwrap();
    let w = random::tensor::<A>(&[4, 3, 3, 3], 1);
    let tt = TtProjection::new(3).layout(map);
    let provers: [&dyn Projection<A>; 2] = [&tt, &LowRankProjection::new(2)];
    for projection in provers {
        let mut z = ArrayD::zeros(w.raw_dim());
        projection
            .project(w.view(), z.view_mut(), &mut WarmStart::default())
            .unwrap();
        let prox: &dyn Prox<A> = projection;
        let found = decompose("w", &w, prox).unwrap();
        assert_eq!(found.factors.to_dense(), z);
        let expected = oracle::distance(&w, &z) / oracle::norm(&w);
        assert!(expected > 0.1);
        tol::assert_near(found.relative_error, expected, tol::tol::<A>(w.len()));
        let columns = layout::column_major(&w);
        assert_eq!(decompose("w", &columns, prox).unwrap(), found);
    }
}

#[test]
fn the_error_is_that_of_the_factors() {
    one_weight::<f32>();
    one_weight::<f64>();
}

#[test]
fn matrices_by_singular_values() {
    let w = random::matrix::<f64>(7, 5, 4);
    let sigma = jacobi::singular_values(&w);
    for rank in 1..=5 {
        let found = decompose("w", &w, &LowRankProjection::new(rank)).unwrap();
        let expected = jacobi::tail(&sigma, rank) / jacobi::tail(&sigma, 0);
        tol::assert_near(found.relative_error, expected, tol::tol_error::<f64>());
        assert_eq!(found.factors.num_parameters(), rank * 12);
    }
}

#[test]
fn zero_weights_have_no_error() {
    let w = ArrayD::<f64>::zeros(vec![4, 5]);
    let found = decompose("w", &w, &TtProjection::new(2)).unwrap();
    assert_eq!(found.relative_error.to_bits(), 0);
    assert_eq!(found.factors.to_dense(), w);
}

#[test]
fn errors_of_extreme_weights_are_numbers() {
    let w = random::tensor::<f64>(&[4, 5], 3);
    let expected = decompose("w", &w, &LowRankProjection::new(2)).unwrap();
    for scale in [2_f64.powi(700), 2_f64.powi(-700)] {
        let found = decompose("w", &(&w * scale), &LowRankProjection::new(2)).unwrap();
        tol::assert_near(found.relative_error, expected.relative_error, 1e-12);
    }
}

/// From W the smallest error, from Z the primal residual.
#[test]
fn a_run_is_decomposed_both_ways() {
    let mut model = Targets::new(vec![
        random::tensor::<f64>(&[6, 5], 1),
        random::tensor::<f64>(&[3, 4, 2], 2),
    ]);
    let mut admm = Admm::<f64>::builder()
        .constrain("w0", LowRankProjection::new(2))
        .constrain("w0", LowRankProjection::new(4))
        .constrain("w1", TtProjection::new(2))
        .rho(1.0)
        .max_iterations(3)
        .tolerance(0.0, 0.0)
        .build(&model)
        .unwrap();
    admm.run(&mut model, &mut ()).unwrap();
    let found = decompose_trained(&admm, |name| model.weight(name)).unwrap();
    assert_eq!(
        found.iter().map(|pair| &*pair.name).collect::<Vec<_>>(),
        ["w0", "w1"]
    );
    for (pair, w) in found.iter().zip(&model.w) {
        let z = admm.z(&pair.name).unwrap();
        let residual = oracle::distance(w, &z) / oracle::norm(w);
        tol::assert_near(pair.from_projection.relative_error, residual, 1e-14);
        let block = &admm.history()[2].blocks()[if pair.name == "w0" { 0 } else { 2 }];
        let recorded = block.primal() / block.weight_norm();
        tol::assert_near(residual, recorded, 1e-13);
        assert_eq!(
            &pair.from_projection.factors,
            admm.factors(&pair.name).unwrap()
        );
        assert_eq!(pair.from_projection.factors.to_dense(), z);
        let direct = oracle::distance(w, &pair.from_weight.factors.to_dense());
        tol::assert_near(
            pair.from_weight.relative_error,
            direct / oracle::norm(w),
            1e-13,
        );
        assert!(residual > 1e-3);
    }
    // The first block counts, and for matrices nothing of rank 2 is nearer than the truncated SVD.
    let w = model.w[0].view().into_dimensionality::<Ix2>().unwrap();
    let sigma = jacobi::singular_values(&w);
    let best = jacobi::tail(&sigma, 2) / jacobi::tail(&sigma, 0);
    tol::assert_near(found[0].from_weight.relative_error, best, 1e-12);
    assert!(found[0].from_projection.relative_error >= best * (1.0 - 1e-12));
    assert_eq!(
        found[0].from_weight.factors.tensor_train().unwrap().ranks(),
        [1, 2, 1]
    );
}

#[test]
fn owned_weights_and_fresh_loops() {
    let w = random::tensor::<f64>(&[4, 4], 6);
    let admm = Admm::<f64>::builder()
        .constrain("w", LowRankProjection::new(1))
        .rho(1.0)
        .build_from(|_| w.view())
        .unwrap();
    let found = decompose_trained(&admm, |_| Ok::<_, BoxError>(w.clone())).unwrap();
    assert_eq!(found[0].from_weight, found[0].from_projection);
}
