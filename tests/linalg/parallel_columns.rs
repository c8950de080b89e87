//! Tall and wide matrices whose columns are nearly parallel. What is left of a column after the first is small
//! against the column, and yet far above rounding: a QR that takes it for zero loses it without a word.

use super::common::oracle::{distance, matmul, norm, orthonormality_defect};
use super::common::random::Rng;
use super::common::tol::{assert_below, eps, is_single, tol};
use tt_admm::linalg::{Keep, lstsq, qr, svd, truncated_svd};
use tt_admm::ndarray::Array2;
use tt_admm::{Scalar, Truncation, tt_svd};

/// One random column three times, each with a change of relative size `delta` of its own.
fn nearly_parallel<A: Scalar>(rows: usize, delta: f64) -> Array2<A> {
    let mut rng = Rng::new(rows as u64);
    let base: Vec<f64> = (0..rows).map(|_| rng.uniform()).collect();
    Array2::from_shape_fn((rows, 3), |(i, _)| {
        A::narrow(base[i] + delta * rng.uniform())
    })
}

/// Row counts and changes, from well separated to a few hundred roundings.
fn cases<A: Scalar>() -> impl Iterator<Item = Array2<A>> {
    let deltas: &[f64] = if is_single::<A>() {
        &[1e-1, 1e-2, 1e-3, 1e-4]
    } else {
        &[1e-2, 1e-6, 1e-10, 1e-12]
    };
    [20, 100, 1000, 10_000, 100_000]
        .into_iter()
        .flat_map(|rows| {
            deltas
                .iter()
                .map(move |&delta| nearly_parallel(rows, delta))
        })
}

/// Backward errors of Householder factorisations grow with the columns in practice, hardly with the rows.
fn accuracy<A: Scalar>() -> f64 {
    tol::<A>(100)
}

fn qr_keeps_small_remainders<A: Scalar>() {
    for a in cases::<A>() {
        for a in [a.t().to_owned(), a] {
            let f = qr(&a).unwrap();
            let what = format!("{:?}", a.dim());
            assert_below(orthonormality_defect(&f.q), accuracy::<A>(), &what);
            let error = distance(&matmul(&f.q, &f.r), &a.mapv(A::widen)) / norm(&a);
            assert_below(error, accuracy::<A>(), &what);
        }
    }
}

fn svd_keeps_small_singular_values<A: Scalar>() {
    for a in cases::<A>() {
        let oracle = super::common::jacobi::singular_values(&a);
        for a in [a.t().to_owned(), a] {
            let f = svd(&a).unwrap();
            for k in 0..3 {
                let error = (f.s[k].widen() - oracle[k]).abs() / oracle[0];
                assert_below(error, accuracy::<A>(), &format!("{:?}, {k}", a.dim()));
            }
            let f = truncated_svd(&a, Keep::rank(2)).unwrap();
            let error = (f.discarded - oracle[2]).abs() / oracle[0];
            assert_below(error, accuracy::<A>(), &format!("{:?}, discarded", a.dim()));
        }
    }
}

fn least_squares_uses_them<A: Scalar>() {
    for a in cases::<A>() {
        let b = a.slice(tt_admm::ndarray::s![.., 2..]).to_owned();
        let x = lstsq(&a, &b).unwrap().solution;
        let residual = distance(&matmul(&a, &x), &b.mapv(A::widen)) / norm(&b);
        // Singular values below eps max(m, n) sigma_1 are documented to count as zero.
        let cut = eps::<A>() * a.nrows() as f64;
        assert_below(
            residual,
            4.0 * accuracy::<A>() + cut,
            &format!("{:?}", a.dim()),
        );
    }
}

fn tt_svd_keeps_its_tolerance<A: Scalar>() {
    let tolerance = if is_single::<A>() { 1e-5 } else { 1e-13 };
    for a in cases::<A>() {
        for a in [a.t().to_owned(), a] {
            let tt = tt_svd(&a, Truncation::relative(tolerance)).unwrap();
            let measured = distance(&tt.to_dense(), &a) / norm(&a);
            let what = format!("{:?}", a.dim());
            assert_below(measured, tolerance + accuracy::<A>(), &what);
            let reported = tt.truncation_error().relative();
            assert_below((measured - reported).abs(), accuracy::<A>(), &what);
        }
    }
}

for_both_scalars!(
    qr_keeps_small_remainders,
    svd_keeps_small_singular_values,
    least_squares_uses_them,
    tt_svd_keeps_its_tolerance,
);
