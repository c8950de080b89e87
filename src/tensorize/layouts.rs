//! The layouts in use for dense layers and embeddings.

use super::general::{in_order, size_of};
use super::{Tensorization, TensorizeError};

impl Tensorization {
    /// A dense layer in split layout: weight `(O, I)` to `[o_1, ..., o_p, i_1, ..., i_q]`.
    ///
    /// `O` is the product of `out_modes`, `I` that of `in_modes`; the numbers of modes are independent.
    /// This is a reshape only.
    ///
    /// # Errors
    ///
    /// An empty list, a mode of 0, or more elements than fit in `isize`.
    ///
    /// # Examples
    ///
    /// ```
    /// let map = tt_admm::tensorize::Tensorization::linear([16, 16], [8, 12])?;
    /// assert_eq!(map.weight_shape(), &[256, 96]);
    /// assert_eq!(map.tensor_shape(), &[16, 16, 8, 12]);
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    pub fn linear(
        out_modes: impl Into<Vec<usize>>,
        in_modes: impl Into<Vec<usize>>,
    ) -> Result<Self, TensorizeError> {
        let (out_modes, in_modes) = (out_modes.into(), in_modes.into());
        let weight_shape = vec![
            size_of("output modes", &out_modes)?,
            size_of("input modes", &in_modes)?,
        ];
        let tensor_shape = [out_modes, in_modes].concat();
        Self::build(
            weight_shape,
            &tensor_shape,
            &in_order(tensor_shape.len()),
            tensor_shape.clone(),
        )
    }

    /// The TT-matrix layout: weight `(M, N)` to `[m_1 n_1, ..., m_d n_d]`.
    ///
    /// The weight is reshaped to `(m_1, ..., m_d, n_1, ..., n_d)`, permuted to
    /// `(m_1, n_1, ..., m_d, n_d)`, and each pair is merged, row index first. Source: Novikov,
    /// Podoprikhin, Osokin and Vetrov, "Tensorizing Neural Networks", `NeurIPS` 2015.
    ///
    /// # Errors
    ///
    /// Different numbers of row and column modes, an empty list, a mode of 0, or more elements than fit
    /// in `isize`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::ndarray::Array2;
    /// use tt_admm::tensorize::Tensorization;
    ///
    /// let map = Tensorization::tt_matrix([2, 3], [4, 5])?;
    /// let weight = Array2::from_shape_fn((6, 20), |(m, n)| (100 * m + n) as f64);
    /// let tensor = map.tensorize(&weight)?;
    /// assert_eq!(tensor.shape(), &[8, 15]);
    /// // Row (1, 2) is 5 and column (3, 4) is 19; the pairs (1, 3) and (2, 4) merge to 7 and 14.
    /// assert_eq!(tensor[[7, 14]], 519.0);
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    pub fn tt_matrix(
        row_modes: impl Into<Vec<usize>>,
        col_modes: impl Into<Vec<usize>>,
    ) -> Result<Self, TensorizeError> {
        let names = PairNames {
            rows: "row modes",
            cols: "column modes",
        };
        Self::paired(names, row_modes.into(), col_modes.into())
    }

    /// An embedding: weight `(V, D)` of one row for each of `V` words to `[v_1 d_1, ..., v_k d_k]`.
    ///
    /// This is the layout of [`tt_matrix`](Self::tt_matrix), word index first in every pair: to look up a word is to
    /// take one slice `v_k` of every core. Source: Hrinchuk, Khrulkov, Mirvakhabova, Orlova and Oseledets,
    /// "Tensorized Embedding Layers", 2020, arXiv 1901.10787.
    ///
    /// A vocabulary whose size has no good factors is padded by rows of zeros, which are never looked up.
    ///
    /// # Errors
    ///
    /// Different numbers of modes, an empty list, a mode of 0, or more elements than fit in `isize`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::ndarray::Array2;
    /// use tt_admm::tensorize::Tensorization;
    ///
    /// let map = Tensorization::embedding([25, 30, 40], [4, 8, 8])?;
    /// assert_eq!(map.weight_shape(), &[30_000, 256]);
    /// assert_eq!(map.tensor_shape(), &[100, 240, 320]);
    /// let map = Tensorization::embedding([2, 3], [4, 5])?;
    /// let weight = Array2::from_shape_fn((6, 20), |(word, k)| (100 * word + k) as f64);
    /// // Word 5 = (1, 2), column 19 = (3, 4): pairs (1, 3) = 7 and (2, 4) = 14.
    /// assert_eq!(map.tensorize(&weight)?[[7, 14]], 519.0);
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    pub fn embedding(
        vocabulary_modes: impl Into<Vec<usize>>,
        dimension_modes: impl Into<Vec<usize>>,
    ) -> Result<Self, TensorizeError> {
        let names = PairNames {
            rows: "vocabulary modes",
            cols: "dimension modes",
        };
        Self::paired(names, vocabulary_modes.into(), dimension_modes.into())
    }

    /// A matrix whose row and column modes are merged in pairs, row index first.
    pub(super) fn paired(
        names: PairNames,
        rows: Vec<usize>,
        cols: Vec<usize>,
    ) -> Result<Self, TensorizeError> {
        let weight_shape = vec![size_of(names.rows, &rows)?, size_of(names.cols, &cols)?];
        let order = rows.len();
        if order != cols.len() {
            return Err(TensorizeError::ModeCountMismatch {
                rows: order,
                cols: cols.len(),
            });
        }
        let tensor_shape = pairs(&weight_shape, &rows, &cols)?;
        let permutation: Vec<usize> = (0..order).flat_map(|k| [k, order + k]).collect();
        Self::build(
            weight_shape,
            &[rows, cols].concat(),
            &permutation,
            tensor_shape,
        )
    }
}

/// What errors call the modes of a paired layout.
#[derive(Debug, Clone, Copy)]
pub(super) struct PairNames {
    pub(super) rows: &'static str,
    pub(super) cols: &'static str,
}

/// The sizes of merged pairs. No pair exceeds the whole weight, whose size is checked before.
pub(super) fn pairs(
    weight_shape: &[usize],
    slow: &[usize],
    fast: &[usize],
) -> Result<Vec<usize>, TensorizeError> {
    size_of("weight", weight_shape)?;
    Ok(slow.iter().zip(fast).map(|(a, b)| a * b).collect())
}
