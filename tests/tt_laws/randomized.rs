//! Randomised cuts: never better than possible, close to it, measured, and the same for the same seed.

use super::common::oracle::{distance, norm};
use super::common::random;
use super::common::strategy::check;
use super::common::tol::{assert_below, assert_near, eps, tol, tol_error};
use super::{hilbert, random_train};
use proptest::prelude::*;
use tt_admm::linalg::qr;
use tt_admm::ndarray::{Array2, ArrayD};
use tt_admm::{RandomizedSvd, Scalar, SplitMethod, SplitOrder, TensorTrain, Truncation, TtSvd};

/// A matrix with these singular values.
fn with_spectrum(rows: usize, cols: usize, sigma: impl Fn(usize) -> f64) -> Array2<f64> {
    let side = rows.min(cols);
    let basis = |n: usize, seed: u64| qr(&random::matrix::<f64>(n, side, seed)).unwrap().q;
    let mut left = basis(rows, 11);
    for (k, mut column) in left.columns_mut().into_iter().enumerate() {
        column *= sigma(k);
    }
    left.dot(&basis(cols, 12).t())
}

/// The error of what this method finds, checked against the distance.
fn error<A: Scalar>(x: &ArrayD<A>, rule: &Truncation, method: SplitMethod) -> (f64, Vec<usize>) {
    let tt = TtSvd::new(rule.clone())
        .method(method)
        .decompose(x)
        .unwrap();
    let measured = distance(x, &tt.to_dense());
    let slack = tol::<A>(x.len()) * norm(x);
    assert_near(tt.truncation_error().total(), measured, slack);
    (measured, tt.ranks().to_vec())
}

/// Whatever the spectrum inside, a train of low rank comes back to rounding, by its rank and without.
fn low_rank_is_recovered<A: Scalar>() {
    for (rows, cols, last) in [(120, 150, 1.0_f64), (150, 120, 1e-3), (130, 130, 1e-5)] {
        let fall = |k: usize| {
            if k < 9 {
                last.powf(k as f64 / 8.0)
            } else {
                0.0
            }
        };
        let x = with_spectrum(rows, cols, fall).mapv(A::narrow).into_dyn();
        for iterations in [0, 1, 3] {
            let method = RandomizedSvd::default().power_iterations(iterations).into();
            for rule in [
                Truncation::from(9),
                Truncation::max_rank(12),
                Truncation::relative(30.0 * eps::<A>()),
                Truncation::exact(),
            ] {
                let (got, ranks) = error(&x, &rule, method);
                let what = format!("{rows} x {cols}, {last:e}, {iterations}, {rule:?}");
                assert_below(got, tol::<A>(x.len()) * norm(&x), &what);
                assert_eq!(ranks, [1, 9, 1], "{what}");
            }
        }
    }
    // A train, of which some bonds are wide enough for a sample and others are not.
    let x = random_train::<A>(&[9, 10, 11, 9], &[1, 3, 4, 3, 1], 5).to_dense();
    for rule in [Truncation::from([3, 4, 3]), Truncation::exact()] {
        for order in super::ORDERS {
            let svd = TtSvd::new(rule.clone()).order(order);
            let tt = svd.method(SplitMethod::Randomized).decompose(&x).unwrap();
            assert_eq!(tt.ranks(), [1, 3, 4, 3, 1]);
            assert_below(
                distance(&x, &tt.to_dense()),
                tol::<A>(x.len()) * norm(&x),
                "train",
            );
        }
    }
}

