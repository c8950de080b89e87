//! Improvement sweeps: the error never rises, is measured, and ends where no core can be changed to any good.

use super::common::oracle::{clipped_ranks, distance, inner, norm};
use super::common::random;
use super::common::strategy::{check, shape_and_ranks};
use super::common::tol::{assert_below, assert_near, is_single, tol, tol_error};
use super::{ORDERS, hilbert, random_train};
use tt_admm::ndarray::ArrayD;
use tt_admm::{
    Scalar, SweepStatus, Sweeps, TensorTrain, Truncation, TruncationError, TtSvd, tt_svd,
};

/// What holds for every improved train of `x`; returns the measured distance.
fn assert_certificate<A: Scalar>(x: &ArrayD<A>, tt: &TensorTrain<A>) -> f64 {
    let (total, dense) = (norm(x), tt.to_dense());
    let (measured, error) = (distance(x, &dense), tt.truncation_error());
    assert_near(error.total(), measured, tol::<A>(x.len()) * total);
    assert_near(error.relative() * total, error.total(), tol::<A>(1) * total);
    let squares: f64 = error.per_bond().iter().map(|e| e * e).sum();
    assert_near(squares.sqrt(), error.total(), 1e-14 * total);
    assert_eq!(error.per_bond().len(), x.ndim() - 1);
    // The centre is solved for last, so the residual is orthogonal to the result.
    let slack = 4.0 * tol::<A>(x.len()) * total * total;
    assert_near(inner(x, &dense), norm(&dense).powi(2), slack);
    measured
}

fn the_error_never_rises_and_mostly_falls<A: Scalar>() {
    let (mut tried, mut fell) = (0, 0);
    let counts = std::cell::RefCell::new((&mut tried, &mut fell));
    check(
        200,
        &(
            shape_and_ranks(3_usize..=7, 1200, 5),
            0_u64..1 << 40,
            0_usize..3,
        ),
        |((shape, ranks), seed, order)| {
            let x = random::tensor::<A>(&shape, seed);
            let svd = TtSvd::new(&ranks).order(ORDERS[order]);
            let plain = svd.decompose(&x).unwrap();
            let better = svd.improve(Sweeps::default()).decompose(&x).unwrap();
            assert_eq!(better.ranks(), plain.ranks());
            let measured = assert_certificate(&x, &better);
            let before = distance(&x, &plain.to_dense());
            let rounding = tol::<A>(x.len()) * norm(&x);
            assert_below(measured, before + rounding, "after sweeps");
            let done = better.truncation_error().improvement().unwrap();
            assert_near(done.before(), before, tol_error::<A>() * norm(&x));
            assert!(done.sweeps() <= 20);
            // With one bond cut this is a matrix problem, which TT-SVD solves best.
            let cut = plain.truncation_error().per_bond().iter();
            if cut.filter(|&&e| e > 1e-3 * norm(&x)).count() > 1 {
                let mut counts = counts.borrow_mut();
                *counts.0 += 1;
                *counts.1 += u32::from(measured < before * (1.0 - 1e-6));
            }
        },
    );
    assert!(tried > 100 && 20 * fell >= 19 * tried, "{fell} of {tried}");
}

/// The error after every number of sweeps, from none on, without an early end.
fn errors_by_sweeps<A: Scalar>(x: &ArrayD<A>, rank: usize, most: usize) -> Vec<f64> {
    let after = |sweeps| {
        let svd = TtSvd::new(rank).improve(Sweeps::at_most(sweeps).until(0.0));
        svd.decompose(x).unwrap().truncation_error().clone()
    };
    let errors: Vec<TruncationError> = (0..=most).map(after).collect();
    for (sweeps, error) in errors.iter().enumerate() {
        let done = error.improvement().unwrap();
        let end = (done.sweeps(), done.status());
        assert!(
            end == (sweeps, SweepStatus::BoundReached) || done.status() == SweepStatus::Converged,
            "{end:?}"
        );
    }
    errors.iter().map(TruncationError::total).collect()
}

fn no_sweep_raises_the_error<A: Scalar>() {
    for shape in [&[7, 8, 9][..], &[5, 4, 6, 3], &[3, 3, 4, 3, 3]] {
        for x in [random::tensor::<A>(shape, 3), hilbert::<A>(shape)] {
            for rank in [1, 2, 4] {
                let errors = errors_by_sweeps(&x, rank, 6);
                let rounding = tol::<A>(x.len()) * norm(&x);
                assert_near(
                    errors[0],
                    tt_svd(&x, rank).unwrap().truncation_error().total(),
                    rounding,
                );
                for pair in errors.windows(2) {
                    assert_below(pair[1], pair[0] + rounding, &format!("{shape:?}, {rank}"));
                }
            }
        }
    }
}

