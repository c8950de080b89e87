//! The TT-matrix container.

use ndarray::{Array3, Array4, ArrayRef, Ix4};
use serde::{Deserialize, Serialize};

use super::error::TtMatrixError;
use super::stored::Stored;
use crate::error::first_non_finite;
use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TtError, reshaped};

/// An `(m_1 ... m_d) x (n_1 ... n_d)` matrix as a train of `d` cores `G_k` of shape `(r_{k-1}, m_k, n_k, r_k)`,
/// `r_0 = r_d = 1`.
///
/// Row `i` has the digits `i_1, ..., i_d`, the first most significant, `i = (i_1 m_2 + i_2) m_3 + ...`, and columns
/// likewise. Underneath lies a [`TensorTrain`] whose mode `k` is the pair `(i_k, j_k)` merged to `i_k n_k + j_k`; the same
/// layout as [`Tensorization::tt_matrix`](crate::Tensorization::tt_matrix). Sides beyond `usize` are fine until a dense
/// result is asked for.
///
/// Source: Oseledets, "Approximation of `2^d x 2^d` matrices using tensor decomposition", SIAM J. Matrix Anal. Appl. 31,
/// 2010; for layers Novikov, Podoprikhin, Osokin and Vetrov, "Tensorizing Neural Networks", `NeurIPS` 2015.
///
/// # Examples
///
/// ```
/// use tt_admm::{TtMatrix, ndarray::{Array1, Array2}};
///
/// // 1 + (i + j) has rank 2 in any digits: 64 x 64 elements, 4 * 4 * (2 + 4 + 2) parameters.
/// let dense = Array2::from_shape_fn((64, 64), |(i, j)| (1 + i + j) as f64);
/// let m = TtMatrix::from_dense(&dense, [4, 4, 4], [4, 4, 4], 2)?;
/// assert_eq!(m.ranks(), [1, 2, 2, 1]);
/// assert_eq!(m.num_parameters(), 128);
/// assert!(m.truncation_error().relative() < 1e-14);
/// assert!((m.get(10, 20)? - 31.0).abs() < 1e-11);
/// let y = m.matvec(&Array1::ones(64))?;
/// assert!((y[3] - 64.0 * (1.0 + 3.0 + 31.5)).abs() < 1e-9);
/// # Ok::<(), tt_admm::TtMatrixError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored<A>", into = "Stored<A>", bound = "A: Scalar")]
pub struct TtMatrix<A> {
    pub(super) row_modes: Vec<usize>,
    pub(super) col_modes: Vec<usize>,
    pub(super) train: TensorTrain<A>,
}

impl<A: Scalar> TtMatrix<A> {
    /// A TT-matrix of these cores.
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::NoModes`] without cores, [`TtMatrixError::CoreShape`] if a core does not fit its neighbours or the
    /// end ranks are not 1, [`TtError::NonFinite`] if an entry is NaN or infinite.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TtMatrix, ndarray::Array4};
    ///
    /// // The Kronecker product of a row (1, 2) and a column of tens.
    /// let row = Array4::from_shape_vec((1, 1, 2, 1), vec![1.0, 2.0]).unwrap();
    /// let column = Array4::from_elem((1, 2, 1, 1), 10.0);
    /// let m = TtMatrix::from_cores(vec![row, column])?;
    /// assert_eq!((m.row_modes(), m.col_modes()), (&[1, 2][..], &[2, 1][..]));
    /// assert_eq!(m.to_dense()?, tt_admm::ndarray::array![[10.0, 20.0], [10.0, 20.0]]);
    /// # Ok::<(), tt_admm::TtMatrixError>(())
    /// ```
    pub fn from_cores(cores: Vec<Array4<A>>) -> Result<Self, TtMatrixError> {
        if cores.is_empty() {
            return Err(TtMatrixError::NoModes);
        }
        let mut left_rank = 1;
        for (k, core) in cores.iter().enumerate() {
            let (r, m, n, s) = core.dim();
            let last = k + 1 == cores.len();
            if r != left_rank || m == 0 || n == 0 || s == 0 || (last && s != 1) {
                return Err(TtMatrixError::CoreShape {
                    core: k,
                    got: [r, m, n, s],
                    left_rank,
                    last,
                });
            }
            if let Some((index, value)) = first_non_finite(core) {
                let what = format!("core {k}");
                return Err(TtError::NonFinite { what, index, value }.into());
            }
            left_rank = s;
        }
        Ok(Self {
            row_modes: cores.iter().map(|core| core.dim().1).collect(),
            col_modes: cores.iter().map(|core| core.dim().2).collect(),
            train: TensorTrain::from_cores(cores.iter().map(|core| merged(core)).collect())?,
        })
    }

    /// A tensor train seen as a matrix: mode `k` has size `m_k n_k` and holds the pair `(i_k, j_k)`, row first.
    ///
    /// # Errors
    ///
    /// [`TtMatrixError::NoModes`], [`TtMatrixError::ModeCounts`], [`TtMatrixError::EmptyMode`] for such modes,
    /// [`TtMatrixError::Order`] and [`TtMatrixError::PairSize`] if the train does not have them.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{Tensorization, TtMatrix, TtSvd, ndarray::Array2};
    ///
    /// // TT-SVD with options of your own, then the matrix.
    /// let dense = Array2::from_shape_fn((6, 20), |(i, j)| (i * j) as f64);
    /// let tensor = Tensorization::tt_matrix([2, 3], [4, 5])?.tensorize(&dense)?;
    /// let m = TtMatrix::from_tensor_train(TtSvd::new(4).decompose(&tensor)?, [2, 3], [4, 5])?;
    /// assert!((m.get(5, 19)? - 95.0).abs() < 1e-11);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_tensor_train(
        train: TensorTrain<A>,
        row_modes: impl Into<Vec<usize>>,
        col_modes: impl Into<Vec<usize>>,
    ) -> Result<Self, TtMatrixError> {
        let (row_modes, col_modes) = (row_modes.into(), col_modes.into());
        check_modes(&row_modes, &col_modes)?;
        if train.order() != row_modes.len() {
            return Err(TtMatrixError::Order {
                order: train.order(),
                pairs: row_modes.len(),
            });
        }
        let pairs = row_modes.iter().zip(&col_modes);
        for (mode, (&size, (&row, &col))) in train.shape().iter().zip(pairs).enumerate() {
            if row.checked_mul(col) != Some(size) {
                return Err(TtMatrixError::PairSize {
                    mode,
                    size,
                    row,
                    col,
                });
            }
        }
        Ok(Self {
            row_modes,
            col_modes,
            train,
        })
    }
}

/// A core with its pair of modes merged, row-major.
pub(super) fn merged<A: Scalar>(core: &ArrayRef<A, Ix4>) -> Array3<A> {
    let (r, m, n, s) = core.dim();
    let core = core.as_standard_layout();
    reshaped(core.view(), (r, m * n, s)).to_owned()
}

/// As many row modes as column modes, at least one, and none of size 0.
pub(super) fn check_modes(rows: &[usize], cols: &[usize]) -> Result<(), TtMatrixError> {
    if rows.len() != cols.len() {
        return Err(TtMatrixError::ModeCounts {
            rows: rows.len(),
            cols: cols.len(),
        });
    }
    if rows.is_empty() {
        return Err(TtMatrixError::NoModes);
    }
    for (side, modes) in [("row", rows), ("column", cols)] {
        if let Some(mode) = modes.iter().position(|&n| n == 0) {
            return Err(TtMatrixError::EmptyMode {
                side,
                mode,
                modes: modes.to_vec(),
            });
        }
    }
    Ok(())
}
