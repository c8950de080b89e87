//! What a layer does with its weight.

use serde::{Deserialize, Serialize};

use super::CostError;

/// What a layer does with its weight: the cost of a layer depends on it, its number of parameters does not.
///
/// | operator | weight | used for one sample |
/// |---|---|---|
/// | [`linear`](Operator::linear) | `(outputs, inputs)` | `positions` times: once, or for every token |
/// | [`recurrent`](Operator::recurrent) | `(gates * hidden, inputs)` | once in every time step |
/// | [`conv`](Operator::conv) | `(outputs, inputs / groups, height, width)` | at every position of the output |
/// | [`embedding`](Operator::embedding) | `(vocabulary, dimension)` | one row for every token |
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Conv2d, Operator};
///
/// // A 3 x 3 convolution of 64 into 128 channels that halves a 32 x 32 image.
/// let conv = Operator::conv(Conv2d::new([32, 32]).stride([2, 2]).padding([1, 1]));
/// assert_eq!(conv.dense_macs(&[128, 64, 3, 3])?, 16 * 16 * 9 * 64 * 128);
/// assert_eq!(Operator::linear(1).dense_macs(&[10, 64])?, 640);
/// assert_eq!(Operator::recurrent(28).dense_macs(&[4 * 32, 28])?, 28 * 128 * 28);
/// assert_eq!(Operator::embedding(50).dense_macs(&[10_000, 64])?, 0);    // a row is looked up
/// # Ok::<(), tt_admm::compress::CostError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Operator {
    /// A matrix times a vector, for every position.
    Linear {
        /// Vectors in one sample.
        positions: usize,
    },
    /// A convolution of two dimensions.
    Conv(Conv2d),
    /// Rows of a table.
    Embedding {
        /// Rows looked up for one sample.
        lookups: usize,
    },
}

impl Operator {
    /// A dense layer, applied to this many vectors of a sample.
    #[must_use]
    pub fn linear(positions: usize) -> Self {
        Self::Linear { positions }
    }

    /// A weight of an LSTM or a GRU, from the inputs or from the hidden state, used once in each of `steps` steps.
    #[must_use]
    pub fn recurrent(steps: usize) -> Self {
        Self::Linear { positions: steps }
    }

    /// A convolution.
    #[must_use]
    pub fn conv(conv: Conv2d) -> Self {
        Self::Conv(conv)
    }

    /// An embedding, of which a sample looks up this many rows.
    #[must_use]
    pub fn embedding(lookups: usize) -> Self {
        Self::Embedding { lookups }
    }

    /// Groups of channels that do not see each other.
    #[must_use]
    pub fn groups(&self) -> usize {
        match self {
            Self::Conv(conv) => conv.groups,
            Self::Linear { .. } | Self::Embedding { .. } => 1,
        }
    }

    /// Multiply-adds of the dense layer for one sample. Products with the zeros of the padding are counted, as is usual;
    /// biases are not.
    ///
    /// # Errors
    ///
    /// [`CostError::Shape`] if the weight has another number of axes or an empty one, [`CostError::Groups`] if the
    /// channels do not divide into the groups, [`CostError::Kernel`] if the kernel does not fit the padded input.
    pub fn dense_macs(&self, shape: &[usize]) -> Result<u64, CostError> {
        self.check(shape)?;
        self.group_macs(shape)
    }

    /// Multiply-adds of the dense layer with a weight whose axes were checked, or with the part of it that belongs to one
    /// group of channels.
    pub(super) fn group_macs(&self, shape: &[usize]) -> Result<u64, CostError> {
        Ok(match self {
            Self::Linear { positions } => product([shape[0], shape[1], *positions]),
            Self::Embedding { .. } => 0,
            Self::Conv(conv) => {
                let [height, width] = conv.output([shape[2], shape[3]])?;
                product(shape.iter().copied().chain([height, width]))
            }
        })
    }

    /// Multiply-adds of all groups of factors: a row of an embedding lies in one of them.
    pub(super) fn all_groups(&self, macs: impl Iterator<Item = u64>) -> u64 {
        match self {
            Self::Embedding { .. } => macs.max().unwrap_or(0),
            Self::Linear { .. } | Self::Conv(_) => macs.fold(0, u64::saturating_add),
        }
    }

