//! Scales: powers of two change nothing but the exponent, and extreme entries are as good as moderate ones.

use super::common::jacobi::{singular_values, tail};
use super::common::oracle::{distance, matmul, norm, orthonormality_defect};
use super::common::random;
use super::common::tol::{assert_below, is_single, tol};
use tt_admm::Scalar;
use tt_admm::linalg::{Keep, eigh, lstsq, qr, svd, truncated_svd};
use tt_admm::ndarray::Array2;

const SIDES: [(usize, usize); 6] = [(1, 1), (6, 6), (9, 4), (4, 9), (40, 17), (17, 40)];

fn powers<A: Scalar>() -> Vec<A> {
    let exponents = if is_single::<A>() {
        [-100, -31, 1, 17, 100]
    } else {
        [-900, -151, 1, 64, 900]
    };
    exponents.map(|e| A::narrow(2.0_f64.powi(e))).to_vec()
}

/// Random matrices, and one whose largest entry is the number just below a power of two.
fn matrices<A: Scalar>() -> impl Iterator<Item = Array2<A>> {
    let below_one = A::one() - A::epsilon() / A::narrow(2.0);
    SIDES.into_iter().flat_map(move |(m, n)| {
        let a = random::matrix::<A>(m, n, 61);
        let mut b = a.mapv(|x| x * A::narrow(0.25));
        b[[m / 2, n / 2]] = below_one;
        [a, b]
    })
}

fn powers_of_two_pass_through<A: Scalar>() {
    for a in matrices::<A>() {
        let (m, n) = a.dim();
        for p in powers::<A>() {
            let scaled = a.mapv(|x| x * p);
            let (f, g) = (svd(&a).unwrap(), svd(&scaled).unwrap());
            assert_eq!(
                (&f.u, &f.vt, f.s.mapv(|s| s * p)),
                (&g.u, &g.vt, g.s),
                "SVD, {p:e}"
            );

            let keep = Keep::tail(tail(&singular_values(&a), 2) * 1.01);
            let scaled_keep = Keep::tail(tail(&singular_values(&a), 2) * 1.01 * p.widen());
            let f = truncated_svd(&a, keep).unwrap();
            let g = truncated_svd(&scaled, scaled_keep).unwrap();
            assert_eq!(
                (&f.u, f.discarded * p.widen()),
                (&g.u, g.discarded),
                "truncated, {p:e}"
            );

            let (f, g) = (qr(&a).unwrap(), qr(&scaled).unwrap());
            assert_eq!((&f.q, f.r.mapv(|x| x * p)), (&g.q, g.r), "QR, {p:e}");

            let b = random::matrix::<A>(m, 2, 62);
            let f = lstsq(&a, &b).unwrap();
            let g = lstsq(&scaled, &b.mapv(|x| x * p)).unwrap();
            assert_eq!(f, g, "least squares, both sides, {p:e}");
            let g = lstsq(&a, &b.mapv(|x| x * p)).unwrap();
            assert_eq!(
                f.solution.mapv(|x| x * p),
                g.solution,
                "least squares, right side, {p:e}"
            );

            if m == n {
                let (f, g) = (eigh(&a).unwrap(), eigh(&scaled).unwrap());
                assert_eq!(
                    (&f.vectors, f.values.mapv(|x| x * p)),
                    (&g.vectors, g.values),
                    "{p:e}"
                );
            }
        }
    }
}

fn extreme_entries_are_as_good_as_moderate_ones<A: Scalar>() {
    let scales: &[f64] = if is_single::<A>() {
        &[1e-37, 1e-30, 1e30, 1e37]
    } else {
        &[1e-305, 1e-150, 1e150, 1e305]
    };
    for (m, n) in SIDES {
        for &scale in scales {
            // The oracle compares in units of the scale, so that it cannot overflow itself.
            let unit = A::narrow(scale);
            let a = random::matrix::<A>(m, n, 63).mapv(|x| x * unit);
            let back = |x: &Array2<A>| x.mapv(|x| x.widen() / unit.widen());
            let a_back = back(&a);
            let (size, total) = (m * n, norm(&a_back));
            let what = format!("{m} x {n}, {scale:e}");

            let f = svd(&a).unwrap();
            assert_below(orthonormality_defect(&f.u), tol::<A>(size), &what);
            assert_below(orthonormality_defect(&f.vt.t()), tol::<A>(size), &what);
            let s = f.s.mapv(|s| s.widen() / unit.widen());
            let product = matmul(&(f.u.mapv(A::widen) * &s), &f.vt);
            assert_below(distance(&product, &a_back), tol::<A>(size) * total, &what);

            let f = qr(&a).unwrap();
            let product = matmul(&f.q, &back(&f.r));
            assert_below(orthonormality_defect(&f.q), tol::<A>(size), &what);
            assert_below(distance(&product, &a_back), tol::<A>(size) * total, &what);

            if m == n {
                let e = eigh(&a).unwrap();
                let values = e.values.mapv(|x| x.widen() / unit.widen());
                let moderate = eigh(&random::matrix::<A>(m, n, 63)).unwrap();
                let distance = distance(&values, &moderate.values.mapv(A::widen));
                assert_below(distance, 4.0 * tol::<A>(size) * total, &what);
            }
        }
    }
}

/// Entries of one matrix across the whole range: the large ones come out right, the small ones do no harm.
fn wide_range_within_one_matrix<A: Scalar>() {
    let (large, small) = if is_single::<A>() {
        (1e30, 1e-30)
    } else {
        (1e200, 1e-200)
    };
    let a = Array2::from_shape_fn((5, 5), |(i, j)| match (i, j) {
        (0, 0) => A::narrow(large),
        _ => A::narrow(small * (1.0 + i as f64 + 2.0 * j as f64)),
    });
    let f = svd(&a).unwrap();
    assert_below(
        (f.s[0].widen() / A::narrow(large).widen() - 1.0).abs(),
        tol::<A>(25),
        "first",
    );
    assert_below(f.s[1].widen(), large * tol::<A>(25), "the rest");
    assert_below(orthonormality_defect(&f.u), tol::<A>(25), "u");
    let f = qr(&a).unwrap();
    assert_below(orthonormality_defect(&f.q), tol::<A>(25), "q");
}

for_both_scalars!(
    powers_of_two_pass_through,
    extreme_entries_are_as_good_as_moderate_ones,
    wide_range_within_one_matrix,
);
