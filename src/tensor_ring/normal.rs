//! Least squares from a Gram matrix, with a measure of the digits that are lost.

use ndarray::{Array1, Array2, ArrayView2, s};

use crate::linalg::{matmul, sum_of_squares};
use crate::scalar::Scalar;

/// The solution of `gram x = rhs`.
pub(super) struct NormalSolution<A> {
    pub(super) solution: Array2<A>,
    /// `|Q^T B|^2` for orthonormal columns `Q` of the matrix: what the solution explains of the right-hand side, if
    /// there is no ridge.
    pub(super) explained: f64,
    /// The ridge times the squared norm of the solution.
    pub(super) penalty: f64,
    /// `|L^-1|_F` for the Cholesky factor `L` of the Gram matrix with unit diagonal. Rounding errors of the right-hand
    /// side are multiplied by this in the residual, those of the Gram matrix by its square.
    pub(super) growth: f64,
}

/// Solves `(gram + ridge) x = rhs` by a Cholesky factorisation of the matrix scaled to unit diagonal, of which the
/// lower triangle is read; `None` if that is not positive definite in `f64`. The factor is applied in the precision of
/// the right-hand side.
pub(super) fn solve<A: Scalar>(
    mut gram: Array2<f64>,
    rhs: &Array2<A>,
    ridge: f64,
) -> Option<NormalSolution<A>> {
    gram.diag_mut().mapv_inplace(|x| x + ridge);
    let weights: Array1<f64> = gram.diag().mapv(|x| x.sqrt().recip());
    if !weights.iter().all(|w| w.is_finite()) {
        return None;
    }
    for (mut row, w) in gram.rows_mut().into_iter().zip(&weights) {
        row.zip_mut_with(&weights, |x, v| *x *= w * v);
    }
    // Below this a pivot is rounding.
    let level = gram.nrows() as f64 * f64::EPSILON;
    let inverse = inverse_of_factor(gram.view(), level)?;
    let growth = inverse.as_slice().map_or(0.0, sum_of_squares).sqrt();
    let mut factor = Array2::zeros(inverse.dim());
    for (mut own, row) in factor.rows_mut().into_iter().zip(inverse.rows()) {
        let scaled = row.iter().zip(&weights).map(|(x, w)| A::narrow(x * w));
        own.iter_mut().zip(scaled).for_each(|(own, x)| *own = x);
    }
    let seen = matmul(factor.view(), rhs.view());
    let solution = matmul(factor.t(), seen.view());
    let square = |a: &Array2<A>| a.as_slice().map_or(0.0, sum_of_squares);
    let (explained, size) = (square(&seen), square(&solution));
    // Where a column is so small that this precision cannot hold what belongs to it, another way is needed.
    (explained + size).is_finite().then_some(NormalSolution {
        solution,
        explained,
        penalty: ridge * size,
        growth,
    })
}

/// Sides up to which a factor is computed row by row.
const SMALL: usize = 32;

/// The inverse of the Cholesky factor of a symmetric matrix of which the lower triangle is read; `None` if a pivot is
/// not above this level.
///
/// By halves, so that nearly all of the work is in matrix products: with `L_11` and its inverse `W_11` known,
/// `L_21 = A_21 W_11^T`, the other half is that of `A_22 - L_21 L_21^T`, and `W_21 = -W_22 L_21 W_11`.
fn inverse_of_factor(a: ArrayView2<'_, f64>, level: f64) -> Option<Array2<f64>> {
    let side = a.nrows();
    if side <= SMALL {
        return inverse_by_rows(a, level);
    }
    let half = side / 2;
    let first = inverse_of_factor(a.slice(s![..half, ..half]), level)?;
    let below = matmul(a.slice(s![half.., ..half]), first.t());
    let rest = &a.slice(s![half.., half..]) - &matmul(below.view(), below.t());
    let second = inverse_of_factor(rest.view(), level)?;
    let corner = matmul(second.view(), matmul(below.view(), first.view()).view());
    let mut inverse = Array2::zeros((side, side));
    inverse.slice_mut(s![..half, ..half]).assign(&first);
    inverse.slice_mut(s![half.., ..half]).assign(&-corner);
    inverse.slice_mut(s![half.., half..]).assign(&second);
    Some(inverse)
}

