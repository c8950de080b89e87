//! Identity, diagonal, Kronecker and Toeplitz matrices; published figures; sides beyond every integer type.

use super::common::oracle::{distance, norm};
use super::common::random;
use super::common::strategy::check;
use super::common::tol::{PRINTED, assert_below, assert_near, tol};
use super::digits;
use proptest::prelude::*;
use tt_admm::ndarray::{Array1, Array2, Array3};
use tt_admm::{Scalar, TensorTrain, Truncation, TtMatrix, TtMatrixError, tt_svd};

/// `below`, `on`, `above` on three diagonals, by the definition.
fn tridiagonal<A: Scalar>(n: usize, [below, on, above]: [A; 3]) -> Array2<A> {
    Array2::from_shape_fn((n, n), |(i, j)| match (i, j) {
        _ if i == j => on,
        _ if i + 1 == j => above,
        _ if i == j + 1 => below,
        _ => A::zero(),
    })
}

fn second_difference<A: Scalar>(n: usize) -> Array2<A> {
    tridiagonal(n, [-A::one(), A::one() + A::one(), -A::one()])
}

/// `-1, 2, -1` on `2^d` points: `4 2^d + 2 (2^d - 1)` is the squared norm.
#[test]
fn fact_23_the_quantized_laplacian_has_rank_three() {
    for (d, expected) in [
        (3, 6.782_329_983_125_268),
        (4, 9.695_359_714_832_659),
        (6, 19.544_820_285_692_065),
        (8, 39.166_312_055_132_28),
    ] {
        let m = TtMatrix::tridiagonal_toeplitz(vec![2; d], [-1.0, 2.0, -1.0]).unwrap();
        let mut ranks = vec![3; d + 1];
        (ranks[0], ranks[d]) = (1, 1);
        assert_eq!(m.ranks(), ranks);
        assert_near(m.norm(), expected, PRINTED * expected);
        let dense = second_difference::<f64>(1 << d);
        assert_eq!(m.to_dense().unwrap(), dense);
        // No smaller ranks: TT-SVD of the dense matrix finds the same ones.
        let found =
            TtMatrix::from_dense(&dense, vec![2; d], vec![2; d], Truncation::relative(1e-12));
        assert_eq!(found.unwrap().ranks(), ranks);
        assert_eq!(m.round(Truncation::relative(1e-12)).unwrap().ranks(), ranks);
    }
}

/// The Laplace operator on a grid as a Kronecker sum of second differences.
#[test]
fn fact_24_the_kronecker_sum_has_rank_two() {
    for (sides, expected) in [
        (&[3, 4][..], 15.033_296_378_372_908),
        (&[4, 4, 4], 50.911_688_245_431_42),
        (&[3, 4, 5], 49.254_441_424_099_01),
    ] {
        let factors: Vec<Array2<f64>> = sides.iter().map(|&n| second_difference(n)).collect();
        let m = TtMatrix::from_kronecker_sum(&factors).unwrap();
        let mut ranks = vec![2; sides.len() + 1];
        (ranks[0], ranks[sides.len()]) = (1, 1);
        assert_eq!(m.ranks(), ranks);
        assert_near(m.norm(), expected, PRINTED * expected);
        // Element by element: 2 for each direction, -1 for each pair of neighbours on the grid.
        let size = sides.iter().product();
        let dense = Array2::from_shape_fn((size, size), |(i, j)| {
            let (i, j) = (digits(i, sides), digits(j, sides));
            let steps = i.iter().zip(&j).map(|(&i, &j)| i.abs_diff(j));
            match steps.sum::<usize>() {
                0 => 2.0 * sides.len() as f64,
                1 => -1.0,
                _ => 0.0,
            }
        });
        assert_eq!(m.to_dense().unwrap(), dense);
        let found = TtMatrix::from_dense(&dense, sides, sides, Truncation::relative(1e-12));
        assert_eq!(found.unwrap().ranks(), ranks);
    }
}

fn tridiagonal_matrices_in_any_digits<A: Scalar>() {
    let modes = prop::collection::vec(1_usize..=5, 1..=4).prop_map(|m| super::bounded(m, 60));
    check(48, &(modes, 0_u64..1 << 40), |(modes, seed)| {
        let mut rng = random::Rng::new(seed);
        let numbers = [0; 3].map(|_| A::narrow(rng.uniform()));
        let m = TtMatrix::tridiagonal_toeplitz(&modes[..], numbers).unwrap();
        assert_eq!((m.row_modes(), m.col_modes()), (&modes[..], &modes[..]));
        let n = modes.iter().product();
        assert_eq!(m.to_dense().unwrap(), tridiagonal(n, numbers));
    });
    let n = 6;
    let whole = TtMatrix::tridiagonal_toeplitz([n], [A::one(); 3]).unwrap();
    assert_eq!(
        (whole.ranks(), whole.num_parameters()),
        (&[1, 1][..], n * n)
    );
}

