//! Householder QR from faer's building blocks.
//!
//! faer's own `qr_in_place` skips a column whose remainder is below `16 m eps` of the column (0.2 % in `f32` for
//! a thousand rows), and the factors then miss that much of the matrix. Here no column is skipped.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::householder::{
    apply_block_householder_sequence_on_the_left_in_place_scratch,
    apply_block_householder_sequence_on_the_left_in_place_with_conj,
    apply_block_householder_transpose_on_the_left_in_place_scratch,
    apply_block_householder_transpose_on_the_left_in_place_with_conj, make_householder_in_place,
    upgrade_householder_factor,
};
use faer::linalg::matmul::dot::inner_prod;
use faer::reborrow::{Reborrow, ReborrowMut};
use faer::traits::RealField;
use faer::{Conj, Mat, MatMut, MatRef, Par, unzip, zip};
use ndarray::Array2;

use super::faer_backend::to_array;
use super::faer_product::parallel;

/// Columns reflected one by one before the rest of the matrix is updated by a product.
const BLOCK: usize = 32;

/// Householder vectors below the diagonal, `R` on and above it, and the block coefficients.
pub(super) struct PackedQr<T> {
    packed: Mat<T>,
    coefficients: Mat<T>,
}

impl<T: RealField + num_traits::Float> PackedQr<T> {
    /// Factors in place. `None` if there is no memory for the work space.
    pub(super) fn new(mut a: Mat<T>, par: Par) -> Option<Self> {
        let (m, n) = a.shape();
        let size = m.min(n);
        let block = BLOCK.min(size);
        let mut coefficients = Mat::<T>::zeros(block, size);
        let req = apply_block_householder_transpose_on_the_left_in_place_scratch::<T>(m, block, n);
        let mut memory = MemBuffer::try_new(req).ok()?;
        let mut start = 0;
        while start < size {
            let width = block.min(size - start);
            let rows = a.as_mut().subrows_mut(start, m - start);
            let (left, trailing) = rows.split_at_col_mut(start + width);
            let mut panel = left.subcols_mut(start, width);
            for j in 0..width {
                let below = panel.rb_mut().submatrix_mut(j, j, m - start - j, width - j);
                coefficients[(j, start + j)] = reflect(below);
            }
            let mut factor = coefficients.as_mut().submatrix_mut(0, start, width, width);
            upgrade_householder_factor(factor.rb_mut(), panel.rb(), width, 1, par);
            if trailing.ncols() > 0 {
                apply_block_householder_transpose_on_the_left_in_place_with_conj(
                    panel.rb(),
                    factor.rb(),
                    Conj::No,
                    trailing,
                    par,
                    MemStack::new(&mut memory),
                );
            }
            start += width;
        }
        Some(Self {
            packed: a,
            coefficients,
        })
    }

    /// The triangular (or trapezoidal) factor, `min(m, n) x n`.
    pub(super) fn r(&self) -> Array2<T> {
        let (m, n) = self.packed.shape();
        Array2::from_shape_fn((m.min(n), n), |(i, j)| {
            if i <= j {
                self.packed[(i, j)]
            } else {
                <T as num_traits::Zero>::zero()
            }
        })
    }

    /// The thin orthonormal factor, `m x min(m, n)`.
    pub(super) fn q(&self, par: Par) -> Option<Array2<T>> {
        let (m, k) = (self.packed.nrows(), self.coefficients.ncols());
        let block = self.coefficients.nrows();
        let mut q = Mat::<T>::identity(m, k);
        let req = apply_block_householder_sequence_on_the_left_in_place_scratch::<T>(m, block, k);
        let mut memory = MemBuffer::try_new(req).ok()?;
        apply_block_householder_sequence_on_the_left_in_place_with_conj(
            self.packed.get(.., ..k),
            self.coefficients.as_ref(),
            Conj::No,
            q.as_mut(),
            par,
            MemStack::new(&mut memory),
        );
        Some(to_array(q.as_ref()))
    }
}

/// Reflects the first column onto its first entry, and the other columns along with it; returns `tau`.
fn reflect<T: RealField + num_traits::Float>(a: MatMut<'_, T>) -> T {
    let (top, below) = a.split_at_row_mut(1);
    let (mut top, (first, mut others)) = (top.row_mut(0), below.split_at_col_mut(1));
    let mut v = first.col_mut(0);
    let mut head = top[0];
    let tau = make_householder_in_place(&mut head, v.rb_mut()).tau;
    top[0] = head;
    let inverse = <T as num_traits::One>::one() / tau;
    for j in 0..others.ncols() {
        let mut rest = others.rb_mut().col_mut(j);
        let dot = inner_prod(v.rb().transpose(), Conj::No, rest.rb(), Conj::No);
        let k = -((top[j + 1] + dot) * inverse);
        top[j + 1] += k;
        zip!(rest.rb_mut(), v.rb()).for_each(|unzip!(x, y)| *x += k * *y);
    }
    tau
}

/// Rows of a part of a long matrix, and most parts.
const PART: usize = 1 << 14;
const PARTS: usize = 16;

/// `R` of a tall matrix: parts of a long one at the same time, then the `R`s of the parts together (TSQR, Demmel et
/// al., SIAM J. Sci. Comput. 34, 2012). The parts depend on the shape alone.
pub(super) fn tall_r<T: RealField + num_traits::Float>(
    a: MatRef<'_, T>,
    par: Par,
) -> Option<Array2<T>> {
    let (m, n) = a.shape();
    let parts = (m / PART.max(16 * n)).clamp(1, PARTS);
    if parts == 1 {
        return r_of_bands(a, par);
    }
    let rows = m.div_ceil(parts);
    let factors = parallel(0, parts, &|k| {
        let start = (k * rows).min(m);
        r_of_bands(a.subrows(start, rows.min(m - start)), par)
    });
    let mut stacked = Mat::zeros(parts * n, n);
    for (k, r) in factors.into_iter().enumerate() {
        let r = r?;
        for ((i, j), &x) in r.indexed_iter() {
            stacked[(k * n + i, j)] = x;
        }
    }
    r_of_bands(stacked.as_ref(), par)
}

/// `R` of a tall matrix, a band of rows at a time: each band is factored together with the `R` of the bands
/// above it, in cache (the sequential TSQR).
fn r_of_bands<T: RealField + num_traits::Float>(a: MatRef<'_, T>, par: Par) -> Option<Array2<T>> {
    /// Elements of a band; with its `R` it stays in the second-level cache.
    const BAND: usize = 1 << 15;
    let (m, n) = a.shape();
    // Short enough that sums over a column do not pile up rounding.
    let height = (BAND / n).min(1024).max(3 * n);
    let mut upper = Array2::zeros((0, n));
    let mut start = 0;
    while start < m {
        // A short last band goes with the one before it.
        let rows = if m - start < 2 * height {
            m - start
        } else {
            height
        };
        let above = upper.nrows();
        let mut band = Mat::zeros(above + rows, n);
        for j in 0..n {
            for i in 0..above.min(j + 1) {
                band[(i, j)] = upper[[i, j]];
            }
        }
        band.as_mut()
            .subrows_mut(above, rows)
            .copy_from(a.subrows(start, rows));
        upper = PackedQr::new(band, par)?.r();
        start += rows;
    }
    Some(upper)
}
