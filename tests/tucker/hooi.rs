//! Higher-order orthogonal iteration against its start.

use super::unfolding;
use crate::common::{jacobi, oracle, random, tol};
use tt_admm::ndarray::{Array2, ArrayD, Axis};
use tt_admm::{Scalar, Tucker, TuckerAlgorithm, TuckerStatus, TuckerSvd, tucker};

for_both_scalars!(
    never_worse_than_its_start_and_mostly_better,
    sweeps_never_raise_the_error,
    the_end_is_stationary
);

fn hooi(max_sweeps: usize, tolerance: f64) -> TuckerSvd {
    TuckerSvd::new([3, 4, 2]).algorithm(TuckerAlgorithm::Hooi {
        max_sweeps,
        tolerance,
    })
}

fn never_worse_than_its_start_and_mostly_better<A: Scalar>() {
    let mut better = 0;
    for seed in 0..50 {
        let x = random::tensor::<A>(&[7, 8, 6], seed);
        let first = tucker(&x, [3, 4, 2]).unwrap();
        let iterated = hooi(50, 1e-6).decompose(&x).unwrap();
        let (first, last) = (
            oracle::distance(&x, &first.to_dense()),
            oracle::distance(&x, &iterated.to_dense()),
        );
        tol::assert_below(last, first * (1.0 + tol::tol::<A>(x.len())), "worse");
        better += usize::from(last < first * (1.0 - 1e-3));
    }
    assert!(better >= 40, "{better} of 50 gained more than a thousandth");
}

fn sweeps_never_raise_the_error<A: Scalar>() {
    for seed in 0..5 {
        let x = random::tensor::<A>(&[7, 8, 6], 100 + seed);
        let slack = tol::tol::<A>(x.len()) * oracle::norm(&x);
        let mut last = tucker(&x, [3, 4, 2]).unwrap().truncation_error().total();
        for sweeps in 1..12 {
            let t = hooi(sweeps, 0.0).decompose(&x).unwrap();
            let error = t.truncation_error().total();
            tol::assert_below(error, last + slack, "a sweep");
            tol::assert_near(error, oracle::distance(&x, &t.to_dense()), slack);
            last = error;
        }
    }
}

/// The tensor times the transposed factors of all other modes, by loops.
fn seen<A: Scalar>(x: &ArrayD<A>, t: &Tucker<A>, mode: usize) -> Array2<f64> {
    let mut part = x.mapv(A::widen);
    for (k, factor) in t.factors().iter().enumerate() {
        let Some(u) = factor.as_ref().filter(|_| k != mode) else {
            continue;
        };
        let product = oracle::matmul(&u.t(), &unfolding(&part, k));
        let mut shape = part.shape().to_vec();
        shape.remove(k);
        shape.insert(0, u.ncols());
        let moved = product.into_shape_with_order(shape).unwrap();
        let mut order: Vec<usize> = (1..part.ndim()).collect();
        order.insert(k, 0);
        part = moved.permuted_axes(order).as_standard_layout().into_owned();
    }
    unfolding(&part, mode)
}

/// At the end every factor spans the leading singular vectors of what it sees: no single factor can be improved.
fn the_end_is_stationary<A: Scalar>() {
    let (tolerance, accuracy) = if tol::is_single::<A>() {
        (1e-6, 1e-4)
    } else {
        (1e-13, 1e-9)
    };
    for seed in 0..5 {
        let x = random::tensor::<A>(&[7, 8, 6], 200 + seed);
        let t = hooi(500, tolerance).decompose(&x).unwrap();
        let status = t.truncation_error().status();
        assert!(
            matches!(status, TuckerStatus::Converged { .. }),
            "{status:?}"
        );
        let kept = oracle::norm(&t.core());
        for mode in 0..3 {
            let sigma = jacobi::singular_values(&seen(&x, &t, mode));
            let best = sigma[..t.ranks()[mode]].iter().map(|s| s * s).sum::<f64>();
            tol::assert_near(kept, best.sqrt(), accuracy * oracle::norm(&x));
        }
    }
}

#[test]
fn the_status_tells_how_it_ended() {
    let x = random::tensor::<f64>(&[7, 8, 6], 1);
    let status = |svd: TuckerSvd| svd.decompose(&x).unwrap().truncation_error().status();
    assert_eq!(status(hooi(0, 0.0)), TuckerStatus::MaxSweeps { sweeps: 1 });
    assert_eq!(status(hooi(2, 0.0)), TuckerStatus::MaxSweeps { sweeps: 2 });
    assert_eq!(status(hooi(9, 10.0)), TuckerStatus::Converged { sweeps: 1 });
    // One factor: a single cut is the best there is.
    let one = TuckerSvd::new([(1, 3)]).algorithm(TuckerAlgorithm::HOOI);
    assert_eq!(status(one), TuckerStatus::Converged { sweeps: 0 });
    assert_eq!(status(TuckerSvd::new(2)), TuckerStatus::Direct);
}

/// With all other modes of size 1 the best approximation is known.
#[test]
fn a_matrix_in_disguise() {
    let a = random::matrix::<f64>(9, 8, 3);
    let x = a
        .clone()
        .insert_axis(Axis(1))
        .insert_axis(Axis(3))
        .into_dyn();
    let sigma = jacobi::singular_values(&a);
    for algorithm in super::ALGORITHMS {
        let svd = TuckerSvd::new(3).algorithm(algorithm);
        let t = svd.decompose(&x).unwrap();
        assert_eq!(t.ranks(), [3, 1, 3, 1]);
        tol::assert_near(t.truncation_error().total(), jacobi::tail(&sigma, 3), 1e-12);
    }
}
