//! Residuals, tolerances and penalty policies against numbers worked out by hand.

// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod admm_support;
mod common;

use admm_support::{MapProx, anything, non_negative};
use common::tol::{self, assert_near};
use tt_admm::admm::{AdmmBuilder, BlockRecord, Penalty, RhoCalibration, Status};
use tt_admm::ndarray::{ArrayD, array};
use tt_admm::projection::{LowRankProjection, Prox};
use tt_admm::{Admm, Scalar};

/// Rounding in a handful of operations on numbers of order one.
const ROUNDING: f64 = 1e-14;

fn first() -> ArrayD<f64> {
    array![[1.0, -2.0], [3.0, -4.0]].into_dyn()
}

fn second() -> ArrayD<f64> {
    array![[2.0, -1.0], [0.0, 2.0]].into_dyn()
}

fn third() -> ArrayD<f64> {
    array![[1.0, 2.0], [-2.0, 2.0]].into_dyn()
}

fn clipped(settings: impl FnOnce(AdmmBuilder<f64>) -> AdmmBuilder<f64>) -> Admm<f64> {
    let builder = Admm::<f64>::builder()
        .constrain("w", non_negative())
        .rho(0.5);
    settings(builder).build_from(|_| first()).unwrap()
}

/// `primal, dual, |W|, |Z|, |U|`.
fn figures(record: &BlockRecord) -> [f64; 5] {
    [
        record.primal(),
        record.dual(),
        record.weight_norm(),
        record.z_norm(),
        record.u_norm(),
    ]
}

#[track_caller]
fn assert_figures(record: &BlockRecord, expected: [f64; 5]) {
    for (got, expected) in figures(record).into_iter().zip(expected) {
        assert_near(got, expected, ROUNDING);
    }
}

/// From Z = (1 0; 3 0), U = 0: W = (2 -1; 0 2) gives Z = (2 0; 0 2) and U = (0 -1; 0 0).
#[test]
fn two_updates_by_hand() {
    let mut admm = clipped(|b| b);
    assert_eq!(
        admm.z("w").unwrap(),
        array![[1.0, 0.0], [3.0, 0.0]].into_dyn()
    );
    let record = admm.update(|_| second()).unwrap().clone();
    let block = &record.blocks()[0];
    assert_eq!((block.weight(), block.ordinal()), ("w", 0));
    assert_figures(
        block,
        [1.0, 0.5 * 14.0_f64.sqrt(), 3.0, 8.0_f64.sqrt(), 1.0],
    );
    assert_near(block.relative_primal(), 1.0 / 3.0, ROUNDING);
    assert_near(block.relative_dual(), 14.0_f64.sqrt(), ROUNDING);
    assert_near(block.projection_distance(), 1.0, ROUNDING);
    assert_near(block.rho(), 0.5, 0.0);
    // W + U = (1 1; -2 2), so Z = (1 1; 0 2) and U = (0 0; -2 0).
    let record = admm.update(|_| third()).unwrap().clone();
    assert_eq!(
        admm.z("w").unwrap(),
        array![[1.0, 1.0], [0.0, 2.0]].into_dyn()
    );
    assert_eq!(
        admm.u("w").unwrap(),
        array![[0.0, 0.0], [-2.0, 0.0]].into_dyn()
    );
    let block = &record.blocks()[0];
    let (root, dual) = (5.0_f64.sqrt(), 0.5 * 2.0_f64.sqrt());
    assert_figures(block, [root, dual, 13.0_f64.sqrt(), 6.0_f64.sqrt(), 2.0]);
    assert_near(block.relative_primal(), (5.0 / 13.0_f64).sqrt(), ROUNDING);
    assert_near(block.relative_dual(), 2.0_f64.sqrt() / 2.0, ROUNDING);
    assert_near(block.projection_distance(), 2.0, ROUNDING);
    assert_eq!(admm.history().last(), Some(&record));
}