/// Spectra from flat to steep: the expected squared error is at most `1 + r / (p - 1)` times the smallest (Halko,
/// Martinsson, Tropp, 2011, theorem 10.5), and next to it where the spectrum falls or with power iterations.
fn errors_are_close_to_the_smallest<A: Scalar>() {
    let (rows, cols, rank) = (160, 200, 12);
    for (ratio, factors) in [
        (0.5, [1.001, 1.001]),
        (0.8, [1.02, 1.001]),
        (0.95, [1.10, 1.02]),
        (1.0, [1.06, 1.06]),
    ] {
        let fall = |k: usize| f64::powi(ratio, i32::try_from(k).unwrap());
        let x = with_spectrum(rows, cols, fall).mapv(A::narrow).into_dyn();
        let rounding = tol::<A>(x.len()) * norm(&x);
        let (best, _) = error(&x, &rank.into(), SplitMethod::QrSvd);
        let mut distinct = Vec::new();
        for seed in 0..6 {
            for (iterations, factor) in [(0, factors[0]), (2, factors[1])] {
                let settings = RandomizedSvd::default()
                    .power_iterations(iterations)
                    .seed(seed);
                let (got, ranks) = error(&x, &rank.into(), settings.into());
                let what = format!("{ratio}, {iterations} iterations, seed {seed}");
                assert_eq!(ranks, [1, rank, 1]);
                assert_below(best, got * (1.0 + 1e-9) + rounding, &what);
                assert_below(got, factor * best + rounding, &what);
            }
            let settings = RandomizedSvd::default().power_iterations(0).seed(seed);
            let tt = TtSvd::new(rank).method(settings).decompose(&x).unwrap();
            let again = TtSvd::new(rank).method(settings).decompose(&x).unwrap();
            assert!(tt == again, "seed {seed}");
            distinct.push(tt);
        }
        for (k, tt) in distinct.iter().enumerate() {
            assert!(!distinct[..k].contains(tt), "two seeds, one result");
        }
    }
}

/// A tolerance is kept whatever the settings, by ranks that are hardly larger than the smallest.
fn tolerances_are_kept<A: Scalar>() {
    let cases = (
        80_usize..140,
        80_usize..140,
        0.3..0.995_f64,
        0.5..5.0_f64,
        0_usize..3,
        any::<u64>(),
    );
    check(
        40,
        &cases,
        |(rows, cols, ratio, digits, iterations, seed)| {
            let fall = |k: usize| ratio.powi(i32::try_from(k).unwrap());
            let x = with_spectrum(rows, cols, fall).mapv(A::narrow).into_dyn();
            let tolerance = 0.1_f64.powf(digits);
            let settings = RandomizedSvd::default()
                .power_iterations(iterations)
                .seed(seed);
            for cap in [None, Some(10), Some(60)] {
                let rule = Truncation::relative(tolerance);
                let rule = cap.map_or(rule.clone(), |rank| rule.and_max_rank(rank));
                let tt = TtSvd::new(rule.clone())
                    .method(settings)
                    .decompose(&x)
                    .unwrap();
                let measured = distance(&x, &tt.to_dense()) / norm(&x);
                assert_near(
                    tt.truncation_error().relative(),
                    measured,
                    tol::<A>(x.len()),
                );
                let (_, smallest) = error(&x, &rule, SplitMethod::QrSvd);
                let (rank, smallest) = (tt.ranks()[1], smallest[1]);
                let what = format!("rank {rank} for {smallest}, {cap:?}");
                if cap == Some(rank) && !tt.truncation_error().tolerance_met() {
                    assert_below(tolerance, measured * (1.0 + tol_error::<A>()), &what);
                } else {
                    assert!(tt.truncation_error().tolerance_met(), "{what}");
                    assert_below(measured, tolerance + tol::<A>(1), &what);
                }
                assert!(
                    rank >= smallest && rank <= smallest + 2 + smallest / 4,
                    "{what}"
                );
            }
        },
    );
}

/// Several bonds share a tolerance; where samples do not pay, the cut is the exact one.
fn trains_keep_tolerances_too<A: Scalar>() {
    for shape in [&[16, 17, 16, 15][..], &[40, 9, 50], &[6, 7, 8]] {
        let x = hilbert::<A>(shape);
        for tolerance in [1e-1, 1e-2, 1e-3] {
            let rule = Truncation::relative(tolerance);
            let (exact, smallest) = error(&x, &rule, SplitMethod::Auto);
            let (got, ranks) = error(&x, &rule, SplitMethod::Randomized);
            for measured in [exact, got] {
                assert_below(measured, tolerance * norm(&x), "tolerance");
            }
            for (rank, smallest) in ranks.iter().zip(&smallest) {
                assert!(rank.abs_diff(*smallest) <= 1, "{ranks:?}");
            }
        }
    }
}

