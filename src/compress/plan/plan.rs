//! A plan: how every layer is to be factored.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::PlanError;
use crate::compress::total_error::total_error;
use crate::compress::{Cost, CostError, Operator, Scheme};
use crate::projection::Projection;
use crate::scalar::Scalar;

/// How every layer is to be factored. Plain data: printed by `Display`, stored by `serde`, and its layers can be changed by
/// hand; what a plan is used for checks it.
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Budget, Family, LayerProfile, Operator, Plan, Scheme, plan};
/// use tt_admm::{Tensorization, ndarray::Array2};
///
/// let w = Array2::from_shape_fn((32, 32), |(i, j)| ((i * j) as f64).sin());
/// let layers = [LayerProfile::measure("fc", &w, Operator::linear(1), &[Family::LowRank])?];
/// let mut plan = plan(&layers, Budget::parameter_ratio(2.0))?;
/// assert_eq!(plan.cost()?.parameters, 8 * (32 + 32));
/// // By hand: one rank less.
/// plan.layer_mut("fc").unwrap().scheme = Some(Scheme::tensor_train(Tensorization::linear([32], [32])?, 7)?);
/// assert_eq!(plan.cost()?.parameters, 7 * (32 + 32));
/// let text = serde_json::to_string(&plan)?;
/// assert_eq!(serde_json::from_str::<Plan>(&text)?, plan);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    layers: Vec<PlannedLayer>,
}

/// One layer of a [`Plan`].
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Operator, PlannedLayer, Scheme};
/// use tt_admm::Tensorization;
///
/// let scheme = Scheme::tensor_train(Tensorization::linear([100], [50])?, 2)?;
/// let layer = PlannedLayer::new("fc", [100, 50], Operator::linear(1), Some(scheme));
/// assert_eq!((layer.dense_cost()?.parameters, layer.cost()?.parameters), (5000, 300));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlannedLayer {
    /// The name of the weight.
    pub name: String,
    /// The shape of the weight.
    pub shape: Vec<usize>,
    /// What the layer does with it.
    pub operator: Operator,
    /// How it is factored; `None`: it stays dense.
    #[serde(default)]
    pub scheme: Option<Scheme>,
    /// Why it stays dense.
    #[serde(default)]
    pub dense: Option<Dense>,
    /// `|W|_F`.
    #[serde(default)]
    pub norm: f64,
    /// The relative error that was expected when the plan was made: a bound from above.
    #[serde(default)]
    pub relative_error: f64,
}

/// Why a layer stays dense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Dense {
    /// No factors save more than they lose.
    Best,
    /// There is nothing to factor: a depthwise convolution, a single row or column.
    NothingToFactor,
}

impl Plan {
    /// A plan of these layers, for ranks that come from elsewhere.
    #[must_use]
    pub fn of_layers(layers: Vec<PlannedLayer>) -> Self {
        Self { layers }
    }

    /// The layers, in the order in which they were given.
    #[must_use]
    pub fn layers(&self) -> &[PlannedLayer] {
        &self.layers
    }

    /// The layer of this name.
    #[must_use]
    pub fn layer(&self, name: &str) -> Option<&PlannedLayer> {
        self.layers.iter().find(|layer| layer.name == name)
    }

    /// The layer of this name, to be changed.
    pub fn layer_mut(&mut self, name: &str) -> Option<&mut PlannedLayer> {
        self.layers.iter_mut().find(|layer| layer.name == name)
    }

    /// The cost of all layers, dense.
    ///
    /// # Errors
    ///
    /// [`PlanError::Cost`] with the layer.
    pub fn dense_cost(&self) -> Result<Cost, PlanError> {
        self.sum(PlannedLayer::dense_cost)
    }

    /// The cost of all layers as planned.
    ///
    /// # Errors
    ///
    /// [`PlanError::Cost`] with the layer.
    pub fn cost(&self) -> Result<Cost, PlanError> {
        self.sum(PlannedLayer::cost)
    }

    fn sum(
        &self,
        cost: impl Fn(&PlannedLayer) -> Result<Cost, CostError>,
    ) -> Result<Cost, PlanError> {
        let costs = self.layers.iter().map(|layer| {
            cost(layer).map_err(|source| PlanError::Cost {
                name: layer.name.clone(),
                source,
            })
        });
        costs.sum()
    }

