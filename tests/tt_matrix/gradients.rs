//! Gradients of a product with a batch: against central differences and as the transpose of a linear map.

use super::common::layout::for_each_layout;
use super::common::oracle::{distance, inner, matmul, norm};
use super::common::random;
use super::common::strategy::check;
use super::common::tol::{
    FINITE_DIFFERENCE, FINITE_DIFFERENCE_STEP, assert_below, assert_near, tol,
};
use super::{Modes, definition, modes, random_cores, random_matrix, size_of};
use tt_admm::ndarray::{Array2, Array4, Ix2};
use tt_admm::{Scalar, TtMatrix};

/// A loss that is not linear in `Y`: `sum sin(y) + y^3 / 3`.
fn loss(y: &Array2<f64>) -> f64 {
    y.iter().map(|y| y.sin() + y.powi(3) / 3.0).sum()
}

#[test]
fn gradients_agree_with_central_differences() {
    let cases = (modes(), 1_usize..=3, 0_u64..1 << 40);
    check(24, &cases, |((rows, cols, ranks), batch, seed)| {
        let modes: Modes = (super::bounded(rows, 12), super::bounded(cols, 12), ranks);
        let cores = random_cores::<f64>(&modes, seed);
        let m = TtMatrix::from_cores(cores.clone()).unwrap();
        let x = random::matrix::<f64>(m.num_cols().unwrap(), batch, seed ^ 1);
        let y = m.matmul(&x).unwrap();
        let (of_cores, of_x) = m.matmul_pullback(&x, &y.mapv(|y| y.cos() + y * y)).unwrap();
        let scale = of_cores
            .iter()
            .map(|g| norm(g))
            .fold(1.0 + norm(&of_x), f64::max)
            * cores.iter().map(|c| norm(c)).fold(1.0, f64::max).powi(3)
            * (1.0 + norm(&x)).powi(2);
        let h = FINITE_DIFFERENCE_STEP;
        for (k, gradient) in of_cores.iter().enumerate() {
            assert_eq!(gradient.dim(), cores[k].dim());
            assert!(gradient.is_standard_layout());
            for (index, &got) in gradient.indexed_iter() {
                let at = |step: f64| {
                    let mut moved = cores.clone();
                    moved[k][index] += step;
                    loss(&TtMatrix::from_cores(moved).unwrap().matmul(&x).unwrap())
                };
                assert_near(got, (at(h) - at(-h)) / (2.0 * h), FINITE_DIFFERENCE * scale);
            }
        }
        assert_eq!(of_x.dim(), x.dim());
        for (index, &got) in of_x.indexed_iter() {
            let at = |step: f64| {
                let mut moved = x.clone();
                moved[index] += step;
                loss(&m.matmul(&moved).unwrap())
            };
            assert_near(got, (at(h) - at(-h)) / (2.0 * h), FINITE_DIFFERENCE * scale);
        }
    });
}

/// `<gradient, dM X> = <pullback_k, dG_k>` for a change of one core, and `<gradient, M dX> = <of_x, dX>`.
fn the_pullback_is_the_transpose<A: Scalar>() {
    let cases = (modes(), 1_usize..=3, 0_u64..1 << 40);
    check(64, &cases, |(modes, batch, seed)| {
        let cores = random_cores::<A>(&modes, seed);
        let changes = random_cores::<A>(&modes, seed ^ 7);
        let m = TtMatrix::from_cores(cores.clone()).unwrap();
        let dense = definition(&cores);
        let x = random::matrix::<A>(dense.ncols(), batch, seed ^ 1);
        let gradient = random::matrix::<A>(dense.nrows(), batch, seed ^ 2);
        let (of_cores, of_x) = m.matmul_pullback(&x, &gradient).unwrap();
        let wide = gradient.mapv(A::widen);
        let unit = tol::<A>(dense.len()) * norm(&x) * norm(&wide);
        for k in 0..cores.len() {
            let mut changed = cores.clone();
            changed[k].clone_from(&changes[k]);
            let expected = inner(&wide, &matmul(&definition(&changed), &x));
            assert_near(
                inner(&of_cores[k], &changes[k]),
                expected,
                unit * size_of(&changed),
            );
        }
        let expected = matmul(&dense.t(), &wide);
        let slack = tol::<A>(dense.len()) * size_of(&cores) * norm(&wide);
        assert_below(
            distance(&of_x.mapv(A::widen), &expected),
            slack,
            "of the batch",
        );
    });
}

