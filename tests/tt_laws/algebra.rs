//! Elements, dense tensor, inner product and norm agree with their definitions.

use super::common::oracle::{dense, distance, element, inner, norm};
use super::common::random;
use super::common::strategy::{check, shape_and_ranks};
use super::common::tol::{assert_below, assert_near, tol};
use super::random_train;
use tt_admm::ndarray::{Array3, ArrayD, Axis, Dimension, concatenate};
use tt_admm::{Scalar, TensorTrain};

fn dense_tensor_and_elements_match_the_definition<A: Scalar>() {
    check(
        48,
        &(shape_and_ranks(1_usize..=6, 300, 4), 0_u64..1 << 40),
        |((shape, ranks), seed)| {
            let cores = random::cores::<A>(&shape, &ranks, seed);
            let tt = TensorTrain::from_cores(cores.clone()).unwrap();
            let (got, expected) = (tt.to_dense(), dense(&cores));
            assert_eq!(got.shape(), shape);
            assert!(got.is_standard_layout());
            let scale = bound(&cores);
            assert_below(
                distance(&got.mapv(A::widen), &expected),
                tol::<A>(got.len()) * scale,
                "",
            );
            for (index, x) in got.indexed_iter() {
                let one = tt.get(index.slice()).unwrap();
                assert_near(one.widen(), x.widen(), tol::<A>(got.len()) * scale);
                assert_near(
                    one.widen(),
                    element(&cores, index.slice()),
                    tol::<A>(9) * scale,
                );
            }
        },
    );
}

/// The product of the norms of the cores: the scale of rounding errors in anything made of them.
fn bound<A: Scalar>(cores: &[Array3<A>]) -> f64 {
    cores.iter().map(|c| norm(c)).product()
}

fn inner_product_and_norm_match_the_dense_ones<A: Scalar>() {
    check(
        64,
        &(
            shape_and_ranks(1_usize..=7, 800, 4),
            1_usize..5,
            0_u64..1 << 40,
        ),
        |((shape, ranks), other, seed)| {
            let mut other_ranks = vec![other; shape.len() + 1];
            (other_ranks[0], other_ranks[shape.len()]) = (1, 1);
            let x = random_train::<A>(&shape, &ranks, seed);
            let y = random_train::<A>(&shape, &other_ranks, seed ^ 5);
            let (dx, dy) = (dense(x.cores()), dense(y.cores()));
            let slack = tol::<A>(dx.len()) * bound(x.cores()) * bound(y.cores());
            assert_near(x.dot(&y).unwrap().widen(), inner(&dx, &dy), slack);
            assert_near(y.dot(&x).unwrap().widen(), inner(&dx, &dy), slack);
            let total = norm(&dx);
            let slack = tol::<A>(dx.len()) * bound(x.cores());
            assert_near(x.norm().widen(), total, slack);
            if total > 1e3 * slack {
                assert_near(x.log_norm(), total.ln(), 2.0 * slack / total);
            }
        },
    );
}

/// `x - y` as a train, by stacking cores: `r = r_x + r_y`.
fn difference<A: Scalar>(x: &TensorTrain<A>, y: &TensorTrain<A>) -> TensorTrain<A> {
    let d = x.order();
    let stacked = (0..d).map(|k| {
        let (a, b) = (x.core(k), y.core(k));
        if k == 0 {
            let minus = b.mapv(|v| -v);
            return concatenate(Axis(2), &[a, minus.view()]).unwrap();
        }
        if k == d - 1 {
            return concatenate(Axis(0), &[a, b]).unwrap();
        }
        let ((ra, n, sa), (rb, _, sb)) = (a.dim(), b.dim());
        Array3::from_shape_fn((ra + rb, n, sa + sb), |(p, i, q)| match (p < ra, q < sa) {
            (true, true) => a[[p, i, q]],
            (false, false) => b[[p - ra, i, q - sa]],
            _ => A::zero(),
        })
    });
    TensorTrain::from_cores(stacked.collect()).unwrap()
}

/// `|x - y|` where `y` is `x` with one core changed by `delta`: the root of an inner product would see
/// nothing below `sqrt(eps)`.
fn norms_of_cancelling_trains_are_accurate<A: Scalar>() {
    let (shape, ranks) = ([4, 5, 3, 4], [1, 3, 4, 2, 1]);
    let x = random_train::<A>(&shape, &ranks, 3);
    let zero = difference(&x, &x).norm().widen();
    assert_below(zero, tol::<A>(1) * bound(x.cores()), "x - x");
    for exponent in 1..if tol::<A>(1) > 1e-10 { 4 } else { 11 } {
        // A power of two, so that the change is exact in the scalar type.
        let delta = A::narrow(2.0_f64.powi(-3 * exponent));
        let mut cores = x.cores().to_vec();
        let mut change = random::cores::<A>(&shape, &ranks, 4);
        for (k, core) in cores.iter_mut().enumerate() {
            if k == 1 {
                let before = core.clone();
                *core += &change[1].mapv(|v| v * delta);
                change[1] = &*core - &before;
            } else {
                change[k].clone_from(core);
            }
        }
        let y = TensorTrain::from_cores(cores).unwrap();
        let exact = norm(&dense(&change));
        let got = difference(&x, &y).norm().widen();
        assert_near(got, exact, tol::<A>(1) * bound(x.cores()));
        assert_below(
            (got / exact - 1.0).abs(),
            0.2,
            &format!("delta 2^-{}", 3 * exponent),
        );
    }
}

fn cores_can_be_changed_in_place<A: Scalar>() {
    let mut tt = random_train::<A>(&[3, 4, 2], &[1, 2, 2, 1], 6);
    let before = tt.to_dense();
    for mut core in tt.cores_mut() {
        core.mapv_inplace(|x| x * A::narrow(2.0));
    }
    assert_eq!(tt.to_dense(), before.mapv(|x| x * A::narrow(8.0)));
    let zeroed: ArrayD<A> = ArrayD::zeros(before.raw_dim());
    for mut core in tt.cores_mut() {
        core.fill(A::zero());
    }
    assert_eq!(tt.to_dense(), zeroed);
    assert_eq!((tt.norm(), tt.log_norm()), (A::zero(), f64::NEG_INFINITY));
}

for_both_scalars!(
    dense_tensor_and_elements_match_the_definition,
    inner_product_and_norm_match_the_dense_ones,
    norms_of_cancelling_trains_are_accurate,
    cores_can_be_changed_in_place,
);
