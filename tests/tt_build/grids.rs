//! Functions on grids of digits, against the function at every point.

use super::common::oracle::dense;
use super::common::strategy::{check, shape};
use super::common::tol::{assert_below, assert_near, eps};
use proptest::prelude::*;
use tt_admm::{QttGrid, Scalar, TensorTrain};

/// The number of the point with these digits, first mode most significant.
fn number(shape: &[usize], digits: &[usize]) -> usize {
    shape
        .iter()
        .zip(digits)
        .fold(0, |i, (n, digit)| i * n + digit)
}

/// One element in `f64`, by a row vector that runs through the cores.
fn along<A: Scalar>(train: &TensorTrain<A>, digits: &[usize]) -> f64 {
    let mut row = vec![1.0];
    for (core, &i) in train.cores().iter().zip(digits) {
        let entry = |b: usize| {
            (0..row.len())
                .map(|a| row[a] * core[[a, i, b]].widen())
                .sum()
        };
        row = (0..core.dim().2).map(entry).collect();
    }
    row[0]
}

/// The number of a point at this part of the way to the last.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // rounded, and of moderate size
fn part_of(part: f64, last: f64) -> usize {
    (part * last).round() as usize
}

/// Checks a train against `f` of the points, each element to `tolerance` (of the element if `relative`).
#[track_caller]
fn assert_function<A: Scalar>(
    grid: &QttGrid,
    train: &TensorTrain<A>,
    f: impl Fn(f64) -> f64,
    tolerance: impl Fn(f64) -> f64,
) {
    assert_eq!(train.shape(), grid.shape());
    let values = dense(train.cores());
    for (i, &value) in values.iter().enumerate() {
        let x = grid.spacing().mul_add(i as f64, grid.start());
        assert_near(value, f(x), tolerance(f(x)) * eps::<A>());
    }
}

/// A shape of digits and the ends of an interval.
fn grids() -> impl Strategy<Value = QttGrid> {
    let shape = prop_oneof![
        shape(1_usize..=7, 400),
        (1_usize..=9).prop_map(|d| vec![2; d]),
    ];
    (shape, -4.0_f64..4.0, -4.0_f64..4.0)
        .prop_map(|(shape, a, b)| QttGrid::linspace(&shape, a, b).unwrap())
}

fn functions_of_all_points<A: Scalar>() {
    check(64, &grids(), |grid| {
        let d = grid.shape().len() as f64;
        let inner = |rank: usize| {
            let mut ranks = vec![rank; grid.shape().len() + 1];
            (ranks[0], ranks[grid.shape().len()]) = (1, 1);
            ranks
        };
        let x = grid.points::<A>().unwrap();
        assert_eq!(x.ranks(), inner(2));
        assert_function(&grid, &x, |x| x, |_| 8.0 * d);
        let (sin, cos) = (grid.sin::<A>(), grid.cos::<A>());
        assert_eq!((sin.ranks(), cos.ranks()), (&inner(2)[..], &inner(2)[..]));
        assert_function(&grid, &sin, f64::sin, |_| 8.0 * d);
        assert_function(&grid, &cos, f64::cos, |_| 8.0 * d);
        let exp = grid.exp::<A>().unwrap();
        assert_eq!(exp.ranks(), inner(1));
        assert_function(&grid, &exp, f64::exp, |y| 8.0 * d * y);
        let chebyshev = grid.polynomial::<A>(&[0.0, -3.0, 0.0, 4.0]).unwrap();
        assert_eq!(chebyshev.ranks(), inner(4));
        // 3 * 4 + 4 * 4^3 bounds the terms.
        assert_function(
            &grid,
            &chebyshev,
            |x| 4.0 * x.powi(3) - 3.0 * x,
            |_| 8.0 * d * 268.0,
        );
    });
}

fn steps_at_every_point<A: Scalar>() {
    for shape in [
        &[2, 2, 2, 2, 2][..],
        &[3, 2, 4],
        &[1, 3, 1, 2, 1],
        &[7],
        &[2, 1, 1],
        &[1],
        &[1, 1],
    ] {
        let grid = QttGrid::new(shape, 0.0, 1.0).unwrap();
        let count = shape.iter().product::<usize>();
        for at in 0..count {
            let train = grid.step::<A>(at).unwrap();
            let expected: Vec<f64> = (0..count).map(|i| f64::from(u8::from(i >= at))).collect();
            assert_eq!(
                dense(train.cores()).into_iter().collect::<Vec<_>>(),
                expected,
                "{shape:?} {at}"
            );
            assert!(train.ranks().iter().all(|&r| r <= 2));
            // No rank can be smaller: they are the ranks of the unfoldings.
            for k in 1..shape.len() {
                let columns: usize = shape[k..].iter().product();
                let mut rows: Vec<_> = expected
                    .chunks(columns)
                    .map(|row| row.iter().map(|&x| x != 0.0).collect::<Vec<_>>())
                    .collect();
                rows.retain(|row| row.iter().any(|&x| x));
                rows.sort();
                rows.dedup();
                assert_eq!(
                    train.ranks()[k],
                    rows.len().clamp(1, 2),
                    "{shape:?} {at} bond {k}"
                );
            }
        }
    }
}