fn kronecker_sums_match_the_definition<A: Scalar>() {
    let modes = prop::collection::vec(1_usize..=4, 1..=4).prop_map(|m| super::bounded(m, 40));
    check(32, &(modes, 0_u64..1 << 40), |(modes, seed)| {
        let factors: Vec<Array2<A>> = (modes.iter().enumerate())
            .map(|(k, &n)| random::matrix(n, n, seed ^ k as u64))
            .collect();
        let m = TtMatrix::from_kronecker_sum(&factors).unwrap();
        let n: usize = modes.iter().product();
        let expected = Array2::from_shape_fn((n, n), |(i, j)| {
            let (i, j) = (digits(i, &modes), digits(j, &modes));
            let term = |k: usize| {
                let others = (0..modes.len()).all(|l| l == k || i[l] == j[l]);
                if others {
                    factors[k][[i[k], j[k]]].widen()
                } else {
                    0.0
                }
            };
            (0..modes.len()).map(term).sum::<f64>()
        });
        let got = m.to_dense().unwrap().mapv(A::widen);
        assert_below(
            distance(&got, &expected),
            tol::<A>(n * n) * norm(&expected),
            "dense",
        );
    });
}

fn diagonals_go_there_and_back<A: Scalar>() {
    for shape in [&[7][..], &[3, 4], &[2, 1, 3], &[2, 2, 2, 2]] {
        let x = tt_svd(&random::tensor::<A>(shape, 3), 3).unwrap();
        let m = TtMatrix::from_diagonal(&x).unwrap();
        assert_eq!(m.ranks(), x.ranks());
        assert_eq!(m.diagonal().unwrap(), x);
        let vector = x.to_dense().flatten().to_owned();
        let dense = m.to_dense().unwrap();
        let slack = tol::<A>(vector.len()) * norm(&vector);
        assert_below(
            distance(&dense, &Array2::from_diag(&vector)),
            slack,
            "dense",
        );
        // The diagonal matrix times a vector is the product element by element.
        let y = random::matrix::<A>(vector.len(), 1, 4).column(0).to_owned();
        let product = m.matvec(&y).unwrap();
        assert_below(distance(&product, &(&vector * &y)), slack, "product");
    }
}

fn identities<A: Scalar>() {
    for modes in [&[1][..], &[5], &[2, 3], &[1, 4, 1], &[2, 2, 2, 2]] {
        let n: usize = modes.iter().product();
        let m = TtMatrix::<A>::identity(modes).unwrap();
        assert_eq!(m.to_dense().unwrap(), Array2::eye(n));
        assert_eq!(m.trace().unwrap(), A::narrow(n as f64));
        assert_eq!(m.transpose(), m);
    }
}

/// Side `2^60` and `2^400`: everything but dense results works.
fn sides_beyond_every_integer<A: Scalar>() {
    for order in [60, 400] {
        let m = TtMatrix::<A>::identity(vec![2; order]).unwrap();
        assert_eq!(m.num_parameters(), 4 * order);
        let log = order as f64 / 2.0 * 2.0_f64.ln();
        assert_near(m.log_norm(), log, tol::<A>(order) * log);
        let trace = (order as f64).exp2();
        let held = trace <= A::max_value().widen();
        let expected = if held {
            A::narrow(trace)
        } else {
            A::infinity()
        };
        assert_eq!(m.trace().unwrap(), expected);
        let last = if order == 60 {
            (1 << 60) - 1
        } else {
            usize::MAX
        };
        assert_eq!(m.get(last, last).unwrap(), A::one());
        assert_eq!(m.get(last, last - 1).unwrap(), A::zero());
        // A vector of ranks 2: 1 + the sum of the digits.
        let counts = digit_sum::<A>(order);
        let same = m.apply(&counts).unwrap();
        assert_eq!(same, counts);
        assert_eq!(m.compose(&m).unwrap(), m);
        let diagonal = TtMatrix::from_diagonal(&counts).unwrap();
        let twice = m.add(&diagonal).unwrap();
        let mut index = vec![0; order];
        index[order / 2] = 1;
        index[order - 1] = 1;
        let got = twice.diagonal().unwrap().get(&index).unwrap();
        assert_near(got.widen(), 4.0, tol::<A>(order));
        // Nothing dense, whatever the operand.
        let error = m.to_dense().unwrap_err();
        let modes = vec![2; order];
        let too_large = TtMatrixError::TooLarge {
            row_modes: modes.clone(),
            col_modes: modes.clone(),
        };
        assert_eq!(error, too_large);
        let error = m.matvec(&Array1::ones(2)).unwrap_err();
        assert!(
            matches!(error, TtMatrixError::Length { got: 2, .. }),
            "{error}"
        );
    }
    // From a vector of one element to one that cannot be held.
    let tall = TtMatrix::from_kronecker(&vec![Array2::<A>::ones((4, 1)); 40]).unwrap();
    let error = tall.matvec(&Array1::ones(1)).unwrap_err();
    assert!(matches!(error, TtMatrixError::TooLarge { .. }), "{error}");
    assert_eq!((tall.num_rows(), tall.num_cols()), (None, Some(1)));
}

