//! A model with some weights replaced by their factors.

use ndarray::{ArrayD, ArrayViewD, ArrayViewMutD};

use super::CompressError;
use crate::linalg::Work;
use crate::optim::GradientModel;
use crate::projection::Factors;

/// A [`GradientModel`] whose parameters are the factors of some weights and all other parameters as they
/// are: the compressed model, to be fine-tuned by a [`Trainer`](crate::optim::Trainer).
///
/// For every mini-batch the dense weights are rebuilt from the factors, the model computes its dense
/// gradients, and these are pulled back to the factors. No code of the model changes; the price is the dense
/// product, so this trains compressed models, it does not speed them up.
///
/// The factors of a weight `fc1` appear as parameters `fc1/core0`, `fc1/core1`, ... in its place; [`Factors`] lists
/// the names.
///
/// # Examples
///
/// ```
/// # use tt_admm::ndarray::{Array2, ArrayD, ArrayViewD, ArrayViewMutD};
/// # struct Fit(ArrayD<f64>, ArrayD<f64>);
/// # impl tt_admm::optim::GradientModel for Fit {
/// #     type Elem = f64;
/// #     type Error = std::convert::Infallible;
/// #     fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, f64>)> { vec![("w", self.0.view())] }
/// #     fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, f64>)> { vec![("w", self.0.view_mut())] }
/// #     fn num_samples(&self) -> usize { 1 }
/// #     fn gradient(&mut self, _: &[usize], g: &mut [ArrayD<f64>]) -> Result<f64, Self::Error> {
/// #         g[0].assign(&(&self.0 - &self.1));
/// #         Ok(0.5 * g[0].mapv(|x| x * x).sum())
/// #     }
/// # }
/// use tt_admm::compress::{Factorized, decompose};
/// use tt_admm::optim::{Sgd, Trainer};
/// use tt_admm::TtProjection;
///
/// // `Fit` has one parameter "w" and the loss |w - target|^2 / 2.
/// let target = Array2::from_shape_fn((6, 6), |(i, j)| if i == j { 1.0 } else { 0.1 }).into_dyn();
/// let model = Fit(target.clone(), target);
/// let start = decompose("w", &model.0, &TtProjection::new(3))?;
/// let compressed = Factorized::new(model, [("w", start.factors)])?;
/// assert_eq!(compressed.num_parameters(), 36);
/// let mut trainer = Trainer::builder(compressed, Sgd::new(0.1)).build()?;
/// trainer.fit(10)?;
/// let model = trainer.into_model().into_model();     // dense again, exactly of rank 3
/// assert_eq!(model.0.shape(), [6, 6]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Factorized<M: GradientModel> {
    model: M,
    layers: Vec<Layer<M::Elem>>,
    /// Dense gradients of the inner model, kept between mini-batches.
    dense: Vec<ArrayD<M::Elem>>,
}

/// The factors of one parameter.
struct Layer<A> {
    /// Position of the parameter in the model's list.
    slot: usize,
    name: String,
    factors: Factors<A>,
    /// Names of the factors as parameters.
    names: Vec<String>,
}

impl<M: GradientModel> Factorized<M> {
    /// Replaces the parameters of these names by factors.
    ///
    /// # Errors
    ///
    /// [`CompressError::UnknownParameter`], [`CompressError::Duplicate`], [`CompressError::Shape`] if a name
    /// or the factors do not fit the model.
    pub fn new<N: Into<String>>(
        mut model: M,
        factors: impl IntoIterator<Item = (N, Factors<M::Elem>)>,
    ) -> Result<Self, CompressError> {
        let mut layers: Vec<Layer<M::Elem>> = Vec::new();
        check_lists(&mut model)?;
        let parameters = model.parameters();
        for (name, factors) in factors {
            let name = name.into();
            let Some(slot) = parameters.iter().position(|(n, _)| *n == name) else {
                let known = parameters.iter().map(|(n, _)| (*n).to_owned()).collect();
                return Err(CompressError::UnknownParameter { name, known });
            };
            if layers.iter().any(|layer| layer.slot == slot) {
                return Err(CompressError::Duplicate { name });
            }
            let expected = parameters[slot].1.shape();
            if factors.weight_shape() != expected {
                let got = factors.weight_shape().to_vec();
                return Err(CompressError::Shape {
                    name,
                    expected: expected.to_vec(),
                    got,
                });
            }
            let own = factors.parameter_names().into_iter();
            let names = own.map(|own| format!("{name}/{own}")).collect();
            layers.push(Layer {
                slot,
                name,
                factors,
                names,
            });
        }
        layers.sort_by_key(|layer| layer.slot);
        let dense = parameters
            .iter()
            .map(|(_, p)| ArrayD::zeros(p.raw_dim()))
            .collect();
        drop(parameters);
        write_weights(&mut model, &layers);
        Ok(Self {
            model,
            layers,
            dense,
        })
    }

    /// The model with its dense weights rebuilt from the factors as they are now.
    pub fn model(&mut self) -> &M {
        write_weights(&mut self.model, &self.layers);
        &self.model
    }

    /// The model by value, its dense weights rebuilt from the factors.
    #[must_use]
    pub fn into_model(mut self) -> M {
        write_weights(&mut self.model, &self.layers);
        self.model
    }

