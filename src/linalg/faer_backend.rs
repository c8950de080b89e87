//! The default backend: `faer`, pure Rust, always on the calling thread.

use faer::diag::{Diag, DiagRef};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::householder::{
    apply_block_householder_sequence_on_the_left_in_place_scratch,
    apply_block_householder_sequence_on_the_left_in_place_with_conj,
};
use faer::linalg::matmul::matmul;
use faer::linalg::qr::no_pivoting::factor::{
    qr_in_place, qr_in_place_scratch, recommended_block_size,
};
use faer::linalg::svd::{ComputeSvdVectors, svd, svd_scratch};
use faer::{Accum, Conj, Mat, MatMut, MatRef, Par};
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, ShapeBuilder};

use crate::scalar::sealed::Kernels;

/// Threads belong to the caller (layers in parallel); a kernel never starts its own, which also makes the
/// result independent of their number.
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

/// A column-major copy, the layout the factorisations prefer.
fn column_major<T: faer::traits::ComplexField + Copy>(a: ArrayView2<'_, T>) -> Mat<T> {
    with_view(a, |view| view.to_owned())
}

/// The faer matrix as a column-major array.
fn to_array<T: Copy>(a: MatRef<'_, T>) -> Array2<T> {
    Array2::from_shape_fn(a.shape().f(), |(i, j)| a[(i, j)])
}

fn diagonal<T: Copy>(s: DiagRef<'_, T>) -> Array1<T> {
    Array1::from_shape_fn(s.dim(), |k| s[k])
}

/// Householder vectors below the diagonal and `R` on and above it, with the block coefficients.
fn factor_qr<T: faer::traits::RealField + Copy>(a: ArrayView2<'_, T>) -> Option<(Mat<T>, Mat<T>)> {
    let mut basis = column_major(a);
    let (m, n) = basis.shape();
    let block = recommended_block_size::<T>(m, n);
    let mut coefficients = Mat::zeros(block, m.min(n));
    let req = qr_in_place_scratch::<T>(m, n, block, PAR, faer::prelude::default());
    let mut memory = MemBuffer::try_new(req).ok()?;
    qr_in_place(
        basis.as_mut(),
        coefficients.as_mut(),
        PAR,
        MemStack::new(&mut memory),
        faer::prelude::default(),
    );
    Some((basis, coefficients))
}

/// The upper triangle of a packed QR.
fn upper<T: faer::traits::RealField + Copy>(packed: MatRef<'_, T>) -> Array2<T> {
    let (m, n) = packed.shape();
    Array2::from_shape_fn((m.min(n), n), |(i, j)| {
        if i <= j {
            packed[(i, j)]
        } else {
            T::zero_impl()
        }
    })
}

macro_rules! kernels {
    ($($scalar:ty),*) => {$(
        impl Kernels for $scalar {
            fn gemm(
                a: ArrayView2<'_, Self>,
                b: ArrayView2<'_, Self>,
                accumulate: bool,
                mut c: ArrayViewMut2<'_, Self>,
            ) {
                let (m, n) = c.dim();
                let accum = if accumulate { Accum::Add } else { Accum::Replace };
                with_view(a, |a| with_view(b, |b| {
                    let product = |dst: MatMut<'_, Self>| matmul(dst, accum, a, b, 1.0, PAR);
                    if let Some(slice) = c.as_slice_mut() {
                        product(MatMut::from_row_major_slice_mut(slice, m, n));
                    } else if let Some(slice) = c.view_mut().reversed_axes().into_slice() {
                        product(MatMut::from_column_major_slice_mut(slice, m, n));
                    } else {
                        let mut copy: Vec<Self> = c.iter().copied().collect();
                        product(MatMut::from_row_major_slice_mut(&mut copy, m, n));
                        c.iter_mut().zip(copy).for_each(|(c, x)| *c = x);
                    }
                }));
            }

            fn qr(a: ArrayView2<'_, Self>) -> Option<(Array2<Self>, Array2<Self>)> {
                let (packed, coefficients) = factor_qr(a)?;
                let (m, k) = (packed.nrows(), coefficients.ncols());
                let mut q = Mat::<Self>::identity(m, k);
                let req = apply_block_householder_sequence_on_the_left_in_place_scratch::<Self>(
                    m, coefficients.nrows(), k,
                );
                let mut memory = MemBuffer::try_new(req).ok()?;
                apply_block_householder_sequence_on_the_left_in_place_with_conj(
                    packed.get(.., ..k),
                    coefficients.as_ref(),
                    Conj::No,
                    q.as_mut(),
                    PAR,
                    MemStack::new(&mut memory),
                );
                Some((to_array(q.as_ref()), upper(packed.as_ref())))
            }

            fn qr_r(a: ArrayView2<'_, Self>) -> Option<Array2<Self>> {
                Some(upper(factor_qr(a)?.0.as_ref()))
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
        }
    )*};
}

kernels!(f32, f64);
