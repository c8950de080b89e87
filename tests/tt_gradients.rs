//! The pullback: against central differences, and against its definition as the transpose of a linear map.

// Generic test bodies are no `#[test]` functions themselves, so the lint cannot tell that they are tests.
#![allow(clippy::unwrap_used)]

#[macro_use]
mod common;

use common::oracle::{dense, inner, norm};
use common::strategy::{check, shape_and_ranks};
use common::tol::{FINITE_DIFFERENCE, FINITE_DIFFERENCE_STEP, assert_below, assert_near, tol};
use common::{layout, random};
use tt_admm::ndarray::{Array3, ArrayD, Ix3};
use tt_admm::{Scalar, TensorTrain};

/// A loss that is not linear: `sum sin(x) + x^3 / 3 + x y` with a fixed `y`, and its gradient.
struct Loss(ArrayD<f64>);

impl Loss {
    fn value(&self, x: &ArrayD<f64>) -> f64 {
        x.iter()
            .zip(&self.0)
            .map(|(x, y)| x.sin() + x.powi(3) / 3.0 + x * y)
            .sum()
    }

    fn gradient(&self, x: &ArrayD<f64>) -> ArrayD<f64> {
        let mut g = self.0.clone();
        g.zip_mut_with(x, |g, x| *g += x.cos() + x * x);
        g
    }
}

#[test]
fn gradients_agree_with_central_differences() {
    let cases = (shape_and_ranks(1_usize..=5, 120, 3), 0_u64..1 << 40);
    check(48, &cases, |((shape, ranks), seed)| {
        let cores = random::cores::<f64>(&shape, &ranks, seed);
        let tt = TensorTrain::from_cores(cores.clone()).unwrap();
        let loss = Loss(random::tensor(&shape, seed ^ 3));
        let x = tt.to_dense();
        let gradients = tt.pullback(&loss.gradient(&x)).unwrap();
        let scale = gradients.iter().map(|g| norm(g)).fold(1.0, f64::max)
            * cores.iter().map(|c| norm(c)).fold(1.0, f64::max).powi(3);
        for (k, gradient) in gradients.iter().enumerate() {
            assert_eq!(gradient.dim(), cores[k].dim());
            assert!(gradient.is_standard_layout());
            for (index, &got) in gradient.indexed_iter() {
                let at = |step: f64| {
                    let mut moved = cores.clone();
                    moved[k][index] += step;
                    loss.value(&TensorTrain::from_cores(moved).unwrap().to_dense())
                };
                let h = FINITE_DIFFERENCE_STEP;
                assert_near(got, (at(h) - at(-h)) / (2.0 * h), FINITE_DIFFERENCE * scale);
            }
        }
    });
}

/// The change of the dense tensor for a change of core `k` alone.
fn changed<A: Scalar>(cores: &[Array3<A>], k: usize, change: &Array3<A>) -> ArrayD<f64> {
    let mut cores = cores.to_vec();
    cores[k].clone_from(change);
    dense(&cores)
}

/// `<gradient, dX> = sum_k <pullback_k, dG_k>` for the linear map `dX = sum_k G_1 .. dG_k .. G_d`.
fn the_pullback_is_the_transpose<A: Scalar>() {
    let cases = (shape_and_ranks(1_usize..=6, 300, 4), 0_u64..1 << 40);
    check(64, &cases, |((shape, ranks), seed)| {
        let cores = random::cores::<A>(&shape, &ranks, seed);
        let changes = random::cores::<A>(&shape, &ranks, seed ^ 7);
        let gradient = random::tensor::<A>(&shape, seed ^ 8);
        let tt = TensorTrain::from_cores(cores.clone()).unwrap();
        let pulled = tt.pullback(&gradient).unwrap();
        assert_eq!(pulled.len(), shape.len());
        let wide = gradient.mapv(A::widen);
        let mut total = (0.0, 0.0, 0.0);
        for k in 0..shape.len() {
            let by_dense = inner(&wide, &changed(&cores, k, &changes[k]));
            let by_core = inner(&pulled[k], &changes[k]);
            let others: f64 = (0..shape.len())
                .filter(|&j| j != k)
                .map(|j| norm(&cores[j]))
                .product();
            let scale = norm(&wide) * norm(&changes[k]) * others;
            assert_near(by_core, by_dense, tol::<A>(wide.len()) * scale);
            total = (total.0 + by_dense, total.1 + by_core, total.2 + scale);
        }
        assert_near(total.1, total.0, tol::<A>(wide.len()) * total.2);
    });
}