    /// Refuses a weight that this operator cannot have.
    pub(super) fn check(&self, shape: &[usize]) -> Result<(), CostError> {
        let (axes, name) = match self {
            Self::Linear { .. } => (2, "a linear layer"),
            Self::Embedding { .. } => (2, "an embedding"),
            Self::Conv(_) => (4, "a convolution"),
        };
        if shape.len() != axes || shape.contains(&0) {
            return Err(CostError::Shape {
                operator: name,
                axes,
                shape: shape.to_vec(),
            });
        }
        let groups = self.groups();
        if groups == 0 || !shape[0].is_multiple_of(groups) {
            return Err(CostError::Groups {
                outputs: shape[0],
                groups,
            });
        }
        Ok(())
    }

    /// Refuses factors of a weight that this operator cannot have, or with other groups.
    pub(super) fn check_factors(&self, shape: &[usize], groups: usize) -> Result<(), CostError> {
        self.check(shape)?;
        if self.groups() == 1 || self.groups() == groups {
            return Ok(());
        }
        Err(CostError::FactorGroups {
            operator: self.groups(),
            factors: groups,
        })
    }
}

/// Where a convolution of two dimensions is applied: input size, stride, padding, dilation, groups. Pairs are
/// (height, width).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conv2d {
    pub(super) input: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) padding: [usize; 2],
    pub(super) dilation: [usize; 2],
    groups: usize,
}

impl Conv2d {
    /// On an input of this size, with stride 1, no padding, dilation 1, one group.
    #[must_use]
    pub fn new(input: [usize; 2]) -> Self {
        Self {
            input,
            stride: [1; 2],
            padding: [0; 2],
            dilation: [1; 2],
            groups: 1,
        }
    }

    /// The step from one output position to the next, in input positions.
    #[must_use]
    pub fn stride(mut self, stride: [usize; 2]) -> Self {
        self.stride = stride;
        self
    }

    /// Zeros added on each side.
    #[must_use]
    pub fn padding(mut self, padding: [usize; 2]) -> Self {
        self.padding = padding;
        self
    }

    /// The distance of neighbouring kernel positions, in input positions.
    #[must_use]
    pub fn dilation(mut self, dilation: [usize; 2]) -> Self {
        self.dilation = dilation;
        self
    }

    /// Groups of channels that do not see each other; the weight has shape `(outputs, inputs / groups, height, width)`.
    #[must_use]
    pub fn groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }

    /// The size of the input.
    #[must_use]
    pub fn input(&self) -> [usize; 2] {
        self.input
    }

    /// The size of the output for a kernel of this size.
    ///
    /// # Errors
    ///
    /// [`CostError::Kernel`] if a stride or dilation is 0 or the kernel does not fit the padded input.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::compress::Conv2d;
    ///
    /// assert_eq!(Conv2d::new([224, 224]).stride([2, 2]).padding([3, 3]).output([7, 7])?, [112, 112]);
    /// assert_eq!(Conv2d::new([9, 9]).dilation([2, 2]).output([3, 3])?, [5, 5]);
    /// # Ok::<(), tt_admm::compress::CostError>(())
    /// ```
    pub fn output(&self, kernel: [usize; 2]) -> Result<[usize; 2], CostError> {
        let side = |k: usize| {
            let padded = self.padding[k].checked_mul(2)?.checked_add(self.input[k])?;
            let reach = kernel[k].checked_sub(1)?.checked_mul(self.dilation[k])?;
            let steps = padded.checked_sub(reach.checked_add(1)?)?;
            let valid = self.stride[k] > 0 && self.dilation[k] > 0;
            valid.then(|| steps / self.stride[k] + 1)
        };
        match (side(0), side(1)) {
            (Some(height), Some(width)) => Ok([height, width]),
            _ => Err(CostError::Kernel {
                kernel,
                conv: Box::new(self.clone()),
            }),
        }
    }
}

/// The product, or the largest number there is.
pub(super) fn product(sizes: impl IntoIterator<Item = usize>) -> u64 {
    sizes
        .into_iter()
        .fold(1, |product: u64, n| product.saturating_mul(n as u64))
}
