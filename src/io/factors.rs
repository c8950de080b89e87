//! Factored weights: one tensor for every factor, and a description in the metadata.

use std::collections::HashSet;

use ndarray::{ArrayD, Dimension, Ix2, Ix3};

use super::document::{Document, FACTORS, Format, Group, Weight};
use super::tensor::{Tensor, require_finite};
use super::{Dtype, IoError, IoErrorKind, TensorFile};
use crate::projection::{Factors, ProjectionError};
use crate::scalar::Scalar;
use crate::tensor_ring::TensorRing;
use crate::tensor_train::TensorTrain;
use crate::tucker::Tucker;

impl TensorFile {
    /// Adds a weight in factored form: every factor as a tensor `name/core0`, ..., called like the
    /// [`parameter_names`](Factors::parameter_names), and the layout and format in the metadata.
    ///
    /// What a decomposition discarded to find the factors is not stored.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::Duplicate`] if there is a factored weight or one of the tensors already,
    /// [`IoErrorKind::NonFinite`], [`IoErrorKind::Axes`]; [`IoErrorKind::Metadata`] and [`IoErrorKind::Newer`] if the
    /// description of the factored weights that are there cannot be read. Nothing is added then.
    pub fn insert_factors<A: Scalar>(
        &mut self,
        name: impl Into<String>,
        factors: &Factors<A>,
    ) -> Result<(), IoError> {
        let name = name.into();
        let mut document = self.document()?;
        if document.position(&name).is_some() {
            return Err(self.error(IoErrorKind::Duplicate, &name));
        }
        let mut names = Vec::new();
        let mut tensors = Vec::new();
        for (suffix, parameter) in factors.parameter_names().iter().zip(factors.parameters()) {
            let full = format!("{name}/{suffix}");
            let tensor = require_finite(&parameter).and_then(|()| Tensor::of_array(&parameter));
            tensors.push(tensor.map_err(|kind| self.error(kind, &full))?);
            if self.contains(&full) {
                return Err(self.error(IoErrorKind::Duplicate, &full));
            }
            names.push(full);
        }
        document.weights.push(Weight {
            shape: factors.weight_shape().to_vec(),
            dtype: Dtype::of::<A>().name().to_owned(),
            groups: groups(factors, &names),
            name,
        });
        let text = document.to_text().map_err(|kind| self.located(kind))?;
        for (name, tensor) in names.into_iter().zip(tensors) {
            self.put(name, tensor)?;
        }
        self.metadata.insert(FACTORS.to_owned(), text);
        Ok(())
    }

    /// The names of the factored weights, in order.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::Metadata`] and [`IoErrorKind::Newer`] if their description cannot be read.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::io::TensorFile;
    /// use tt_admm::{Factors, Tensorization, tt_svd, ndarray::Array2};
    ///
    /// let weight = Array2::from_shape_fn((6, 4), |(i, j)| (i + 2 * j) as f64);
    /// let factors = Factors::new(tt_svd(&weight, 2)?, Tensorization::identity([6, 4])?)?;
    /// let mut file = TensorFile::new();
    /// file.insert_factors("fc.weight", &factors)?;
    /// assert_eq!(file.factored()?, ["fc.weight"]);
    /// assert_eq!(file.names().collect::<Vec<_>>(), ["fc.weight/core0", "fc.weight/core1"]);
    /// assert_eq!(file.get_factors::<f64>("fc.weight")?, factors);
    /// assert!(file.remove_factors("fc.weight")?);
    /// assert!(file.is_empty() && file.factored()?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn factored(&self) -> Result<Vec<String>, IoError> {
        let weights = self.document()?.weights.into_iter();
        Ok(weights.map(|weight| weight.name).collect())
    }

    /// The factors of a weight, checked to fit together. Numbers are converted as by [`get`](Self::get); those of the
    /// type that was stored come back bit by bit.
    ///
    /// Few numbers can stand for a weight that no memory holds: look at the
    /// [`weight_shape`](Factors::weight_shape) of factors from an untrusted file before the dense weight is made.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::NotFactored`]; [`IoErrorKind::Missing`], [`IoErrorKind::NotReal`] and [`IoErrorKind::NonFinite`]
    /// for one of the tensors; [`IoErrorKind::Factors`] and [`IoErrorKind::Projection`] if tensors, shapes and layouts do
    /// not fit; [`IoErrorKind::Metadata`] and [`IoErrorKind::Newer`] if the description cannot be read.
    pub fn get_factors<A: Scalar>(&self, name: &str) -> Result<Factors<A>, IoError> {
        let document = self.document()?;
        let weights = document.weights.len();
        let Some(at) = document.position(name) else {
            return Err(self.error(IoErrorKind::NotFactored { weights }, name));
        };
        let weight = &document.weights[at];
        let dtype = weight.check().map_err(|kind| self.error(kind, name))?;
        let mut parts = Vec::new();
        for group in &weight.groups {
            let mut arrays = Vec::new();
            for tensor in &group.tensors {
                let got = self.dtype(tensor)?;
                if got != dtype {
                    let what = format!("its elements are {got}, those of `{name}` {dtype}");
                    return Err(self.error(IoErrorKind::Factors { what }, tensor));
                }
                arrays.push(self.get_finite::<A>(tensor)?);
            }
            parts.push(assemble(group, arrays).map_err(|kind| self.error(kind, name))?);
        }
        let factors = Factors::stacked(parts)
            .map_err(|error| self.error(IoErrorKind::Projection(error), name))?;
        if factors.weight_shape() != weight.shape {
            let (got, expected) = (factors.weight_shape(), &weight.shape);
            let what = format!("they make a weight {got:?}, not {expected:?}");
            return Err(self.error(IoErrorKind::Factors { what }, name));
        }
        Ok(factors)
    }

    /// Takes a factored weight out, with all its tensors that are there; `false` if there is none of this name.
    ///
    /// # Errors
    ///
    /// [`IoErrorKind::Metadata`] and [`IoErrorKind::Newer`] if the description cannot be read.
    pub fn remove_factors(&mut self, name: &str) -> Result<bool, IoError> {
        let mut document = self.document()?;
        let Some(at) = document.position(name) else {
            return Ok(false);
        };
        let weight = document.weights.remove(at);
        let text = document.to_text().map_err(|kind| self.located(kind))?;
        for tensor in weight.tensors() {
            self.remove(tensor);
        }
        if document.weights.is_empty() {
            self.metadata.remove(FACTORS);
        } else {
            self.metadata.insert(FACTORS.to_owned(), text);
        }
        Ok(true)
    }

    fn document(&self) -> Result<Document, IoError> {
        let document = match self.metadata.get(FACTORS) {
            Some(text) => Document::parse(text).map_err(|kind| self.located(kind))?,
            None => Document::default(),
        };
        let mut names = HashSet::new();
        let twice = document.weights.iter().find(|w| !names.insert(&*w.name));
        if let Some(weight) = twice {
            return Err(self.error(IoErrorKind::Duplicate, &weight.name));
        }
        Ok(document)
    }

    fn located(&self, kind: IoErrorKind) -> IoError {
        IoError::from(kind).at(self.path())
    }
}

