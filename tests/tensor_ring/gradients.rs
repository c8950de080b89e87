//! The pullback: against central differences, and against its definition as the transpose of a linear map.

use crate::common::oracle::{inner, norm};
use crate::common::strategy::check;
use crate::common::tol::{FINITE_DIFFERENCE, FINITE_DIFFERENCE_STEP, assert_near, tol};
use crate::common::{layout, random};
use crate::support::{dense, ring, shape_and_ring_ranks};
use tt_admm::ndarray::ArrayD;
use tt_admm::{Scalar, TensorRing};

/// `sum sin(x) + x y` with a fixed `y`.
fn loss(x: &ArrayD<f64>, y: &ArrayD<f64>) -> f64 {
    x.iter().zip(y).map(|(x, y)| x.sin() + x * y).sum()
}

#[test]
fn gradients_agree_with_central_differences() {
    let cases = (shape_and_ring_ranks(1_usize..=5, 80, 3), 0_u64..1 << 40);
    check(32, &cases, |((shape, ranks), seed)| {
        let x = ring::<f64>(&shape, &ranks, seed);
        let y = random::tensor(&shape, seed ^ 3);
        let all = x.to_dense();
        let gradients = x.pullback(&(all.mapv(f64::cos) + &y)).unwrap();
        let largest = x.cores().iter().map(|c| norm(c)).fold(1.0, f64::max);
        let scale = gradients.iter().map(|g| norm(g)).fold(1.0, f64::max) * largest.powi(3);
        for (k, gradient) in gradients.iter().enumerate() {
            assert_eq!(gradient.dim(), x.core(k).dim());
            assert!(gradient.is_standard_layout());
            for (index, &got) in gradient.indexed_iter() {
                let at = |step: f64| {
                    let mut cores = x.cores().to_vec();
                    cores[k][index] += step;
                    loss(&TensorRing::from_cores(cores).unwrap().to_dense(), &y)
                };
                let h = FINITE_DIFFERENCE_STEP;
                assert_near(got, (at(h) - at(-h)) / (2.0 * h), FINITE_DIFFERENCE * scale);
            }
        }
    });
}

/// `<gradient, dX> = <pullback_k, dG_k>` for a change of core `k` alone.
fn the_pullback_is_the_transpose<A: Scalar>() {
    let cases = (shape_and_ring_ranks(1_usize..=6, 200, 3), 0_u64..1 << 40);
    check(48, &cases, |((shape, ranks), seed)| {
        let x = ring::<A>(&shape, &ranks, seed);
        let changes = random::cores::<A>(&shape, &ranks, seed ^ 7);
        let gradient = random::tensor::<A>(&shape, seed ^ 8);
        let pulled = x.pullback(&gradient).unwrap();
        assert_eq!(pulled.len(), shape.len());
        let wide = gradient.mapv(A::widen);
        for (k, change) in changes.iter().enumerate() {
            let mut cores = x.cores().to_vec();
            cores[k].clone_from(change);
            let scale = norm(&wide) * cores.iter().map(|c| norm(c)).product::<f64>();
            let expected = inner(&wide, &dense(&cores));
            assert_near(
                inner(&pulled[k], change),
                expected,
                tol::<A>(wide.len()) * scale,
            );
        }
    });
}

fn every_layout_of_the_gradient_gives_the_same_bits<A: Scalar>() {
    for (shape, ranks) in [
        (&[6][..], &[2, 2][..]),
        (&[4, 5], &[2, 3, 2]),
        (&[3, 4, 5], &[2, 2, 3, 2]),
    ] {
        let x = ring::<A>(shape, ranks, 3);
        let gradient = random::tensor::<A>(shape, 4);
        let expected = x.pullback(&gradient).unwrap();
        layout::for_each_layout(&gradient, |name, view| {
            assert_eq!(x.pullback(&view).unwrap(), expected, "{name}");
        });
    }
}

for_both_scalars!(
    the_pullback_is_the_transpose,
    every_layout_of_the_gradient_gives_the_same_bits,
);
