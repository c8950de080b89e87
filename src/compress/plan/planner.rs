//! From profiles and a budget to a plan.

use std::collections::HashSet;

use super::budget::{Limit, Resource};
use super::front::{Point, front};
use super::path::Path;
use super::profile::{Importance, LayerProfile};
use super::uniform::Uniform;
use super::{Budget, Dense, Plan, PlanError, PlannedLayer};
use crate::compress::Cost;
use crate::compress::total_error::unit;

/// Ranks for all layers at once: of all choices within the budget the one with the smallest total error, up to the last step
/// of the search.
///
/// What every choice of ranks loses is known from the profiles: exactly for products of two matrices, by the energy of
/// the HOSVD's core for trains and Tucker decompositions that cut the first and the last mode off, and otherwise
/// by the sum of the energies beyond the ranks of all bonds. These bound the error of a decomposition from above, so
/// the decomposed weights are at least as close as the plan says (see
/// [`decompose_planned`](crate::compress::decompose_planned)). The choices of all layers are combined by
/// one price for a parameter (or multiply-add) over all layers. The plan never exceeds the budget, a layer that would
/// become larger stays dense. With layers of equal importance, a larger budget never gives a larger
/// [`relative_error`](Plan::relative_error), and no plan for a number of parameters has a larger one than
/// [`plan_uniform`](crate::compress::plan_uniform) with as many. A budget of relative error is about the error of the
/// whole network, whatever the layers' importance.
///
/// # Errors
///
/// [`PlanError::NoLayers`], [`PlanError::Duplicate`], [`PlanError::Ratio`] and [`PlanError::Tolerance`] for budgets that
/// are none, and [`PlanError::TooSmall`], with the smallest budget that can be met.
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Budget, Family, LayerProfile, Operator, plan};
/// use tt_admm::ndarray::Array2;
///
/// let smooth = Array2::from_shape_fn((64, 64), |(i, j)| 1.0 / (1.0 + (i + j) as f64));
/// let rough = Array2::from_shape_fn((64, 64), |(i, j)| ((i * j * j) as f64).sin());
/// let linear = Operator::linear(1);
/// let layers = [
///     LayerProfile::measure("smooth", &smooth, linear.clone(), &[Family::LowRank])?,
///     LayerProfile::measure("rough", &rough, linear, &[Family::LowRank])?,
/// ];
/// let plan = plan(&layers, Budget::parameter_ratio(2.0))?;
/// assert!(plan.cost()?.parameters <= 2 * 64 * 64 / 2);
/// let rank = |k: usize| plan.layers()[k].scheme.as_ref().unwrap().ranks()[1];
/// assert!(rank(0) < 5 && rank(1) > 20);
/// # Ok::<(), tt_admm::compress::PlanError>(())
/// ```
pub fn plan(layers: &[LayerProfile], budget: Budget) -> Result<Plan, PlanError> {
    Ok(plan_curve(layers, &[budget])?.remove(0))
}

/// A plan for every budget, for less than planning one after the other.
///
/// # Errors
///
/// As [`plan`].
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Budget, Family, LayerProfile, Operator, plan_curve};
/// use tt_admm::ndarray::Array2;
///
/// let w = Array2::from_shape_fn((64, 64), |(i, j)| ((i * j * j) as f64).sin());
/// let layers = [LayerProfile::measure("fc", &w, Operator::linear(1), &[Family::TensorTrain])?];
/// let budgets = [4.0, 2.0, 1.0].map(Budget::parameter_ratio);
/// let errors: Vec<f64> = plan_curve(&layers, &budgets)?.iter().map(|p| p.relative_error()).collect();
/// assert!(errors[0] > errors[1] && errors[2] == 0.0);
/// # Ok::<(), tt_admm::compress::PlanError>(())
/// ```
pub fn plan_curve(layers: &[LayerProfile], budgets: &[Budget]) -> Result<Vec<Plan>, PlanError> {
    check(layers)?;
    let weights = weights(layers);
    let uniform = Uniform::of(layers)?;
    let mut fronts: [Option<Vec<Vec<Point>>>; 2] = [None, None];
    let mut plans = Vec::with_capacity(budgets.len());
    for budget in budgets {
        let resource = budget.resource();
        let slot = &mut fronts[usize::from(resource == Resource::Macs)];
        let fronts = match slot {
            Some(fronts) => fronts,
            none => none.insert(all_fronts(layers, resource)?),
        };
        plans.push(best(layers, fronts, &uniform, &weights, budget)?);
    }
    Ok(plans)
}

