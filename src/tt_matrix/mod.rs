//! The TT-matrix, or matrix product operator: `M(i, j) = G_1[i_1, j_1] G_2[i_2, j_2] ... G_d[i_d, j_d]` with cores `G_k` of
//! shape `(r_{k-1}, m_k, n_k, r_k)` and `r_0 = r_d = 1`. Rows and columns are counted in digits `i_k < m_k` and `j_k < n_k`,
//! the first digit most significant (Oseledets, SIAM J. Matrix Anal. Appl. 31, 2010; Novikov et al., `NeurIPS` 2015).

mod access;
mod algebra;
mod compose;
mod contract;
mod dense;
mod error;
mod inner;
mod kronecker;
mod matrix;
mod matvec;
mod plan;
mod pullback;
mod scaled;
mod square;
mod stored;
mod swap;
mod toeplitz;
mod transpose;

pub use error::TtMatrixError;
pub use matrix::TtMatrix;
