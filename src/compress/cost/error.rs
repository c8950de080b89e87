//! Errors of the cost model.

use super::Conv2d;
use crate::tensor_ring::TrError;
use crate::truncation::RankError;
use crate::tucker::TuckerError;

/// Why the cost of a layer cannot be counted.
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Conv2d, CostError, Operator};
///
/// let conv = Operator::conv(Conv2d::new([2, 2]));
/// let error = conv.dense_macs(&[8, 4, 3, 3]).unwrap_err();
/// assert!(matches!(error, CostError::Kernel { kernel: [3, 3], .. }));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CostError {
    /// The weight has another number of axes than the operator needs, or an empty one.
    #[error("the weight of {operator} has {axes} axes of length 1 or more, got shape {shape:?}")]
    Shape {
        /// What the layer does.
        operator: &'static str,
        /// How many axes its weight has.
        axes: usize,
        /// The shape of the weight.
        shape: Vec<usize>,
    },
    /// The outputs do not divide into the groups.
    #[error("{outputs} outputs do not divide into {groups} groups")]
    Groups {
        /// Output channels.
        outputs: usize,
        /// Groups.
        groups: usize,
    },
    /// The kernel does not fit the input, or a step is 0.
    #[error(
        "a kernel of size {kernel:?} cannot be applied to an input of size {:?} with stride {:?}, padding {:?}, \
         dilation {:?}",
        conv.input, conv.stride, conv.padding, conv.dilation
    )]
    Kernel {
        /// The size of the kernel.
        kernel: [usize; 2],
        /// Where it is applied.
        conv: Box<Conv2d>,
    },
    /// More modes than the order of contraction is searched for.
    #[error("the order of contraction is searched for up to {largest} modes, got {order}")]
    TooManyModes {
        /// Modes of the tensor.
        order: usize,
        /// The most modes.
        largest: usize,
    },
    /// The factors have another number of groups than the convolution.
    #[error("a convolution of {operator} groups cannot have factors of {factors} groups")]
    FactorGroups {
        /// Groups of the convolution.
        operator: usize,
        /// Groups of the factors.
        factors: usize,
    },
}

/// Why format, layout and ranks do not make a scheme.
///
/// # Examples
///
/// ```
/// use tt_admm::Tensorization;
/// use tt_admm::compress::{Scheme, SchemeError};
///
/// let layout = Tensorization::linear([4], [3])?;
/// let error = Scheme::tensor_train(layout, [2, 2, 2, 2]).unwrap_err();
/// assert!(matches!(error, SchemeError::TensorTrain(_)) && error.to_string().contains("list of 4"));
/// # Ok::<(), tt_admm::TensorizeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemeError {
    /// Ranks that a tensor train of this layout cannot have.
    #[error(transparent)]
    TensorTrain(#[from] RankError),
    /// Ranks that a Tucker decomposition of this layout cannot have.
    #[error(transparent)]
    Tucker(#[from] TuckerError),
    /// Ranks that a ring of this layout cannot have.
    #[error(transparent)]
    TensorRing(#[from] TrError),
    /// No groups.
    #[error("a weight has at least one group")]
    NoGroups,
    /// The weight of all groups has more elements than fit in memory.
    #[error("a weight of shape {shape:?} is too large")]
    TooLarge {
        /// The shape.
        shape: Vec<usize>,
    },
}
