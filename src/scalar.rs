//! The element type of every tensor: `f32` or `f64`, with the linear-algebra kernels hidden behind it.

use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, NdFloat};

/// A real scalar the crate can decompose: `f32` or `f64`.
///
/// The trait is sealed. It extends [`NdFloat`], so arithmetic, comparison, formatting and the `Float`
/// methods are available in generic code; the factorisation kernels (pure Rust by default, LAPACK by
/// feature) are hidden, so that no backend type ever appears in a public bound.
///
/// # Examples
///
/// ```
/// use tt_admm::Scalar;
///
/// fn mean_square<A: Scalar>(values: &[A]) -> f64 {
///     values.iter().map(|v| v.widen() * v.widen()).sum::<f64>() / values.len() as f64
/// }
/// assert_eq!(mean_square(&[3.0_f32, 4.0]), 12.5);
/// assert_eq!(f32::narrow(0.5), 0.5_f32);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a scalar of tt-admm",
    label = "only `f32` and `f64` are supported",
    note = "convert the array first, for example with `array.mapv(f64::from)`"
)]
pub trait Scalar: NdFloat + sealed::Kernels + Default {
    /// The closest value of this type to `value`.
    fn narrow(value: f64) -> Self;

    /// This value as `f64`, exactly.
    fn widen(self) -> f64;
}

impl Scalar for f32 {
    #[allow(clippy::cast_possible_truncation)] // rounding to f32 is what `narrow` is for
    fn narrow(value: f64) -> Self {
        value as f32
    }

    fn widen(self) -> f64 {
        f64::from(self)
    }
}

impl Scalar for f64 {
    fn narrow(value: f64) -> Self {
        value
    }

    fn widen(self) -> f64 {
        self
    }
}

pub(crate) mod sealed {
    use std::mem::MaybeUninit;

    use super::{Array1, Array2, ArrayView2, ArrayViewMut2};

    /// What a linear-algebra backend provides for one scalar type. Inputs are finite and non-empty; the
    /// callers in `linalg` check that. Any memory layout is accepted.
    #[allow(unnameable_types)] // sealed on purpose
    pub trait Kernels: Sized + serde::Serialize + serde::de::DeserializeOwned {
        /// `c <- alpha a b`, or `c <- c + alpha a b` if `add`.
        fn gemm(
            alpha: Self,
            a: ArrayView2<'_, Self>,
            b: ArrayView2<'_, Self>,
            add: bool,
            c: ArrayViewMut2<'_, Self>,
        );

        /// The lower triangle of `g <- a a^T`, or of `g <- g + a a^T` if `add`; what is above the diagonal of
        /// `g` afterwards is unspecified.
        fn gram(a: ArrayView2<'_, Self>, add: bool, g: ArrayViewMut2<'_, Self>);

        /// Thin QR: `q` is `m x min(m, n)` with orthonormal columns, `r` is `min(m, n) x n` upper triangular.
        fn qr(a: ArrayView2<'_, Self>) -> Option<(Array2<Self>, Array2<Self>)>;

        /// The triangular factor `r` of [`Kernels::qr`] alone.
        fn qr_r(a: ArrayView2<'_, Self>) -> Option<Array2<Self>>;

        /// Thin SVD `a = u diag(s) vt`, `s` non-increasing. `None` if the iteration did not converge.
        fn svd(a: ArrayView2<'_, Self>) -> Option<(Array2<Self>, Array1<Self>, Array2<Self>)>;

        /// Eigenvalues (ascending) and eigenvectors (columns) of a symmetric matrix; reads the lower triangle.
        fn eigh(a: ArrayView2<'_, Self>) -> Option<(Array1<Self>, Array2<Self>)>;

        /// Leading eigenvectors of a symmetric matrix (lower triangle): `count` is shown all eigenvalues,
        /// largest first, and says how many vectors it wants; `vectors` then holds as many rows.
        fn leading_eigh(
            a: ArrayView2<'_, Self>,
            count: &mut dyn FnMut(&[Self]) -> usize,
            scratch: &mut Vec<MaybeUninit<u8>>,
            vectors: &mut Vec<Self>,
        ) -> Option<()>;
    }
}
