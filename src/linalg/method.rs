//! How a bond is cut.

use super::RandomizedSvd;

/// The factorisation that cuts a bond of a decomposition.
///
/// With `s` and `l` the short and the long side of the unfolding, and `sigma_1` its largest singular value:
///
/// | method | operations | error |
/// |---|---|---|
/// | [`Gram`](SplitMethod::Gram) | `s^2 l + 9 s^3` | parts of the tensor below about `sqrt(eps) sigma_1` are noise |
/// | [`Randomized`](SplitMethod::Randomized) | `14 s l (r + 8)` | more than the smallest where the spectrum falls slowly, by up to a few percent |
/// | [`QrSvd`](SplitMethod::QrSvd) | `2 s^2 l + 22 s^3` | a few `eps sigma_1`, whatever the spectrum |
/// | [`Auto`](SplitMethod::Auto) | mostly those of `Gram` | that of `QrSvd`, up to a relative excess below `1e-6` |
///
/// # Examples
///
/// ```
/// use tt_admm::{SplitMethod, TtSvd, ndarray::Array3};
///
/// let x = Array3::from_shape_fn((6, 7, 8), |(i, j, k)| 1.0 / (1.0 + (i + j + k) as f64));
/// let auto = TtSvd::new(3).decompose(&x)?;
/// let stable = TtSvd::new(3).method(SplitMethod::QrSvd).decompose(&x)?;
/// let (a, b) = (auto.truncation_error().total(), stable.truncation_error().total());
/// assert!((a - b).abs() < 1e-9 * b);
/// # Ok::<(), tt_admm::TtError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SplitMethod {
    /// Where the rank is limited to a tenth of the short side and the spectrum seems to fall fast, a few
    /// random columns with power iterations, until a residual shows that no other basis discards noticeably less.
    /// Else `Gram` where the discarded part is large enough for it, and otherwise: for `f32` the Gram matrix in
    /// `f64`; for `f64` the Gram basis with a measured residual where a gap in the spectrum makes it accurate,
    /// or else `QrSvd`. Thin modes of a large tensor are cut several bonds at a time: by one Gram matrix, or by one QR
    /// factorisation where the former loses digits that matter.
    #[default]
    Auto,
    /// Leading eigenvectors of the Gram matrix of the short side, in the precision of the tensor.
    Gram,
    /// A random sample with the default settings of [`RandomizedSvd`]: `r + 8` vectors and one power iteration, from a
    /// fixed seed; blocks of vectors where only a tolerance is known. The error is measured.
    Randomized,
    /// The same with settings of your own.
    RandomizedWith(RandomizedSvd),
    /// QR of the long side and an SVD of the small factor: backward stable.
    QrSvd,
}

impl From<RandomizedSvd> for SplitMethod {
    fn from(settings: RandomizedSvd) -> Self {
        Self::RandomizedWith(settings)
    }
}
