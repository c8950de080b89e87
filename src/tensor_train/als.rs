//! Alternating least squares in the orthogonal gauge: better cores for a tensor, from cores that are near.

use ndarray::{Array2, Array3, ArrayView2};

use super::certificate::TruncationError;
use super::dense::{left_product, matrix, right_product};
use super::error::TtError;
use super::improvement::Improvement;
use super::train::TensorTrain;
use crate::linalg::{
    LinalgError, Side, Work, matmul_into, orthonormal_columns, squared_distance, sum_of_squares,
};
use crate::scalar::Scalar;

/// A train that is improved for a tensor, by alternating least squares around a centre.
///
/// A sweep updates the cores on one side of the centre and then the centre, the cores on the other side kept.
/// Each update is the least-squares solution given the other cores, so the error for this tensor never rises
/// (Holtz, Rohwedder, Schneider, SIAM J. Sci. Comput. 34, 2012). It costs one product with the tensor,
/// `2 N r` operations for `N` elements, and smaller ones; no eigenproblem.
pub(crate) struct Refined<A> {
    train: TensorTrain<A>,
    center: usize,
    norm: f64,
    /// What the cores left and right of the centre lose.
    lost: [f64; 2],
}

impl<A: Scalar> Refined<A> {
    /// Cores of which those before `center` are left-orthogonal and those after it right-orthogonal, to be
    /// improved for a tensor of this norm. They stay in this gauge.
    pub(crate) fn new(cores: Vec<Array3<A>>, center: usize, norm: f64) -> Self {
        let bonds = cores.len() - 1;
        Self {
            train: TensorTrain::assemble(cores, TruncationError::none(bonds)),
            center,
            norm,
            lost: [0.0; 2],
        }
    }

    /// Updates this side and the centre for the tensor with these elements, row-major; returns the square of the
    /// distance of the tensor from the cores as they were, up to rounding of the order of the squared norms.
    pub(crate) fn sweep(
        &mut self,
        elements: &[A],
        side: Side,
        work: &mut Work<A>,
    ) -> Result<f64, TtError> {
        let (cores, center) = (&mut self.train.cores, self.center);
        let before = cores[center].as_slice().map_or(0.0, sum_of_squares);
        let (seen, agreement) = match side {
            Side::Left => left_half(elements, cores, center, work)?,
            Side::Right => right_half(elements, cores, center, work)?,
        };
        let kept = cores[center].as_slice().map_or(0.0, sum_of_squares);
        let other = (self.norm.powi(2) - seen).max(0.0).sqrt();
        let own = (seen - kept).max(0.0).sqrt();
        self.lost = match side {
            Side::Left => [own, other],
            Side::Right => [other, own],
        };
        Ok(self.norm.powi(2) - 2.0 * agreement + before)
    }

    /// One update of every core, the centre last.
    pub(super) fn sweep_all(&mut self, elements: &[A], work: &mut Work<A>) -> Result<(), TtError> {
        if self.center > 0 {
            self.sweep(elements, Side::Left, work)?;
        }
        if self.center + 1 < self.train.order() {
            self.sweep(elements, Side::Right, work)?;
        }
        Ok(())
    }

    pub(crate) fn write_dense(&self, out: &mut [A], work: &mut Work<A>) {
        self.train.write_dense(out, work);
    }

    /// The distance from the tensor with these elements, measured.
    pub(super) fn distance(&self, elements: &[A], work: &mut Work<A>) -> f64 {
        let mut dense = work.vector(elements.len());
        self.write_dense(&mut dense, work);
        let square = squared_distance(elements, &dense);
        work.give_vector(dense);
        square.sqrt()
    }

    /// The distance after a sweep from the norms of the tensor and of the centre; up to rounding of the order of the
    /// norm times `sqrt(eps)`.
    pub(super) fn distance_by_norms(&self) -> f64 {
        let kept = self.train.cores[self.center].as_slice();
        let kept = kept.map_or(0.0, sum_of_squares);
        (self.norm.powi(2) - kept).max(0.0).sqrt()
    }

    pub(super) fn norm(&self) -> f64 {
        self.norm
    }

    /// The cores as they are, to come back to.
    pub(super) fn saved(&self, work: &mut Work<A>) -> Saved<A> {
        let mut cores = Vec::with_capacity(self.train.order());
        for core in &self.train.cores {
            let mut copy = work.core(core.dim());
            copy.assign(core);
            cores.push(copy);
        }
        let lost = self.lost;
        Saved { cores, lost }
    }