/// The gradient of half the squared distance with respect to every core vanishes, and more sweeps change nothing.
fn the_end_is_a_stationary_point<A: Scalar>() {
    let share = if is_single::<A>() { 1e-6 } else { 1e-12 };
    let sweeps = Sweeps::at_most(5000).until(share);
    for (shape, rank, seed) in [
        (&[7, 8, 9][..], 3, 1),
        (&[6, 6, 6], 2, 2),
        (&[4, 5, 3, 4], 2, 3),
        (&[3, 4, 3, 4, 3], 3, 4),
    ] {
        let x = random::tensor::<A>(shape, seed);
        let tt = TtSvd::new(rank).improve(sweeps).decompose(&x).unwrap();
        let done = tt.truncation_error().improvement().unwrap();
        assert_eq!(done.status(), SweepStatus::Converged, "{shape:?}");
        // A share of the squared error is the squared gradient, up to the curvature, which is of order 1 in this gauge.
        let residual = &tt.to_dense() - &x;
        let gradients = tt.pullback(&residual).unwrap();
        let slack = 20.0 * (share.sqrt() + tol::<A>(x.len())) * norm(&x);
        let center =
            (0..shape.len()).max_by(|&a, &b| norm(&tt.cores()[a]).total_cmp(&norm(&tt.cores()[b])));
        for (k, gradient) in gradients.iter().enumerate() {
            let unit = if center == Some(k) { 1.0 } else { norm(&x) };
            assert_below(
                norm(gradient),
                slack * unit,
                &format!("core {k} of {shape:?}"),
            );
        }
        let more = TtSvd::new(rank).improve(Sweeps::at_most(done.sweeps() + 1).until(0.0));
        let more = more.decompose(&x).unwrap();
        assert_near(
            more.truncation_error().total(),
            tt.truncation_error().total(),
            (2.0 * share + tol::<A>(x.len())) * norm(&x),
        );
    }
}

/// A train that TT-SVD finds exactly has nothing to gain, and neither has a matrix, a vector, a full rank or zero.
fn nothing_to_gain_is_said_so<A: Scalar>() {
    let exact = random_train::<A>(&[5, 6, 4, 5], &[1, 3, 4, 2, 1], 6).to_dense();
    let cases = [
        (random::tensor::<A>(&[6], 1), 2),
        (random::tensor::<A>(&[6, 7], 2), 3),
        (random::tensor::<A>(&[3, 4, 5], 3), 60),
        (random::tensor::<A>(&[1, 1, 1], 4), 1),
        (ArrayD::zeros(vec![3, 4, 5]), 2),
        (exact, 4),
    ];
    for (x, rank) in cases {
        let ranks = clipped_ranks(x.shape(), rank);
        let plain = tt_svd(&x, &ranks).unwrap();
        for sweeps in [
            Sweeps::default(),
            Sweeps::at_most(3).until(0.0),
            Sweeps::at_most(0),
        ] {
            let tt = TtSvd::new(&ranks).improve(sweeps).decompose(&x).unwrap();
            assert!(tt == plain, "{:?}", x.shape());
            let done = tt.truncation_error().improvement().unwrap();
            assert_eq!(done.sweeps(), 0, "{:?}", x.shape());
            assert_eq!(done.before(), tt.truncation_error().total());
            let open = sweeps == Sweeps::at_most(0) && norm(&x) > 0.0 && x.ndim() > 2;
            assert_eq!(
                done.status() == SweepStatus::BoundReached,
                open,
                "{:?}",
                x.shape()
            );
            assert_near(
                tt.truncation_error().total(),
                plain.truncation_error().total(),
                0.0,
            );
        }
        assert!(plain.truncation_error().improvement().is_none());
    }
}