/// `<pullback_k, G_k> = <gradient, X>` for every `k` (Euler: X is linear in each core).
fn every_core_sees_the_whole_inner_product<A: Scalar>() {
    for (shape, ranks) in [
        (&[7][..], &[1, 1][..]),
        (&[5, 6], &[1, 3, 1]),
        (&[4, 1, 3], &[1, 2, 2, 1]),
        (&[2, 3, 2, 3, 2], &[1, 2, 4, 3, 2, 1]),
    ] {
        let cores = random::cores::<A>(shape, ranks, 1);
        let gradient = random::tensor::<A>(shape, 2);
        let expected = inner(&gradient.mapv(A::widen), &dense(&cores));
        let scale: f64 = cores.iter().map(|c| norm(c)).product::<f64>() * norm(&gradient);
        let pulled = TensorTrain::from_cores(cores.clone())
            .unwrap()
            .pullback(&gradient)
            .unwrap();
        for (core, pulled) in cores.iter().zip(&pulled) {
            assert_near(
                inner(core, pulled),
                expected,
                tol::<A>(gradient.len()) * scale,
            );
        }
    }
}

fn every_layout_of_the_gradient_gives_the_same_bits<A: Scalar>() {
    for (shape, ranks) in [
        (&[6][..], &[1, 1][..]),
        (&[4, 5], &[1, 3, 1]),
        (&[3, 4, 5], &[1, 2, 3, 1]),
    ] {
        let tt = TensorTrain::from_cores(random::cores::<A>(shape, ranks, 3)).unwrap();
        let gradient = random::tensor::<A>(shape, 4);
        let expected = tt.pullback(&gradient).unwrap();
        layout::for_each_layout(&gradient, |name, view| {
            assert_eq!(tt.pullback(&view).unwrap(), expected, "{name}");
        });
    }
    let tt = TensorTrain::from_cores(random::cores::<A>(&[3, 4, 5], &[1, 2, 3, 1], 3)).unwrap();
    let fixed = random::tensor::<A>(&[3, 4, 5], 4)
        .into_dimensionality::<Ix3>()
        .unwrap();
    let plane = fixed.slice(tt_admm::ndarray::s![0, .., ..]);
    let repeated = plane.broadcast((3, 4, 5)).unwrap();
    assert_eq!(
        tt.pullback(&repeated).unwrap(),
        tt.pullback(&repeated.to_owned()).unwrap()
    );
    assert_eq!(
        tt.pullback(&fixed).unwrap(),
        tt.pullback(&fixed.into_dyn()).unwrap()
    );
}

/// A step against the gradient lowers `|X - T|^2 / 2`, many of them reach a target of the same ranks.
#[test]
fn descent_in_core_space_fits_a_target() {
    let (shape, ranks) = ([3, 4, 3], [1, 2, 2, 1]);
    let target = dense(&random::cores::<f64>(&shape, &ranks, 11));
    let mut tt = TensorTrain::from_cores(random::cores::<f64>(&shape, &ranks, 12)).unwrap();
    let start = norm(&(tt.to_dense() - &target));
    let mut last = start;
    for _ in 0..400 {
        let gradients = tt.pullback(&(tt.to_dense() - &target)).unwrap();
        for (mut core, gradient) in tt.cores_mut().zip(&gradients) {
            core.scaled_add(-0.02, gradient);
        }
        let now = norm(&(tt.to_dense() - &target));
        assert_below(now, last, "descent");
        last = now;
    }
    assert_below(last, 0.5 * start, "fit");
}

for_both_scalars!(
    the_pullback_is_the_transpose,
    every_core_sees_the_whole_inner_product,
    every_layout_of_the_gradient_gives_the_same_bits,
);
