//! The least-squares problem of one core with its subchain matrix.

use ndarray::{Array2, Array3, ArrayView3, s};

use super::TrError;
use super::dense::{chain, flattened, permuted};
use crate::linalg::{Work, lstsq, matmul};
use crate::scalar::Scalar;
use crate::tensor_train::{as_core, reshaped};

/// Core `k` that fits the tensor best with the others as they are (the one of smallest norm, if there are
/// several), and the squared distance of the ring from the tensor.
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
    let solution = solve(&matrix, &rhs, ridge)?;
    let fitted = matmul(matrix.view(), solution.view());
    let square = (&rhs - &fitted).iter().map(|x| x.widen().powi(2)).sum();
    Ok((core_of(solution, (r, n, s), work), square))
}

/// The `x` that minimises `|a x - b|^2 + ridge |x|^2`; of several the one of smallest norm.
pub(super) fn solve<A: Scalar>(
    a: &Array2<A>,
    b: &Array2<A>,
    ridge: f64,
) -> Result<Array2<A>, TrError> {
    if ridge == 0.0 {
        return Ok(lstsq(a, b)?.solution);
    }
    let ((rows, cols), right) = (a.dim(), b.ncols());
    let mut wide = Array2::zeros((rows + cols, cols));
    wide.slice_mut(s![..rows, ..]).assign(a);
    let mut below = wide.slice_mut(s![rows.., ..]);
    below.diag_mut().fill(A::narrow(ridge.sqrt()));
    let mut sides = Array2::zeros((rows + cols, right));
    sides.slice_mut(s![..rows, ..]).assign(b);
    Ok(lstsq(&wide, &sides)?.solution)
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