fn best(
    layers: &[LayerProfile],
    fronts: &[Vec<Point>],
    uniform: &Uniform,
    weights: &[f64],
    budget: &Budget,
) -> Result<Plan, PlanError> {
    let resource = budget.resource();
    let dense = dense_cost(layers)?;
    let energies = energies(layers);
    let path = Path::new(fronts, weights, resource);
    let selection = match budget.limit(dense, energies.iter().sum())? {
        Limit::Error(limit) => {
            // An error over all layers counts every layer alike.
            Path::new(fronts, &energies, resource).below(limit)
        }
        Limit::Cost(limit) => {
            let Some(selection) = path.within(limit) else {
                return Err(PlanError::TooSmall {
                    resource: resource.name(),
                    budget: limit,
                    smallest: path.smallest(),
                    dense: resource.of(dense),
                });
            };
            // The simple rule is one of the choices; it counts parameters.
            if resource == Resource::Parameters
                && let Some(points) = uniform.within(limit)
                && uniform_error(&points, weights) < path.error(&selection)
            {
                let points: Vec<Point> = points.into_iter().cloned().collect();
                return Ok(assemble(layers, &points));
            }
            selection
        }
    };
    let points: Vec<Point> = selection
        .iter()
        .zip(fronts)
        .map(|(&point, front)| front[point].clone())
        .collect();
    Ok(assemble(layers, &points))
}

fn uniform_error(points: &[&Point], weights: &[f64]) -> f64 {
    let losses = points.iter().zip(weights);
    losses.map(|(point, weight)| weight * point.loss).sum()
}

fn all_fronts(layers: &[LayerProfile], resource: Resource) -> Result<Vec<Vec<Point>>, PlanError> {
    use rayon::prelude::*;
    layers
        .par_iter()
        .map(|layer| front(layer, resource))
        .collect()
}

/// The plan of these points.
pub(super) fn assemble(layers: &[LayerProfile], points: &[Point]) -> Plan {
    let planned = layers.iter().zip(points).map(|(layer, point)| {
        let scheme = point
            .choice
            .as_ref()
            .map(|(offer, ranks)| layer.offers[*offer].scheme(ranks));
        let dense = match (&scheme, layer.offers.is_empty()) {
            (Some(_), _) => None,
            (None, true) => Some(Dense::NothingToFactor),
            (None, false) => Some(Dense::Best),
        };
        PlannedLayer {
            name: layer.name.clone(),
            shape: layer.shape.clone(),
            operator: layer.operator.clone(),
            scheme,
            dense,
            norm: layer.norm,
            relative_error: point.loss.max(0.0).sqrt(),
        }
    });
    Plan::of_layers(planned.collect())
}

/// Refuses no layers, and two of one name.
pub(super) fn check(layers: &[LayerProfile]) -> Result<(), PlanError> {
    if layers.is_empty() {
        return Err(PlanError::NoLayers);
    }
    let mut names = HashSet::new();
    match layers.iter().find(|layer| !names.insert(&layer.name)) {
        None => Ok(()),
        Some(layer) => Err(PlanError::Duplicate {
            name: layer.name.clone(),
        }),
    }
}

/// `|W|^2` of every layer, in a unit in which it neither under- nor overflows.
fn energies(layers: &[LayerProfile]) -> Vec<f64> {
    let unit = unit(layers.iter().map(|layer| layer.norm));
    let energy = |layer: &LayerProfile| (layer.norm / unit).powi(2);
    layers.iter().map(energy).collect()
}

/// What a loss of the whole energy of each layer counts.
fn weights(layers: &[LayerProfile]) -> Vec<f64> {
    let weight = |(layer, energy): (&LayerProfile, f64)| match layer.importance {
        Importance::Absolute(x) => x * energy,
        Importance::Relative(x) => x,
    };
    layers.iter().zip(energies(layers)).map(weight).collect()
}

fn dense_cost(layers: &[LayerProfile]) -> Result<Cost, PlanError> {
    let costs = layers.iter().map(|layer| {
        Cost::dense(&layer.operator, &layer.shape).map_err(|source| PlanError::Cost {
            name: layer.name.clone(),
            source,
        })
    });
    costs.sum()
}