/// Settings that make no sense do no harm: the bond is cut exactly, or the number is clipped.
fn absurd_settings_do_no_harm<A: Scalar>() {
    let x = with_spectrum(60, 70, |k| 0.9_f64.powi(i32::try_from(k).unwrap()));
    let x = x.mapv(A::narrow).into_dyn();
    let settings = RandomizedSvd::default();
    for rule in [Truncation::from(5), Truncation::relative(0.3)] {
        let auto = TtSvd::new(rule.clone()).decompose(&x).unwrap();
        for absurd in [30, usize::MAX] {
            let svd = TtSvd::new(rule.clone()).method(settings.oversampling(absurd));
            let exact = svd.decompose(&x).unwrap();
            assert_eq!(exact.ranks(), auto.ranks());
            let (a, b) = (exact.truncation_error(), auto.truncation_error());
            assert_near(
                a.total(),
                b.total(),
                1e-6 * b.total() + tol::<A>(x.len()) * norm(&x),
            );
        }
        let of = |iterations| {
            let method = settings.power_iterations(iterations);
            TtSvd::new(rule.clone())
                .method(method)
                .decompose(&x)
                .unwrap()
        };
        assert!(of(usize::MAX) == of(16));
        let none = TtSvd::new(rule.clone()).method(settings.oversampling(0).power_iterations(0));
        let (best, slack) = (
            auto.truncation_error().total(),
            tol::<A>(x.len()) * norm(&x),
        );
        let got = none.decompose(&x).unwrap();
        assert_near(
            got.truncation_error().total(),
            distance(&x, &got.to_dense()),
            slack,
        );
        if rule.clone() == Truncation::from(5) {
            assert_below(
                got.truncation_error().total(),
                2.0 * best,
                "no oversampling",
            );
        }
    }
    let default: SplitMethod = RandomizedSvd::default().into();
    let named = TtSvd::new(5)
        .method(SplitMethod::Randomized)
        .decompose(&x)
        .unwrap();
    assert!(TtSvd::new(5).method(default).decompose(&x).unwrap() == named);
    let zero = ArrayD::<A>::zeros(vec![60, 70]);
    let tt = TtSvd::new(5).method(default).decompose(&zero).unwrap();
    assert_eq!(tt.ranks(), [1, 1, 1]);
}

fn the_same_seed_gives_the_same_bits_on_any_threads<A: Scalar>() {
    let x = with_spectrum(300, 400, |k| 1.0 / (1.0 + k as f64)).mapv(A::narrow);
    for rule in [Truncation::from(20), Truncation::relative(0.25)] {
        let svd = TtSvd::new(rule).method(RandomizedSvd::default().seed(3));
        let svd = svd.order(SplitOrder::LeftToRight);
        let expected: TensorTrain<A> = svd.decompose(&x).unwrap();
        assert!(expected.ranks()[1] < 60, "{:?}", expected.ranks());
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let got = pool.build().unwrap().install(|| svd.decompose(&x).unwrap());
            assert!(got == expected, "{threads} threads");
        }
    }
}

fn the_unit_does_not_matter<A: Scalar>() {
    let x = with_spectrum(80, 90, |k| 0.8_f64.powi(i32::try_from(k).unwrap())).mapv(A::narrow);
    for power in [-100, 100] {
        let unit = A::narrow(2.0_f64.powi(power));
        for rule in [Truncation::from(6), Truncation::relative(0.01)] {
            let svd = TtSvd::new(rule).method(SplitMethod::Randomized);
            let (a, b) = (
                svd.decompose(&x).unwrap(),
                svd.decompose(&x.mapv(|v| v * unit)).unwrap(),
            );
            assert_eq!(a.ranks(), b.ranks());
            assert_eq!(
                a.truncation_error().relative(),
                b.truncation_error().relative()
            );
        }
    }
}

for_both_scalars!(
    low_rank_is_recovered,
    errors_are_close_to_the_smallest,
    tolerances_are_kept,
    trains_keep_tolerances_too,
    absurd_settings_do_no_harm,
    the_same_seed_gives_the_same_bits_on_any_threads,
    the_unit_does_not_matter,
);
