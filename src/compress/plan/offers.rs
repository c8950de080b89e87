//! The schemes that are offered for a layer.

use serde::{Deserialize, Serialize};

use crate::compress::{Format, Operator};
use crate::tensorize::{Tensorization, TensorizeError, balanced_modes};

/// A family of schemes, from which a plan picks one for each layer.
///
/// | family | linear `(O, I)` | convolution `(O, I, Kh, Kw)` | embedding `(V, D)` |
/// |---|---|---|---|
/// | `TensorTrain` | `[O, I]`; `[o_1, o_2, i_1, i_2]` | `[O, Kh Kw, I]`; `[O Kh Kw, I]`; `[O, I Kh Kw]`; `[O Kh, I Kw]`, `[O Kw, I Kh]`; `[o_1, o_2, Kh Kw, i_1, i_2]` | `[V, D]` |
/// | `TtMatrix` | `[o_1 i_1, o_2 i_2]`, three pairs | `[Kh Kw, i_1 o_1, i_2 o_2]` (Garipov) | `[v_1 d_1, v_2 d_2]`, three pairs |
/// | `Tucker` | factor of the outputs | Tucker-2: factors of `O` and `I` | factor of the rows |
/// | `LowRank` | `[O, I]` | `[O, I Kh Kw]` | `[V, D]` |
///
/// Channels are factorised into balanced modes. `[O Kh, I Kw]` is a convolution along each direction (Jaderberg, Vedaldi,
/// Zisserman, "Speeding up Convolutional Neural Networks with Low Rank Expansions", BMVC 2014). A convolution in groups is
/// factored group by group with equal ranks; one whose groups have a single input channel (depthwise) has nothing
/// to factor and stays dense.
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Conv2d, Family, Operator};
///
/// let conv = Operator::conv(Conv2d::new([8, 8]).padding([1, 1]));
/// let offers = Family::Tucker.layouts(&conv, &[64, 32, 3, 3])?;
/// assert_eq!(offers[0].tensor_shape(), [64, 9, 32]);
/// let depthwise = Operator::conv(Conv2d::new([8, 8]).groups(64));
/// assert!(Family::TensorTrain.layouts(&depthwise, &[64, 1, 3, 3])?.is_empty());
/// # Ok::<(), tt_admm::TensorizeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Family {
    /// Tensor trains, of order 2 and more.
    TensorTrain,
    /// TT-matrices.
    TtMatrix,
    /// Tucker decompositions.
    Tucker,
    /// Products of two matrices.
    LowRank,
}

impl Family {
    /// The format of its schemes.
    #[must_use]
    pub fn format(self) -> Format {
        match self {
            Self::Tucker => Format::Tucker,
            Self::TensorTrain | Self::TtMatrix | Self::LowRank => Format::TensorTrain,
        }
    }

    /// The layouts that it offers for a weight, of one group; none where there is nothing to factor.
    ///
    /// # Errors
    ///
    /// [`TensorizeError`] if the weight has an empty axis or more elements than fit in memory.
    pub fn layouts(
        self,
        operator: &Operator,
        shape: &[usize],
    ) -> Result<Vec<Tensorization>, TensorizeError> {
        let groups = operator.groups().max(1);
        match (operator, shape) {
            (Operator::Conv(_), &[outputs, inputs, height, width]) => {
                self.conv([outputs / groups, inputs, height, width])
            }
            (Operator::Linear { .. }, &[outputs, inputs]) => self.linear(outputs, inputs),
            (Operator::Embedding { .. }, &[rows, columns]) => self.embedding(rows, columns),
            _ => Ok(Vec::new()),
        }
    }

    fn linear(self, outputs: usize, inputs: usize) -> Result<Vec<Tensorization>, TensorizeError> {
        if outputs == 1 || inputs == 1 {
            return Ok(Vec::new());
        }
        let mut layouts = Vec::new();
        match self {
            Self::LowRank | Self::Tucker | Self::TensorTrain => {
                layouts.push(Tensorization::linear([outputs], [inputs])?);
                if self == Self::TensorTrain
                    && let (Some(o), Some(i)) = (factored(outputs, 2), factored(inputs, 2))
                {
                    layouts.push(Tensorization::linear(o, i)?);
                }
            }
            Self::TtMatrix => {
                for count in [2, 3] {
                    if let (Some(o), Some(i)) = (factored(outputs, count), factored(inputs, count))
                    {
                        layouts.push(Tensorization::tt_matrix(o, i)?);
                    }
                }
            }
        }
        Ok(layouts)
    }

    fn embedding(self, rows: usize, columns: usize) -> Result<Vec<Tensorization>, TensorizeError> {
        if rows == 1 || columns == 1 {
            return Ok(Vec::new());
        }
        let mut layouts = Vec::new();
        if self == Self::TtMatrix {
            for count in [2, 3] {
                if let (Some(v), Some(d)) = (factored(rows, count), factored(columns, count)) {
                    layouts.push(Tensorization::embedding(v, d)?);
                }
            }
        } else {
            layouts.push(Tensorization::linear([rows], [columns])?);
        }
        Ok(layouts)
    }

    fn conv(self, shape: [usize; 4]) -> Result<Vec<Tensorization>, TensorizeError> {
        let [outputs, inputs, height, width] = shape;
        if inputs == 1 || outputs == 1 {
            return Ok(Vec::new());
        }
        let kernel = [height, width];
        let area = height.saturating_mul(width);
        let mut layouts = Vec::new();
        // The weight with its axes in this order, the first `rows` of them against the others.
        let matrix = |order: [usize; 4], rows: usize| {
            let sides = order.map(|axis| shape[axis]);
            // Sides that overflow are refused with the layout.
            let side = |part: &[usize]| {
                part.iter()
                    .fold(1, |side: usize, &n| side.saturating_mul(n))
            };
            let tensor = [side(&sides[..rows]), side(&sides[rows..])];
            Tensorization::custom(shape, shape, order, tensor)
        };
        match self {
            Self::LowRank => layouts.push(matrix([0, 1, 2, 3], 1)?),
            Self::Tucker => layouts.push(Tensorization::conv([outputs], kernel, [inputs])?),
            Self::TensorTrain => {
                if area > 1 {
                    layouts.push(Tensorization::conv([outputs], kernel, [inputs])?);
                    layouts.push(matrix([0, 2, 3, 1], 3)?);
                }
                layouts.push(matrix([0, 1, 2, 3], 1)?);
                if height > 1 && width > 1 {
                    layouts.push(matrix([0, 2, 1, 3], 2)?);
                    layouts.push(matrix([0, 3, 1, 2], 2)?);
                }
                if let (Some(o), Some(i)) = (factored(outputs, 2), factored(inputs, 2)) {
                    layouts.push(Tensorization::conv(o, kernel, i)?);
                }
            }
            Self::TtMatrix => {
                if let (Some(o), Some(i)) = (factored(outputs, 2), factored(inputs, 2)) {
                    layouts.push(Tensorization::conv_garipov(o, kernel, i)?);
                }
            }
        }
        Ok(layouts)
    }
}

/// Balanced modes, unless one of them is 1.
fn factored(n: usize, count: usize) -> Option<Vec<usize>> {
    Some(balanced_modes(n, count)).filter(|modes| !modes.contains(&1))
}
