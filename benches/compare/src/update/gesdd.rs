//! The other Rust side: TT-SVD as in Oseledets (2011), left to right, on `ndarray-linalg`.
//!
//! A thin SVD by LAPACK's gesdd at every bond; products and rebuild by `dot`, which `ndarray-linalg` makes
//! OpenBLAS's.

use ndarray::{Array2, ArrayD, IxDyn, s};
use tt_admm::BoxError;

use super::Layer;
use crate::element::Element;
use crate::product::product;

/// Projects a layer.
pub(super) fn project<A: Element>(layer: &mut Layer<A>) -> Result<(), BoxError> {
    let cores = decompose(&layer.w, &layer.layout.ranks)?;
    layer.z = rebuild(cores, layer.w.shape())?;
    Ok(())
}

/// The cores, each as a matrix with its left rank and its mode on the rows.
fn decompose<A: Element>(w: &ArrayD<A>, ranks: &[usize]) -> Result<Vec<Array2<A>>, BoxError> {
    let (shape, d) = (w.shape(), w.ndim());
    let mut cores = Vec::with_capacity(d);
    let mut rest = w.to_shape((1, w.len()))?.into_owned();
    for k in 0..d - 1 {
        let rows = ranks[k] * shape[k];
        let cols = rest.len() / rows;
        let (u, s, vt) = A::gesdd(rest.into_shape_with_order((rows, cols))?)?;
        let rank = ranks[k + 1];
        cores.push(u.slice_move(s![.., ..rank]));
        // A row-major matrix, whatever the layout of `vt`: the next unfolding is a view of it.
        rest = Array2::from_shape_fn((rank, cols), |(i, j)| s[i] * vt[[i, j]]);
    }
    let rows = ranks[d - 1] * shape[d - 1];
    cores.push(rest.into_shape_with_order((rows, 1))?);
    Ok(cores)
}

/// The dense tensor, multiplied up from the left.
fn rebuild<A: Element>(cores: Vec<Array2<A>>, shape: &[usize]) -> Result<ArrayD<A>, BoxError> {
    let mut dense = Array2::ones((1, 1));
    for (core, n) in cores.into_iter().zip(shape) {
        let rank = core.nrows() / n;
        let cols = core.len() / rank;
        let core = core.as_standard_layout();
        let rows = dense.len() / rank;
        let left = dense.into_shape_with_order((rows, rank))?;
        dense = product(left.view(), core.to_shape((rank, cols))?.view());
    }
    Ok(dense.into_shape_with_order(IxDyn(shape))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;
    use crate::synthetic;
    use tt_admm::{SplitOrder, TtSvd};

    fn agrees_with_tt_svd<A: Element>(tolerance: f64) {
        let layout = Layout::new(&[4, 3, 5, 6], [2, 3, 4]).unwrap();
        let w = synthetic::kernel(&layout.shape, 1).unwrap().mapv(A::narrow);
        let z = rebuild(decompose(&w, &layout.ranks).unwrap(), w.shape()).unwrap();
        let svd = TtSvd::new(layout.ranks).order(SplitOrder::LeftToRight);
        let expected = svd.decompose(&w).unwrap().to_dense();
        let largest = |x: ArrayD<A>| x.iter().map(|x| x.widen().abs()).fold(0.0, f64::max);
        assert!(largest(z - &expected) < tolerance * largest(expected));
    }

    #[test]
    fn ranks_and_modes_may_be_1() {
        for (shape, ranks) in [(&[16, 9, 3], &[5, 1]), (&[3, 1, 4], &[1, 1])] {
            let w = synthetic::kernel(shape, 1).unwrap();
            let layout = Layout::new(shape, *ranks).unwrap();
            let z = rebuild(decompose(&w, &layout.ranks).unwrap(), shape).unwrap();
            assert_eq!(z.shape(), shape);
        }
    }

    #[test]
    fn it_is_tt_svd_from_the_left() {
        agrees_with_tt_svd::<f64>(1e-12);
        agrees_with_tt_svd::<f32>(1e-4);
    }
}
