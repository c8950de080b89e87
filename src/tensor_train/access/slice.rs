//! A part of every mode.

use ndarray::{Axis, Slice};

use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TruncationError, TtError};

impl<A: Scalar> TensorTrain<A> {
    /// The part of the tensor in one slice of each mode: a range like `1..4`, or a [`Slice`] with another step or
    /// with ends counted from the back, read as `ndarray` reads it.
    ///
    /// The ranks stay. The result counts as made from cores: its truncation error is zero.
    ///
    /// # Errors
    ///
    /// [`TtError::Count`] unless there is one slice for each mode, [`TtError::Slice`] for one that reaches outside
    /// the mode, selects nothing or has step 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorTrain, ndarray::Slice};
    ///
    /// let tt = TensorTrain::<f64>::index_sum(&[4, 5, 6])?;
    /// let part = tt.slice([1..3, 0..5, 5..6])?;
    /// assert_eq!(part.shape(), [2, 5, 1]);
    /// assert_eq!(part.get(&[1, 4, 0])?, 11.0);
    /// let backwards = tt.slice([Slice::from(..), Slice::from(-1..), Slice::new(0, None, -1)])?;
    /// assert_eq!(backwards.get(&[0, 0, 1])?, 8.0);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn slice<S: Into<Slice>>(
        &self,
        slices: impl IntoIterator<Item = S>,
    ) -> Result<Self, TtError> {
        let slices: Vec<Slice> = slices.into_iter().map(Into::into).collect();
        if slices.len() != self.order() {
            return Err(TtError::Count {
                what: "slices",
                order: self.order(),
                got: slices.len(),
            });
        }
        let parts = slices.iter().zip(&self.shape).enumerate();
        for (mode, (&slice, &size)) in parts {
            if !selects(slice, size) {
                return Err(TtError::Slice { mode, size, slice });
            }
        }
        let cores = self.cores.iter().zip(slices);
        let cores = cores.map(|(core, slice)| core.slice_axis(Axis(1), slice).to_owned());
        let nothing = TruncationError::none(self.order() - 1);
        Ok(Self::assemble(cores.collect(), nothing))
    }
}

/// Whether the slice selects something of a mode of this size, and nothing outside.
fn selects(slice: Slice, size: usize) -> bool {
    let Ok(length) = isize::try_from(size) else {
        return false;
    };
    let from_front = |i: isize| if i < 0 { i.saturating_add(length) } else { i };
    let start = from_front(slice.start);
    let end = slice.end.map_or(length, from_front);
    slice.step != 0 && 0 <= start && start < end && end <= length
}
