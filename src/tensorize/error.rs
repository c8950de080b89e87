//! What can be wrong with a tensorization or with the arrays given to it.

use thiserror::Error;

/// A tensorization that cannot be built, or an array that does not fit one.
///
/// # Examples
///
/// ```
/// use tt_admm::tensorize::{Tensorization, TensorizeError};
///
/// let error = Tensorization::tt_matrix([4, 4], [2, 2, 2]).unwrap_err();
/// assert_eq!(error, TensorizeError::ModeCountMismatch { rows: 2, cols: 3 });
/// assert_eq!(error.to_string(), "2 row modes but 3 column modes: each row mode needs a column mode");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TensorizeError {
    /// A list of modes or a shape is empty.
    #[error("{what}: the list is empty, at least one length is needed")]
    Empty {
        /// Which list.
        what: &'static str,
    },
    /// A mode or an axis has length 0.
    #[error("{what} {lengths:?}: the length at position {position} is 0")]
    ZeroLength {
        /// Which list.
        what: &'static str,
        /// The list.
        lengths: Vec<usize>,
        /// Position of the first 0.
        position: usize,
    },
    /// The product of the lengths does not fit in `isize`.
    #[error("{what} {lengths:?}: the number of elements does not fit in isize")]
    TooLarge {
        /// Which list.
        what: &'static str,
        /// The list.
        lengths: Vec<usize>,
    },
    /// Two shapes that must hold the same elements differ in size.
    #[error(
        "{what} {lengths:?} has {size} elements, but the weight {weight_shape:?} has {weight_size}"
    )]
    SizeMismatch {
        /// Which shape.
        what: &'static str,
        /// That shape.
        lengths: Vec<usize>,
        /// Its number of elements.
        size: usize,
        /// The shape of the weight.
        weight_shape: Vec<usize>,
        /// The number of elements of the weight.
        weight_size: usize,
    },
    /// The axes are not a permutation of `0..axes`.
    #[error("{permutation:?} is not a permutation of the {axes} axes 0..{axes}")]
    NotAPermutation {
        /// The list given.
        permutation: Vec<usize>,
        /// The number of axes to permute.
        axes: usize,
    },
    /// A TT matrix with different numbers of row and column modes.
    #[error("{rows} row modes but {cols} column modes: each row mode needs a column mode")]
    ModeCountMismatch {
        /// Number of row modes.
        rows: usize,
        /// Number of column modes.
        cols: usize,
    },
    /// A convolution in pairs with different numbers of output and input modes.
    #[error(
        "{outputs} output modes but {inputs} input modes: each output mode needs an input mode"
    )]
    PairCountMismatch {
        /// Number of output modes.
        outputs: usize,
        /// Number of input modes.
        inputs: usize,
    },
    /// An array does not have the shape that the tensorization was built for.
    #[error("the {what} has shape {got:?}, expected {expected:?}")]
    ShapeMismatch {
        /// Which array: `weight`, `tensor`, or the output buffer of either.
        what: &'static str,
        /// The shape of the tensorization.
        expected: Vec<usize>,
        /// The shape of the array.
        got: Vec<usize>,
    },
}
