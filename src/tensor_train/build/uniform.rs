//! Trains with equal elements, and with one element.

use ndarray::Array3;

use super::checks::check_cores;
use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TruncationError, TtError};

impl<A: Scalar> TensorTrain<A> {
    /// The zero tensor, ranks 1.
    ///
    /// # Errors
    ///
    /// [`TtError::NoModes`] and [`TtError::EmptyMode`] for such shapes, [`TtError::TooLarge`] for a mode that
    /// memory cannot address.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TensorTrain;
    ///
    /// let zero = TensorTrain::<f64>::zeros(&[3, 4, 5])?;
    /// assert_eq!((zero.norm(), zero.num_parameters()), (0.0, 12));
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn zeros(shape: &[usize]) -> Result<Self, TtError> {
        filled(shape, |_| A::zero())
    }

    /// The tensor with all elements 1, ranks 1.
    ///
    /// # Errors
    ///
    /// Those of [`TensorTrain::zeros`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TensorTrain;
    ///
    /// let ones = TensorTrain::<f64>::ones(&[3, 4, 5])?;
    /// assert_eq!(ones.get(&[2, 3, 4])?, 1.0);
    /// assert!((ones.norm() - 60.0_f64.sqrt()).abs() < 1e-14);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn ones(shape: &[usize]) -> Result<Self, TtError> {
        filled(shape, |_| A::one())
    }

    /// The tensor with all elements equal to `value`, ranks 1. The value stands in the first core, so it can be
    /// of any size, whatever the order.
    ///
    /// # Errors
    ///
    /// Those of [`TensorTrain::zeros`], and [`TtError::NonFiniteArgument`] for a value that is NaN or infinite.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TensorTrain;
    ///
    /// let huge = TensorTrain::constant(&[2; 400], 1e300)?;
    /// assert_eq!(huge.get(&[1; 400])?, 1e300);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn constant(shape: &[usize], value: A) -> Result<Self, TtError> {
        if !value.is_finite() {
            return Err(TtError::NonFiniteArgument {
                name: "value",
                value: value.widen(),
            });
        }
        if value == A::zero() {
            return Self::zeros(shape);
        }
        filled(shape, |mode| if mode == 0 { value } else { A::one() })
    }

    /// The tensor with a 1 at `index` and zeros elsewhere, ranks 1.
    ///
    /// # Errors
    ///
    /// Those of [`TensorTrain::zeros`], and [`TtError::IndexOutOfBounds`] for an index outside the shape or of
    /// the wrong length.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TensorTrain;
    ///
    /// let unit = TensorTrain::<f64>::unit(&[2, 3, 4, 2, 3], &[1, 0, 2, 0, 2])?;
    /// assert_eq!(unit.get(&[1, 0, 2, 0, 2])?, 1.0);
    /// assert_eq!(unit.get(&[1, 0, 2, 1, 2])?, 0.0);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn unit(shape: &[usize], index: &[usize]) -> Result<Self, TtError> {
        let mut unit = Self::zeros(shape)?;
        if index.len() != shape.len() || index.iter().zip(shape).any(|(i, n)| i >= n) {
            return Err(TtError::IndexOutOfBounds {
                index: index.to_vec(),
                shape: shape.to_vec(),
            });
        }
        for (core, &i) in unit.cores.iter_mut().zip(index) {
            core[[0, i, 0]] = A::one();
        }
        Ok(unit)
    }
}

/// A train of rank 1 with equal entries in every core.
fn filled<A: Scalar>(
    shape: &[usize],
    entry: impl Fn(usize) -> A,
) -> Result<TensorTrain<A>, TtError> {
    check_cores(shape, &vec![1; shape.len() + 1])?;
    let cores = shape.iter().enumerate();
    let cores = cores.map(|(mode, &n)| Array3::from_elem((1, n, 1), entry(mode)));
    let nothing = TruncationError::none(shape.len() - 1);
    Ok(TensorTrain::assemble(cores.collect(), nothing))
}
