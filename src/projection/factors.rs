//! A weight in factored form.

use ndarray::{ArrayD, ArrayRef, ArrayViewMutD, Dimension, IxDyn};
use serde::{Deserialize, Serialize};

use super::ProjectionError;
use crate::linalg::Work;
use crate::scalar::Scalar;
use crate::tensor_train::TensorTrain;
use crate::tensorize::Tensorization;

/// A weight as factors: a tensor train, and the layout that makes a weight of it.
///
/// A matrix of rank `r` is a tensor train of order 2, so every projection of this crate returns this type.
///
/// # Examples
///
/// ```
/// use tt_admm::{Factors, Tensorization, tt_svd, ndarray::Array2};
///
/// let weight = Array2::from_shape_fn((6, 4), |(i, j)| (i + 2 * j) as f64);
/// let layout = Tensorization::linear([2, 3], [2, 2])?;
/// let factors = Factors::new(tt_svd(&layout.tensorize(&weight)?, 4)?, layout)?;
/// assert_eq!(factors.weight_shape(), [6, 4]);
/// assert!((factors.to_dense()[[5, 3]] - 11.0_f64).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parts<A>", into = "Parts<A>", bound = "A: Scalar")]
pub struct Factors<A> {
    train: TensorTrain<A>,
    layout: Tensorization,
}

/// The same, not yet checked to fit together.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "A: Scalar")]
struct Parts<A> {
    train: TensorTrain<A>,
    layout: Tensorization,
}

impl<A: Scalar> From<Factors<A>> for Parts<A> {
    fn from(Factors { train, layout }: Factors<A>) -> Self {
        Self { train, layout }
    }
}

impl<A: Scalar> TryFrom<Parts<A>> for Factors<A> {
    type Error = ProjectionError;

    fn try_from(Parts { train, layout }: Parts<A>) -> Result<Self, ProjectionError> {
        Self::new(train, layout)
    }
}

impl<A: Scalar> Factors<A> {
    /// A tensor train seen as a weight through a layout.
    ///
    /// # Errors
    ///
    /// [`ProjectionError::Shape`] if the train does not have the shape of the layout's tensor.
    pub fn new(train: TensorTrain<A>, layout: Tensorization) -> Result<Self, ProjectionError> {
        if train.shape() != layout.tensor_shape() {
            return Err(ProjectionError::Shape {
                expected: layout.tensor_shape().to_vec(),
                got: train.shape().to_vec(),
            });
        }
        Ok(Self { train, layout })
    }

    /// The shape of the weight.
    #[must_use]
    pub fn weight_shape(&self) -> &[usize] {
        self.layout.weight_shape()
    }

    /// The layout between weight and tensor.
    #[must_use]
    pub fn layout(&self) -> &Tensorization {
        &self.layout
    }

    /// The tensor train.
    #[must_use]
    pub fn tensor_train(&self) -> &TensorTrain<A> {
        &self.train
    }

    /// The tensor train by value.
    #[must_use]
    pub fn into_tensor_train(self) -> TensorTrain<A> {
        self.train
    }

    /// Number of stored values.
    #[must_use]
    pub fn num_parameters(&self) -> usize {
        self.train.num_parameters()
    }

    /// Mutable views of the factors, in order, for an optimiser.
    pub fn parameters_mut(&mut self) -> Vec<ArrayViewMutD<'_, A>> {
        self.train
            .cores_mut()
            .map(ndarray::ArrayBase::into_dyn)
            .collect()
    }

    /// The dense weight, in its own shape.
    #[must_use]
    pub fn to_dense(&self) -> ArrayD<A> {
        let mut weight = ArrayD::zeros(IxDyn(self.weight_shape()));
        self.write_dense(weight.view_mut(), &mut Work::default());
        weight
    }

    /// Writes the dense weight into `out`, which has the weight's shape.
    pub(crate) fn write_dense(&self, mut out: ArrayViewMutD<'_, A>, work: &mut Work<A>) {
        if self.layout.is_reshape()
            && let Some(slice) = out.as_slice_mut()
        {
            return self.train.write_dense(slice, work);
        }
        let mut tensor = work.vector(out.len());
        self.train.write_dense(&mut tensor, work);
        let view = tensor_view(&self.layout, &mut tensor);
        if let Err(error) = self.layout.detensorize_into(&view, out) {
            unreachable!("shapes were checked when the factors were made: {error}");
        }
        work.give_vector(tensor);
    }

    /// The gradient with respect to every factor, given the one with respect to the dense weight.
    ///
    /// # Errors
    ///
    /// [`ProjectionError::Layout`] if the gradient does not have the weight's shape.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{Factors, Tensorization, tt_svd, ndarray::Array2};
    ///
    /// let weight = Array2::from_shape_fn((6, 4), |(i, j)| (i + 2 * j) as f64);
    /// let layout = Tensorization::conv([6], [1, 1], [4])?;
    /// let tensor = weight.clone().into_shape_with_order((6, 1, 4)).unwrap();
    /// let factors = Factors::new(tt_svd(&tensor, 2)?, layout)?;
    /// let ones = Array2::<f64>::ones((6, 4)).into_shape_with_order((6, 4, 1, 1)).unwrap();
    /// let gradients = factors.pullback(&ones)?;   // of the sum of all weights
    /// assert_eq!(gradients.len(), 3);
    /// let inner = (&gradients[0] * &factors.tensor_train().core(0)).sum();
    /// assert!((inner - weight.sum()).abs() < 1e-10);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pullback<D: Dimension>(
        &self,
        gradient: &ArrayRef<A, D>,
    ) -> Result<Vec<ArrayD<A>>, ProjectionError> {
        let dense = self.layout.tensorize(gradient)?;
        let gradients = self.train.pullback(&dense)?;
        Ok(gradients
            .into_iter()
            .map(ndarray::Array3::into_dyn)
            .collect())
    }
}

/// Row-major elements seen as the tensor of a layout.
pub(super) fn tensor_view<'t, A: Scalar>(
    layout: &Tensorization,
    elements: &'t mut [A],
) -> ArrayViewMutD<'t, A> {
    match ArrayViewMutD::from_shape(IxDyn(layout.tensor_shape()), elements) {
        Ok(view) => view,
        Err(error) => unreachable!("as many elements as the tensor has: {error}"),
    }
}
