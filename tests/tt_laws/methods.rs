//! Every way to cut a bond, over the whole range of spectra: the error is what its description says.

use super::common::oracle::{distance, norm};
use super::common::random;
use super::common::tol::{assert_below, assert_near, eps, tol, tol_error};
use tt_admm::linalg::qr;
use tt_admm::ndarray::{Array1, Array2, ArrayD, IxDyn, s};
use tt_admm::{Scalar, SplitMethod, SplitOrder, TensorTrain, Truncation, TtSvd};

const RANK: usize = 6;

/// A matrix whose singular values fall from 1 to `last` at `RANK`, and from half of that on by a tenth each; and
/// the norm of the part beyond `RANK`.
fn with_spectrum(rows: usize, cols: usize, last: f64) -> (Array2<f64>, f64) {
    let side = rows.min(cols);
    let basis = |n: usize, seed: u64| qr(&random::matrix::<f64>(n, side, seed)).unwrap().q;
    let sigma: Vec<f64> = (0..side)
        .map(|k| match k.checked_sub(RANK) {
            None => last.powf(k as f64 / (RANK - 1) as f64),
            Some(beyond) => 0.5 * last * 0.9_f64.powi(i32::try_from(beyond).unwrap()),
        })
        .collect();
    let mut left = basis(rows, 1);
    for (k, mut column) in left.columns_mut().into_iter().enumerate() {
        column *= sigma[k];
    }
    let tail = sigma[RANK..].iter().map(|x| x * x).sum::<f64>().sqrt();
    (left.dot(&basis(cols, 2).t()), tail)
}

fn errors_are_as_described_from_one_tenth_to_one_in_1e14<A: Scalar>() {
    for (rows, cols) in [(20, 70), (70, 20), (40, 40)] {
        for digits in 1..=14 {
            let (x, tail) = with_spectrum(rows, cols, 0.1_f64.powi(digits));
            let x = x.mapv(A::narrow);
            let total = norm(&x);
            for order in [SplitOrder::LeftToRight, SplitOrder::RightToLeft] {
                for method in [SplitMethod::Auto, SplitMethod::Gram, SplitMethod::QrSvd] {
                    let svd = TtSvd::new(RANK).order(order).method(method);
                    let tt = svd.decompose(&x).unwrap();
                    let measured = distance(&x, &tt.to_dense());
                    let reported = tt.truncation_error().total();
                    let what = format!("{method:?}, {rows} x {cols}, {order:?}, 1e-{digits}");
                    let (allowed, slack) = if method == SplitMethod::Gram {
                        let floor = 16.0 * eps::<A>().sqrt() * total;
                        (tail + floor, floor)
                    } else {
                        (tail * (1.0 + 1e-6), tol_error::<A>().min(1e-9) * total)
                    };
                    let rounding = tol::<A>(x.len()) * total;
                    assert_below(measured, allowed + rounding, &what);
                    assert_near(reported, measured, slack + rounding);
                    let gram = tt.core(usize::from(order == SplitOrder::RightToLeft));
                    assert_orthonormal(&gram.to_owned(), order, &what);
                }
            }
        }
    }
}

/// A matrix of which `rank` terms stand out: singular values from 1 to `last`, then `beyond`, all alike.
fn of_low_rank(rows: usize, cols: usize, rank: usize, last: f64, beyond: f64) -> Array2<f64> {
    let side = rows.min(cols);
    let basis = |n: usize, seed: u64| qr(&random::matrix::<f64>(n, side, seed)).unwrap().q;
    let mut left = basis(rows, 3);
    for (k, mut column) in left.columns_mut().into_iter().enumerate() {
        column *= if k < rank {
            last.powf(k as f64 / (rank - 1) as f64)
        } else {
            beyond
        };
    }
    left.dot(&basis(cols, 4).t())
}

