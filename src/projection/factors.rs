//! A weight in factored form.

use ndarray::{ArrayD, ArrayRef, ArrayViewD, ArrayViewMutD, Axis, Dimension, IxDyn, Slice};
use serde::{Deserialize, Serialize};

use super::ProjectionError;
use super::part::{Format, Part};
use crate::error::checked_size;
use crate::linalg::Work;
use crate::scalar::Scalar;
use crate::tensor_ring::TensorRing;
use crate::tensor_train::{TensorTrain, TtError};
use crate::tensorize::Tensorization;
use crate::tucker::Tucker;

/// A weight as factors: a tensor train, a Tucker tensor or a tensor ring, and the layout that makes a weight of it; or
/// a list of these, for the groups of a grouped convolution.
///
/// A matrix of rank `r` is a tensor train of order 2, so every projection of this crate returns this type.
///
/// The factors are parameters with names of their own:
///
/// | factors | names |
/// |---|---|
/// | tensor train, tensor ring | `core0`, `core1`, ... |
/// | Tucker | `core`, and `factor0`, `factor1`, ... for the modes that have one |
/// | groups | `group0/` and the name in the group, ... |
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
    /// One for each group, of equal shapes; they are stacked along the first axis of the weight.
    parts: Vec<Part<A>>,
    weight_shape: Vec<usize>,
}

/// The same, not yet checked to fit together.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "A: Scalar")]
struct Parts<A>(Vec<Part<A>>);

impl<A: Scalar> From<Factors<A>> for Parts<A> {
    fn from(factors: Factors<A>) -> Self {
        Self(factors.parts)
    }
}

impl<A: Scalar> TryFrom<Parts<A>> for Factors<A> {
    type Error = ProjectionError;

    fn try_from(parts: Parts<A>) -> Result<Self, ProjectionError> {
        let checked = parts.0.into_iter().map(Part::checked);
        Self::of_parts(checked.collect::<Result<_, _>>()?)
    }
}

impl<A: Scalar> Factors<A> {
    /// A tensor train seen as a weight through a layout.
    ///
    /// # Errors
    ///
    /// [`ProjectionError::Shape`] if the train does not have the shape of the layout's tensor.
    pub fn new(train: TensorTrain<A>, layout: Tensorization) -> Result<Self, ProjectionError> {
        Self::of_format(Format::TensorTrain(train), layout)
    }

