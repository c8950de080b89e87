//! Every operation on trains is that operation on their elements; and the cores are what the definition says.

use proptest::prelude::*;

use super::common::oracle::{distance, inner};
use super::common::strategy::{check, shape_and_ranks};
use super::common::tol::{assert_below, assert_near, tol};
use super::{bound, elements, random_train, uniform};
use tt_admm::ndarray::ArrayD;
use tt_admm::{Scalar, TensorTrain};

/// Two trains of one shape and different ranks.
fn pairs<A: Scalar>() -> impl Strategy<Value = (TensorTrain<A>, TensorTrain<A>)> {
    (
        shape_and_ranks(1_usize..=6, 300, 4),
        1_usize..=3,
        0_u64..1 << 40,
    )
        .prop_map(|((shape, ranks), other, seed)| {
            let y = random_train(&shape, &uniform(shape.len(), other), seed ^ 7);
            (random_train(&shape, &ranks, seed), y)
        })
}

#[track_caller]
fn assert_elements<A: Scalar>(train: &TensorTrain<A>, expected: &ArrayD<f64>, scale: f64) {
    let slack = tol::<A>(expected.len()) * scale;
    assert_below(distance(&elements(train), expected), slack, "elements");
    let dense = train.to_dense().mapv(A::widen);
    assert_below(distance(&dense, expected), slack, "to_dense");
}

fn operations_commute_with_to_dense<A: Scalar>() {
    check(64, &(pairs::<A>(), -3.0_f64..3.0), |((x, y), factor)| {
        let (dx, dy) = (elements(&x), elements(&y));
        let (bx, by) = (bound(&x), bound(&y));
        assert_elements(&x.add(&y).unwrap(), &(&dx + &dy), bx + by);
        assert_elements(&x.sub(&y).unwrap(), &(&dx - &dy), bx + by);
        let factor = A::narrow(factor);
        let multiple = dx.mapv(|v| v * factor.widen());
        assert_elements(&x.scale(factor).unwrap(), &multiple, 3.0 * bx);
        assert_elements(&-&x, &dx.mapv(|v| -v), bx);
        assert_elements(&x.hadamard(&y).unwrap(), &(&dx * &dy), bx * by);
        // |sum| <= sqrt(N) |X|.
        let slack = tol::<A>(dx.len()) * (dx.len() as f64).sqrt() * bx;
        assert_near(x.sum().widen(), dx.sum(), slack);
        assert_near(x.log_sum().value(), dx.sum(), slack);
        let slack = tol::<A>(dx.len()) * bx * by;
        assert_near(x.dot(&y).unwrap().widen(), inner(&dx, &dy), slack);
        assert_near(x.log_dot(&y).unwrap().value(), inner(&dx, &dy), slack);
    });
}

/// Sums have block cores, products Kronecker cores, entry by entry.
fn cores_are_those_of_the_definition<A: Scalar>() {
    check(48, &pairs::<A>(), |(x, y)| {
        let (sum, difference) = (x.add(&y).unwrap(), x.sub(&y).unwrap());
        let product = x.hadamard(&y).unwrap();
        let last = x.order() - 1;
        for k in 1..=last {
            assert_eq!(sum.ranks()[k], x.ranks()[k] + y.ranks()[k]);
            assert_eq!(product.ranks()[k], x.ranks()[k] * y.ranks()[k]);
        }
        for k in 0..=last {
            let (a, b) = (x.core(k), y.core(k));
            let ((ar, _, ac), (br, _, bc)) = (a.dim(), b.dim());
            for ((r, i, c), &e) in product.core(k).indexed_iter() {
                assert_eq!(e, a[[r / br, i, c / bc]] * b[[r % br, i, c % bc]]);
            }
            if last == 0 {
                assert_eq!(sum.core(0), &a + &b);
                assert_eq!(difference.core(0), &a - &b);
                continue;
            }
            for (train, sign) in [(&sum, A::one()), (&difference, -A::one())] {
                for ((r, i, c), &e) in train.core(k).indexed_iter() {
                    // An end has one row, or one column, that belongs to both.
                    let (in_a, in_b) = (
                        (k == 0 || r < ar) && (k == last || c < ac),
                        (k == 0 || r >= ar) && (k == last || c >= ac),
                    );
                    let sign = if k == 0 { sign } else { A::one() };
                    let expected = match (in_a, in_b) {
                        (true, false) => a[[r, i, c]],
                        (false, true) => {
                            let row = if k == 0 { 0 } else { r - ar };
                            let col = if k == last { 0 } else { c - ac };
                            sign * b[[row, i, col]]
                        }
                        (false, false) => A::zero(),
                        (true, true) => unreachable!("only for order 1"),
                    };
                    assert_eq!(e, expected, "core {k} at {:?}", (r, i, c));
                }
            }
        }
    });
}

for_both_scalars!(
    operations_commute_with_to_dense,
    cores_are_those_of_the_definition,
);