    /// `sqrt(sum |W - W'|^2 / sum |W|^2)` as expected when the plan was made: a bound for the decomposition, see
    /// [`decompose_planned`](crate::compress::decompose_planned).
    #[must_use]
    pub fn relative_error(&self) -> f64 {
        let layers = self.layers.iter();
        total_error(layers.map(|layer| (layer.norm, layer.relative_error)))
    }

    /// The projections of all layers that are factored, for [`AdmmBuilder::constrain`](crate::admm::AdmmBuilder::constrain).
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::compress::{Budget, Family, LayerProfile, Operator, plan};
    /// use tt_admm::{Admm, ndarray::Array2};
    ///
    /// let w = Array2::from_shape_fn((32, 32), |(i, j)| ((i * j) as f64).sin());
    /// let layers = [LayerProfile::measure("fc", &w, Operator::linear(1), &[Family::LowRank])?];
    /// let plan = plan(&layers, Budget::parameter_ratio(2.0))?;
    /// let mut builder = Admm::builder().rho(1.0);
    /// for (name, projection) in plan.projections::<f64>() {
    ///     builder = builder.constrain(name, projection);
    /// }
    /// let admm = builder.build_from(|_| w.view().into_dyn())?;
    /// assert_eq!(admm.factors("fc").unwrap().num_parameters(), 512);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn projections<A: Scalar>(&self) -> impl Iterator<Item = (&str, Box<dyn Projection<A>>)> {
        self.layers.iter().filter_map(|layer| {
            let scheme = layer.scheme.as_ref()?;
            Some((layer.name.as_str(), scheme.projection()))
        })
    }

    /// Refuses a plan that does not fit these weights: `shape` gives the shape of a name's weight, `known` all names for
    /// the message.
    ///
    /// # Errors
    ///
    /// [`PlanError::NoLayers`], [`PlanError::Duplicate`], [`PlanError::UnknownLayer`], [`PlanError::Shape`] for a weight or a
    /// scheme of another shape, [`PlanError::Cost`] for an operator that cannot have such a weight.
    pub fn check<'n>(
        &self,
        known: impl IntoIterator<Item = &'n str>,
        shape: impl Fn(&str) -> Option<Vec<usize>>,
    ) -> Result<(), PlanError> {
        if self.layers.is_empty() {
            return Err(PlanError::NoLayers);
        }
        let mut names = HashSet::new();
        for layer in &self.layers {
            let name = layer.name.clone();
            if !names.insert(&layer.name) {
                return Err(PlanError::Duplicate { name });
            }
            let Some(got) = shape(&layer.name) else {
                let known = known.into_iter().map(str::to_owned).collect();
                return Err(PlanError::UnknownLayer { name, known });
            };
            let planned = layer.scheme.as_ref().map(Scheme::weight_shape);
            for expected in std::iter::once(&layer.shape).chain(&planned) {
                if *expected != got {
                    let expected = expected.clone();
                    return Err(PlanError::Shape {
                        name,
                        expected,
                        got,
                    });
                }
            }
            if let Err(source) = layer.cost() {
                return Err(PlanError::Cost { name, source });
            }
        }
        Ok(())
    }
}

impl PlannedLayer {
    /// A layer that is factored in this way, or stays dense.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        shape: impl Into<Vec<usize>>,
        operator: Operator,
        scheme: Option<Scheme>,
    ) -> Self {
        Self {
            name: name.into(),
            shape: shape.into(),
            operator,
            scheme,
            dense: None,
            norm: 0.0,
            relative_error: 0.0,
        }
    }

    /// The cost of the dense layer.
    ///
    /// # Errors
    ///
    /// [`CostError`] if the operator cannot have such a weight.
    pub fn dense_cost(&self) -> Result<Cost, CostError> {
        Cost::dense(&self.operator, &self.shape)
    }

    /// The cost of the layer as planned.
    ///
    /// # Errors
    ///
    /// [`CostError`] if the operator cannot have such a weight.
    pub fn cost(&self) -> Result<Cost, CostError> {
        match &self.scheme {
            Some(scheme) => scheme.cost(&self.operator),
            None => self.dense_cost(),
        }
    }
}
