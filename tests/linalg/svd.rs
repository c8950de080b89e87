//! Laws of the SVD and the truncated SVD.

use super::common::jacobi::{singular_values, smallest_rank, tail};
use super::common::oracle::{distance, matmul, norm, orthonormality_defect};
use super::common::strategy::{check, sides};
use super::common::tol::{assert_below, assert_near, tol};
use super::common::{layout, random};
use super::{hard_matrices, signs_are_fixed};
use tt_admm::Scalar;
use tt_admm::linalg::{Keep, Svd, svd, truncated_svd};
use tt_admm::ndarray::{Array2, Ix2};

fn product<A: Scalar>(f: &Svd<A>) -> Array2<f64> {
    let scaled = Array2::from_shape_fn(f.u.dim(), |(i, k)| f.u[[i, k]].widen() * f.s[k].widen());
    matmul(&scaled, &f.vt)
}

/// Everything that holds for any matrix and any rank kept.
fn assert_laws<A: Scalar>(a: &Array2<A>, f: &Svd<A>, what: &str) {
    let (m, n) = a.dim();
    let (size, r) = (a.len(), f.s.len());
    let tolerance = tol::<A>(size) * norm(a);
    assert_eq!((f.u.dim(), f.vt.dim()), ((m, r), (r, n)), "{what}");
    assert_below(orthonormality_defect(&f.u), tol::<A>(size), what);
    assert_below(orthonormality_defect(&f.vt.t()), tol::<A>(size), what);
    assert!(
        f.s.windows(2).into_iter().all(|w| w[0] >= w[1]),
        "{what}: not sorted {:?}",
        f.s
    );
    assert!(f.s.iter().all(|&s| s >= A::zero()), "{what}: {:?}", f.s);
    assert!(signs_are_fixed(&f.u), "{what}: signs {:?}", f.u);
    let oracle = singular_values(a);
    for (k, s) in f.s.iter().enumerate() {
        assert_below((s.widen() - oracle[k]).abs(), tolerance, what);
    }
    let distance = distance(&product(f), &a.mapv(A::widen));
    assert_below((distance - f.discarded).abs(), tolerance, what);
    assert_below((tail(&oracle, r) - f.discarded).abs(), tolerance, what);
}

fn svd_laws_hold_for_random_matrices<A: Scalar>() {
    check(64, &(sides(24), 0_u64..1 << 40), |((m, n), seed)| {
        let a = random::matrix::<A>(m, n, seed);
        let f = svd(&a).unwrap();
        assert_eq!(f.s.len(), m.min(n));
        assert_eq!(f.discarded, 0.0);
        assert_laws(&a, &f, "random");
    });
}

fn svd_laws_hold_for_hard_matrices<A: Scalar>() {
    for (what, a) in hard_matrices::<A>() {
        let f = svd(&a).unwrap();
        assert_eq!(f.s.len(), a.nrows().min(a.ncols()), "{what}");
        assert_laws(&a, &f, what);
        for rank in [1, 2, 3, 50, 1000] {
            let f = truncated_svd(&a, Keep::rank(rank)).unwrap();
            assert_eq!(f.s.len(), rank.min(a.nrows()).min(a.ncols()), "{what}");
            assert_laws(&a, &f, what);
        }
    }
}

fn truncation_keeps_what_was_asked<A: Scalar>() {
    check(
        64,
        &(sides(18), 0_u64..1 << 40, 0.0_f64..1.2),
        |((m, n), seed, fraction)| {
            let a = random::matrix::<A>(m, n, seed);
            let sigma = singular_values(&a);
            let (total, slack) = (norm(&a), tol::<A>(a.len()) * norm(&a));
            let limit = fraction * total;
            let f = truncated_svd(&a, Keep::tail(limit)).unwrap();
            assert_laws(&a, &f, "tail");
            assert_below(f.discarded, limit + slack, "the tail is kept");
            // The smallest such rank, unless the limit lies within rounding of a tail.
            let (least, most) = (
                smallest_rank(&sigma, limit + slack),
                smallest_rank(&sigma, limit - slack),
            );
            assert!(
                (least..=most).contains(&f.s.len()),
                "{least} <= {} <= {most}",
                f.s.len()
            );
            let capped = truncated_svd(&a, Keep::tail(limit).and_max_rank(2)).unwrap();
            assert_eq!(capped.s.len(), f.s.len().min(2));
            assert_laws(&a, &capped, "capped");
        },
    );
}

