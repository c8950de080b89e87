//! Laws of the thin QR factorisation.

use super::common::oracle::{distance, matmul, norm, orthonormality_defect};
use super::common::strategy::{check, sides};
use super::common::tol::{assert_below, tol};
use super::common::{layout, random};
use super::hard_matrices;
use tt_admm::Scalar;
use tt_admm::linalg::qr;
use tt_admm::ndarray::{Array2, Ix2};

fn assert_laws<A: Scalar>(a: &Array2<A>, what: &str) {
    let f = qr(a).unwrap();
    let (m, n) = a.dim();
    let k = m.min(n);
    assert_eq!((f.q.dim(), f.r.dim()), ((m, k), (k, n)), "{what}");
    assert_below(orthonormality_defect(&f.q), tol::<A>(a.len()), what);
    let distance = distance(&matmul(&f.q, &f.r), &a.mapv(A::widen));
    assert_below(distance, tol::<A>(a.len()) * norm(a), what);
    for ((i, j), &x) in f.r.indexed_iter() {
        assert!(i <= j || x == A::zero(), "{what}: r[{i}, {j}] = {x}");
        assert!(i != j || x >= A::zero(), "{what}: r[{i}, {j}] = {x}");
    }
}

fn laws_hold_for_random_matrices<A: Scalar>() {
    check(64, &(sides(30), 0_u64..1 << 40), |((m, n), seed)| {
        assert_laws(&random::matrix::<A>(m, n, seed), "random");
    });
}

fn laws_hold_for_hard_matrices<A: Scalar>() {
    for (what, a) in hard_matrices::<A>() {
        assert_laws(&a, what);
    }
}

fn zero_matrices_have_an_orthonormal_factor<A: Scalar>() {
    for (m, n) in [(1, 1), (1, 5), (5, 1), (4, 4), (3, 8), (8, 3)] {
        assert_laws(&Array2::<A>::zeros((m, n)), "zero");
    }
}

/// With a positive diagonal, the factor of a full-rank matrix is unique: `r` is that of a known product.
fn a_known_factor_is_found<A: Scalar>() {
    let q = random::orthonormal(9, 4, 8);
    let r = Array2::from_shape_fn((4, 6), |(i, j)| match j.cmp(&i) {
        std::cmp::Ordering::Less => 0.0,
        std::cmp::Ordering::Equal => 1.0 + i as f64,
        std::cmp::Ordering::Greater => (i as f64 - j as f64) / 3.0,
    });
    let f = qr(&matmul(&q, &r).mapv(A::narrow)).unwrap();
    let size = 100;
    assert_below(
        distance(
            &f.r.slice(tt_admm::ndarray::s![..4, ..]),
            &r.mapv(A::narrow),
        ),
        tol::<A>(size) * norm(&r),
        "r",
    );
}

fn every_layout_gives_the_same_bits<A: Scalar>() {
    for (m, n) in [(7, 4), (4, 7), (6, 6), (1, 5), (5, 1), (40, 33)] {
        let expected = qr(&random::matrix::<A>(m, n, 78)).unwrap();
        layout::for_each_layout(&random::tensor::<A>(&[m, n], 78), |name, view| {
            let view = view.into_dimensionality::<Ix2>().unwrap();
            assert_eq!(qr(&view).unwrap(), expected, "{name}");
        });
    }
}

for_both_scalars!(
    laws_hold_for_random_matrices,
    laws_hold_for_hard_matrices,
    zero_matrices_have_an_orthonormal_factor,
    a_known_factor_is_found,
    every_layout_gives_the_same_bits,
);