fn inverse_by_rows(a: ArrayView2<'_, f64>, level: f64) -> Option<Array2<f64>> {
    let side = a.nrows();
    // The factor, row by row, in the lower triangle.
    let mut factor = a.to_owned();
    for i in 0..side {
        for j in 0..i {
            let known: f64 = (0..j).map(|k| factor[[i, k]] * factor[[j, k]]).sum();
            factor[[i, j]] = (factor[[i, j]] - known) / factor[[j, j]];
        }
        let square = factor[[i, i]] - (0..i).map(|k| factor[[i, k]].powi(2)).sum::<f64>();
        if square.is_nan() || square <= level {
            return None;
        }
        factor[[i, i]] = square.sqrt();
    }
    let mut inverse = Array2::<f64>::zeros((side, side));
    for i in 0..side {
        for j in 0..i {
            let known: f64 = (j..i).map(|k| factor[[i, k]] * inverse[[k, j]]).sum();
            inverse[[i, j]] = -known / factor[[i, i]];
        }
        inverse[[i, i]] = factor[[i, i]].recip();
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::{inverse_of_factor, solve};
    use ndarray::{Array2, arr2};

    #[test]
    fn a_regular_system_is_solved() {
        // Columns (1, 1, 0), (0, 2, 1); the right-hand side is the first plus three times the second, and (1, -1, 2)
        // that is orthogonal to both.
        let a = arr2(&[[1.0, 0.0], [1.0, 2.0], [0.0, 1.0]]);
        let b = arr2(&[[1.0 + 1.0], [7.0 - 1.0], [3.0 + 2.0]]);
        let found = solve(a.t().dot(&a), &a.t().dot(&b), 0.0).unwrap();
        assert!(
            (&found.solution - &arr2(&[[1.0], [3.0]]))
                .iter()
                .all(|e| e.abs() < 1e-14)
        );
        assert!((found.explained - 59.0).abs() < 1e-12);
        assert!(found.growth >= 2.0_f64.sqrt());
    }

    #[test]
    fn halves_give_the_inverse_of_the_factor() {
        // Diagonally dominant.
        let mut gram = Array2::from_shape_fn((75, 75), |(i, j)| ((i * j) as f64).sin());
        gram.diag_mut().mapv_inplace(|x| x + 80.0);
        let inverse = inverse_of_factor(gram.view(), 0.0).unwrap();
        // W G W^T = 1, W lower triangular.
        let one = inverse.dot(&gram).dot(&inverse.t());
        assert!(
            (&one - &Array2::<f64>::eye(75))
                .iter()
                .all(|e| e.abs() < 1e-13)
        );
        for ((i, j), x) in inverse.indexed_iter() {
            assert!(i >= j || x.abs() < f64::MIN_POSITIVE);
        }
    }

    #[test]
    fn orthonormal_columns_lose_nothing() {
        let found = solve(Array2::eye(9), &Array2::ones((9, 2)), 0.0).unwrap();
        assert!((found.growth - 3.0).abs() < 1e-15);
        assert!((found.explained - 18.0).abs() < 1e-13);
    }

    #[test]
    fn singular_systems_are_refused_unless_there_is_a_ridge() {
        let ones = Array2::<f64>::ones((3, 3));
        assert!(solve(ones.clone(), &Array2::ones((3, 1)), 0.0).is_none());
        assert!(solve(Array2::zeros((2, 2)), &Array2::ones((2, 1)), 0.0).is_none());
        let found = solve(ones, &Array2::ones((3, 1)), 1.0).unwrap();
        assert!(found.solution.iter().all(|x| (x - 0.25).abs() < 1e-15));
    }
}