fn zero_matrices_have_one_triple_after_truncation<A: Scalar>() {
    for (m, n) in [(1, 1), (1, 5), (5, 1), (4, 4), (3, 8), (8, 3)] {
        let a = Array2::<A>::zeros((m, n));
        for keep in [
            Keep::rank(1),
            Keep::rank(3),
            Keep::tail(0.0),
            Keep::tail(1.0),
        ] {
            let f = truncated_svd(&a, keep).unwrap();
            assert_eq!(f.s.to_vec(), [A::zero()]);
            assert_laws(&a, &f, "zero");
        }
    }
}

fn zero_matrices_have_a_whole_thin_svd<A: Scalar>() {
    for (m, n) in [(1, 1), (1, 5), (4, 4), (3, 8), (8, 3)] {
        let a = Array2::<A>::zeros((m, n));
        let f = svd(&a).unwrap();
        assert_eq!(f.s.len(), m.min(n), "the thin SVD has min(m, n) triples");
        assert_laws(&a, &f, "zero");
    }
}

fn every_layout_gives_the_same_bits<A: Scalar>() {
    for (m, n) in [(7, 4), (4, 7), (6, 6), (1, 5), (5, 1), (40, 33)] {
        let x = random::tensor::<A>(&[m, n], 77);
        let expected = truncated_svd(&random::matrix::<A>(m, n, 77), Keep::rank(3)).unwrap();
        layout::for_each_layout(&x, |name, view| {
            let view = view.into_dimensionality::<Ix2>().unwrap();
            assert_eq!(
                truncated_svd(&view, Keep::rank(3)).unwrap(),
                expected,
                "{name}"
            );
        });
    }
}

for_both_scalars!(
    svd_laws_hold_for_random_matrices,
    svd_laws_hold_for_hard_matrices,
    truncation_keeps_what_was_asked,
    zero_matrices_have_one_triple_after_truncation,
    zero_matrices_have_a_whole_thin_svd,
    every_layout_gives_the_same_bits,
);

/// A Gram matrix would lose everything below `1e-8`.
#[test]
fn a_graded_spectrum_keeps_its_digits() {
    let sigma: Vec<f64> = (0..15).map(|k| 0.1_f64.powi(k)).collect();
    for (m, n) in [(15, 15), (15, 120), (120, 15), (40, 30), (30, 40)] {
        let a = random::with_spectrum::<f64>(m, n, &sigma, 5);
        let f = svd(&a).unwrap();
        for (k, &expected) in sigma.iter().enumerate() {
            assert_near(f.s[k], expected, tol::<f64>(m * n));
        }
        assert_near(f.s[10] / 1e-10, 1.0, tol::<f64>(m * n) / 1e-10);
        for rank in 1..12 {
            let f = truncated_svd(&a, Keep::rank(rank)).unwrap();
            assert_near(f.discarded, tail(&sigma, rank), tol::<f64>(m * n));
            let by_tail = truncated_svd(&a, Keep::tail(1.5 * tail(&sigma, rank))).unwrap();
            assert_eq!(by_tail.s.len(), rank);
        }
    }
}

/// Columns scaled over 14 orders of magnitude: a one-sided Jacobi oracle sees every singular value to full
/// relative accuracy; a backward-stable SVD sees them relative to the largest.
#[test]
fn graded_columns_and_rows() {
    let b = random::matrix::<f64>(20, 15, 6);
    let columns = Array2::from_shape_fn((20, 15), |(i, j)| b[[i, j]] * 0.1_f64.powf(j as f64));
    for a in [columns.clone(), columns.t().to_owned()] {
        assert_laws(&a, &svd(&a).unwrap(), "graded");
    }
}

/// Rank by tail norm, the spectrum 19, 18, ..., 0 on the diagonal.
#[test]
fn rank_by_tail_norm() {
    let a = Array2::from_shape_fn((20, 20), |(i, j)| if i == j { i as f64 } else { 0.0 });
    for (limit, rank) in [
        (1.0, 18),
        (2.0, 18),
        (3.0, 17),
        (4.0, 16),
        (5.0, 16),
        (10.0, 13),
        (20.0, 9),
        (100.0, 1),
    ] {
        let squares: f64 = (0..20 - rank).map(|k| (k * k) as f64).sum();
        // A hair above the limit, because the tail of {1, 0} is exactly 1.
        let f = truncated_svd(&a, Keep::tail(limit * 1.000_001)).unwrap();
        assert_eq!(f.s.len(), rank, "limit {limit}");
        assert_near(f.discarded, squares.sqrt(), tol::<f64>(400) * 50.0);
    }
}
