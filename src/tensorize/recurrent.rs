//! The layouts in use for recurrent layers.

use super::general::size_of;
use super::layouts::PairNames;
use super::{Tensorization, TensorizeError};

impl Tensorization {
    /// A recurrent layer in split layout: weight `(g H, I)`, with the matrices of `g` gates stacked along the rows, to
    /// `[g h_1, h_2, ..., h_p, i_1, ..., i_q]`.
    ///
    /// An LSTM has 4 gates, a GRU 3. The gates multiply the first mode of the hidden units, so that they share all
    /// other cores (Yang, Krompass and Tresp, "Tensor-Train Recurrent Neural Networks for Video
    /// Classification", ICML 2017). This is a reshape only.
    ///
    /// | weight | columns |
    /// |---|---|
    /// | input to hidden | the input modes |
    /// | hidden to hidden | the hidden modes, or other factors of `H` |
    /// | both, over `[x; h]` | factors of `I + H` as one number |
    ///
    /// # Errors
    ///
    /// An empty list, no gates, a mode of 0, or more elements than fit in `isize`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::tensorize::{Tensorization, balanced_modes};
    ///
    /// // An LSTM with 256 hidden units on frames of 57,600 values, and a GRU with its hidden-to-hidden weight.
    /// let lstm = Tensorization::recurrent(4, [4, 8, 8], [8, 20, 20, 18])?;
    /// assert_eq!(lstm.weight_shape(), &[1024, 57_600]);
    /// assert_eq!(lstm.tensor_shape(), &[16, 8, 8, 8, 20, 20, 18]);
    /// let gru = Tensorization::recurrent(3, [4, 8, 8], [4, 8, 8])?;
    /// assert_eq!(gru.tensor_shape(), &[12, 8, 8, 4, 8, 8]);
    /// // The joint weight over an input of 128 values and the 256 of the last state.
    /// let joint = Tensorization::recurrent(4, [16, 16], balanced_modes(128 + 256, 2))?;
    /// assert_eq!(joint.tensor_shape(), &[64, 16, 16, 24]);
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    pub fn recurrent(
        gates: usize,
        hidden_modes: impl Into<Vec<usize>>,
        in_modes: impl Into<Vec<usize>>,
    ) -> Result<Self, TensorizeError> {
        Self::linear(with_gates(gates, hidden_modes.into())?, in_modes)
    }

    /// A recurrent layer in the TT-matrix layout: weight `(g H, I)`, with the matrices of `g` gates stacked along the
    /// rows, to `[g h_1 i_1, h_2 i_2, ..., h_d i_d]`.
    ///
    /// The gates multiply the first row mode, as in [`recurrent`](Self::recurrent), which also says what the columns
    /// may be; the row index is the slower one of every pair. This is the layout of the source named there.
    ///
    /// # Errors
    ///
    /// Different numbers of hidden and input modes, an empty list, no gates, a mode of 0, or more elements than
    /// fit in `isize`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::ndarray::Array2;
    /// use tt_admm::tensorize::Tensorization;
    ///
    /// let lstm = Tensorization::recurrent_tt_matrix(4, [4, 4, 4, 4], [8, 20, 20, 18])?;
    /// assert_eq!(lstm.weight_shape(), &[1024, 57_600]);
    /// assert_eq!(lstm.tensor_shape(), &[128, 80, 80, 72]);
    /// let gru = Tensorization::recurrent_tt_matrix(3, [2, 3], [3, 2])?;
    /// let weight = Array2::from_shape_fn((18, 6), |(row, column)| (100 * row + column) as f64);
    /// let tensor = gru.tensorize(&weight)?;
    /// assert_eq!(tensor.shape(), &[18, 6]);
    /// // Unit 4 = (1, 1) of gate 2 is row 2 * 6 + 4; input 5 = (2, 1): pairs (2 * 2 + 1, 2) = 17 and (1, 1) = 3.
    /// assert_eq!(tensor[[17, 3]], 1605.0);
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    pub fn recurrent_tt_matrix(
        gates: usize,
        hidden_modes: impl Into<Vec<usize>>,
        in_modes: impl Into<Vec<usize>>,
    ) -> Result<Self, TensorizeError> {
        let names = PairNames {
            rows: "hidden modes",
            cols: "input modes",
        };
        let rows = with_gates(gates, hidden_modes.into())?;
        Self::paired(names, rows, in_modes.into())
    }
}

/// The hidden modes, the first one multiplied by the number of gates.
fn with_gates(gates: usize, mut modes: Vec<usize>) -> Result<Vec<usize>, TensorizeError> {
    size_of("hidden modes", &modes)?;
    size_of("gates", &[gates])?;
    // Rules out overflow in the first mode too.
    size_of("gates and hidden modes", &[&[gates], &modes[..]].concat())?;
    modes[0] *= gates;
    Ok(modes)
}
