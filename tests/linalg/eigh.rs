//! Laws of the symmetric eigendecomposition.

use std::f64::consts::PI;

use super::common::oracle::{distance, matmul, norm, orthonormality_defect};
use super::common::random;
use super::common::strategy::check;
use super::common::tol::{assert_below, assert_near, is_single, tol};
use super::signs_are_fixed;
use tt_admm::Scalar;
use tt_admm::linalg::eigh;
use tt_admm::ndarray::Array2;

fn symmetric<A: Scalar>(n: usize, seed: u64) -> Array2<A> {
    let a = random::matrix::<A>(n, n, seed);
    Array2::from_shape_fn((n, n), |(i, j)| a[[i.max(j), i.min(j)]])
}

fn assert_laws<A: Scalar>(a: &Array2<A>, what: &str) {
    let e = eigh(a).unwrap();
    let n = a.nrows();
    let tolerance = tol::<A>(n * n) * norm(a);
    assert_eq!((e.values.len(), e.vectors.dim()), (n, (n, n)), "{what}");
    assert_below(orthonormality_defect(&e.vectors), tol::<A>(n * n), what);
    assert!(
        e.values.windows(2).into_iter().all(|w| w[0] >= w[1]),
        "{what}: {:?}",
        e.values
    );
    assert!(signs_are_fixed(&e.vectors), "{what}");
    let image = matmul(a, &e.vectors);
    let scaled = Array2::from_shape_fn((n, n), |(i, k)| {
        e.vectors[[i, k]].widen() * e.values[k].widen()
    });
    assert_below(distance(&image, &scaled), tolerance, what);
    let trace = |values: &mut dyn Iterator<Item = A>| values.map(A::widen).sum::<f64>();
    let (sum, diagonal) = (
        trace(&mut e.values.iter().copied()),
        trace(&mut a.diag().iter().copied()),
    );
    assert_below((sum - diagonal).abs(), tolerance, what);
}

fn laws_hold_for_random_matrices<A: Scalar>() {
    check(64, &(1_usize..24, 0_u64..1 << 40), |(n, seed)| {
        assert_laws(&symmetric::<A>(n, seed), "random");
    });
}

fn laws_hold_for_special_matrices<A: Scalar>() {
    assert_laws(&Array2::<A>::zeros((5, 5)), "zero");
    assert_laws(&Array2::<A>::eye(6), "identity");
    assert_laws(&Array2::<A>::ones((7, 7)), "all ones");
    assert_laws(&Array2::from_elem((1, 1), A::narrow(-4.0)), "1 x 1");
    assert_laws(&symmetric::<A>(90, 4), "blocked");
}

/// The second difference has the eigenvalues `2 - 2 cos(k pi / (n + 1))`.
fn second_difference<A: Scalar>() {
    let n = 20;
    let a = Array2::from_shape_fn((n, n), |(i, j)| match i.abs_diff(j) {
        0 => A::narrow(2.0),
        1 => A::narrow(-1.0),
        _ => A::zero(),
    });
    let e = eigh(&a).unwrap();
    for k in 0..n {
        let expected = 2.0 - 2.0 * ((n - k) as f64 * PI / (n as f64 + 1.0)).cos();
        assert_near(e.values[k].widen(), expected, tol::<A>(n * n));
    }
    assert_laws(&a, "second difference");
}

fn only_the_lower_triangle_is_read<A: Scalar>() {
    let a = symmetric::<A>(9, 12);
    let expected = eigh(&a).unwrap();
    let huge = if is_single::<A>() { 1e30 } else { 1e200 };
    for junk in [0.0, 0.25, 1e10, huge] {
        let mut spoilt = a.clone();
        for ((i, j), x) in spoilt.indexed_iter_mut() {
            if j > i {
                *x = A::narrow(junk);
            }
        }
        let got = eigh(&spoilt).unwrap();
        let tolerance = tol::<A>(81) * norm(&a);
        assert_below(
            distance(&got.values, &expected.values),
            tolerance,
            &format!("junk {junk:e}"),
        );
    }
    let column_major = a.t().to_owned().reversed_axes();
    assert_eq!(eigh(&column_major).unwrap(), expected);
}

for_both_scalars!(
    laws_hold_for_random_matrices,
    laws_hold_for_special_matrices,
    second_difference,
    only_the_lower_triangle_is_read,
);