    /// The factors of every replaced parameter, in the model's order.
    pub fn factors(&self) -> impl Iterator<Item = (&str, &Factors<M::Elem>)> {
        self.layers
            .iter()
            .map(|layer| (layer.name.as_str(), &layer.factors))
    }

    /// Number of values in all parameters, the replaced ones counted by their factors.
    #[must_use]
    pub fn num_parameters(&self) -> usize {
        self.parameters().iter().map(|(_, p)| p.len()).sum()
    }

    fn layer(&self, slot: usize) -> Option<&Layer<M::Elem>> {
        self.layers.iter().find(|layer| layer.slot == slot)
    }
}

/// The two parameter lists of the model must agree, or factors would be written to the wrong place.
fn check_lists<M: GradientModel>(model: &mut M) -> Result<(), CompressError> {
    let shapes = |list: &mut dyn Iterator<Item = (&str, &[usize])>| -> Vec<(String, Vec<usize>)> {
        list.map(|(name, shape)| (name.to_owned(), shape.to_vec()))
            .collect()
    };
    let read = shapes(&mut model.parameters().iter().map(|(n, p)| (*n, p.shape())));
    let written = shapes(&mut model.parameters_mut().iter().map(|(n, p)| (*n, p.shape())));
    if read == written {
        return Ok(());
    }
    let slot = read
        .iter()
        .zip(&written)
        .take_while(|(a, b)| a == b)
        .count();
    let name = |list: &[(String, Vec<usize>)]| {
        list.get(slot).map_or_else(
            || "nothing".to_owned(),
            |(name, shape)| format!("{name} {shape:?}"),
        )
    };
    Err(CompressError::ParameterLists {
        slot,
        read: name(&read),
        written: name(&written),
    })
}

/// Rebuilds the dense weights of a model from their factors.
fn write_weights<M: GradientModel>(model: &mut M, layers: &[Layer<M::Elem>]) {
    let mut parameters = model.parameters_mut();
    for layer in layers {
        // The shapes were compared in `new`; a model that changes its own later keeps its dense weight.
        if let Some((_, weight)) = parameters.get_mut(layer.slot)
            && weight.shape() == layer.factors.weight_shape()
        {
            layer
                .factors
                .write_dense(weight.view_mut(), &mut Work::default());
        }
    }
}

impl<M: GradientModel> GradientModel for Factorized<M> {
    type Elem = M::Elem;
    type Error = CompressError;

    fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, M::Elem>)> {
        let mut list = Vec::new();
        for (slot, parameter) in self.model.parameters().into_iter().enumerate() {
            match self.layer(slot) {
                None => list.push(parameter),
                Some(layer) => {
                    let named = layer.names.iter().zip(layer.factors.parameters());
                    list.extend(named.map(|(n, factor)| (n.as_str(), factor)));
                }
            }
        }
        list
    }

    fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, M::Elem>)> {
        let mut list = Vec::new();
        let mut layers = self.layers.iter_mut().peekable();
        for (slot, parameter) in self.model.parameters_mut().into_iter().enumerate() {
            match layers.next_if(|layer| layer.slot == slot) {
                None => list.push(parameter),
                Some(layer) => {
                    let named = layer.names.iter().zip(layer.factors.parameters_mut());
                    list.extend(named.map(|(n, factor)| (n.as_str(), factor)));
                }
            }
        }
        list
    }

    fn num_samples(&self) -> usize {
        self.model.num_samples()
    }

    fn gradient(
        &mut self,
        samples: &[usize],
        gradients: &mut [ArrayD<M::Elem>],
    ) -> Result<M::Elem, CompressError> {
        write_weights(&mut self.model, &self.layers);
        for buffer in &mut self.dense {
            buffer.fill(M::Elem::default());
        }
        let loss = self
            .model
            .gradient(samples, &mut self.dense)
            .map_err(|error| CompressError::Model(error.into()))?;
        for ((name, parameter), gradient) in self.model.parameters().iter().zip(&self.dense) {
            if parameter.shape() != gradient.shape() {
                return Err(CompressError::GradientShape {
                    name: (*name).to_owned(),
                    expected: parameter.shape().to_vec(),
                    got: gradient.shape().to_vec(),
                });
            }
        }
        let mut out = gradients.iter_mut();
        let mut layers = self.layers.iter().peekable();
        for (slot, dense) in self.dense.iter().enumerate() {
            match layers.next_if(|layer| layer.slot == slot) {
                None => out.by_ref().take(1).for_each(|g| g.assign(dense)),
                Some(layer) => {
                    let factors = layer.factors.pullback(dense).map_err(|source| {
                        CompressError::Projection {
                            name: layer.name.clone(),
                            source,
                        }
                    })?;
                    for (buffer, factor) in out.by_ref().take(factors.len()).zip(factors) {
                        buffer.assign(&factor);
                    }
                }
            }
        }
        Ok(loss)
    }
}

impl<M: GradientModel> std::fmt::Debug for Factorized<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.layers.iter().map(|layer| &layer.name).collect();
        f.debug_struct("Factorized")
            .field("factorized", &names)
            .finish_non_exhaustive()
    }
}