    /// Takes back what has been done since the cores were saved.
    pub(super) fn restore(&mut self, saved: &mut Saved<A>) {
        std::mem::swap(&mut self.train.cores, &mut saved.cores);
        self.lost = saved.lost;
    }

    /// What the cores left and right of the centre lose, up to rounding as that of [`Refined::distance_by_norms`].
    pub(super) fn lost(&self) -> [f64; 2] {
        self.lost
    }

    pub(super) fn into_cores(self) -> Vec<Array3<A>> {
        self.train.into_cores()
    }

    /// The train, given its measured distance from the tensor and what sweeps have done.
    pub(crate) fn into_train(
        mut self,
        distance: f64,
        improvement: Option<Improvement>,
    ) -> TensorTrain<A> {
        let bonds = self.train.order() - 1;
        let error = TruncationError::around(self.center, bonds, self.lost, distance, self.norm);
        self.train.truncation = error.with_improvement(improvement);
        self.train.centered(Some(self.center))
    }
}

/// Cores of a [`Refined`], and what they lose.
pub(super) struct Saved<A> {
    cores: Vec<Array3<A>>,
    lost: [f64; 2],
}

impl<A: Scalar> Saved<A> {
    pub(super) fn recycle(self, work: &mut Work<A>) {
        for core in self.cores {
            work.give(core);
        }
    }
}

/// Updates the cores before the centre; returns the squared norm of what the cores after it leave, and the inner
/// product of the tensor with the cores as they were.
fn left_half<A: Scalar>(
    elements: &[A],
    cores: &mut [Array3<A>],
    center: usize,
    work: &mut Work<A>,
) -> Result<(f64, f64), LinalgError> {
    // b = X R^T, with the orthonormal rows of the product of the right cores.
    let right = right_product(&cores[center + 1..], work);
    let (rank, cols) = right.dim();
    let mut b = work.matrix(elements.len() / cols, rank);
    matmul_into(view(elements, cols), right.t(), b.view_mut());
    work.give(right);
    // The parts of b that the sites before see: contracted with the old cores from the right.
    let mut seen = Vec::with_capacity(center);
    for k in (1..=center).rev() {
        let (before, n, after) = cores[k].dim();
        let last = seen.last().unwrap_or(&b);
        let wide = view(flat(last), n * after);
        let mut next = work.matrix(wide.nrows(), before);
        matmul_into(
            wide,
            matrix(&cores[k], (before, n * after)).t(),
            next.view_mut(),
        );
        seen.push(next);
    }
    let agreement = inner(flat(seen.last().unwrap_or(&b)), &cores[0]);
    for k in 0..center {
        let (before, n, after) = cores[k].dim();
        let Some(mut own) = seen.pop() else {
            unreachable!("one for every core before the centre");
        };
        for core in &cores[..k] {
            own = contracted_left(core, own, work);
        }
        let own = with_columns(own, after);
        debug_assert_eq!(own.dim(), (before * n, after));
        replace(&mut cores[k], orthonormal_columns(own, work)?, work);
    }
    let left = left_product(&cores[..center], work);
    let tall = view(flat(&b), b.len() / left.nrows());
    let mut middle = work.matrix(left.ncols(), tall.ncols());
    matmul_into(left.t(), tall, middle.view_mut());
    replace(&mut cores[center], middle, work);
    work.give(left);
    let square = sum_of_squares(flat(&b));
    work.give(b);
    Ok((square, agreement))
}

