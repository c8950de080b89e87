//! Least squares from a Gram matrix, with a measure of the digits that are lost.

use ndarray::{Array1, Array2, ArrayView2, s};

use crate::linalg::{matmul, sum_of_squares};
use crate::scalar::Scalar;

/// The solution of `(gram + ridge) x = rhs`.
pub(super) struct Solution<A> {
    pub(super) unknowns: Array2<A>,
    /// `|Q^T B|^2` for orthonormal columns `Q` of the matrix: what the solution explains of the right-hand side, if
    /// there is no ridge.
    pub(super) explained: f64,
    /// The ridge times the squared norm of the solution.
    pub(super) penalty: f64,
}

/// A Gram matrix and a ridge, factorised: `D L^-T L^-1 D` is the inverse of their sum, with the Cholesky factor `L` of
/// the matrix that `D` scales to unit diagonal.
pub(super) struct Factor<A> {
    /// `L^-1 D`, in the precision in which it is applied.
    inverse: Array2<A>,
    ridge: f64,
    growth: f64,
}

impl<A: Scalar> Factor<A> {
    /// Reads the lower triangle of the Gram matrix; `None` if the sum is not positive definite in `f64`.
    pub(super) fn new(mut gram: Array2<f64>, ridge: f64) -> Option<Self> {
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
        let unit = inverse_of_factor(gram.view(), level)?;
        let growth = unit.as_slice().map_or(0.0, sum_of_squares).sqrt();
        let mut inverse = Array2::zeros(unit.dim());
        for (mut own, row) in inverse.rows_mut().into_iter().zip(unit.rows()) {
            let scaled = row.iter().zip(&weights).map(|(x, w)| A::narrow(x * w));
            own.iter_mut().zip(scaled).for_each(|(own, x)| *own = x);
        }
        Some(Self {
            inverse,
            ridge,
            growth,
        })
    }

    pub(super) fn ridge(&self) -> f64 {
        self.ridge
    }

    /// `|L^-1|_F`. Rounding errors of the right-hand side are multiplied by this in the residual, those of the Gram
    /// matrix by its square.
    pub(super) fn growth(&self) -> f64 {
        self.growth
    }

    /// `None` where a column is so small that this precision cannot hold what belongs to it.
    pub(super) fn solve(&self, rhs: &Array2<A>) -> Option<Solution<A>> {
        let seen = matmul(self.inverse.view(), rhs.view());
        let unknowns = matmul(self.inverse.t(), seen.view());
        let square = |a: &Array2<A>| a.as_slice().map_or(0.0, sum_of_squares);
        let (explained, size) = (square(&seen), square(&unknowns));
        (explained + size).is_finite().then_some(Solution {
            unknowns,
            explained,
            penalty: self.ridge * size,
        })
    }
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
    use super::{Factor, Solution, inverse_of_factor};
    use crate::scalar::Scalar;
    use ndarray::{Array2, arr2};

    fn solve<A: Scalar>(gram: Array2<f64>, rhs: &Array2<A>, ridge: f64) -> Option<Solution<A>> {
        Factor::new(gram, ridge)?.solve(rhs)
    }

    fn growth(gram: Array2<f64>) -> f64 {
        Factor::<f64>::new(gram, 0.0).unwrap().growth()
    }

    #[test]
    fn a_regular_system_is_solved() {
        // Columns (1, 1, 0), (0, 2, 1); the right-hand side is the first plus three times the second, and (1, -1, 2)
        // that is orthogonal to both.
        let a = arr2(&[[1.0, 0.0], [1.0, 2.0], [0.0, 1.0]]);
        let b = arr2(&[[1.0 + 1.0], [7.0 - 1.0], [3.0 + 2.0]]);
        let found = solve(a.t().dot(&a), &a.t().dot(&b), 0.0).unwrap();
        assert!(
            (&found.unknowns - &arr2(&[[1.0], [3.0]]))
                .iter()
                .all(|e| e.abs() < 1e-14)
        );
        assert!((found.explained - 59.0).abs() < 1e-12);
        assert!(growth(a.t().dot(&a)) >= 2.0_f64.sqrt());
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
        let found = solve(Array2::eye(9), &Array2::<f64>::ones((9, 2)), 0.0).unwrap();
        assert!((growth(Array2::eye(9)) - 3.0).abs() < 1e-15);
        assert!((found.explained - 18.0).abs() < 1e-13);
    }

    #[test]
    fn singular_systems_are_refused_unless_there_is_a_ridge() {
        let (ones, side) = (Array2::<f64>::ones((3, 3)), Array2::<f64>::ones((3, 1)));
        assert!(solve(ones.clone(), &side, 0.0).is_none());
        assert!(solve(Array2::zeros((2, 2)), &Array2::<f64>::ones((2, 1)), 0.0).is_none());
        let found = solve(ones, &side, 1.0).unwrap();
        assert!(found.unknowns.iter().all(|x| (x - 0.25).abs() < 1e-15));
        // 3 (1/4)^2
        assert!((found.penalty - 3.0 / 16.0).abs() < 1e-15);
    }

    #[test]
    fn what_the_precision_cannot_hold_is_refused() {
        // A column of norm 1e-40 needs an unknown of 1e40 to explain 1: too large for f32.
        let gram = arr2(&[[1e-80]]);
        assert!(solve(gram.clone(), &arr2(&[[1e-40_f32]]), 0.0).is_none());
        let found = solve(gram, &arr2(&[[1e-40_f64]]), 0.0).unwrap();
        assert!((found.unknowns[[0, 0]] / 1e40 - 1.0).abs() < 1e-12);
    }
}
