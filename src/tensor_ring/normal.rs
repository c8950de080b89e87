//! Least squares from a Gram matrix, with a measure of the digits that are lost.

use ndarray::{Array1, Array2, ArrayViewMut1, s};

use crate::linalg::matmul;

/// The solution of `gram x = rhs`.
pub(super) struct NormalSolution {
    pub(super) solution: Array2<f64>,
    /// `|Q^T B|^2` for orthonormal columns `Q` of the matrix: what the solution explains of the right-hand side, if
    /// there is no ridge.
    pub(super) explained: f64,
    /// `|L^-1|_F` for the Cholesky factor `L` of the Gram matrix with unit diagonal. Rounding errors of the right-hand
    /// side are multiplied by this in the residual, those of the Gram matrix by its square.
    pub(super) growth: f64,
}

/// Solves `(gram + ridge) x = rhs` by a Cholesky factorisation of the matrix scaled to unit diagonal; `None` if that is
/// not positive definite in this precision.
pub(super) fn solve(
    mut gram: Array2<f64>,
    rhs: &Array2<f64>,
    ridge: f64,
) -> Option<NormalSolution> {
    gram.diag_mut().mapv_inplace(|x| x + ridge);
    let weights: Array1<f64> = gram.diag().mapv(|x| x.sqrt().recip());
    if !weights.iter().all(|w| w.is_finite()) {
        return None;
    }
    for (mut row, w) in gram.rows_mut().into_iter().zip(&weights) {
        row *= *w;
        row *= &weights;
    }
    let inverse = inverse_of_factor(gram)?;
    let growth = inverse.iter().map(|x| x * x).sum::<f64>().sqrt();
    let mut scaled = rhs.clone();
    scale_rows(&mut scaled, &weights);
    let seen = matmul(inverse.view(), scaled.view());
    let explained = seen.iter().map(|x| x * x).sum();
    let mut solution = matmul(inverse.t(), seen.view());
    scale_rows(&mut solution, &weights);
    Some(NormalSolution {
        solution,
        explained,
        growth,
    })
}

fn scale_rows(a: &mut Array2<f64>, weights: &Array1<f64>) {
    for (mut row, w) in a.rows_mut().into_iter().zip(weights) {
        row *= *w;
    }
}

/// The inverse of the Cholesky factor of a matrix with unit diagonal.
fn inverse_of_factor(mut a: Array2<f64>) -> Option<Array2<f64>> {
    let side = a.nrows();
    // The factor, row by row, in the lower triangle.
    for i in 0..side {
        let (above, mut rest) = a.view_mut().split_at(ndarray::Axis(0), i);
        let mut row: ArrayViewMut1<'_, f64> = rest.row_mut(0);
        for j in 0..i {
            let other = above.row(j);
            let known = row.slice(s![..j]).dot(&other.slice(s![..j]));
            row[j] = (row[j] - known) / other[j];
        }
        let square = row[i] - row.slice(s![..i]).dot(&row.slice(s![..i]));
        // Below, the pivot is rounding.
        if square.is_nan() || square <= side as f64 * f64::EPSILON {
            return None;
        }
        row[i] = square.sqrt();
    }
    let mut inverse = Array2::<f64>::zeros((side, side));
    for i in 0..side {
        let (above, mut rest) = inverse.view_mut().split_at(ndarray::Axis(0), i);
        let mut row = rest.row_mut(0);
        for j in 0..i {
            let mut own = row.slice_mut(s![..=j]);
            own.scaled_add(-a[[i, j]], &above.row(j).slice(s![..=j]));
        }
        row[i] = 1.0;
        row /= a[[i, i]];
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::solve;
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
