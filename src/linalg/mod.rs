//! Dense linear algebra over the chosen backend: thin and truncated SVD, QR, symmetric eigenvalues, least
//! squares.
//!
//! These are the factorisations the decompositions stand on, public so that a prox operator of your own
//! (nuclear norm, spectral norm, ...) can use the same ones. The default backend is the pure-Rust `faer`;
//! with one of the LAPACK features (`openblas-system`, ...) the same functions call LAPACK. No backend
//! type appears in a signature.
//!
//! All functions share these rules:
//!
//! - NaN and infinities are refused before any factorisation starts (some LAPACK routines hang on them).
//! - The input is scaled by a power of two first, so entries around `1e-150` or `1e150` are safe.
//! - The short side is factorised: a long matrix is reduced by QR before its SVD, and full square factors
//!   of the long side are never formed.
//! - Signs are fixed: in every left singular vector, eigenvector and column the entry of largest magnitude
//!   is positive; the diagonal of a QR factor `R` is not negative.
//! - With the default backend large products are shared among the threads of the current `rayon` pool, in parts that
//!   depend on the shape alone: the result does not depend on the number of threads. A LAPACK library may start
//!   threads of its own; what it promises holds then.

mod eigh;
mod error;
#[cfg(not(feature = "_lapack"))]
mod faer_backend;
#[cfg(not(feature = "_lapack"))]
mod faer_eigen;
#[cfg(not(feature = "_lapack"))]
mod faer_product;
#[cfg(not(feature = "_lapack"))]
mod faer_qr;
mod gram;
mod keep;
#[cfg(feature = "_lapack")]
mod lapack_backend;
mod lstsq;
mod method;
mod norm;
mod product;
mod qr;
mod randomized;
mod randomized_svd;
mod range_finder;
mod rows;
mod scaling;
mod sign;
mod split;
mod svd;
mod work;

pub use eigh::{Eigh, eigh};
pub use error::LinalgError;
pub use keep::Keep;
pub use lstsq::{LeastSquares, lstsq};
pub use method::SplitMethod;
pub use qr::{Qr, qr};
pub use randomized_svd::RandomizedSvd;
pub use svd::{Svd, svd, truncated_svd};

pub(crate) use gram::{Symmetric, negligible_excess};
pub(crate) use keep::rounding_level;
pub(crate) use norm::{distance, frobenius, norm, squared_distance, sum_of_squares};
pub(crate) use product::{add_matmul, lower_gram, matmul, matmul_into};
pub(crate) use rows::project_rows;
pub(crate) use scaling::power_of_two_scale;
pub(crate) use split::{
    Side, leading_basis, orthonormal_columns, orthonormal_factor, split, triangular_factor,
};
pub(crate) use work::Work;