/// A rank of modes that are uncut, or of size one, or on one side of the centre only.
fn odd_shapes_are_improved_too<A: Scalar>() {
    for (shape, ranks) in [
        (&[1, 6, 1, 7, 5][..], &[1, 1, 3, 3, 3, 1][..]),
        (&[40, 2, 2], &[1, 3, 2, 1]),
        (&[2, 2, 40], &[1, 2, 3, 1]),
        (&[2, 30, 2], &[1, 2, 2, 1]),
        (&[8, 9, 8], &[1, 8, 3, 1]),
        (&[2; 9], &[1, 2, 3, 3, 3, 3, 3, 3, 2, 1]),
    ] {
        let x = random::tensor::<A>(shape, 5);
        for order in ORDERS {
            let svd = TtSvd::new(ranks).order(order);
            let before = distance(&x, &svd.decompose(&x).unwrap().to_dense());
            let tt = svd.improve(Sweeps::at_most(8)).decompose(&x).unwrap();
            assert_eq!(tt.ranks(), ranks);
            let rounding = tol::<A>(x.len()) * norm(&x);
            assert_below(assert_certificate(&x, &tt), before + rounding, "odd shape");
        }
    }
}

fn a_tolerance_is_met_at_the_ranks_found<A: Scalar>() {
    for shape in [&[8, 9, 8][..], &[5, 6, 4, 5]] {
        let x = random::tensor::<A>(shape, 8);
        for relative in [0.1, 0.3, 0.6] {
            let rule = Truncation::relative(relative);
            let plain = tt_svd(&x, rule.clone()).unwrap();
            let better = TtSvd::new(rule).improve(5).decompose(&x).unwrap();
            assert_eq!(better.ranks(), plain.ranks());
            assert!(better.truncation_error().tolerance_met());
            assert_certificate(&x, &better);
        }
        // Between the error before and after: the sweeps decide whether the tolerance is met.
        let plain = tt_svd(&x, 4).unwrap().truncation_error().relative();
        let improved = |rule: Truncation| TtSvd::new(rule).improve(50).decompose(&x).unwrap();
        let best = improved(4.into()).truncation_error().relative();
        let capped = |relative| {
            let rule = Truncation::relative(relative).and_max_rank(4);
            improved(rule).truncation_error().tolerance_met()
        };
        assert!(best < 0.999 * plain, "{best} {plain}");
        assert!(capped(f64::midpoint(best, plain)), "{shape:?}");
        assert!(!capped(0.9 * best), "{shape:?}");
    }
}

fn the_unit_does_not_matter<A: Scalar>() {
    let units: &[f64] = if is_single::<A>() {
        &[1e-37, 1e-30, 1e30, 1e36]
    } else {
        &[1e-300, 1e-150, 1e150, 1e300]
    };
    for &unit in units {
        let power = A::narrow(unit.log2().round().exp2());
        for shape in [&[6, 7, 5][..], &[4, 5, 3, 4]] {
            let x = random::tensor::<A>(shape, 9);
            let svd = TtSvd::new(Truncation::relative(0.5)).improve(4);
            let expected = svd.decompose(&x).unwrap();
            let got = svd.decompose(&x.mapv(|v| v * power)).unwrap();
            let (a, b) = (expected.truncation_error(), got.truncation_error());
            assert_near(b.relative(), a.relative(), tol::<A>(x.len()));
            assert_near(
                b.total() / power.widen(),
                a.total(),
                tol::<A>(x.len()) * norm(&x),
            );
            let (a, b) = (a.improvement().unwrap(), b.improvement().unwrap());
            assert_near(
                b.before() / power.widen(),
                a.before(),
                tol::<A>(x.len()) * norm(&x),
            );
            assert_eq!(b.status(), a.status());
            let back = got.to_dense().mapv(|v| v / power);
            assert_below(
                distance(&back, &expected.to_dense()),
                tol::<A>(x.len()) * norm(&x),
                "",
            );
        }
    }
}

fn the_number_of_threads_does_not_matter<A: Scalar>() {
    let x = random::tensor::<A>(&[40, 9, 40], 10);
    let svd = TtSvd::new(12).improve(3);
    let expected = svd.decompose(&x).unwrap();
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let got = pool.build().unwrap().install(|| svd.decompose(&x).unwrap());
        assert!(got == expected && got.truncation_error() == expected.truncation_error());
    }
    let consumed = svd.decompose_into(x).unwrap();
    assert!(consumed == expected);
}

for_both_scalars!(
    the_error_never_rises_and_mostly_falls,
    no_sweep_raises_the_error,
    the_end_is_a_stationary_point,
    nothing_to_gain_is_said_so,
    odd_shapes_are_improved_too,
    a_tolerance_is_met_at_the_ranks_found,
    the_unit_does_not_matter,
    the_number_of_threads_does_not_matter,
);