/// The primal residual is that of the unrelaxed W; the first update is not relaxed.
#[test]
fn over_relaxation_by_hand() {
    let mut admm = clipped(|b| b.over_relaxation(1.5));
    let block = admm.update(|_| second()).unwrap().blocks()[0].clone();
    assert_figures(
        &block,
        [1.0, 0.5 * 14.0_f64.sqrt(), 3.0, 8.0_f64.sqrt(), 1.0],
    );
    // 1.5 W - 0.5 Z + U = (1.5 3; -3 3) - (1 0; 0 1) + (0 -1; 0 0) = (0.5 2; -3 2).
    let block = admm.update(|_| third()).unwrap().blocks()[0].clone();
    assert_eq!(
        admm.z("w").unwrap(),
        array![[0.5, 2.0], [0.0, 2.0]].into_dyn()
    );
    assert_eq!(
        admm.u("w").unwrap(),
        array![[0.0, 0.0], [-3.0, 0.0]].into_dyn()
    );
    let primal = (0.25 + 4.0_f64).sqrt();
    let dual = 0.5 * (2.25 + 4.0_f64).sqrt();
    assert_figures(
        &block,
        [primal, dual, 13.0_f64.sqrt(), 8.25_f64.sqrt(), 3.0],
    );
    assert_near(block.projection_distance(), 3.0, ROUNDING);
}

/// Boyd et al., 2011, section 3.3.1, with n = 4.
#[test]
fn the_residual_ratio_compares_with_the_tolerances() {
    for (absolute, relative) in [(0.1, 0.01), (0.0, 0.2), (2.0, 0.0), (1.0, 0.5)] {
        let mut admm = clipped(|b| b.tolerance(absolute, relative));
        let record = admm.update(|_| second()).unwrap();
        let primal = 1.0 / (2.0 * absolute + relative * 3.0);
        let dual = 0.5 * 14.0_f64.sqrt() / (2.0 * absolute + relative * 0.5);
        let ratio = record.residual_ratio();
        assert_near(ratio, primal.max(dual), 1e-13 * ratio);
        let expected = (ratio <= 1.0).then_some(Status::Converged);
        assert_eq!(admm.status(), expected, "{absolute} {relative}");
    }
    assert_eq!(
        {
            let mut admm = clipped(|b| b.tolerance(1.0, 0.5));
            admm.update(|_| second()).unwrap();
            admm.status()
        },
        Some(Status::Converged)
    );
}

fn default_tolerances<A: Scalar>() {
    let w = ArrayD::<A>::from_elem(vec![2, 2], A::one());
    let fixed = MapProx(|v: &ArrayD<A>, _: A| ArrayD::zeros(v.raw_dim()));
    let mut admm = Admm::<A>::builder()
        .constrain("w", fixed)
        .rho(1.0)
        .build_from(|_| w.view())
        .unwrap();
    let ratio = admm.update(|_| w.view()).unwrap().residual_ratio();
    // And what rounding alone leaves.
    let relative = 1e-3 + 16.0 * A::epsilon().widen();
    assert_near(ratio, 1.0 / relative, 1e-6 * ratio);
}

#[test]
fn default_tolerances_are_relative() {
    default_tolerances::<f32>();
    default_tolerances::<f64>();
}