    /// A Tucker tensor seen as a weight through a layout.
    ///
    /// # Errors
    ///
    /// [`ProjectionError::Shape`] if the tensor does not have the shape of the layout's.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{Factors, Tensorization, tucker, ndarray::Array4};
    ///
    /// let kernel = Array4::from_shape_fn((6, 4, 3, 3), |(o, i, h, w)| (o * i + h + w) as f64);
    /// let layout = Tensorization::identity([6, 4, 3, 3])?;
    /// let factors = Factors::from_tucker(tucker(&kernel, [(0, 2), (1, 2)])?, layout)?;
    /// assert_eq!(factors.parameter_names(), ["core", "factor0", "factor1"]);
    /// assert_eq!(factors.num_parameters(), 2 * 2 * 9 + 6 * 2 + 4 * 2);
    /// assert!((factors.to_dense()[[5, 3, 2, 1]] - 18.0_f64).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_tucker(tucker: Tucker<A>, layout: Tensorization) -> Result<Self, ProjectionError> {
        Self::of_format(Format::Tucker(tucker), layout)
    }

    /// A tensor ring seen as a weight through a layout.
    ///
    /// # Errors
    ///
    /// [`ProjectionError::Shape`] if the ring does not have the shape of the layout's tensor.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{Factors, Tensorization, tr_svd, ndarray::Array2};
    ///
    /// let weight = Array2::from_shape_fn((6, 4), |(i, j)| (i + 2 * j) as f64);
    /// let layout = Tensorization::linear([2, 3], [4])?;
    /// let factors = Factors::from_tensor_ring(tr_svd(&layout.tensorize(&weight)?, [1, 2, 4])?, layout)?;
    /// assert_eq!(factors.parameter_names(), ["core0", "core1", "core2"]);
    /// assert!((factors.to_dense()[[5, 3]] - 11.0_f64).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_tensor_ring(
        ring: TensorRing<A>,
        layout: Tensorization,
    ) -> Result<Self, ProjectionError> {
        Self::of_format(Format::TensorRing(ring), layout)
    }

    /// The factors of the groups of a grouped convolution, which are stacked along the first axis of the weight.
    /// Groups of groups become one list.
    ///
    /// # Errors
    ///
    /// [`ProjectionError::NoGroups`] for an empty list, [`ProjectionError::Shape`] if the groups have different shapes
    /// or no axis.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{Factors, Tensorization, tt_svd, ndarray::{Array2, Axis, concatenate}};
    ///
    /// let group = |shift: f64| Array2::from_shape_fn((3, 4), |(i, j)| shift + (i + j) as f64);
    /// let factors = |w: &Array2<f64>| {
    ///     let layout = Tensorization::identity([3, 4])?;
    ///     Ok::<_, Box<dyn std::error::Error>>(Factors::new(tt_svd(w, 2)?, layout)?)
    /// };
    /// let (a, b) = (group(0.0), group(9.0));
    /// let both = Factors::stacked([factors(&a)?, factors(&b)?])?;
    /// let weight = concatenate![Axis(0), a, b].into_dyn();
    /// assert_eq!(both.weight_shape(), [6, 4]);
    /// assert!((&both.to_dense() - &weight).iter().all(|e| e.abs() < 1e-12));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stacked(groups: impl IntoIterator<Item = Self>) -> Result<Self, ProjectionError> {
        Self::of_parts(groups.into_iter().flat_map(|group| group.parts).collect())
    }

    pub(super) fn of_format(
        format: Format<A>,
        layout: Tensorization,
    ) -> Result<Self, ProjectionError> {
        let part = Part { format, layout }.checked()?;
        Self::of_parts(vec![part])
    }

    fn of_parts(parts: Vec<Part<A>>) -> Result<Self, ProjectionError> {
        let first = parts.first().ok_or(ProjectionError::NoGroups)?;
        let group = first.layout.weight_shape();
        if let Some(other) = parts
            .iter()
            .find(|part| part.layout.weight_shape() != group)
        {
            return Err(ProjectionError::Shape {
                expected: group.to_vec(),
                got: other.layout.weight_shape().to_vec(),
            });
        }
        let mut weight_shape = group.to_vec();
        if parts.len() > 1 {
            let Some(rows) = weight_shape.first_mut() else {
                let (expected, got) = (vec![1], Vec::new());
                return Err(ProjectionError::Shape { expected, got });
            };
            *rows = rows.saturating_mul(parts.len());
        }
        if checked_size(&weight_shape).is_none() {
            let shape = weight_shape;
            return Err(TtError::TooLarge { shape }.into());
        }
        Ok(Self {
            parts,
            weight_shape,
        })
    }

    /// The shape of the weight.
    #[must_use]
    pub fn weight_shape(&self) -> &[usize] {
        &self.weight_shape
    }

    /// The layout between weight and tensor; with groups, that of the first group.
    #[must_use]
    pub fn layout(&self) -> &Tensorization {
        &self.parts[0].layout
    }

    /// The number of groups; 1 if the weight is factored as a whole.
    #[must_use]
    pub fn num_groups(&self) -> usize {
        self.parts.len()
    }

    /// The factors of every group by value; a list of one if the weight is factored as a whole.
    #[must_use]
    pub fn into_groups(self) -> Vec<Self> {
        let alone = |part: Part<A>| Self {
            weight_shape: part.layout.weight_shape().to_vec(),
            parts: vec![part],
        };
        self.parts.into_iter().map(alone).collect()
    }

    /// The tensor train, if the weight is one.
    #[must_use]
    pub fn tensor_train(&self) -> Option<&TensorTrain<A>> {
        match &self.parts[..] {
            [
                Part {
                    format: Format::TensorTrain(train),
                    ..
                },
            ] => Some(train),
            _ => None,
        }
    }

    /// The tensor train by value, if the weight is one.
    #[must_use]
    pub fn into_tensor_train(mut self) -> Option<TensorTrain<A>> {
        match (self.parts.pop(), self.parts.is_empty()) {
            (Some(part), true) => match part.format {
                Format::TensorTrain(train) => Some(train),
                Format::Tucker(_) | Format::TensorRing(_) => None,
            },
            _ => None,
        }
    }

    /// The Tucker tensor, if the weight is one.
    #[must_use]
    pub fn tucker(&self) -> Option<&Tucker<A>> {
        match &self.parts[..] {
            [
                Part {
                    format: Format::Tucker(tucker),
                    ..
                },
            ] => Some(tucker),
            _ => None,
        }
    }

    /// The Tucker tensor by value, if the weight is one.
    #[must_use]
    pub fn into_tucker(mut self) -> Option<Tucker<A>> {
        match (self.parts.pop(), self.parts.is_empty()) {
            (Some(part), true) => match part.format {
                Format::Tucker(tucker) => Some(tucker),
                Format::TensorTrain(_) | Format::TensorRing(_) => None,
            },
            _ => None,
        }
    }

    /// The tensor ring, if the weight is one.
    #[must_use]
    pub fn tensor_ring(&self) -> Option<&TensorRing<A>> {
        match &self.parts[..] {
            [
                Part {
                    format: Format::TensorRing(ring),
                    ..
                },
            ] => Some(ring),
            _ => None,
        }
    }

    /// The tensor ring by value, if the weight is one.
    #[must_use]
    pub fn into_tensor_ring(mut self) -> Option<TensorRing<A>> {
        match (self.parts.pop(), self.parts.is_empty()) {
            (Some(part), true) => match part.format {
                Format::TensorRing(ring) => Some(ring),
                Format::TensorTrain(_) | Format::Tucker(_) => None,
            },
            _ => None,
        }
    }

    /// Number of stored values.
    #[must_use]
    pub fn num_parameters(&self) -> usize {
        self.parameters().iter().map(ndarray::ArrayBase::len).sum()
    }

    /// The names of the factors, in order; see [`Factors`].
    #[must_use]
    pub fn parameter_names(&self) -> Vec<String> {
        if let [part] = &self.parts[..] {
            return part.names();
        }
        let groups = self.parts.iter().enumerate();
        groups
            .flat_map(|(g, part)| {
                let names = part.names().into_iter();
                names.map(move |name| format!("group{g}/{name}"))
            })
            .collect()
    }

    /// Views of the factors, in order.
    #[must_use]
    pub fn parameters(&self) -> Vec<ArrayViewD<'_, A>> {
        self.parts.iter().flat_map(Part::parameters).collect()
    }

    /// Mutable views of the factors, in order, for an optimiser.
    pub fn parameters_mut(&mut self) -> Vec<ArrayViewMutD<'_, A>> {
        let parts = self.parts.iter_mut();
        parts.flat_map(Part::parameters_mut).collect()
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
        if let [part] = &self.parts[..] {
            return part.write_dense(out, work);
        }
        for (g, part) in self.parts.iter().enumerate() {
            part.write_dense(out.slice_axis_mut(Axis(0), self.rows(g)), work);
        }
    }

    /// The gradient with respect to every factor, given the one with respect to the dense weight.
    ///
    /// # Errors
    ///
    /// [`ProjectionError::Layout`] if the gradient does not have the weight's shape, [`ProjectionError::Shape`] if there
    /// are groups and it does not.
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
    /// let inner = (&gradients[0] * &factors.parameters()[0]).sum();
    /// assert!((inner - weight.sum()).abs() < 1e-10);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pullback<D: Dimension>(
        &self,
        gradient: &ArrayRef<A, D>,
    ) -> Result<Vec<ArrayD<A>>, ProjectionError> {
        if let [part] = &self.parts[..] {
            return part.pullback(gradient);
        }
        if gradient.shape() != self.weight_shape {
            return Err(ProjectionError::Shape {
                expected: self.weight_shape.clone(),
                got: gradient.shape().to_vec(),
            });
        }
        let mut gradients = Vec::new();
        for (g, part) in self.parts.iter().enumerate() {
            let rows = gradient.slice_axis(Axis(0), self.rows(g));
            gradients.extend(part.pullback(&rows)?);
        }
        Ok(gradients)
    }

    /// The rows of the weight that a group makes.
    fn rows(&self, group: usize) -> Slice {
        let rows = self.weight_shape[0] / self.parts.len();
        Slice::from(group * rows..(group + 1) * rows)
    }

    /// Leaves the memory of the factors for later use.
    pub(super) fn recycle(self, work: &mut Work<A>) {
        self.parts.into_iter().for_each(|part| part.recycle(work));
    }
}