/// Ranks far below the sides, where a random start may replace the Gram matrix: never noticeably worse than the
/// stable method when chosen automatically, never better than possible when forced, and the error known exactly.
fn low_ranks_of_wide_matrices_lose_nothing<A: Scalar>() {
    for (rows, cols) in [(160, 200), (200, 160)] {
        for (last, beyond) in [
            (0.5, 0.0),
            (0.5, 1e-9),
            (0.1, 1e-3),
            (1e-2, 1e-4),
            (1e-4, 1e-6),
            (1e-6, 1e-9),
            (1e-9, 1e-12),
            (0.5, 0.05),
            (0.5, 0.3),
            (1.0, 1.0),
        ] {
            let x = of_low_rank(rows, cols, 8, last, beyond).mapv(A::narrow);
            let total = norm(&x);
            let rounding = tol::<A>(x.len()) * total;
            for (rank, at_most) in [(3, false), (8, false), (12, false), (8, true), (12, true)] {
                let what = format!("{rows} x {cols}, rank {rank}, {last:e}, {beyond:e}");
                let rule = if at_most {
                    Truncation::max_rank(rank)
                } else {
                    Truncation::from(rank)
                };
                let stable = TtSvd::new(rule.clone()).method(SplitMethod::QrSvd);
                let ranks = stable.decompose(&x).unwrap().ranks().to_vec();
                let error = |method| {
                    let svd = TtSvd::new(rule.clone()).method(method);
                    let tt = svd.decompose(&x).unwrap();
                    let measured = distance(&x, &tt.to_dense());
                    assert_near(tt.truncation_error().total(), measured, rounding);
                    assert_eq!(tt.ranks(), ranks, "{what}, {method:?}");
                    measured
                };
                let best = error(SplitMethod::QrSvd);
                let auto = error(SplitMethod::Auto);
                assert_below(auto, best * (1.0 + 1e-6) + rounding, &what);
                let random = error(SplitMethod::Randomized);
                assert_below(best, random * (1.0 + 1e-9) + rounding, &what);
                assert_below(random, 1.05 * best + rounding, &what);
            }
        }
    }
}

/// Hundreds of small singular values, whose sum of squares is the error: none of it is lost in rounding.
fn long_tails_are_counted_whole<A: Scalar>() {
    let side = 700;
    // A reflection on both sides of a diagonal matrix keeps its singular values, 1 / k.
    let unit = |seed: u64| {
        let v = random::matrix::<f64>(side, 1, seed);
        let size = norm(&v);
        v / size
    };
    let diagonal: Array1<f64> = (1..=side).map(|k| 1.0 / k as f64).collect();
    let mut x = Array2::from_diag(&diagonal);
    for seed in [1, 2] {
        let v = unit(seed);
        let product = v.t().dot(&x);
        x = (&x - &(v.dot(&product) * 2.0)).reversed_axes();
    }
    let x = x.mapv(A::narrow);
    let rank = 20;
    let smallest: f64 = (rank + 1..=side)
        .rev()
        .map(|k| (1.0 / k as f64).powi(2))
        .sum();
    for method in [SplitMethod::Auto, SplitMethod::Gram, SplitMethod::QrSvd] {
        let tt = TtSvd::new(rank).method(method).decompose(&x).unwrap();
        let reported = tt.truncation_error().total();
        let rounding = 0.5 * tol_error::<A>() * norm(&x);
        assert_near(reported, distance(&x, &tt.to_dense()), rounding);
        assert_near(reported, smallest.sqrt(), rounding);
    }
}

/// The core away from the centre is orthonormal.
fn assert_orthonormal<A: Scalar>(
    core: &tt_admm::ndarray::Array3<A>,
    order: SplitOrder,
    what: &str,
) {
    let (r, n, s) = core.dim();
    let matrix = if order == SplitOrder::RightToLeft {
        core.to_shape((r, n * s)).unwrap().t().to_owned()
    } else {
        core.to_shape((r * n, s)).unwrap().to_owned()
    };
    let gram = super::common::oracle::matmul(&matrix.t(), &matrix);
    for ((i, j), x) in gram.indexed_iter() {
        let expected = f64::from(u8::from(i == j));
        assert_below((x - expected).abs(), tol::<A>(matrix.len()), what);
    }
}

