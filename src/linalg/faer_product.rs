//! Products in panels: each runs on one thread, idle threads take panels over.
//!
//! The panels depend on the shape alone and so do the sums inside each, which makes every result independent
//! of the number of threads.

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{BlockStructure, matmul as triangular_matmul};
use faer::reborrow::{IntoConst, ReborrowMut};
use faer::traits::RealField;
use faer::{Accum, Mat, MatMut, MatRef, Par, unzip, zip};

/// Multiply-adds of one panel, around a millisecond. Smaller ones cost more in packing than they gain.
const PANEL: usize = 1 << 25;

/// Elements of a chunk of a long matrix that are worked on together: they stay in the second-level cache.
const CHUNK: usize = 1 << 15;

/// Sides of a Gram matrix from which on a transposed copy of the chunks pays.
const TRANSPOSED: usize = 128;

/// Most partial sums of a Gram matrix.
const PARTS: usize = 16;

/// `c <- alpha a b`, or `c <- c + alpha a b`.
pub(super) fn product<T: RealField + num_traits::Float>(
    alpha: T,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    accum: Accum,
    c: MatMut<'_, T>,
) {
    let (m, n) = c.shape();
    // For a row-major c the kernels are up to 1.7 times as fast with a row-major a; a copy costs 1/n of that.
    let (rows, b, c) = if c.col_stride() == 1 {
        (a, b, c)
    } else {
        (b.transpose(), a.transpose(), c.transpose_mut())
    };
    let copy = (is_column_major(rows) && m.min(n) >= 16).then(|| row_major(rows));
    let rows = copy.as_ref().map_or(rows, |copy| copy.as_ref().transpose());
    in_panels(alpha, rows, b, accum, c);
}

fn in_panels<T: RealField + num_traits::Float>(
    alpha: T,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    accum: Accum,
    c: MatMut<'_, T>,
) {
    let (m, n) = c.shape();
    if m * n * a.ncols() <= PANEL || m.max(n) < 64 {
        matmul(c, accum, a, b, alpha, Par::Seq);
    } else if m >= n {
        let half = (m / 2).next_multiple_of(32);
        let (top, bottom) = c.split_at_row_mut(half);
        let (upper, lower) = a.split_at_row(half);
        rayon::join(
            || in_panels(alpha, upper, b, accum, top),
            || in_panels(alpha, lower, b, accum, bottom),
        );
    } else {
        let half = (n / 2).next_multiple_of(32);
        let (left, right) = c.split_at_col_mut(half);
        let (first, second) = b.split_at_col(half);
        rayon::join(
            || in_panels(alpha, a, first, accum, left),
            || in_panels(alpha, a, second, accum, right),
        );
    }
}

fn is_column_major<T>(a: MatRef<'_, T>) -> bool {
    a.row_stride() == 1 && a.col_stride() != 1 && a.ncols() > 1
}

/// The transpose of a row-major copy of a column-major matrix.
fn row_major<T: RealField + num_traits::Float>(a: MatRef<'_, T>) -> Mat<T> {
    let mut copy = Mat::zeros(a.ncols(), a.nrows());
    transpose(a, copy.as_mut());
    copy
}

/// `b <- a^T`, in tiles that stay in the first-level cache.
fn transpose<T: RealField>(a: MatRef<'_, T>, mut b: MatMut<'_, T>) {
    const TILE: usize = 16;
    let (m, n) = a.shape();
    for left in (0..n).step_by(TILE) {
        for top in (0..m).step_by(TILE) {
            let (rows, cols) = (TILE.min(m - top), TILE.min(n - left));
            let tile = a.submatrix(top, left, rows, cols);
            b.rb_mut()
                .submatrix_mut(left, top, cols, rows)
                .copy_from(tile.transpose());
        }
    }
}

/// The lower triangle of `g <- a a^T`, or of `g <- g + a a^T`.
pub(super) fn gram<T: RealField + num_traits::Float>(
    a: MatRef<'_, T>,
    accum: Accum,
    mut g: MatMut<'_, T>,
) {
    let (short, long) = a.shape();
    // Not so many that adding them up would count.
    let parts = (short * short * long / (2 * PANEL))
        .min(long / (8 * short))
        .clamp(1, PARTS);
    if parts == 1 {
        return gram_of_chunks(a, accum, g);
    }
    let rows = long.div_ceil(parts);
    let part = |k: usize| {
        let start = (k * rows).min(long);
        let width = rows.min(long - start);
        let mut g = Mat::zeros(short, short);
        gram_of_chunks(a.subcols(start, width), Accum::Replace, g.as_mut());
        g
    };
    let sums = parallel(0, parts, &part);
    if let Accum::Replace = accum {
        g.rb_mut().fill(num_traits::Zero::zero());
    }
    for sum in &sums {
        zip!(g.rb_mut(), sum).for_each(|unzip!(g, x)| *g += *x);
    }
}

/// `f(start), ..., f(end - 1)`, possibly at the same time.
pub(super) fn parallel<R: Send>(
    start: usize,
    end: usize,
    f: &(impl Fn(usize) -> R + Sync),
) -> Vec<R> {
    if end - start == 1 {
        return vec![f(start)];
    }
    let half = start.midpoint(end);
    let (mut left, right) = rayon::join(|| parallel(start, half, f), || parallel(half, end, f));
    left.extend(right);
    left
}

/// [`gram`] on one thread, a chunk of columns after the other.
fn gram_of_chunks<T: RealField + num_traits::Float>(
    a: MatRef<'_, T>,
    accum: Accum,
    mut g: MatMut<'_, T>,
) {
    let (short, long) = a.shape();
    let width = (CHUNK / short).max(256);
    let (lower, full) = (BlockStructure::TriangularLower, BlockStructure::Rectangular);
    let transposed = is_column_major(a) && short >= TRANSPOSED;
    let mut copy = transposed.then(|| Mat::zeros(width.min(long), short));
    let mut accum = accum;
    let mut start = 0;
    while start < long {
        let mut chunk = a.subcols(start, width.min(long - start));
        if let Some(copy) = &mut copy {
            let mut rows = copy.as_mut().subrows_mut(0, chunk.ncols());
            transpose(chunk, rows.rb_mut());
            chunk = rows.into_const().transpose();
        }
        let g = g.rb_mut();
        let one = num_traits::One::one();
        triangular_matmul(
            g,
            lower,
            accum,
            chunk,
            full,
            chunk.transpose(),
            full,
            one,
            Par::Seq,
        );
        accum = Accum::Add;
        start += width;
    }
}