fn digits_are_row_major() {
    let shape = [3, 1, 2, 4];
    let grid = QttGrid::new(&shape, 0.5, 0.25).unwrap();
    assert_eq!(
        (grid.num_points(), grid.start(), grid.spacing()),
        (24.0, 0.5, 0.25)
    );
    let x = grid.points::<f64>().unwrap();
    for i in 0..24 {
        let digits = grid.digits(i).unwrap();
        assert_eq!(number(&shape, &digits), i);
        assert_eq!(x.get(&digits).unwrap(), 0.5 + 0.25 * i as f64);
    }
    // The last point may have the largest number there is.
    let large = QttGrid::new(&[1 << 30, 1 << 34], 0.0, 1.0).unwrap();
    assert_eq!(
        large.digits(usize::MAX).unwrap(),
        [(1 << 30) - 1, (1 << 34) - 1]
    );
}

/// The other convention: reverse the train.
fn least_significant_digit_first() {
    let shape = [2, 3, 4];
    let reversed: Vec<usize> = shape.iter().rev().copied().collect();
    let grid = QttGrid::new(&reversed, 0.0, 0.1).unwrap();
    let sin = grid.sin::<f64>().reversed();
    assert_eq!(sin.shape(), shape);
    for i in 0..24 {
        let digits = [i % 2, i / 2 % 3, i / 6];
        assert_near(sin.get(&digits).unwrap(), (0.1 * i as f64).sin(), 1e-15);
    }
}

/// Points spread over a grid of `2^30` or more, with their functions in full accuracy.
fn fine_and_long_grids<A: Scalar>() {
    for (shape, start, spacing) in [
        (vec![2; 30], 0.0, 1.0),
        (vec![2; 30], 0.0, 0.1),
        (vec![2; 50], -3.0, 1e-13),
        (vec![10; 15], 1.0 / 3.0, 1e-3),
        (vec![7, 11, 13, 17, 19, 23, 29, 31], -1e5, 0.3),
    ] {
        let grid = QttGrid::new(&shape, start, spacing).unwrap();
        let d = shape.len() as f64;
        let last = grid.num_points() - 1.0;
        let (sin, cos) = (grid.sin::<A>(), grid.cos::<A>());
        let x = grid.points::<A>().unwrap();
        let end = start + spacing * last;
        for part in [0.0, 1e-9, 0.1, 0.3, 0.5, 0.777, 0.999, 1.0] {
            let i = part_of(part, last);
            let digits = grid.digits(i).unwrap();
            // start + spacing * i to twice the digits.
            let high = spacing * i as f64;
            let low = spacing.mul_add(i as f64, -high);
            let sum = start + high;
            let bb = sum - start;
            let low = low + ((start - (sum - bb)) + (high - bb));
            let angle = |x: f64, y: f64| {
                (
                    x.sin() * y.cos() + x.cos() * y.sin(),
                    x.cos() * y.cos() - x.sin() * y.sin(),
                )
            };
            let (s, c) = angle(sum, low);
            let at = |t: &TensorTrain<A>| along(t, &digits);
            assert_near(at(&sin), s, 4.0 * d * eps::<A>());
            assert_near(at(&cos), c, 4.0 * d * eps::<A>());
            let size = start.abs().max(end.abs());
            let size = if start >= 0.0 { sum + low } else { size };
            assert_near(at(&x), sum, 4.0 * d * eps::<A>() * size);
        }
    }
}

/// The exponential over the whole range of the type, and beyond its small end.
fn exponentials_of_any_size<A: Scalar>() {
    let top = A::max_value().widen().ln() - 1.0;
    let relative = |start: f64, last: f64, shape: &[usize]| {
        let grid = QttGrid::linspace(shape, start, last).unwrap();
        let train = grid.exp::<A>().unwrap();
        let d = shape.len() as f64;
        for part in [0.0, 0.2, 0.5, 0.9, 1.0] {
            let i = part_of(part, grid.num_points() - 1.0);
            let x = grid.spacing().mul_add(i as f64, start);
            let expected = A::narrow(x.exp());
            let got = train.get(&grid.digits(i).unwrap()).unwrap();
            if expected.is_normal() {
                // The point itself, as it is computed here, has a rounding error of eps |x| in f64.
                let tolerance = 4.0 * d * eps::<A>() + x.abs() * f64::EPSILON;
                assert_below(
                    (got.widen() / expected.widen() - 1.0).abs(),
                    tolerance,
                    "relative",
                );
            } else {
                assert_below(got.widen().abs(), A::min_positive_value().widen(), "tiny");
            }
        }
    };
    for shape in [&[2; 20][..], &[10, 3, 4], &[1000]] {
        relative(-top + 3.0, top, shape);
        relative(top, -top + 3.0, shape);
        relative(0.0, 0.0, shape);
        relative(-1.0, 1.0, shape);
        relative(-1e5, 0.0, shape);
        relative(-1e5, -1e4, shape);
        relative(3.0, -1e300, shape);
    }
}

/// Powers of points far from 1, which overflow by themselves.
fn polynomials_of_any_size() {
    for size in [1e-150_f64, 1.0, 1e150] {
        let grid = QttGrid::linspace(&[3, 5, 4], -size, 2.0 * size).unwrap();
        let coefficients = [1.0, 2.0 / size, -0.5 / size / size];
        let train = grid.polynomial::<f64>(&coefficients).unwrap();
        for (i, got) in dense(train.cores()).into_iter().enumerate() {
            let t = (grid.start() + grid.spacing() * i as f64) / size;
            assert_near(got, 1.0 + 2.0 * t - 0.5 * t * t, 1e-13);
        }
    }
}

#[test]
fn conventions() {
    digits_are_row_major();
    least_significant_digit_first();
    polynomials_of_any_size();
}

for_both_scalars!(
    functions_of_all_points,
    steps_at_every_point,
    fine_and_long_grids,
    exponentials_of_any_size,
);