/// The same as the gradient of the dense matrix, `gradient X^T`, pulled back through the tensor train.
fn the_dense_way_gives_the_same<A: Scalar>() {
    let modes: Modes = (vec![3, 2, 4], vec![2, 5, 2], vec![1, 3, 2, 1]);
    let m = random_matrix::<A>(&modes, 3);
    let (x, gradient) = (random::matrix::<A>(20, 6, 4), random::matrix::<A>(24, 6, 5));
    let (of_cores, _) = m.matmul_pullback(&x, &gradient).unwrap();
    let layout = tt_admm::Tensorization::tt_matrix(&modes.0[..], &modes.1[..]).unwrap();
    let of_matrix = layout.tensorize(&gradient.dot(&x.t())).unwrap();
    let expected = m.as_tensor_train().pullback(&of_matrix).unwrap();
    let slack = tol::<A>(480) * size_of(&m.into_cores()) * norm(&x) * norm(&gradient);
    for (got, expected) in of_cores.iter().zip(&expected) {
        let got = got.to_shape(expected.raw_dim()).unwrap();
        assert_below(distance(&got, expected), slack, "core");
    }
}

fn every_layout_gives_the_same_bits<A: Scalar>() {
    let modes: Modes = (vec![3, 4], vec![2, 5], vec![1, 3, 1]);
    let m = random_matrix::<A>(&modes, 6);
    let (x, gradient) = (random::matrix::<A>(10, 3, 7), random::matrix::<A>(12, 3, 8));
    let expected = m.matmul_pullback(&x, &gradient).unwrap();
    for_each_layout(&x.clone().into_dyn(), |name, view| {
        let view = view.into_dimensionality::<Ix2>().unwrap();
        assert_eq!(
            m.matmul_pullback(&view, &gradient).unwrap(),
            expected,
            "{name}"
        );
    });
    for_each_layout(&gradient.into_dyn(), |name, view| {
        let view = view.into_dimensionality::<Ix2>().unwrap();
        assert_eq!(m.matmul_pullback(&x, &view).unwrap(), expected, "{name}");
    });
}

/// Steps against the gradient fit a layer to the outputs of another one of the same ranks.
#[test]
fn descent_in_core_space_fits_a_layer() {
    let modes: Modes = (vec![2, 3], vec![3, 2], vec![1, 2, 1]);
    let target = random_matrix::<f64>(&modes, 9);
    let x = random::matrix::<f64>(6, 20, 10);
    let y = target.matmul(&x).unwrap();
    let mut m = random_matrix::<f64>(&modes, 11);
    let start = norm(&(m.matmul(&x).unwrap() - &y));
    let mut last = start;
    for _ in 0..300 {
        let (gradients, _) = m
            .matmul_pullback(&x, &(m.matmul(&x).unwrap() - &y))
            .unwrap();
        for (mut core, gradient) in m.cores_mut().zip(&gradients) {
            core.scaled_add(-0.005, gradient);
        }
        let now = norm(&(m.matmul(&x).unwrap() - &y));
        assert_below(now, last, "descent");
        last = now;
    }
    assert_below(last, 0.5 * start, "fit");
}

/// Cores and operands far outside the square root of the range: the gradients are those of scaled ones.
#[test]
fn gradients_of_far_away_scales() {
    let modes: Modes = (vec![2, 3, 2], vec![3, 2, 2], vec![1, 2, 2, 1]);
    let cores = random_cores::<f64>(&modes, 12);
    let (x, gradient) = (random::matrix(12, 2, 13), random::matrix(12, 2, 14));
    let plain = TtMatrix::from_cores(cores.clone()).unwrap();
    let (expected, expected_x) = plain.matmul_pullback(&x, &gradient).unwrap();
    let powers = [900.0_f64, -800.0, -850.0];
    let scaled: Vec<Array4<f64>> = cores
        .iter()
        .zip(powers)
        .map(|(c, p)| c * p.exp2())
        .collect();
    let m = TtMatrix::from_cores(scaled).unwrap();
    let (x, gradient) = (&x * 400_f64.exp2(), &gradient * 400_f64.exp2());
    let (of_cores, of_x) = m.matmul_pullback(&x, &gradient).unwrap();
    for (k, got) in of_cores.iter().enumerate() {
        let power = 800.0 - 750.0 - powers[k];
        let got = got.mapv(|x| x * (-power / 2.0).exp2() * (-power / 2.0).exp2());
        let slack = tol::<f64>(100) * norm(&expected[k]);
        assert_below(distance(&got, &expected[k]), slack, "core");
    }
    let got = of_x * 350_f64.exp2();
    assert_below(
        distance(&got, &expected_x),
        tol::<f64>(100) * norm(&expected_x),
        "batch",
    );
}

for_both_scalars!(
    the_pullback_is_the_transpose,
    the_dense_way_gives_the_same,
    every_layout_gives_the_same_bits,
);
