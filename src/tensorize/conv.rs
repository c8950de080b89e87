//! The layouts in use for convolutions.

use super::general::size_of;
use super::layouts::pairs;
use super::{Tensorization, TensorizeError};

impl Tensorization {
    /// A convolution: weight `(O, I, Kh, Kw)` to `[o_1, ..., o_p, Kh Kw, i_1, ..., i_q]`.
    ///
    /// The kernel positions form one mode (`h * Kw + w`) between the output and the input modes. With one
    /// mode on each side the three TT cores are a 1 x 1, a `Kh x Kw` and a 1 x 1 convolution. Source of
    /// the format: Yin, Sui, Liao and Yuan, "Towards Efficient Tensor Decomposition-Based DNN Model
    /// Compression with Optimization Framework", CVPR 2021.
    ///
    /// - A 1 x 1 convolution keeps its mode of size 1, so that the cores of all kernels stand for the same
    ///   things; its core in the middle is a matrix, which the ranks on both sides may make superfluous.
    /// - In `g` groups the weight is `(O, I / g, Kh, Kw)`, a stack of `g` weights `(O / g, I / g, Kh, Kw)`. The layout
    ///   is that of one of them, and [`Grouped`](crate::Grouped) puts the constraint on each.
    /// - A depthwise convolution `(O, 1, Kh, Kw)` has a kernel of its own for every channel, so there is nothing to
    ///   decompose across channels: leave it dense. `Grouped` refuses it.
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

    /// A convolution with channels in pairs: weight `(O, I, Kh, Kw)` to `[Kh Kw, i_1 o_1, ..., i_d o_d]`.
    ///
    /// The kernel positions come first (`h * Kw + w`), then a mode for every pair of an input and an output
    /// mode, input index first (slower): entry `(i_k, o_k)` of mode `k` is `i_k * o_k_size + o_k`. The first core
    /// is a convolution of every channel with the same `r_1` kernels, the others are a TT-matrix that mixes the
    /// channels. Source: Garipov, Podoprikhin, Novikov and Vetrov, "Ultimate tensorization: compressing
    /// convolutional and FC layers alike", 2016, arXiv 1611.03214.
    ///
    /// Kernels of 1 x 1, in groups and depthwise: as for [`conv`](Self::conv).
    ///
    /// # Errors
    ///
    /// Different numbers of output and input modes, an empty list, a mode or a kernel side of 0, or more
    /// elements than fit in `isize`.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::ndarray::Array4;
    /// use tt_admm::tensorize::Tensorization;
    ///
    /// let map = Tensorization::conv_garipov([2, 3], [3, 3], [2, 4])?;
    /// let weight = Array4::from_shape_fn((6, 8, 3, 3), |(o, i, h, w)| {
    ///     (1000 * o + 100 * i + 10 * h + w) as f32
    /// });
    /// let tensor = map.tensorize(&weight)?;
    /// assert_eq!(tensor.shape(), &[9, 4, 12]);
    /// // Kernel position (2, 1) = 7; input 7 = (1, 3), output 2 = (0, 2): pairs (1, 0) = 2 and (3, 2) = 11.
    /// assert_eq!(tensor[[7, 2, 11]], 2721.0);
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    pub fn conv_garipov(
        out_modes: impl Into<Vec<usize>>,
        kernel: [usize; 2],
        in_modes: impl Into<Vec<usize>>,
    ) -> Result<Self, TensorizeError> {
        let (outs, ins) = (out_modes.into(), in_modes.into());
        let outputs = size_of("output modes", &outs)?;
        let inputs = size_of("input modes", &ins)?;
        let positions = size_of("kernel", &kernel)?;
        let order = outs.len();
        if order != ins.len() {
            let (outputs, inputs) = (order, ins.len());
            return Err(TensorizeError::PairCountMismatch { outputs, inputs });
        }
        let weight_shape = vec![outputs, inputs, kernel[0], kernel[1]];
        let tensor_shape = [vec![positions], pairs(&weight_shape, &ins, &outs)?].concat();
        let mut permutation = vec![2 * order];
        permutation.extend((0..order).flat_map(|k| [order + k, k]));
        Self::build(
            weight_shape,
            &[outs, ins, vec![positions]].concat(),
            &permutation,
            tensor_shape,
        )
    }
}