/// Updates the cores after the centre; returns the squared norm of what the cores before it leave, and the inner
/// product of the tensor with the cores as they were.
fn right_half<A: Scalar>(
    elements: &[A],
    cores: &mut [Array3<A>],
    center: usize,
    work: &mut Work<A>,
) -> Result<(f64, f64), LinalgError> {
    let order = cores.len();
    // b = L^T X, with the orthonormal columns of the product of the left cores.
    let left = left_product(&cores[..center], work);
    let (rows, rank) = left.dim();
    let mut b = work.matrix(rank, elements.len() / rows);
    matmul_into(
        left.t(),
        view(elements, elements.len() / rows),
        b.view_mut(),
    );
    work.give(left);
    let mut seen = Vec::with_capacity(order - center);
    for core in &cores[center..order - 1] {
        let (before, n, after) = core.dim();
        let last = seen.last().unwrap_or(&b);
        let tall = view(flat(last), last.len() / (before * n));
        let mut next = work.matrix(after, tall.ncols());
        matmul_into(matrix(core, (before * n, after)).t(), tall, next.view_mut());
        seen.push(next);
    }
    let agreement = inner(flat(seen.last().unwrap_or(&b)), &cores[order - 1]);
    for k in (center + 1..order).rev() {
        let (before, n, after) = cores[k].dim();
        let Some(mut own) = seen.pop() else {
            unreachable!("one for every core after the centre");
        };
        for core in cores[k + 1..].iter().rev() {
            own = contracted_right(core, own, work);
        }
        let own = with_columns(own, n * after);
        debug_assert_eq!(own.dim(), (before, n * after));
        let mut columns = work.matrix(n * after, before);
        columns.assign(&own.t());
        work.give(own);
        let basis = orthonormal_columns(columns, work)?;
        let mut rows = work.matrix(before, n * after);
        rows.assign(&basis.t());
        work.give(basis);
        replace(&mut cores[k], rows, work);
    }
    let right = right_product(&cores[center + 1..], work);
    let wide = view(flat(&b), right.ncols());
    let mut middle = work.matrix(wide.nrows(), right.nrows());
    matmul_into(wide, right.t(), middle.view_mut());
    replace(&mut cores[center], middle, work);
    work.give(right);
    let square = sum_of_squares(flat(&b));
    work.give(b);
    Ok((square, agreement))
}

/// A core, as `(r n) x s`, transposed times a matrix whose first rows are the core's `r` and `n`.
fn contracted_left<A: Scalar>(core: &Array3<A>, a: Array2<A>, work: &mut Work<A>) -> Array2<A> {
    let (r, n, s) = core.dim();
    let cols = a.len() / (r * n);
    let mut product = work.matrix(s, cols);
    matmul_into(
        matrix(core, (r * n, s)).t(),
        view(flat(&a), cols),
        product.view_mut(),
    );
    work.give(a);
    product
}

/// A matrix whose last columns are a core's `n` and `s`, times the core as `r x (n s)` transposed.
fn contracted_right<A: Scalar>(core: &Array3<A>, a: Array2<A>, work: &mut Work<A>) -> Array2<A> {
    let (r, n, s) = core.dim();
    let mut product = work.matrix(a.len() / (n * s), r);
    matmul_into(
        view(flat(&a), n * s),
        matrix(core, (r, n * s)).t(),
        product.view_mut(),
    );
    work.give(a);
    product
}

/// Puts a row-major matrix in the place of a core of as many elements.
fn replace<A: Scalar>(core: &mut Array3<A>, elements: Array2<A>, work: &mut Work<A>) {
    let shape = core.dim();
    match Array3::from_shape_vec(shape, elements.into_raw_vec_and_offset().0) {
        Ok(new) => work.give(std::mem::replace(core, new)),
        Err(error) => unreachable!("an update keeps the shape of a core: {error}"),
    }
}

/// The sum of the products of all elements of a core with those of a matrix, in the same order.
fn inner<A: Scalar>(a: &[A], core: &Array3<A>) -> f64 {
    debug_assert_eq!(a.len(), core.len());
    std::iter::zip(a, core)
        .map(|(a, b)| a.widen() * b.widen())
        .sum()
}

/// Row-major elements as a matrix with this many columns.
fn view<A>(elements: &[A], cols: usize) -> ArrayView2<'_, A> {
    match ArrayView2::from_shape((elements.len() / cols, cols), elements) {
        Ok(view) => view,
        Err(error) => unreachable!("whole rows: {error}"),
    }
}

/// The same matrix with this many columns.
fn with_columns<A>(a: Array2<A>, cols: usize) -> Array2<A> {
    let rows = a.len() / cols;
    match a.into_shape_with_order((rows, cols)) {
        Ok(a) => a,
        Err(error) => unreachable!("whole rows: {error}"),
    }
}

/// The elements of a matrix made by a product here, which is row-major.
fn flat<A>(a: &Array2<A>) -> &[A] {
    match a.as_slice() {
        Some(elements) => elements,
        None => unreachable!("products are row-major"),
    }
}
