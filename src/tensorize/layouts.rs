//! The layouts in use for dense layers and convolutions.

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
        let (rows, cols) = (row_modes.into(), col_modes.into());
        let weight_shape = vec![
            size_of("row modes", &rows)?,
            size_of("column modes", &cols)?,
        ];
        let order = rows.len();
        if order != cols.len() {
            return Err(TensorizeError::ModeCountMismatch {
                rows: order,
                cols: cols.len(),
            });
        }
        // Rules out overflow in every pair too: no pair exceeds the whole.
        size_of("weight", &weight_shape)?;
        let tensor_shape = rows.iter().zip(&cols).map(|(m, n)| m * n).collect();
        let permutation: Vec<usize> = (0..order).flat_map(|k| [k, order + k]).collect();
        Self::build(
            weight_shape,
            &[rows, cols].concat(),
            &permutation,
            tensor_shape,
        )
    }

    /// A convolution: weight `(O, I, Kh, Kw)` to `[o_1, ..., o_p, Kh Kw, i_1, ..., i_q]`.
    ///
    /// The kernel positions form one mode (`h * Kw + w`) between the output and the input modes. With one
    /// mode on each side the three TT cores are a 1 x 1, a `Kh x Kw` and a 1 x 1 convolution. Source of
    /// the format: Yin, Sui, Liao and Yuan, "Towards Efficient Tensor Decomposition-Based DNN Model
    /// Compression with Optimization Framework", CVPR 2021.
    ///
    /// # Errors
    ///
    /// An empty list, a mode or a kernel side of 0, or more elements than fit in `isize`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::ndarray::Array4;
    /// use tt_admm::tensorize::Tensorization;
    ///
    /// let map = Tensorization::conv([2, 3], [3, 3], [4])?;
    /// let weight = Array4::from_shape_fn((6, 4, 3, 3), |(o, i, h, w)| {
    ///     (1000 * o + 100 * i + 10 * h + w) as f32
    /// });
    /// let tensor = map.tensorize(&weight)?;
    /// assert_eq!(tensor.shape(), &[2, 3, 9, 4]);
    /// // Output 5 = (1, 2), kernel position (2, 1) = 7, input 3.
    /// assert_eq!(tensor[[1, 2, 7, 3]], 5321.0);
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    pub fn conv(
        out_modes: impl Into<Vec<usize>>,
        kernel: [usize; 2],
        in_modes: impl Into<Vec<usize>>,
    ) -> Result<Self, TensorizeError> {
        let (mut tensor_shape, in_modes) = (out_modes.into(), in_modes.into());
        let outputs = size_of("output modes", &tensor_shape)?;
        let inputs = size_of("input modes", &in_modes)?;
        let positions = size_of("kernel", &kernel)?;
        tensor_shape.push(positions);
        tensor_shape.extend(in_modes);
        Self::build(
            vec![outputs, inputs, kernel[0], kernel[1]],
            &[outputs, inputs, positions],
            &[0, 2, 1],
            tensor_shape,
        )
    }
}