/// All blocks together: roots of sums of squares, not means of ratios.
#[test]
fn several_blocks_add_up() {
    let zero = MapProx(|v: &ArrayD<f64>, _: f64| ArrayD::zeros(v.raw_dim()));
    let mut admm = Admm::<f64>::builder()
        .constrain("a", non_negative())
        .constrain("b", zero)
        .rho(0.5)
        .rho_for("b", 3.0)
        .tolerance(0.1, 0.0)
        .build_from(|_| first())
        .unwrap();
    let record = admm.update(|_| second()).unwrap();
    // a: primal 1, dual sqrt(14)/2, rho |U| 1/2; b: primal |W| = 3, dual 0, rho |U| 9.
    assert_near(record.primal_residual(), (10.0 / 18.0_f64).sqrt(), ROUNDING);
    let dual = (14.0 / 4.0 / (0.25 + 81.0_f64)).sqrt();
    assert_near(record.dual_residual(), dual, ROUNDING);
    let ratios: Vec<_> = record
        .blocks()
        .iter()
        .map(BlockRecord::residual_ratio)
        .collect();
    // The tolerances have a floor at rounding level besides the 0.1 sqrt(4).
    assert_near(ratios[0], 0.5 * 14.0_f64.sqrt() / 0.2, 1e-11);
    assert_near(ratios[1], 3.0 / 0.2, 1e-11);
    assert_near(record.residual_ratio(), ratios[1], 0.0);
}

#[test]
fn zero_weights_converge_at_once() {
    let zero = ArrayD::<f64>::zeros(vec![3, 3]);
    for settings in [(None, "default"), (Some(0.0), "no tolerance")] {
        let mut builder = Admm::<f64>::builder()
            .constrain("w", LowRankProjection::new(1))
            .rho(1.0)
            .penalty(Penalty::residual_balancing());
        if let Some(tolerance) = settings.0 {
            builder = builder.tolerance(tolerance, tolerance);
        }
        let mut admm = builder.build_from(|_| zero.view()).unwrap();
        let record = admm.update(|_| zero.view()).unwrap().clone();
        let block = &record.blocks()[0];
        assert_figures(block, [0.0; 5]);
        for figure in [
            block.relative_primal(),
            block.relative_dual(),
            record.primal_residual(),
            record.dual_residual(),
            record.residual_ratio(),
        ] {
            assert_eq!(figure.to_bits(), 0, "{}", settings.1);
        }
        assert_eq!(admm.status(), Some(Status::Converged));
        assert_eq!(admm.rho("w"), Some(1.0));
    }
}

/// Squares of such weights are not numbers of `f64`; their residuals are.
#[test]
fn huge_and_tiny_weights_have_residuals() {
    for scale in [1e200, 1e-200] {
        let w = array![[1.0, 0.0], [0.0, 0.5]].into_dyn() * scale;
        let mut admm = Admm::<f64>::builder()
            .constrain("w", LowRankProjection::new(1))
            .rho(1.0)
            .tolerance(0.0, 1e-3)
            .build_from(|_| w.view())
            .unwrap();
        let record = admm.update(|_| w.view()).unwrap().clone();
        assert_eq!(admm.status(), None, "{scale:e} {:?}", record.blocks()[0]);
        let block = &record.blocks()[0];
        assert_near(block.primal() / scale, 0.5, ROUNDING);
        assert_near(block.relative_primal(), 0.5 / 1.25_f64.sqrt(), ROUNDING);
        assert_near(record.primal_residual(), 0.5 / 1.25_f64.sqrt(), ROUNDING);
    }
}

fn rho_after(penalty: Penalty, prox: impl Prox<f64> + 'static) -> f64 {
    let mut admm = Admm::<f64>::builder()
        .constrain("w", prox)
        .rho(0.5)
        .penalty(penalty)
        .build_from(|_| first())
        .unwrap();
    admm.update(|_| second()).unwrap();
    admm.rho("w").unwrap()
}

