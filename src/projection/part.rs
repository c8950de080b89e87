//! One factored tensor with its layout: a whole weight, or one group of it.

use ndarray::{ArrayD, ArrayRef, ArrayViewD, ArrayViewMutD, Dimension, IxDyn};
use serde::{Deserialize, Serialize};

use super::ProjectionError;
use crate::linalg::Work;
use crate::scalar::Scalar;
use crate::tensor_ring::TensorRing;
use crate::tensor_train::TensorTrain;
use crate::tensorize::Tensorization;
use crate::tucker::Tucker;

/// A factored tensor in one of the formats of the crate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound = "A: Scalar")]
pub(super) enum Format<A> {
    TensorTrain(TensorTrain<A>),
    Tucker(Tucker<A>),
    TensorRing(TensorRing<A>),
}

/// A factored tensor, and the layout that makes a weight of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound = "A: Scalar")]
pub(super) struct Part<A> {
    pub(super) format: Format<A>,
    pub(super) layout: Tensorization,
}

impl<A: Scalar> Format<A> {
    fn shape(&self) -> &[usize] {
        match self {
            Self::TensorTrain(train) => train.shape(),
            Self::Tucker(tucker) => tucker.shape(),
            Self::TensorRing(ring) => ring.shape(),
        }
    }

    fn write_dense(&self, out: &mut [A], work: &mut Work<A>) {
        match self {
            Self::TensorTrain(train) => train.write_dense(out, work),
            Self::Tucker(tucker) => tucker.write_dense(out, work),
            Self::TensorRing(ring) => ring.write_dense(out, work),
        }
    }
}

impl<A: Scalar> Part<A> {
    /// The part, if the tensor has the shape of the layout's.
    pub(super) fn checked(self) -> Result<Self, ProjectionError> {
        if self.format.shape() == self.layout.tensor_shape() {
            return Ok(self);
        }
        Err(ProjectionError::Shape {
            expected: self.layout.tensor_shape().to_vec(),
            got: self.format.shape().to_vec(),
        })
    }

    /// The names of the parameters, in order.
    pub(super) fn names(&self) -> Vec<String> {
        match &self.format {
            Format::TensorTrain(train) => (0..train.order()).map(|k| format!("core{k}")).collect(),
            Format::TensorRing(ring) => (0..ring.order()).map(|k| format!("core{k}")).collect(),
            Format::Tucker(tucker) => {
                let stored = tucker.factors().iter().enumerate();
                let factors = stored.filter(|(_, factor)| factor.is_some());
                std::iter::once("core".to_owned())
                    .chain(factors.map(|(k, _)| format!("factor{k}")))
                    .collect()
            }
        }
    }

    pub(super) fn parameters(&self) -> Vec<ArrayViewD<'_, A>> {
        match &self.format {
            Format::TensorTrain(train) => {
                let cores = train.cores().iter();
                cores.map(|core| core.view().into_dyn()).collect()
            }
            Format::Tucker(tucker) => tucker.parts().collect(),
            Format::TensorRing(ring) => {
                let cores = ring.cores().iter();
                cores.map(|core| core.view().into_dyn()).collect()
            }
        }
    }

    pub(super) fn parameters_mut(&mut self) -> Vec<ArrayViewMutD<'_, A>> {
        match &mut self.format {
            Format::TensorTrain(train) => train
                .cores_mut()
                .map(ndarray::ArrayBase::into_dyn)
                .collect(),
            Format::Tucker(tucker) => tucker.parts_mut().collect(),
            Format::TensorRing(ring) => {
                ring.cores_mut().map(ndarray::ArrayBase::into_dyn).collect()
            }
        }
    }

    /// Writes the dense weight into `out`, which has the weight's shape.
    pub(super) fn write_dense(&self, mut out: ArrayViewMutD<'_, A>, work: &mut Work<A>) {
        if self.layout.is_reshape()
            && let Some(slice) = out.as_slice_mut()
        {
            return self.format.write_dense(slice, work);
        }
        let mut tensor = work.vector(out.len());
        self.format.write_dense(&mut tensor, work);
        let view = tensor_view(&self.layout, &mut tensor);
        if let Err(error) = self.layout.detensorize_into(&view, out) {
            unreachable!("shapes were checked when the factors were made: {error}");
        }
        work.give_vector(tensor);
    }

    /// The gradient with respect to every parameter, given the one with respect to the dense weight.
    pub(super) fn pullback<D: Dimension>(
        &self,
        gradient: &ArrayRef<A, D>,
    ) -> Result<Vec<ArrayD<A>>, ProjectionError> {
        let dense = self.layout.tensorize(gradient)?;
        Ok(match &self.format {
            Format::TensorTrain(train) => {
                let gradients = train.pullback(&dense)?.into_iter();
                gradients.map(ndarray::Array3::into_dyn).collect()
            }
            Format::TensorRing(ring) => {
                let gradients = ring.pullback(&dense)?.into_iter();
                gradients.map(ndarray::Array3::into_dyn).collect()
            }
            Format::Tucker(tucker) => {
                let gradients = tucker.pullback(&dense)?;
                let factors = gradients.factors.into_iter().flatten();
                std::iter::once(gradients.core)
                    .chain(factors.map(ndarray::Array2::into_dyn))
                    .collect()
            }
        })
    }

    /// Leaves the memory for later use.
    pub(super) fn recycle(self, work: &mut Work<A>) {
        match self.format {
            Format::TensorTrain(train) => {
                train
                    .into_cores()
                    .into_iter()
                    .for_each(|core| work.give(core));
            }
            Format::TensorRing(ring) => {
                ring.into_cores()
                    .into_iter()
                    .for_each(|core| work.give(core));
            }
            Format::Tucker(tucker) => {
                let (core, factors) = tucker.into_parts();
                work.give(core);
                factors
                    .into_iter()
                    .flatten()
                    .for_each(|factor| work.give(factor));
            }
        }
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
