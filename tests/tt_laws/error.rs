//! The reported error is the real one, and lies where theory says.

use super::common::jacobi::{tail, unfolding_spectra};
use super::common::oracle::{clipped_ranks, distance, inner, norm};
use super::common::random;
use super::common::strategy::{check, shape, shape_and_ranks};
use super::common::tol::{assert_below, assert_near, tol, tol_error, tol_squares};
use super::{ORDERS, hilbert};
use tt_admm::ndarray::ArrayD;
use tt_admm::{Scalar, SplitOrder, TensorTrain, TtSvd, tt_svd};

/// What holds for every TT-SVD of `x`; returns the measured distance.
fn assert_certificate<A: Scalar>(x: &ArrayD<A>, tt: &TensorTrain<A>) -> f64 {
    let (total, dense) = (norm(x), tt.to_dense());
    let (measured, error) = (distance(x, &dense), tt.truncation_error());
    assert_near(error.total(), measured, tol_error::<A>() * total);
    assert_near(error.relative() * total, error.total(), tol::<A>(1) * total);
    assert_eq!(error.per_bond().len(), x.ndim() - 1);
    let squares: f64 = error.per_bond().iter().map(|e| e * e).sum();
    assert_near(squares.sqrt(), error.total(), 1e-14 * total);
    // The result is an orthogonal projection of x in every step: norms do not grow, Pythagoras holds, and
    // the residual is orthogonal to the result.
    let kept = norm(&dense);
    assert_below(
        kept,
        total * (1.0 + tol::<A>(x.len())),
        "norm of the result",
    );
    let slack = tol_squares::<A>(x.len()) * total * total;
    assert_near(kept * kept + measured * measured, total * total, slack);
    assert_near(inner(x, &dense), kept * kept, slack);
    measured
}

fn the_reported_error_is_the_distance<A: Scalar>() {
    check(
        64,
        &(
            shape_and_ranks(2_usize..=8, 1500, 5),
            0_u64..1 << 40,
            0_usize..3,
        ),
        |((shape, ranks), seed, order)| {
            let x = random::tensor::<A>(&shape, seed);
            let tt = TtSvd::new(&ranks)
                .order(ORDERS[order])
                .decompose(&x)
                .unwrap();
            assert_certificate(&x, &tt);
            for (got, wanted) in tt.ranks().iter().zip(&ranks) {
                assert!(got <= wanted, "ranks {:?} above {ranks:?}", tt.ranks());
            }
        },
    );
}

fn the_reported_error_is_the_distance_for_decaying_spectra<A: Scalar>() {
    for shape in [
        &[12, 13][..],
        &[7, 8, 9],
        &[5, 5, 5, 5],
        &[2, 3, 4, 3, 2],
        &[3; 6],
        &[2; 8],
    ] {
        let x = hilbert::<A>(shape);
        for rank in 1..5 {
            for order in ORDERS {
                let tt = TtSvd::new(rank).order(order).decompose(&x).unwrap();
                assert_certificate(&x, &tt);
            }
        }
    }
}

fn the_error_lies_between_the_tails<A: Scalar>() {
    check(
        48,
        &(shape(2_usize..=5, 400), 1_usize..5, 0_u64..1 << 40),
        |(shape, rank, seed)| {
            let x = random::tensor::<A>(&shape, seed);
            let (slack, ranks) = (tol_error::<A>() * norm(&x), clipped_ranks(&shape, rank));
            let tails: Vec<f64> = unfolding_spectra(&x)
                .iter()
                .zip(&ranks[1..])
                .map(|(s, &r)| tail(s, r))
                .collect();
            let least = tails.iter().copied().fold(0.0, f64::max);
            let most = tails.iter().map(|t| t * t).sum::<f64>().sqrt();
            for order in ORDERS {
                let tt = TtSvd::new(rank).order(order).decompose(&x).unwrap();
                assert_eq!(
                    tt.ranks(),
                    ranks,
                    "prescribed ranks are exact after clipping"
                );
                let error = assert_certificate(&x, &tt);
                assert_below(least, error + slack, "largest tail");
                assert_below(error, most + slack, "root of the sum of squared tails");
                // Each bond discards no more than the tail of its own unfolding.
                for (k, &e) in tt.truncation_error().per_bond().iter().enumerate() {
                    assert_below(e, tails[k] + slack, &format!("bond {k}"));
                }
            }
        },
    );
}

