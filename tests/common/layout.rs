//! The same logical tensor in different memory layouts.

use tt_admm::Scalar;
use tt_admm::ndarray::{Array, ArrayD, ArrayViewD, Axis, IxDyn, ShapeBuilder, Slice};

/// Calls `f` with a name and a view of every layout of `x`. All views are equal to `x` element by element.
pub(crate) fn for_each_layout<A: Scalar>(
    x: &ArrayD<A>,
    mut f: impl FnMut(&str, ArrayViewD<'_, A>),
) {
    f("row-major", x.view());
    f("column-major", column_major(x).view());
    f("rotated axes", rotated(x, false).view());
    f(
        "reversed axes in memory",
        permuted(x, &(0..x.ndim()).rev().collect::<Vec<_>>()).view(),
    );
    let every_second = padded(x, 2);
    f("every second element", window(&every_second, x, 2).view());
    let every_third = padded(x, 3);
    f("every third element", window(&every_third, x, 3).view());
    let backwards = reversed(x);
    f("all strides negative", reversed_view(&backwards).view());
    let mut mixed = rotated(x, true);
    mixed.invert_axis(Axis(0));
    f("rotated axes, first stride negative", mixed.view());
}

/// Column-major (first index fastest).
pub(crate) fn column_major<A: Scalar>(x: &ArrayD<A>) -> ArrayD<A> {
    let mut copy = Array::zeros(IxDyn(x.shape()).f());
    copy.assign(x);
    copy
}

/// Stored with the axes in this order, seen in the logical one.
pub(crate) fn permuted<A: Scalar>(x: &ArrayD<A>, order: &[usize]) -> ArrayD<A> {
    let stored = x
        .view()
        .permuted_axes(IxDyn(order))
        .as_standard_layout()
        .into_owned();
    let mut inverse = vec![0; order.len()];
    for (k, &axis) in order.iter().enumerate() {
        inverse[axis] = k;
    }
    stored.permuted_axes(IxDyn(&inverse))
}

/// Stored with the last axis first; with `flip`, the first axis is also stored backwards (not undone).
fn rotated<A: Scalar>(x: &ArrayD<A>, flip: bool) -> ArrayD<A> {
    let mut logical = x.clone();
    if flip {
        logical.invert_axis(Axis(0));
    }
    let order: Vec<usize> = (0..x.ndim())
        .map(|k| (k + x.ndim() - 1) % x.ndim())
        .collect();
    permuted(&logical, &order)
}

/// A larger array that holds `x` at every `step`-th place, and junk elsewhere.
fn padded<A: Scalar>(x: &ArrayD<A>, step: usize) -> ArrayD<A> {
    let shape: Vec<usize> = x.shape().iter().map(|n| n * step + 1).collect();
    let mut big = Array::from_elem(IxDyn(&shape), A::narrow(1e30));
    big.slice_each_axis_mut(|axis| slice(x.shape()[axis.axis.index()], step))
        .assign(x);
    big
}

/// The view that `padded` hides.
fn window<'a, A: Scalar>(big: &'a ArrayD<A>, x: &ArrayD<A>, step: usize) -> ArrayViewD<'a, A> {
    big.slice_each_axis(|axis| slice(x.shape()[axis.axis.index()], step))
}

fn slice(n: usize, step: usize) -> Slice {
    let end = isize::try_from(1 + n * step).ok();
    Slice::new(1, end, step.cast_signed())
}

/// `x` with every axis backwards in memory and in logic.
fn reversed<A: Scalar>(x: &ArrayD<A>) -> ArrayD<A> {
    let mut view = x.view();
    for axis in 0..x.ndim() {
        view.invert_axis(Axis(axis));
    }
    Array::from_shape_vec(IxDyn(x.shape()), view.iter().copied().collect())
        .unwrap_or_else(|_| x.clone())
}

/// Every axis turned around: all strides negative.
fn reversed_view<A: Scalar>(x: &ArrayD<A>) -> ArrayViewD<'_, A> {
    let mut view = x.view();
    for axis in 0..x.ndim() {
        view.invert_axis(Axis(axis));
    }
    view
}