#[test]
fn residual_balancing_goes_the_right_way() {
    let constant = || MapProx(|v: &ArrayD<f64>, _: f64| ArrayD::ones(v.raw_dim()));
    let balancing = Penalty::residual_balancing;
    // Z never moves and W is elsewhere: only the primal residual is left, rho must grow.
    assert_near(rho_after(balancing(), constant()), 1.0, 0.0);
    assert_near(rho_after(balancing().factor(3.0), constant()), 1.5, 0.0);
    assert_near(
        rho_after(balancing().bounded(0.0, 0.6), constant()),
        0.6,
        0.0,
    );
    assert_near(
        rho_after(balancing().bounded(0.0, 0.1), constant()),
        0.5,
        0.0,
    );
    assert_near(rho_after(balancing().every(2), constant()), 0.5, 0.0);
    // Z follows W everywhere: only the dual residual is left, rho must shrink.
    assert_near(rho_after(balancing(), anything()), 0.25, 0.0);
    assert_near(
        rho_after(balancing().bounded(0.4, 9.0), anything()),
        0.4,
        0.0,
    );
    assert_near(
        rho_after(balancing().bounded(0.7, 9.0), anything()),
        0.5,
        0.0,
    );
    // Relative residuals 1/3 and sqrt(14): apart by a factor of 11.22.
    assert_near(rho_after(balancing(), non_negative()), 0.25, 0.0);
    assert_near(
        rho_after(balancing().threshold(11.2), non_negative()),
        0.25,
        0.0,
    );
    assert_near(
        rho_after(balancing().threshold(11.3), non_negative()),
        0.5,
        0.0,
    );
    assert_near(rho_after(Penalty::constant(), constant()), 0.5, 0.0);
}

fn rhos(penalty: Penalty, start: f64, updates: usize) -> (Vec<f64>, Vec<f64>) {
    let mut admm = Admm::<f64>::builder()
        .constrain("w", non_negative())
        .rho(start)
        .penalty(penalty)
        .build_from(|_| first())
        .unwrap();
    let after = (0..updates)
        .map(|_| {
            admm.update(|_| second()).unwrap();
            admm.rho("w").unwrap()
        })
        .collect();
    let recorded = admm.history().iter().map(|r| r.blocks()[0].rho()).collect();
    (after, recorded)
}

#[test]
fn geometric_growth_with_bounds_and_pauses() {
    let (after, recorded) = rhos(Penalty::geometric(2.0), 1.0, 4);
    assert_eq!(after, [2.0, 4.0, 8.0, 16.0]);
    assert_eq!(recorded, [1.0, 2.0, 4.0, 8.0], "rho during the update");
    let (after, _) = rhos(Penalty::geometric(2.0).every(3), 1.0, 7);
    assert_eq!(after, [1.0, 1.0, 2.0, 2.0, 2.0, 4.0, 4.0]);
    let (after, _) = rhos(Penalty::geometric(2.0).bounded(0.0, 5.0), 1.0, 4);
    assert_eq!(after, [2.0, 4.0, 5.0, 5.0]);
    let (after, _) = rhos(Penalty::geometric(0.5).bounded(0.3, 9.0), 1.0, 3);
    assert_eq!(after, [0.5, 0.3, 0.3]);
    // A bound does not move a rho that starts outside.
    let (after, _) = rhos(Penalty::geometric(2.0).bounded(0.0, 5.0), 7.0, 2);
    assert_eq!(after, [7.0, 7.0]);
    let (after, _) = rhos(Penalty::geometric(1.0).factor(4.0), 1.0, 2);
    assert_eq!(after, [4.0, 16.0]);
    let (after, _) = rhos(Penalty::constant().factor(4.0), 1.0, 2);
    assert_eq!(after, [1.0, 1.0]);
}

/// `pull (1 - m) / (n eta)`, and the settings of the published recipes.
#[test]
fn calibration_numbers() {
    let rho = |c: RhoCalibration| c.rho().unwrap();
    let near = |got: f64, expected: f64| assert_near(got, expected, 4.0 * tol::eps::<f64>());
    near(rho(RhoCalibration::sgd(10, 0.1)), 0.4);
    near(rho(RhoCalibration::sgd(50, 0.05).momentum(0.9)), 0.016);
    near(
        rho(RhoCalibration::sgd(390, 0.1).momentum(0.9).pull(0.39)),
        1e-3,
    );
    near(rho(RhoCalibration::sgd(1, 2.0).pull(3.0)), 1.5);
}