/// For matrices the TT-SVD is the truncated SVD, the best approximation (Eckart and Young).
fn matrices_are_approximated_optimally<A: Scalar>() {
    check(
        48,
        &(1_usize..16, 1_usize..16, 1_usize..6, 0_u64..1 << 40),
        |(m, n, rank, seed)| {
            let x = random::tensor::<A>(&[m, n], seed);
            let best = tail(&unfolding_spectra(&x)[0], rank);
            for order in ORDERS {
                let tt = TtSvd::new(rank).order(order).decompose(&x).unwrap();
                assert_eq!(tt.ranks(), [1, rank.min(m).min(n), 1]);
                assert_near(
                    assert_certificate(&x, &tt),
                    best,
                    tol_error::<A>() * norm(&x),
                );
            }
            let matrix = random::matrix::<A>(m, n, seed);
            let f =
                tt_admm::linalg::truncated_svd(&matrix, tt_admm::linalg::Keep::rank(rank)).unwrap();
            let sigma = tt_admm::ndarray::Array2::from_diag(&f.s);
            let expected = f.u.dot(&sigma).dot(&f.vt);
            let got = tt_svd(&matrix, rank).unwrap().to_dense();
            // The best approximation is unique only where the spectrum has a gap.
            let spectrum = unfolding_spectra(&x).swap_remove(0);
            if spectrum
                .get(rank)
                .is_none_or(|next| spectrum[rank - 1] - next > 1e-2)
            {
                assert_below(
                    distance(&got, &expected),
                    1e3 * tol::<A>(m * n) * norm(&x),
                    "matrix",
                );
            }
        },
    );
}

/// Projecting twice is projecting once.
fn truncation_is_idempotent<A: Scalar>() {
    check(
        48,
        &(
            shape_and_ranks(1_usize..=6, 700, 4),
            0_u64..1 << 40,
            0_usize..3,
        ),
        |((shape, ranks), seed, order)| {
            let svd = TtSvd::new(&ranks).order(ORDERS[order]);
            let once = svd.decompose(&random::tensor::<A>(&shape, seed)).unwrap();
            let dense = once.to_dense();
            let twice = svd.decompose(&dense).unwrap();
            assert_eq!(twice.ranks(), once.ranks());
            assert_below(
                distance(&twice.to_dense(), &dense),
                tol_error::<A>() * norm(&dense),
                "",
            );
            assert_below(
                twice.truncation_error().relative(),
                tol_error::<A>(),
                "second error",
            );
        },
    );
}

/// The order of cuts shows in the gauge: left to right ends with the centre on the right.
fn the_order_of_cuts_decides_the_gauge<A: Scalar>() {
    let x = random::tensor::<A>(&[4, 5, 3, 4], 5);
    let core_norm =
        |order, k: usize| norm(&TtSvd::new(3).order(order).decompose(&x).unwrap().core(k)).powi(2);
    for k in 0..3 {
        let columns = [3.0, 3.0, 3.0][k];
        assert_near(core_norm(SplitOrder::LeftToRight, k), columns, tol::<A>(60));
        assert_near(
            core_norm(SplitOrder::RightToLeft, k + 1),
            columns,
            tol::<A>(60),
        );
    }
}

for_both_scalars!(
    the_reported_error_is_the_distance,
    the_reported_error_is_the_distance_for_decaying_spectra,
    the_error_lies_between_the_tails,
    matrices_are_approximated_optimally,
    truncation_is_idempotent,
    the_order_of_cuts_decides_the_gauge,
);
