//! The element types, with what the other sides need of them.

use ndarray::{Array1, Array2};
use ndarray_linalg::JobSvd;
use ndarray_linalg::svddc::SVDDCInto;
use tt_admm::{BoxError, Scalar};

/// A thin SVD: `u`, `s`, `vt`.
pub(crate) type ThinSvd<A> = (Array2<A>, Array1<A>, Array2<A>);

/// `f32` or `f64`, with LAPACK behind it.
///
/// The traits of `ndarray-linalg` stay out of generic code, where their methods would collide with those of
/// [`Scalar`].
pub(crate) trait Element: Scalar {
    /// `f32` or `f64`.
    const NAME: &'static str;

    /// Thin SVD by LAPACK's gesdd.
    fn gesdd(a: Array2<Self>) -> Result<ThinSvd<Self>, BoxError>;

    /// Appends the bytes, least significant first.
    fn write_le(self, bytes: &mut Vec<u8>);
}

macro_rules! element {
    ($scalar:ident) => {
        impl Element for $scalar {
            const NAME: &'static str = stringify!($scalar);

            fn gesdd(a: Array2<Self>) -> Result<ThinSvd<Self>, BoxError> {
                match a.svddc_into(JobSvd::Some)? {
                    (Some(u), s, Some(vt)) => Ok((u, s, vt)),
                    _ => Err("gesdd returned no singular vectors".into()),
                }
            }

            fn write_le(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }
        }
    };
}

element!(f32);
element!(f64);
