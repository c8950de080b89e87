//! Laws of an algebra with an inner product.

use super::common::oracle::distance;
use super::common::strategy::{check, shape_and_ranks};
use super::common::tol::{assert_below, assert_near, tol};
use super::{bound, elements, random_train, uniform};
use proptest::prelude::*;
use tt_admm::ndarray::Array3;
use tt_admm::{Scalar, TensorTrain};

fn triples<A: Scalar>() -> impl Strategy<Value = [TensorTrain<A>; 3]> {
    (
        shape_and_ranks(1_usize..=5, 200, 3),
        1_usize..=3,
        0_u64..1 << 40,
    )
        .prop_map(|((shape, ranks), other, seed)| {
            let others = uniform(shape.len(), other);
            [
                random_train(&shape, &ranks, seed),
                random_train(&shape, &others, seed ^ 3),
                random_train(&shape, &ranks, seed ^ 5),
            ]
        })
}

#[track_caller]
fn assert_same<A: Scalar>(x: &TensorTrain<A>, y: &TensorTrain<A>, scale: f64) {
    let (x, y) = (elements(x), elements(y));
    assert_below(distance(&x, &y), tol::<A>(x.len()) * scale, "elements");
}

fn products_distribute_over_sums<A: Scalar>() {
    check(48, &(triples::<A>(), -2.0_f64..2.0), |([x, y, z], a)| {
        let sum = x.add(&y).unwrap();
        let scale = (bound(&x) + bound(&y)) * bound(&z);
        let left = sum.hadamard(&z).unwrap();
        let right = x
            .hadamard(&z)
            .unwrap()
            .add(&y.hadamard(&z).unwrap())
            .unwrap();
        assert_same(&left, &right, scale);
        assert_same(&left, &z.hadamard(&sum).unwrap(), scale);
        let dots = x.dot(&z).unwrap() + y.dot(&z).unwrap();
        let slack = tol::<A>(elements(&x).len()) * scale;
        assert_near(sum.dot(&z).unwrap().widen(), dots.widen(), slack);
        // sum_i X(i) Y(i) twice.
        let product = x.hadamard(&z).unwrap().sum();
        assert_near(product.widen(), x.dot(&z).unwrap().widen(), slack);
        let a = A::narrow(a);
        let scaled = x.scale(a).unwrap().add(&y.scale(a).unwrap()).unwrap();
        assert_same(
            &sum.scale(a).unwrap(),
            &scaled,
            2.0 * (bound(&x) + bound(&y)),
        );
        assert_same(&sum.sub(&y).unwrap(), &x, bound(&x) + 2.0 * bound(&y));
        assert_same(
            &x.sub(&y).unwrap(),
            &-y.sub(&x).unwrap(),
            bound(&x) + bound(&y),
        );
    });
}

fn the_norm_squared_is_the_inner_product<A: Scalar>() {
    check(48, &triples::<A>(), |[x, y, _]| {
        let slack = tol::<A>(elements(&x).len()) * bound(&x).powi(2);
        let square = x.dot(&x).unwrap().widen();
        assert_near(x.norm().widen().powi(2), square, slack);
        // Cauchy and Schwarz, the triangle, the parallelogram.
        let (nx, ny) = (x.norm().widen(), y.norm().widen());
        let slack = tol::<A>(elements(&x).len()) * (bound(&x) + bound(&y));
        let (sum, difference) = (x.add(&y).unwrap(), x.sub(&y).unwrap());
        assert_below(sum.norm().widen(), nx + ny + slack, "triangle");
        let (s, d) = (sum.norm().widen(), difference.norm().widen());
        let scale = (bound(&x) + bound(&y)).powi(2);
        let slack = 4.0 * tol::<A>(elements(&x).len()) * scale;
        assert_near(s * s + d * d, 2.0 * (nx * nx + ny * ny), slack);
        assert_below(x.dot(&y).unwrap().widen().abs(), nx * ny + slack, "Schwarz");
    });
}

/// All ones is the one of the element-wise product, and the inner product with it is the sum.
fn ones_are_neutral<A: Scalar>() {
    check(32, &triples::<A>(), |[x, _, _]| {
        let ones = x.shape().iter().map(|&n| Array3::ones((1, n, 1)));
        let ones = TensorTrain::from_cores(ones.collect()).unwrap();
        assert_eq!(x.hadamard(&ones).unwrap(), x);
        assert_eq!(ones.hadamard(&x).unwrap(), x);
        assert_eq!(x.sum(), x.dot(&ones).unwrap());
        assert_eq!(-(-x.clone()), x);
        assert_eq!(x.scale(A::one()).unwrap(), x);
    });
}

for_both_scalars!(
    products_distribute_over_sums,
    the_norm_squared_is_the_inner_product,
    ones_are_neutral,
);
