//! Tensors of any size: powers of two change nothing but the exponent.

use crate::common::oracle::{distance, norm};
use crate::common::random;
use crate::common::tol::{assert_below, assert_near, is_single, tol};
use crate::support::ring;
use tt_admm::ndarray::Array3;
use tt_admm::{Scalar, TensorRing, TrAls, TrError, TrSvd, TrTruncation};

/// Powers of two near both ends of the range.
fn factors<A: Scalar>() -> [A; 2] {
    let exponent = if is_single::<A>() { 60.0 } else { 500.0 };
    [
        A::narrow(f64::exp2(exponent)),
        A::narrow(f64::exp2(-exponent)),
    ]
}

fn decompositions_do_not_depend_on_the_unit<A: Scalar>() {
    let x = random::tensor::<A>(&[4, 5, 6], 1);
    for factor in factors::<A>() {
        let scaled = x.mapv(|e| e * factor);
        for svd in [
            TrSvd::new([2, 2, 3]),
            TrSvd::new(TrTruncation::relative(0.3)),
        ] {
            let (a, b) = (svd.decompose(&x).unwrap(), svd.decompose(&scaled).unwrap());
            assert_eq!(a.ranks(), b.ranks());
            let back = b.to_dense().mapv(|e| e / factor);
            let limit = tol::<A>(x.len()) * norm(&x);
            assert_below(distance(&a.to_dense(), &back), limit, "TR-SVD");
            let (a, b) = (a.truncation_error(), b.truncation_error());
            assert_near(a.relative(), b.relative(), tol::<A>(x.len()));
            assert_near(a.total(), b.total() / factor.widen(), limit);
        }
        let als = TrAls::new(2).max_sweeps(5);
        let (a, b) = (als.decompose(&x).unwrap(), als.decompose(&scaled).unwrap());
        let back = b.ring.to_dense().mapv(|e| e / factor);
        let limit = 1e3 * tol::<A>(x.len()) * norm(&x);
        assert_below(distance(&a.ring.to_dense(), &back), limit, "TR-ALS");
        assert_near(a.relative_error, b.relative_error, 1e2 * tol::<A>(x.len()));
        let total = b.ring.truncation_error().total() / factor.widen();
        assert_near(total, a.ring.truncation_error().total(), limit);
        // Given cores in the same unit.
        let again = als.improve(&scaled, &b.ring).unwrap();
        assert_near(again.errors[0], b.relative_error, 1e2 * tol::<A>(x.len()));
    }
}

fn cores_of_extreme_sizes<A: Scalar>() {
    let x = ring::<A>(&[3, 4, 5], &[2, 3, 2, 2], 2);
    let [large, small] = factors::<A>();
    let mut cores = x.cores().to_vec();
    cores[0].mapv_inplace(|e| e * large);
    cores[1].mapv_inplace(|e| e * small);
    let y = TensorRing::from_cores(cores).unwrap();
    let limit = 4.0 * tol::<A>(60) * norm(&x.to_dense());
    assert_near(y.norm().widen(), x.norm().widen(), limit);
    assert_near(
        y.dot(&x).unwrap().widen(),
        x.dot(&x).unwrap().widen(),
        8.0 * limit * norm(&x.to_dense()),
    );
    let rounded = y.round(TrTruncation::exact()).unwrap();
    assert_below(
        distance(&rounded.to_dense(), &x.to_dense()),
        16.0 * limit,
        "rounded",
    );
    // A multiple that the first core cannot hold.
    let twice = y.scale(large).unwrap().scale(small).unwrap();
    assert_below(
        distance(&twice.to_dense(), &x.to_dense()),
        4.0 * limit,
        "there and back",
    );
}

/// Order 200: products of entries leave every range, norms and logarithms do not.
fn long_rings<A: Scalar>() {
    let cores = vec![Array3::from_elem((2, 2, 2), A::narrow(5.0)); 200];
    let x = TensorRing::from_cores(cores).unwrap();
    // trace(J^200) with J = 2 x 2 of fives: 10^200 in 2^200 places.
    let expected = 200.0 * (10.0_f64.ln() + 0.5 * 2.0_f64.ln());
    assert_near(
        x.log_norm(),
        expected,
        1e-4 * expected * tol::<A>(1).sqrt().max(1e-6),
    );
    let half = x.scale(A::narrow(0.5)).unwrap();
    assert_near(half.log_norm(), expected - 2.0_f64.ln(), 1e-3);
    let huge = A::max_value();
    let one = TensorRing::from_cores(vec![Array3::from_elem((1, 2, 1), huge)]).unwrap();
    let error = one.scale(A::narrow(4.0)).unwrap_err();
    assert!(matches!(error, TrError::OutOfRange { .. }), "{error:?}");
}

for_both_scalars!(
    decompositions_do_not_depend_on_the_unit,
    cores_of_extreme_sizes,
    long_rings,
);
