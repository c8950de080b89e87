//! The LAPACK backend: `ndarray-linalg`, on by one of the `openblas-*`, `netlib-*`, `intel-mkl-*` features.

use std::mem::MaybeUninit;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2};
use ndarray_linalg::{Eigh, JobSvd, QRInto, SVDDCInto, SVDInto, UPLO};

use crate::scalar::sealed::Kernels;

macro_rules! kernels {
    ($($scalar:ty),*) => {$(
        impl Kernels for $scalar {
            fn gemm(
                alpha: Self,
                a: ArrayView2<'_, Self>,
                b: ArrayView2<'_, Self>,
                add: bool,
                mut c: ArrayViewMut2<'_, Self>,
            ) {
                general_mat_mul(alpha, &a, &b, if add { 1.0 } else { 0.0 }, &mut c);
            }

            fn gram(a: ArrayView2<'_, Self>, add: bool, mut g: ArrayViewMut2<'_, Self>) {
                general_mat_mul(1.0, &a, &a.t(), if add { 1.0 } else { 0.0 }, &mut g);
            }

            fn qr(a: ArrayView2<'_, Self>) -> Option<(Array2<Self>, Array2<Self>)> {
                a.to_owned().qr_into().ok()
            }

            fn qr_r(a: ArrayView2<'_, Self>) -> Option<Array2<Self>> {
                // ndarray-linalg has no routine for R alone.
                Some(Self::qr(a)?.1)
            }

            fn svd(a: ArrayView2<'_, Self>) -> Option<(Array2<Self>, Array1<Self>, Array2<Self>)> {
                // Divide and conquer is fast; on the rare input where it fails, QR iteration does not.
                if let Ok((Some(u), s, Some(vt))) = a.to_owned().svddc_into(JobSvd::Some) {
                    return Some((u, s, vt));
                }
                let k = a.nrows().min(a.ncols());
                let (u, s, vt) = a.to_owned().svd_into(true, true).ok()?;
                let (u, vt) = (u?, vt?);
                Some((
                    u.slice_move(ndarray::s![.., ..k]),
                    s,
                    vt.slice_move(ndarray::s![..k, ..]),
                ))
            }

            fn eigh(a: ArrayView2<'_, Self>) -> Option<(Array1<Self>, Array2<Self>)> {
                // A row-major copy is read transposed by LAPACK wrappers; make both triangles agree first.
                let symmetric = Array2::from_shape_fn(a.dim(), |(i, j)| {
                    if i >= j { a[[i, j]] } else { a[[j, i]] }
                });
                symmetric.eigh(UPLO::Lower).ok()
            }

            fn leading_eigh(
                a: ArrayView2<'_, Self>,
                count: &mut dyn FnMut(&[Self]) -> usize,
                _scratch: &mut Vec<MaybeUninit<u8>>,
                out: &mut Vec<Self>,
            ) -> Option<()> {
                let (values, vectors) = <Self as Kernels>::eigh(a)?;
                let n = values.len();
                let descending: Vec<Self> = values.iter().rev().copied().collect();
                let wanted = count(&descending).min(n);
                out.clear();
                for k in 0..wanted {
                    out.extend(vectors.column(n - 1 - k));
                }
                Some(())
            }
        }
    )*};
}

kernels!(f32, f64);
