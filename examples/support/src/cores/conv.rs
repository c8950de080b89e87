//! A convolution in factored form.

use ndarray::{Array3, Array4};
use tt_admm::{Factors, Tensorization};

use super::{CoresError, cyclic_cores, train_cores};

/// The cores of a convolution with weight `[O, I, Kh, Kw]`, from factors of the tensor
/// `[o_1, ..., o_p, Kh Kw, i_1, ..., i_q]`.
///
/// With `p = q = 1` they are three convolutions, 1 x 1, `Kh x Kw`, 1 x 1; see
/// [`convolutions`](Self::convolutions). With more modes the input cores are contracted with the channels of
/// every pixel, last to first, then comes the convolution with the kernel, then the output cores.
///
/// # Examples
///
/// ```
/// use example_support::cores::ConvCores;
/// use ndarray::Array4;
/// use tt_admm::{Tensorization, TtProjection, compress::decompose};
///
/// let weight = Array4::from_shape_fn((8, 6, 3, 3), |(o, i, h, w)| ((o * i + h + 2 * w) as f32).sin());
/// let layout = Tensorization::conv([2, 4], [3, 3], [6])?;
/// let found = decompose("conv", &weight, &TtProjection::new([2, 5, 4]).layout(layout))?;
/// let cores = ConvCores::try_from(&found.factors)?;
/// assert_eq!(cores.output[1].dim(), (2, 4, 5));       // (r, o_2, r_a)
/// assert_eq!(cores.kernel.dim(), (5, 4, 3, 3));       // (r_a, r_b, Kh, Kw)
/// assert_eq!(cores.input[0].dim(), (4, 6, 1));        // (r_b, i_1, 1)
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ConvCores {
    /// Cores `(r, o_k, r')` of the output modes, first to last; the first has `r = 1`, the last `r' = r_a`.
    pub output: Vec<Array3<f32>>,
    /// The kernel as the weight of a convolution from `r_b` to `r_a` channels: `(r_a, r_b, Kh, Kw)`.
    pub kernel: Array4<f32>,
    /// Cores `(r, i_k, r')` of the input modes, first to last; the first has `r = r_b`, the last `r' = 1`.
    pub input: Vec<Array3<f32>>,
}

impl ConvCores {
    /// Channels of the input, `i_1 ... i_q`.
    #[must_use]
    pub fn input_channels(&self) -> usize {
        self.input.iter().map(|core| core.dim().1).product()
    }

    /// Channels of the output, `o_1 ... o_p`.
    #[must_use]
    pub fn output_channels(&self) -> usize {
        self.output.iter().map(|core| core.dim().1).product()
    }

    /// The same of a tensor train or a tensor ring: of a ring the first core has `r = R` and the last one `r' = R`,
    /// the rank of the bond that closes it.
    ///
    /// # Errors
    ///
    /// [`CoresError::Layout`], and [`CoresError::NoRing`] for other formats and several groups.
    pub fn cyclic(factors: &Factors<f32>) -> Result<Self, CoresError> {
        Self::of(factors, cyclic_cores(factors)?)
    }

    /// The cores of these factors, by what they are for.
    fn of(factors: &Factors<f32>, cores: &[Array3<f32>]) -> Result<Self, CoresError> {
        let layout = factors.layout();
        let (weight, tensor) = (layout.weight_shape(), layout.tensor_shape());
        let position = kernel_position(layout).ok_or_else(|| CoresError::Layout {
            needed: "[o_1, ..., o_p, Kh Kw, i_1, ..., i_q] of a weight [O, I, Kh, Kw]",
            weight: weight.to_vec(),
            tensor: tensor.to_vec(),
        })?;
        let middle = &cores[position];
        let (ra, _, rb) = middle.dim();
        let (height, width) = (weight[2], weight[3]);
        let kernel = Array4::from_shape_fn((ra, rb, height, width), |(a, b, h, w)| {
            middle[[a, h * width + w, b]]
        });
        Ok(Self {
            output: cores[..position].to_vec(),
            kernel,
            input: cores[position + 1..].to_vec(),
        })
    }

    /// The number of values in all cores.
    #[must_use]
    pub fn num_parameters(&self) -> usize {
        let ends = self.output.iter().chain(&self.input);
        ends.map(Array3::len).sum::<usize>() + self.kernel.len()
    }

    /// With one output and one input mode, the weights of three ordinary convolutions in the order they are
    /// applied: `[r_b, I, 1, 1]`, `[r_a, r_b, Kh, Kw]`, `[O, r_a, 1, 1]`. `None` with more modes.
    #[must_use]
    pub fn convolutions(&self) -> Option<[Array4<f32>; 3]> {
        let ([output], [input]) = (self.output.as_slice(), self.input.as_slice()) else {
            return None;
        };
        let (_, o, ra) = output.dim();
        let (rb, i, _) = input.dim();
        let last = Array4::from_shape_fn((o, ra, 1, 1), |(o, a, _, _)| output[[0, o, a]]);
        let first = Array4::from_shape_fn((rb, i, 1, 1), |(b, i, _, _)| input[[b, i, 0]]);
        Some([first, self.kernel.clone(), last])
    }
}

impl TryFrom<&Factors<f32>> for ConvCores {
    type Error = CoresError;

    fn try_from(factors: &Factors<f32>) -> Result<Self, CoresError> {
        Self::of(factors, train_cores(factors)?)
    }
}

/// Which mode of the tensor holds the kernel positions; `None` if the layout is not one of a convolution.
fn kernel_position(layout: &Tensorization) -> Option<usize> {
    let tensor = layout.tensor_shape();
    let &[_, _, height, width] = layout.weight_shape() else {
        return None;
    };
    // Layouts compare by what they do, so trying the possible places finds the right one; where modes of
    // length 1 leave a choice, all choices mean the same.
    (1..tensor.len().saturating_sub(1)).find(|&k| {
        let (output, input) = (&tensor[..k], &tensor[k + 1..]);
        Tensorization::conv(output, [height, width], input).as_ref() == Ok(layout)
    })
}