/// The tensor `1 + i_1 + ... + i_d`, of ranks 2.
fn digit_sum<A: Scalar>(order: usize) -> TensorTrain<A> {
    let core = |k: usize| {
        let (r, s) = (
            if k == 0 { 1 } else { 2 },
            if k + 1 == order { 1 } else { 2 },
        );
        Array3::from_shape_fn((r, 2, s), |(a, i, b)| {
            // State 0: still to come; state 1: the term has been. The constant goes with the first core.
            let own = i as f64 + if k == 0 { 1.0 } else { 0.0 };
            let (a, b) = (
                if k == 0 { 0 } else { a },
                if k + 1 == order { 1 } else { b },
            );
            A::narrow(match (a, b) {
                (0, 0) | (1, 1) => 1.0,
                (0, 1) => own,
                _ => 0.0,
            })
        })
    };
    TensorTrain::from_cores((0..order).map(core).collect()).unwrap()
}

/// The second difference on `2^60` points applied to a train: of the parabola it is constant, of a sine a multiple.
#[test]
fn the_laplacian_on_two_to_the_sixty_points() {
    let d = 60;
    let m = TtMatrix::tridiagonal_toeplitz(vec![2; d], [-1.0, 2.0, -1.0]).unwrap();
    // i / 2^60 has ranks 2: linear, so the second difference is zero but at the last point, where it is
    // 2 (n - 1) / n - (n - 2) / n = 1.
    let line = line(d);
    assert_near(line.get(&vec![1; d]).unwrap(), 1.0, 1e-15);
    let y = m.apply(&line).unwrap();
    assert_near(y.get(&vec![1; d]).unwrap(), 1.0, 1e-12);
    let mut middle = vec![0; d];
    middle[0] = 1;
    assert_near(y.get(&middle).unwrap(), 0.0, 1e-15);
    let rounded = y.round(Truncation::relative(1e-6)).unwrap();
    assert_near(rounded.norm(), 1.0, 1e-6);
    assert_eq!(rounded.ranks(), vec![1; d + 1]);
}

/// `i / 2^d` on `2^d` points.
fn line(d: usize) -> TensorTrain<f64> {
    let core = |k: usize| {
        let (r, s) = (if k == 0 { 1 } else { 2 }, if k + 1 == d { 1 } else { 2 });
        Array3::from_shape_fn((r, 2, s), |(a, i, b)| {
            let own = i as f64 * (-(k as f64) - 1.0).exp2();
            let (a, b) = (if k == 0 { 0 } else { a }, if k + 1 == d { 1 } else { b });
            match (a, b) {
                (0, 0) | (1, 1) => 1.0,
                (0, 1) => own,
                _ => 0.0,
            }
        })
    };
    TensorTrain::from_cores((0..d).map(core).collect()).unwrap()
}

/// Eigenvectors of the Laplace operator on a grid: `L (u x v) = (lambda + mu) (u x v)`.
fn eigenvectors_of_the_grid<A: Scalar>() {
    let (n, m) = (5, 6);
    let sine = |n: usize, k: usize| {
        Array1::from_shape_fn(n, |i| {
            ((i + 1) as f64 * k as f64 * std::f64::consts::PI / (n + 1) as f64).sin()
        })
    };
    let value =
        |n: usize, k: usize| 2.0 - 2.0 * (k as f64 * std::f64::consts::PI / (n + 1) as f64).cos();
    let l =
        TtMatrix::from_kronecker_sum(&[second_difference::<A>(n), second_difference(m)]).unwrap();
    for (k, p) in [(1, 1), (2, 5), (5, 3)] {
        let (u, v) = (sine(n, k), sine(m, p));
        let x = Array1::from_shape_fn(n * m, |i| A::narrow(u[i / m] * v[i % m]));
        let y = l.matvec(&x).unwrap();
        let expected = x.mapv(|x| A::narrow((value(n, k) + value(m, p)) * x.widen()));
        assert_below(
            distance(&y, &expected),
            tol::<A>(30) * norm(&expected),
            "eigenvector",
        );
    }
}

for_both_scalars!(
    tridiagonal_matrices_in_any_digits,
    kronecker_sums_match_the_definition,
    diagonals_go_there_and_back,
    identities,
    sides_beyond_every_integer,
    eigenvectors_of_the_grid,
);
