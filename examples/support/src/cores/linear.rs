//! A dense layer in factored form.

use ndarray::Array3;
use tt_admm::{Factors, Tensorization};

use super::{CoresError, cyclic_cores, train_cores};

/// The cores of a dense layer with weight `[O, I]`, from factors of the tensor
/// `[o_1, ..., o_p, i_1, ..., i_q]`.
///
/// The input cores are contracted with the features, last to first, then the output cores, again last to
/// first. The matrix of rank `r` is the case `p = q = 1`.
///
/// # Examples
///
/// ```
/// use example_support::cores::LinearCores;
/// use ndarray::Array2;
/// use tt_admm::{Tensorization, TtProjection, compress::decompose};
///
/// let weight = Array2::from_shape_fn((8, 6), |(o, i)| ((o * i) as f32).sin());
/// let layout = Tensorization::linear([2, 4], [3, 2])?;
/// let found = decompose("fc", &weight, &TtProjection::new([2, 5, 2]).layout(layout))?;
/// let cores = LinearCores::try_from(&found.factors)?;
/// assert_eq!(cores.output[1].dim(), (2, 4, 5));
/// assert_eq!(cores.input[0].dim(), (5, 3, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LinearCores {
    /// Cores `(r, o_k, r')` of the output modes, first to last; the first has `r = 1`.
    pub output: Vec<Array3<f32>>,
    /// Cores `(r, i_k, r')` of the input modes, first to last; the last has `r' = 1`.
    pub input: Vec<Array3<f32>>,
}

impl LinearCores {
    /// Features of the input, `i_1 ... i_q`.
    #[must_use]
    pub fn input_features(&self) -> usize {
        self.input.iter().map(|core| core.dim().1).product()
    }

    /// Features of the output, `o_1 ... o_p`.
    #[must_use]
    pub fn output_features(&self) -> usize {
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
        let outputs = output_modes(layout).ok_or_else(|| CoresError::Layout {
            needed: "[o_1, ..., o_p, i_1, ..., i_q] of a weight [O, I]",
            weight: layout.weight_shape().to_vec(),
            tensor: layout.tensor_shape().to_vec(),
        })?;
        let (output, input) = cores.split_at(outputs);
        Ok(Self {
            output: output.to_vec(),
            input: input.to_vec(),
        })
    }

    /// The number of values in all cores.
    #[must_use]
    pub fn num_parameters(&self) -> usize {
        let all = self.output.iter().chain(&self.input);
        all.map(Array3::len).sum()
    }
}

impl TryFrom<&Factors<f32>> for LinearCores {
    type Error = CoresError;

    fn try_from(factors: &Factors<f32>) -> Result<Self, CoresError> {
        Self::of(factors, train_cores(factors)?)
    }
}

/// How many modes belong to the output; `None` if the layout is not one of a dense layer.
fn output_modes(layout: &Tensorization) -> Option<usize> {
    let tensor = layout.tensor_shape();
    // Where modes of length 1 leave a choice, all choices mean the same.
    (1..tensor.len()).find(|&k| {
        let (output, input) = tensor.split_at(k);
        Tensorization::linear(output, input).as_ref() == Ok(layout)
    })
}
