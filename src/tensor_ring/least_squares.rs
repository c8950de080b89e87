//! The least-squares problem of one core with its subchain matrix.

use ndarray::{Array2, Array3, ArrayView3, s};

use super::TrError;
use super::dense::{chain, flattened, permuted};
use crate::linalg::{Side, Work, matmul, orthonormal_factor, sum_of_squares, svd};
use crate::scalar::Scalar;
use crate::tensor_train::{as_core, reshaped};

/// Core `k` that fits the tensor best with the others as they are, and the squared distance of the ring from the
/// tensor.
///
/// The subchain matrix of `N / n_k` rows and `r_{k-1} r_k` columns is formed and factorised: `O(N r^4 / n_k)`.
pub(super) fn solve_by_subchain<A: Scalar>(
    elements: &[A],
    cores: &[Array3<A>],
    k: usize,
    ridge: f64,
    work: &mut Work<A>,
) -> Result<(Array3<A>, f64), TrError> {
    let (r, n, s) = cores[k].dim();
    let others = cores[k + 1..].iter().chain(&cores[..k]);
    let product = chain(others, s, work);
    // (right index, rows, left index) to rows x (left right)
    let rows = product.dim().1;
    let turned = permuted(product, [1, 2, 0], work);
    let matrix = flattened(turned, (rows, r * s));
    let before: usize = cores[..k].iter().map(|c| c.dim().1).product();
    let Ok(tensor) = ArrayView3::from_shape((before, n, rows / before), elements) else {
        unreachable!("as many elements as the cores say");
    };
    // Rows as in the subchain: the modes after k, then those before it.
    let sides = tensor.permuted_axes([2, 0, 1]);
    let sides = sides.as_standard_layout();
    let rhs = reshaped(sides.view(), (rows, n)).to_owned();
    let solution = improved(&matrix, &rhs, &unknowns_of(&cores[k], work), ridge)?;
    let residual = rhs - matmul(matrix.view(), solution.view());
    let square = residual.as_slice().map_or(0.0, sum_of_squares);
    Ok((core_of(solution, (r, n, s), work), square))
}

/// `x` and the smallest change that makes `|a x - b|^2 + ridge |x|^2` as small as it can be, but for directions in
/// which `a` is below `sqrt(eps)` of its norm: these stay as they are.
///
/// So the sum never rises, whatever the rank of `a`, and a near dependence between columns does not blow up `x`,
/// where rounding errors of `a` would then be the larger part of the product.
pub(super) fn improved<A: Scalar>(
    a: &Array2<A>,
    b: &Array2<A>,
    x: &Array2<A>,
    ridge: f64,
) -> Result<Array2<A>, TrError> {
    let mut residual = b - &matmul(a.view(), x.view());
    let mut matrix = a.clone();
    if ridge > 0.0 {
        let ((rows, cols), root) = (a.dim(), A::narrow(ridge.sqrt()));
        let right = b.ncols();
        let mut wide = Array2::zeros((rows + cols, cols));
        wide.slice_mut(s![..rows, ..]).assign(a);
        wide.slice_mut(s![rows.., ..]).diag_mut().fill(root);
        let mut sides = Array2::zeros((rows + cols, right));
        sides.slice_mut(s![..rows, ..]).assign(&residual);
        sides
            .slice_mut(s![rows.., ..])
            .assign(&x.mapv(|x| -root * x));
        (matrix, residual) = (wide, sides);
    }
    let seen;
    if matrix.nrows() > matrix.ncols() {
        let f = orthonormal_factor(&matrix, Side::Left)?;
        seen = matmul(f.basis.t(), residual.view());
        matrix = f.rest;
    } else {
        seen = residual;
    }
    let f = svd(&matrix)?;
    let level = f.s[0] * A::epsilon().sqrt();
    let mut change = matmul(f.u.t(), seen.view());
    for (mut row, &s) in change.rows_mut().into_iter().zip(&f.s) {
        let weight = if s > level { s.recip() } else { A::zero() };
        row.mapv_inplace(|e| e * weight);
    }
    Ok(x + &matmul(f.vt.t(), change.view()))
}

/// A core as the unknowns `(left right) x n`.
pub(super) fn unknowns_of<A: Scalar>(core: &Array3<A>, work: &mut Work<A>) -> Array2<A> {
    let (r, n, s) = core.dim();
    let mut turned = work.core((r, s, n));
    turned.assign(&core.view().permuted_axes([0, 2, 1]));
    flattened(turned, (r * s, n))
}

/// A solution `(left right) x n` as a core.
pub(super) fn core_of<A: Scalar>(
    solution: Array2<A>,
    (r, n, s): (usize, usize, usize),
    work: &mut Work<A>,
) -> Array3<A> {
    let solution = solution.as_standard_layout().into_owned();
    permuted(as_core(solution, (r, s, n)), [0, 2, 1], work)
}

#[cfg(test)]
mod tests {
    use super::improved;
    use ndarray::{Array2, arr2};

    #[test]
    fn a_regular_problem_is_solved() {
        let a = arr2(&[[1.0_f64, 0.0], [1.0, 2.0], [0.0, 1.0]]);
        let b = arr2(&[[2.0], [6.0], [5.0]]);
        let x = improved(&a, &b, &Array2::ones((2, 1)), 0.0).unwrap();
        assert!(
            (&x - &arr2(&[[1.0], [3.0]]))
                .iter()
                .all(|e| e.abs() < 1e-14)
        );
    }

    #[test]
    fn what_the_equations_do_not_see_stays() {
        // x + y = 4, from (1, 0): the smallest change is (1.5, 1.5).
        let x = improved(
            &arr2(&[[1.0_f64, 1.0]]),
            &arr2(&[[4.0]]),
            &arr2(&[[1.0], [0.0]]),
            0.0,
        );
        assert!(
            (&x.unwrap() - &arr2(&[[2.5], [1.5]]))
                .iter()
                .all(|e| e.abs() < 1e-14)
        );
        // A direction below rounding is not used, however much it would explain.
        let a = arr2(&[[1.0_f64, 0.0], [0.0, 1e-12]]);
        let x = improved(&a, &arr2(&[[1.0], [1.0]]), &Array2::zeros((2, 1)), 0.0).unwrap();
        assert!(
            (&x - &arr2(&[[1.0], [0.0]]))
                .iter()
                .all(|e| e.abs() < 1e-14)
        );
    }

    #[test]
    fn a_ridge_shrinks() {
        // (1 + 1) x = 3.
        let one = arr2(&[[1.0_f64]]);
        let x = improved(&one, &arr2(&[[3.0]]), &arr2(&[[7.0]]), 1.0).unwrap();
        assert!((x[[0, 0]] - 1.5).abs() < 1e-14);
    }
}
