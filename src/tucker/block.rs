//! A dense tensor on its way to a core: its modes may lie in memory in any order.

use std::borrow::Cow;

use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewD, ArrayViewMut2, ArrayViewMutD, IxDyn};

use crate::linalg::{Side, Work, matmul_into, power_of_two_scale, project_rows, sum_of_squares};
use crate::scalar::Scalar;

/// Row-major elements over the modes in the order in which they lie in memory.
#[derive(Debug)]
pub(super) struct Block<'t, A: Scalar> {
    elements: Cow<'t, [A]>,
    modes: Vec<usize>,
    /// The sizes of the modes, in the same order.
    sizes: Vec<usize>,
}

impl<'t, A: Scalar> Block<'t, A> {
    /// A tensor with its modes in their own order.
    pub(super) fn new(elements: Cow<'t, [A]>, shape: &[usize]) -> Self {
        Self {
            elements,
            modes: (0..shape.len()).collect(),
            sizes: shape.to_vec(),
        }
    }

    /// A copy of a row-major tensor with its modes in the memory order of another block.
    pub(super) fn in_order_of(
        tensor: &ArrayViewD<'_, A>,
        other: &Block<'_, A>,
        work: &mut Work<A>,
    ) -> Block<'static, A> {
        let view = tensor.view().permuted_axes(IxDyn(&other.modes));
        let sizes = view.shape().to_vec();
        let mut elements = work.vector(view.len());
        elements.iter_mut().zip(&view).for_each(|(to, &x)| *to = x);
        Block {
            elements: Cow::Owned(elements),
            modes: other.modes.clone(),
            sizes,
        }
    }

    pub(super) fn square(&self) -> f64 {
        sum_of_squares(&self.elements)
    }

    /// Scales to entries near 1; returns the exponent of the power of two that the elements were multiplied by.
    pub(super) fn rescale(&mut self) -> f64 {
        let scale = power_of_two_scale(&ArrayView1::from(&*self.elements));
        for x in self.elements.to_mut() {
            *x *= scale;
        }
        scale.widen().log2()
    }

    /// What lies before a mode in memory, its size, and what lies after it.
    fn around(&self, mode: usize) -> (usize, usize, usize, usize) {
        let Some(at) = self.modes.iter().position(|&k| k == mode) else {
            unreachable!("a block has all modes");
        };
        let before = self.sizes[..at].iter().product();
        let after = self.sizes[at + 1..].iter().product();
        (at, before, self.sizes[at], after)
    }

    /// Moves a mode to the front in memory, unless its unfolding is a matrix as it lies.
    pub(super) fn bring_out(&mut self, mode: usize, work: &mut Work<A>) {
        let (at, before, n, after) = self.around(mode);
        if before == 1 || after == 1 {
            return;
        }
        let mut front = work.vector(self.elements.len());
        for (i, rows) in front.chunks_exact_mut(before * after).enumerate() {
            for (j, run) in rows.chunks_exact_mut(after).enumerate() {
                run.copy_from_slice(&self.elements[(j * n + i) * after..][..after]);
            }
        }
        self.replace(front, work);
        self.modes[..=at].rotate_right(1);
        self.sizes[..=at].rotate_right(1);
    }

    /// The unfolding of a mode that was brought out: the mode is the rows (left) or the columns (right).
    pub(super) fn unfolding(&self, mode: usize) -> (Side, ArrayView2<'_, A>) {
        let (_, before, n, after) = self.around(mode);
        if before == 1 {
            (Side::Left, view(&self.elements, n, after))
        } else {
            debug_assert_eq!(after, 1);
            (Side::Right, view(&self.elements, before, n))
        }
    }

    /// The unfolding with the mode as rows.
    pub(super) fn by_rows(&self, mode: usize) -> ArrayView2<'_, A> {
        match self.unfolding(mode) {
            (Side::Left, rows) => rows,
            (Side::Right, columns) => columns.reversed_axes(),
        }
    }

    /// Puts the elements of another size in a mode that was brought out, in the same order.
    pub(super) fn resize(
        &mut self,
        mode: usize,
        size: usize,
        elements: Vec<A>,
        work: &mut Work<A>,
    ) {
        let (at, ..) = self.around(mode);
        self.sizes[at] = size;
        self.replace(elements, work);
    }

    fn replace(&mut self, elements: Vec<A>, work: &mut Work<A>) {
        if let Cow::Owned(done) = std::mem::replace(&mut self.elements, Cow::Owned(elements)) {
            work.give_vector(done);
        }
    }

    /// The tensor times `b` in a mode: the sum over this mode with the rows of `b`.
    pub(super) fn product(
        &self,
        mode: usize,
        b: ArrayView2<'_, A>,
        work: &mut Work<A>,
    ) -> Block<'static, A> {
        let (at, before, _, after) = self.around(mode);
        if before > 1 && after > 1 {
            let mut front = self.borrowed();
            front.bring_out(mode, work);
            let product = front.product(mode, b, work);
            front.recycle(work);
            return product;
        }
        let mut elements = work.vector(before * b.ncols() * after);
        multiply(self.unfolding(mode), b, &mut elements);
        let mut sizes = self.sizes.clone();
        sizes[at] = b.ncols();
        Block {
            elements: Cow::Owned(elements),
            modes: self.modes.clone(),
            sizes,
        }
    }

    /// [`Block::product`], written in the modes' own order.
    pub(super) fn product_into(
        mut self,
        mode: usize,
        b: ArrayView2<'_, A>,
        out: &mut [A],
        work: &mut Work<A>,
    ) {
        self.bring_out(mode, work);
        if self.modes.is_sorted() {
            multiply(self.unfolding(mode), b, out);
            return self.recycle(work);
        }
        let product = self.product(mode, b, work);
        self.recycle(work);
        product.write(out);
        product.recycle(work);
    }

    /// Projects a mode on orthonormal columns; returns the norm of what that discards.
    pub(super) fn project(&mut self, mode: usize, basis: &Array2<A>, work: &mut Work<A>) -> f64 {
        self.bring_out(mode, work);
        let (at, ..) = self.around(mode);
        let tall = self.by_rows(mode).reversed_axes();
        let mut rest = work.matrix(tall.nrows(), basis.ncols());
        let discarded = project_rows(tall, basis.t(), &mut rest, true).unwrap_or(0.0);
        self.replace(rest.into_raw_vec_and_offset().0, work);
        let mode = self.modes.remove(at);
        self.modes.push(mode);
        self.sizes.remove(at);
        self.sizes.push(basis.ncols());
        discarded
    }

    /// The elements in the modes' own order.
    pub(super) fn write(&self, out: &mut [A]) {
        if self.modes.is_sorted() {
            return out.copy_from_slice(&self.elements);
        }
        let mut own = vec![0; self.modes.len()];
        let mut shape = vec![0; self.modes.len()];
        for (at, &mode) in self.modes.iter().enumerate() {
            own[mode] = at;
            shape[mode] = self.sizes[at];
        }
        let Ok(view) = ArrayViewD::from_shape(IxDyn(&self.sizes), &self.elements) else {
            unreachable!("a block has as many elements as its sizes say");
        };
        let Ok(mut out) = ArrayViewMutD::from_shape(IxDyn(&shape), out) else {
            unreachable!("the result has as many elements as the block");
        };
        out.assign(&view.permuted_axes(IxDyn(&own)));
    }

    /// The same tensor without copying.
    pub(super) fn borrowed(&self) -> Block<'_, A> {
        Block {
            elements: Cow::Borrowed(&self.elements),
            modes: self.modes.clone(),
            sizes: self.sizes.clone(),
        }
    }

    pub(super) fn recycle(self, work: &mut Work<A>) {
        if let Cow::Owned(elements) = self.elements {
            work.give_vector(elements);
        }
    }
}

/// `b^T a` for an unfolding with the mode as rows, `a b` for one with the mode as columns.
fn multiply<A: Scalar>((side, a): (Side, ArrayView2<'_, A>), b: ArrayView2<'_, A>, out: &mut [A]) {
    let (rows, cols) = match side {
        Side::Left => (b.ncols(), a.ncols()),
        Side::Right => (a.nrows(), b.ncols()),
    };
    let Ok(out) = ArrayViewMut2::from_shape((rows, cols), out) else {
        unreachable!("the result has the length of the product");
    };
    match side {
        Side::Left => matmul_into(b.t(), a, out),
        Side::Right => matmul_into(a, b, out),
    }
}

/// Row-major elements as a matrix.
fn view<A>(elements: &[A], rows: usize, cols: usize) -> ArrayView2<'_, A> {
    match ArrayView2::from_shape((rows, cols), elements) {
        Ok(view) => view,
        Err(error) => unreachable!("an unfolding has all elements: {error}"),
    }
}