/// The description of every group; `names` are those of all parameters.
fn groups<A: Scalar>(factors: &Factors<A>, names: &[String]) -> Vec<Group> {
    let mut names = names.iter().cloned();
    let groups = factors.clone().into_groups().into_iter();
    groups
        .map(|group| {
            let (format, modes) = match group.tucker() {
                Some(tucker) => {
                    let factors = tucker.factors().iter().enumerate();
                    let stored = factors.filter(|(_, factor)| factor.is_some());
                    (Format::Tucker, stored.map(|(mode, _)| mode).collect())
                }
                None if group.tensor_ring().is_some() => (Format::TensorRing, Vec::new()),
                None => (Format::TensorTrain, Vec::new()),
            };
            Group {
                format,
                layout: group.layout().clone(),
                tensors: names.by_ref().take(group.parameters().len()).collect(),
                modes,
            }
        })
        .collect()
}

/// The factors of a group from its arrays.
fn assemble<A: Scalar>(group: &Group, arrays: Vec<ArrayD<A>>) -> Result<Factors<A>, IoErrorKind> {
    let layout = group.layout.clone();
    let factors = match group.format {
        Format::TensorTrain => {
            let train = TensorTrain::from_cores(all_of_order::<A, Ix3>(arrays)?);
            train
                .map_err(ProjectionError::from)
                .and_then(|train| Factors::new(train, layout))
        }
        Format::TensorRing => {
            let ring = TensorRing::from_cores(all_of_order::<A, Ix3>(arrays)?);
            ring.map_err(ProjectionError::from)
                .and_then(|ring| Factors::from_tensor_ring(ring, layout))
        }
        Format::Tucker => {
            let mut arrays = arrays.into_iter();
            let core = arrays.next().ok_or_else(|| misfit("no core".to_owned()))?;
            let matrices = all_of_order::<A, Ix2>(arrays.collect())?;
            let (modes, order) = (&group.modes, core.ndim());
            let ascending = modes.windows(2).all(|pair| pair[0] < pair[1]);
            if modes.len() != matrices.len() || !ascending || modes.iter().any(|&k| k >= order) {
                let count = matrices.len();
                return Err(misfit(format!(
                    "{count} factors for modes {modes:?} of a core with {order}"
                )));
            }
            let mut factors = vec![None; order];
            for (&mode, matrix) in modes.iter().zip(matrices) {
                factors[mode] = Some(matrix);
            }
            let tucker = Tucker::from_parts(core, factors);
            tucker
                .map_err(ProjectionError::from)
                .and_then(|tucker| Factors::from_tucker(tucker, layout))
        }
    };
    factors.map_err(IoErrorKind::Projection)
}

fn all_of_order<A: Scalar, D: Dimension>(
    arrays: Vec<ArrayD<A>>,
) -> Result<Vec<ndarray::Array<A, D>>, IoErrorKind> {
    let typed = arrays.into_iter().map(|array| {
        let shape = array.shape().to_vec();
        let wrong = |_| misfit(format!("a factor of shape {shape:?}"));
        array.into_dimensionality::<D>().map_err(wrong)
    });
    typed.collect()
}

fn misfit(what: String) -> IoErrorKind {
    IoErrorKind::Factors { what }
}
