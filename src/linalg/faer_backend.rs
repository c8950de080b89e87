//! The default backend: `faer`, pure Rust.

use faer::diag::{Diag, DiagRef};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::svd::{ComputeSvdVectors, svd, svd_scratch};
use faer::{Accum, Mat, MatMut, MatRef, Par};
use std::mem::MaybeUninit;

use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, ShapeBuilder};

use super::faer_eigen::leading_eigenvectors;
use super::faer_product::{gram, product};
use super::faer_qr::{PackedQr, tall_r};
use crate::scalar::sealed::Kernels;

/// Factorisations run on the calling thread, since threads belong to the layers; products are shared out by
/// [`super::faer_product`], independent of the number of threads.
const PAR: Par = Par::Seq;

/// Calls `f` with a faer view of `a`; only a matrix that is neither row- nor column-major is copied.
fn with_view<T: Copy, R>(a: ArrayView2<'_, T>, f: impl FnOnce(MatRef<'_, T>) -> R) -> R {
    let (m, n) = a.dim();
    if let Some(slice) = a.to_slice() {
        return f(MatRef::from_row_major_slice(slice, m, n));
    }
    if let Some(slice) = a.reversed_axes().to_slice() {
        return f(MatRef::from_column_major_slice(slice, m, n));
    }
    let copy: Vec<T> = a.iter().copied().collect();
    f(MatRef::from_row_major_slice(&copy, m, n))
}

/// The same for a matrix that is written.
fn with_view_mut<T: Copy, R>(mut a: ArrayViewMut2<'_, T>, f: impl FnOnce(MatMut<'_, T>) -> R) -> R {
    let (m, n) = a.dim();
    if let Some(slice) = a.as_slice_mut() {
        return f(MatMut::from_row_major_slice_mut(slice, m, n));
    }
    if let Some(slice) = a.view_mut().reversed_axes().into_slice() {
        return f(MatMut::from_column_major_slice_mut(slice, m, n));
    }
    let mut copy: Vec<T> = a.iter().copied().collect();
    let result = f(MatMut::from_row_major_slice_mut(&mut copy, m, n));
    a.iter_mut().zip(copy).for_each(|(a, x)| *a = x);
    result
}

/// A column-major copy, the layout the factorisations prefer.
fn column_major<T: faer::traits::ComplexField + Copy>(a: ArrayView2<'_, T>) -> Mat<T> {
    with_view(a, |view| view.to_owned())
}

/// The faer matrix as a column-major array.
pub(super) fn to_array<T: Copy>(a: MatRef<'_, T>) -> Array2<T> {
    Array2::from_shape_fn(a.shape().f(), |(i, j)| a[(i, j)])
}

fn diagonal<T: Copy>(s: DiagRef<'_, T>) -> Array1<T> {
    Array1::from_shape_fn(s.dim(), |k| s[k])
}

macro_rules! kernels {
    ($($scalar:ty),*) => {$(
        impl Kernels for $scalar {
            fn gemm(
                alpha: Self,
                a: ArrayView2<'_, Self>,
                b: ArrayView2<'_, Self>,
                add: bool,
                c: ArrayViewMut2<'_, Self>,
            ) {
                let accum = if add { Accum::Add } else { Accum::Replace };
                with_view(a, |a| with_view(b, |b| with_view_mut(c, |c| {
                    product(alpha, a, b, accum, c);
                })));
            }

            fn gram(a: ArrayView2<'_, Self>, add: bool, g: ArrayViewMut2<'_, Self>) {
                let accum = if add { Accum::Add } else { Accum::Replace };
                with_view(a, |a| with_view_mut(g, |g| gram(a, accum, g)));
            }

            fn qr(a: ArrayView2<'_, Self>) -> Option<(Array2<Self>, Array2<Self>)> {
                let f = PackedQr::new(column_major(a), PAR)?;
                Some((f.q(PAR)?, f.r()))
            }

            fn qr_r(a: ArrayView2<'_, Self>) -> Option<Array2<Self>> {
                with_view(a, |a| tall_r(a, PAR))
            }

            fn svd(a: ArrayView2<'_, Self>) -> Option<(Array2<Self>, Array1<Self>, Array2<Self>)> {
                let (m, n) = a.dim();
                let k = m.min(n);
                let thin = ComputeSvdVectors::Thin;
                let req = svd_scratch::<Self>(m, n, thin, thin, PAR, faer::prelude::default());
                let mut memory = MemBuffer::try_new(req).ok()?;
                let (mut u, mut v) = (Mat::zeros(m, k), Mat::zeros(n, k));
                let mut s = Diag::<Self>::zeros(k);
                with_view(a, |a| svd(
                    a,
                    s.as_mut(),
                    Some(u.as_mut()),
                    Some(v.as_mut()),
                    PAR,
                    MemStack::new(&mut memory),
                    faer::prelude::default(),
                )).ok()?;
                let vt = to_array(v.as_ref()).reversed_axes();
                Some((to_array(u.as_ref()), diagonal(s.as_ref()), vt))
            }

            fn eigh(a: ArrayView2<'_, Self>) -> Option<(Array1<Self>, Array2<Self>)> {
                let n = a.nrows();
                let req = self_adjoint_evd_scratch::<Self>(
                    n, ComputeEigenvectors::Yes, PAR, faer::prelude::default(),
                );
                let mut memory = MemBuffer::try_new(req).ok()?;
                let mut u = Mat::<Self>::zeros(n, n);
                let mut s = Diag::<Self>::zeros(n);
                with_view(a, |a| self_adjoint_evd(
                    a,
                    s.as_mut(),
                    Some(u.as_mut()),
                    PAR,
                    MemStack::new(&mut memory),
                    faer::prelude::default(),
                )).ok()?;
                Some((diagonal(s.as_ref()), to_array(u.as_ref())))
            }

            fn leading_eigh(
                a: ArrayView2<'_, Self>,
                count: &mut dyn FnMut(&[Self]) -> usize,
                scratch: &mut Vec<MaybeUninit<u8>>,
                vectors: &mut Vec<Self>,
            ) -> Option<()> {
                with_view(a, |a| leading_eigenvectors(a, count, scratch, vectors, PAR))
            }
        }
    )*};
}

kernels!(f32, f64);
