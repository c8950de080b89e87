//! Least squares: optimality, smallest norm, rank.

use super::common::oracle::{distance, matmul, norm};
use super::common::random;
use super::common::strategy::{check, sides};
use super::common::tol::{assert_below, tol, tol_normal_equations};
use super::hard_matrices;
use tt_admm::Scalar;
use tt_admm::linalg::lstsq;
use tt_admm::ndarray::Array2;

/// The residual is orthogonal to the columns: `a^T (a x - b) = 0`.
fn assert_optimal<A: Scalar>(a: &Array2<A>, b: &Array2<A>, x: &Array2<A>, what: &str) {
    let residual = matmul(a, x) - b.mapv(A::widen);
    let gradient = norm(&matmul(&a.t(), &residual));
    let scale = norm(a) * (norm(a) * norm(x) + norm(b));
    assert_below(gradient, tol_normal_equations::<A>(a.len()) * scale, what);
}

fn random_problems_are_solved_to_optimality<A: Scalar>() {
    check(
        64,
        &(sides(20), 1_usize..4, 0_u64..1 << 40),
        |((m, n), k, seed)| {
            let a = random::matrix::<A>(m, n, seed);
            let b = random::matrix::<A>(m, k, seed ^ 1);
            let fit = lstsq(&a, &b).unwrap();
            assert_eq!(fit.solution.dim(), (n, k));
            assert!(fit.rank <= m.min(n));
            assert_optimal(&a, &b, &fit.solution, "random");
        },
    );
}

fn hard_problems_are_solved_to_optimality<A: Scalar>() {
    for (what, a) in hard_matrices::<A>() {
        let b = random::matrix::<A>(a.nrows(), 2, 9);
        let fit = lstsq(&a, &b).unwrap();
        let decaying = what.starts_with("decaying");
        if !decaying {
            assert_optimal(&a, &b, &fit.solution, what);
        }
        let rank = match what {
            _ if decaying => continue,
            "identity" => 6,
            _ if what.contains("repeated") => 2,
            _ if what.contains("ones") || what.contains("outer") || what.contains("entry") => 1,
            _ => a.nrows().min(a.ncols()),
        };
        assert_eq!(fit.rank, rank, "{what}");
    }
}

/// `a = u diag(s) v^T` of rank `r` has the pseudo-inverse `v diag(1 / s) u^T`.
fn rank_deficient_problems_get_the_smallest_solution<A: Scalar>() {
    let sigma = [2.0, 1.0, 0.5];
    for (m, n) in [(3, 3), (9, 5), (5, 9), (40, 6), (6, 40), (7, 7)] {
        let (u, v) = (random::orthonormal(m, 3, 21), random::orthonormal(n, 3, 22));
        let with = |s: &dyn Fn(usize) -> f64, left: &Array2<f64>, right: &Array2<f64>| {
            let scaled = Array2::from_shape_fn(left.dim(), |(i, k)| left[[i, k]] * s(k));
            matmul(&scaled, &right.t())
        };
        let a = with(&|k| sigma[k], &u, &v).mapv(A::narrow);
        let inverse = with(&|k| 1.0 / sigma[k], &v, &u);
        let b = random::matrix::<A>(m, 2, 23);
        let fit = lstsq(&a, &b).unwrap();
        assert_eq!(fit.rank, 3, "{m} x {n}");
        let expected = matmul(&inverse, &b);
        // The condition number is 4; rounding `a` to the scalar type is part of the error.
        let tolerance = 16.0 * tol::<A>(m * n) * norm(&expected);
        assert_below(
            distance(&fit.solution.mapv(A::widen), &expected),
            tolerance,
            "pseudo-inverse",
        );
        assert_optimal(&a, &b, &fit.solution, "deficient");
        // In the row space: nothing is left outside the span of v.
        let inside = matmul(&v, &matmul(&v.t(), &fit.solution));
        assert_below(
            distance(&fit.solution.mapv(A::widen), &inside),
            tolerance,
            "row space",
        );
    }
}

fn a_known_solution_comes_back<A: Scalar>() {
    for (m, n) in [(8, 8), (20, 8)] {
        let a = random::with_spectrum::<A>(m, n, &[3.0, 2.5, 2.0, 2.0, 1.5, 1.0, 0.8, 0.5], 31);
        let x = random::matrix::<A>(n, 3, 32);
        let b = matmul(&a, &x).mapv(A::narrow);
        let fit = lstsq(&a, &b).unwrap();
        assert_eq!(fit.rank, 8);
        assert_below(
            distance(&fit.solution, &x),
            12.0 * tol::<A>(m * n) * norm(&x),
            "solution",
        );
    }
}

fn a_zero_matrix_has_rank_zero_and_the_zero_solution<A: Scalar>() {
    for (m, n) in [(1, 1), (3, 5), (5, 3)] {
        let fit = lstsq(&Array2::<A>::zeros((m, n)), &random::matrix(m, 2, 41)).unwrap();
        assert_eq!((fit.rank, fit.solution), (0, Array2::zeros((n, 2))));
        let fit = lstsq(&random::matrix::<A>(m, n, 42), &Array2::zeros((m, 2))).unwrap();
        assert_eq!((fit.rank, fit.solution), (m.min(n), Array2::zeros((n, 2))));
    }
}

for_both_scalars!(
    random_problems_are_solved_to_optimality,
    hard_problems_are_solved_to_optimality,
    rank_deficient_problems_get_the_smallest_solution,
    a_known_solution_comes_back,
    a_zero_matrix_has_rank_zero_and_the_zero_solution,
);

/// Normal equations would need the square of this condition number, 1e20.
#[test]
fn accuracy_is_lost_with_the_condition_number_not_its_square() {
    let sigma: Vec<f64> = (0..6).map(|k| 0.01_f64.powi(k)).collect();
    let a = random::with_spectrum::<f64>(30, 6, &sigma, 51);
    let x = random::matrix::<f64>(6, 1, 52);
    let fit = lstsq(&a, &matmul(&a, &x)).unwrap();
    assert_eq!(fit.rank, 6);
    assert_below(
        distance(&fit.solution, &x),
        tol::<f64>(1) * 1e10 * norm(&x),
        "solution",
    );
}
