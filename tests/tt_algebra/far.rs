//! Long trains whose norm is far outside the range of every float, above and below.

use std::f64::consts::LN_2;

use super::common::tol::{assert_below, assert_near, eps, is_single, tol};
use super::{random_train, uniform};
use tt_admm::ndarray::Array3;
use tt_admm::{Scalar, TensorTrain, Truncation, TtError};

const ORDER: usize = 400;

/// Order 400 and rank 3, with core `k` multiplied by `2^power(k)`.
fn long<A: Scalar>(seed: u64, power: impl Fn(usize) -> i32) -> TensorTrain<A> {
    let cores = random_train::<A>(&[2; ORDER], &uniform(ORDER, 3), seed).into_cores();
    let raised = cores
        .into_iter()
        .enumerate()
        .map(|(k, c)| c.mapv(|x| x * A::narrow(2.0_f64.powi(power(k)))));
    TensorTrain::from_cores(raised.collect()).unwrap()
}

/// Powers of two per core, all of one sign.
const STEPS: [i32; 3] = [0, 20, -20];

/// Rounding of a logarithm of some ten thousands included.
fn slack<A: Scalar>() -> f64 {
    ORDER as f64 * tol::<A>(1) + 1e-11
}

fn multiples_have_the_right_norm<A: Scalar>() {
    for step in STEPS {
        let x = long::<A>(1, |_| step);
        for factor in [
            3.0,
            -0.1,
            A::max_value().widen(),
            A::min_positive_value().widen(),
        ] {
            let scaled = x.scale(A::narrow(factor)).unwrap();
            let expected = x.log_norm() + factor.abs().ln();
            assert_near(scaled.log_norm(), expected, slack::<A>());
            assert_eq!(scaled.log_dot(&x).unwrap().sign, factor.signum());
        }
        let mut at = x.clone();
        // Many huge factors one after the other.
        for _ in 0..12 {
            at = at.scale(A::narrow(1e30)).unwrap();
        }
        let expected = x.log_norm() + 360.0 * 10.0_f64.ln();
        assert_near(at.log_norm(), expected, slack::<A>());
        assert_eq!((-&x).log_norm(), x.log_norm());
    }
}

fn sums_and_inner_products_are_right<A: Scalar>() {
    for step in STEPS {
        let (x, y) = (long::<A>(1, |_| step), long::<A>(2, |_| step));
        let y = y
            .scale(A::narrow((x.log_norm() - y.log_norm()).exp().min(1e30)))
            .unwrap();
        // |x + y|^2 and |x - y|^2 in units of |x|^2.
        let unit = 2.0 * x.log_norm();
        let dot = x.log_dot(&y).unwrap();
        let dot = dot.sign * (dot.log_abs - unit).exp();
        let squares = 1.0 + (2.0 * y.log_norm() - unit).exp();
        for (combined, sign) in [(x.add(&y).unwrap(), 2.0), (x.sub(&y).unwrap(), -2.0)] {
            let expected = (squares + sign * dot).ln();
            assert_near(2.0 * combined.log_norm() - unit, expected, slack::<A>());
            let square = combined.log_dot(&combined).unwrap();
            assert_near(square.log_abs - unit, expected, slack::<A>());
            assert_eq!(square.sign, 1.0);
        }
        let double = x.add(&x).unwrap();
        assert_near(double.log_norm(), x.log_norm() + LN_2, slack::<A>());
        let zero = x.sub(&x).unwrap();
        assert_below(
            zero.log_norm() - x.log_norm(),
            (1e3 * eps::<A>()).ln(),
            "x - x",
        );
        assert_eq!(
            zero.round(Truncation::exact()).unwrap().ranks(),
            uniform(ORDER, 1)
        );
        let twice = double.log_sum();
        assert_eq!(twice.sign, x.log_sum().sign);
        assert_near(
            twice.log_abs,
            x.log_sum().log_abs + LN_2,
            1e3 * slack::<A>(),
        );
    }
}

fn products_are_right<A: Scalar>() {
    for step in STEPS {
        let (x, y) = (long::<A>(3, |_| step), long::<A>(4, |_| step));
        let product = x.hadamard(&y).unwrap();
        let (sum, dot) = (product.log_sum(), x.log_dot(&y).unwrap());
        assert_eq!(sum.sign, dot.sign);
        assert_near(sum.log_abs, dot.log_abs, 1e3 * slack::<A>());
        let squares = x
            .hadamard(&x)
            .unwrap()
            .log_dot(&y.hadamard(&y).unwrap())
            .unwrap();
        assert_near(2.0 * product.log_norm(), squares.log_abs, slack::<A>());
    }
    // Entries whose products no number holds, in trains of norm about one.
    let (up, down) = if is_single::<A>() {
        (100, -100)
    } else {
        (700, -700)
    };
    let wild = |first: i32, second: i32| long::<A>(5, |k| if k % 2 == 0 { first } else { second });
    let (x, tame) = (wild(up, down), wild(0, 0));
    let (product, expected) = (x.hadamard(&x).unwrap(), tame.hadamard(&tame).unwrap());
    assert_near(product.log_norm(), expected.log_norm(), slack::<A>());
    let difference = product.sub(&expected).unwrap().log_norm();
    assert_below(
        difference - expected.log_norm(),
        (1e3 * eps::<A>()).ln(),
        "wild",
    );
}