/// Low rank plus noise, as a train of `order` modes of size 2: large enough for several bonds at a time.
fn noisy<A: Scalar>(order: usize, noise: f64) -> ArrayD<A> {
    let shape = vec![2; order];
    let ranks: Vec<usize> = (0..=order)
        .map(|k| 4.min(1 << k.min(order - k).min(2)))
        .collect();
    let cores = random::cores::<f64>(&shape, &ranks, 5);
    let smooth = TensorTrain::from_cores(cores).unwrap().to_dense();
    let rough = random::tensor::<f64>(&shape, 6);
    let share = noise * norm(&smooth) / norm(&rough);
    (smooth + rough * share).mapv(A::narrow)
}

fn many_thin_modes_are_cut_as_well_as_one_at_a_time<A: Scalar>() {
    for noise in [0.3, 1e-2, 1e-4, 1e-6, 1e-8, 1e-11, 0.0] {
        let x = noisy::<A>(17, noise);
        let total = norm(&x);
        for rule in [
            Truncation::from(4),
            Truncation::max_rank(4),
            // More than there are terms: the last ones are as small as the noise.
            Truncation::from(7),
            Truncation::relative(2.0 * noise.max(1e-5)),
        ] {
            // Left to right the bonds are cut one at a time.
            let one_at_a_time = TtSvd::new(rule.clone())
                .order(SplitOrder::LeftToRight)
                .method(SplitMethod::QrSvd);
            let single = one_at_a_time.decompose(&x.t()).unwrap();
            let ranks: Vec<usize> = single.ranks().iter().rev().copied().collect();
            let best = distance(&x.t(), &single.to_dense());
            for method in [SplitMethod::Auto, SplitMethod::QrSvd] {
                let joined = TtSvd::new(rule.clone())
                    .order(SplitOrder::RightToLeft)
                    .method(method)
                    .decompose(&x)
                    .unwrap();
                let what = format!("noise {noise:e}, {rule:?}, {method:?}");
                assert_eq!(joined.ranks(), ranks, "{what}");
                let got = distance(&x, &joined.to_dense());
                let rounding = tol::<A>(x.len()) * total;
                assert_below(got, best * (1.0 + 1e-6) + rounding, &what);
                let error = joined.truncation_error();
                assert_near(error.total(), got, tol_error::<A>() * total);
                assert_near(
                    error.total(),
                    single.truncation_error().total(),
                    1e-6 * best + rounding,
                );
                for core in &joined.cores()[1..] {
                    assert_orthonormal(core, SplitOrder::RightToLeft, &what);
                }
            }
        }
    }
}

fn a_consumed_tensor_gives_the_same_train<A: Scalar>() {
    for shape in [&[2; 17][..], &[12, 9, 10], &[5, 7]] {
        let x = random::tensor::<A>(shape, 3);
        let svd = TtSvd::new(3);
        let expected = svd.decompose(&x).unwrap();
        let mut reversed = x.clone();
        reversed.invert_axis(tt_admm::ndarray::Axis(0));
        let mut twice = reversed.clone();
        twice.invert_axis(tt_admm::ndarray::Axis(0));
        let part = ArrayD::from_shape_fn(IxDyn(&[&[2], shape].concat()), |i| {
            let index: Vec<usize> = (1..=shape.len()).map(|k| i[k]).collect();
            x[&index[..]]
        });
        let part = part.index_axis_move(tt_admm::ndarray::Axis(0), 1);
        for (what, tensor) in [("whole", x), ("strided", twice), ("part", part)] {
            let got = svd.decompose_into(tensor).unwrap();
            assert!(got == expected, "{what}, {shape:?}");
        }
    }
    let empty = Array2::<A>::zeros((0, 3));
    assert!(TtSvd::new(1).decompose_into(empty).is_err());
    let mut bad = Array2::<A>::ones((3, 3));
    bad.slice_mut(s![1, 2]).fill(A::nan());
    assert!(TtSvd::new(1).decompose_into(bad).is_err());
}

for_both_scalars!(
    errors_are_as_described_from_one_tenth_to_one_in_1e14,
    low_ranks_of_wide_matrices_lose_nothing,
    long_tails_are_counted_whole,
    many_thin_modes_are_cut_as_well_as_one_at_a_time,
    a_consumed_tensor_gives_the_same_train
);