fn rounding_is_right<A: Scalar>() {
    let tame = long::<A>(6, |_| 0);
    let expected = tame.round(2).unwrap();
    for step in [20, -20] {
        let x = long::<A>(6, |_| step);
        let rounded = x.round(2).unwrap();
        assert_eq!(rounded.ranks(), expected.ranks());
        let error = rounded.truncation_error();
        assert_near(
            error.relative(),
            expected.truncation_error().relative(),
            slack::<A>(),
        );
        assert_eq!(error.total(), if step > 0 { f64::INFINITY } else { 0.0 });
        let measured = x.sub(&rounded).unwrap().log_norm() - x.log_norm();
        assert_near(measured, error.relative().ln(), slack::<A>());
        assert!(error.tolerance_met());
        // No core could hold the norm alone, so all of them hold a part.
        assert_eq!(rounded.orthogonality_center(), None);
        let core = rounded
            .core(7)
            .iter()
            .map(|e| e.widen().powi(2))
            .sum::<f64>();
        assert!(core.is_normal(), "{core:e}");
        assert!(matches!(
            x.clone().left_orthogonalize(),
            Err(TtError::OutOfRange { .. })
        ));
        // A tolerance far below the norm keeps all; one far above it keeps nothing.
        let all = if step > 0 { f64::MAX } else { 0.0 };
        assert_eq!(x.round(Truncation::absolute(all)).unwrap().ranks()[200], 3);
        let nothing = x.round(Truncation::absolute(f64::from_bits(1))).unwrap();
        assert_eq!(nothing.ranks()[200], if step > 0 { 3 } else { 1 });
        let exact = x.add(&x).unwrap().round(Truncation::exact()).unwrap();
        assert_eq!(exact.ranks(), x.round(Truncation::exact()).unwrap().ranks());
        let half = exact.scale(A::narrow(0.5)).unwrap().sub(&x).unwrap();
        assert_below(
            half.log_norm() - x.log_norm(),
            (1e3 * eps::<A>()).ln(),
            "exact",
        );
    }
    // The same tensor with wild cores.
    let (up, down) = if is_single::<A>() {
        (100, -100)
    } else {
        (700, -700)
    };
    let wild = long::<A>(6, |k| if k % 2 == 0 { up } else { down })
        .round(2)
        .unwrap();
    let apart = wild.sub(&expected).unwrap().log_norm() - expected.log_norm();
    assert_below(apart, (1e4 * eps::<A>()).ln(), "wild");
    // A norm that fits into one core goes there.
    let mut moderate = tame;
    while moderate.log_norm().abs() > 1.0 {
        let step = moderate.log_norm().clamp(-60.0, 60.0);
        moderate = moderate.scale(A::narrow((-step).exp())).unwrap();
    }
    let rounded = moderate.round(2).unwrap();
    assert_eq!(rounded.orthogonality_center(), Some(ORDER - 1));
    let relative = rounded.truncation_error().relative();
    assert_near(
        relative,
        expected.truncation_error().relative(),
        slack::<A>(),
    );
    let total = rounded.truncation_error().total() / moderate.norm().widen();
    assert_near(total, relative, slack::<A>());
}

/// One term is huge in the first half and tiny in the second, the other the other way round; both have the same
/// norm. With one exponent for both, either would vanish on the way.
fn terms_that_pass_each_other_are_both_kept<A: Scalar>() {
    let step = if is_single::<A>() { 2 } else { 12 };
    let x = long::<A>(7, |k| if k < 200 { step } else { -step });
    let y = long::<A>(8, |k| if k < 200 { -step } else { step });
    let sum = x.add(&y).unwrap();
    let unit = 2.0 * x.log_norm().max(y.log_norm());
    let dot = x.log_dot(&y).unwrap();
    let square = (2.0 * x.log_norm() - unit).exp()
        + (2.0 * y.log_norm() - unit).exp()
        + 2.0 * dot.sign * (dot.log_abs - unit).exp();
    assert_near(2.0 * sum.log_norm() - unit, square.ln(), slack::<A>());
    assert_near(
        sum.log_dot(&sum).unwrap().log_abs - unit,
        square.ln(),
        slack::<A>(),
    );
    let rounded = sum.round(Truncation::exact()).unwrap();
    assert_eq!(rounded.ranks()[200], 6);
    for (term, other) in [(&x, &y), (&y, &x)] {
        let rest = rounded.sub(term).unwrap().sub(other).unwrap();
        assert_below(
            rest.log_norm() - unit / 2.0,
            (1e4 * eps::<A>()).ln(),
            "rest",
        );
    }
    let square = sum.hadamard(&sum).unwrap();
    assert_near(
        square.log_sum().log_abs,
        sum.log_dot(&sum).unwrap().log_abs,
        slack::<A>(),
    );
}

/// Where not even all cores together hold the result.
fn results_beyond_all_cores_are_refused<A: Scalar>() {
    let core = |x: A| vec![Array3::from_elem((1, 2, 1), x); 3];
    for (entry, sign) in [(A::max_value(), 1.0), (A::min_positive_value(), -1.0)] {
        let x = TensorTrain::from_cores(core(entry)).unwrap();
        let log_norm = 3.0 * entry.widen().ln() + 1.5 * LN_2;
        for (error, expected) in [
            (
                x.hadamard(&x).unwrap_err(),
                2.0 * (log_norm - 1.5 * LN_2) + 1.5 * LN_2,
            ),
            (x.scale(entry).unwrap_err(), log_norm + entry.widen().ln()),
        ] {
            let TtError::OutOfRange { log_norm } = error else {
                panic!("{error:?}")
            };
            assert_near(log_norm, expected, 1e-9 * expected.abs());
            assert_eq!(log_norm.signum(), sign);
        }
    }
}

for_both_scalars!(
    multiples_have_the_right_norm,
    sums_and_inner_products_are_right,
    products_are_right,
    rounding_is_right,
    terms_that_pass_each_other_are_both_kept,
    results_beyond_all_cores_are_refused,
);
