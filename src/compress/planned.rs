//! Decomposition of a network as planned.

use ndarray::{CowArray, IxDyn};
use rayon::prelude::*;

use super::{CompressError, Cost, LayerReport, Plan, PlanError, PlannedLayer, Report, decompose};
use crate::error::{BoxError, first_non_finite};
use crate::linalg::frobenius;
use crate::projection::{Factors, Prox};
use crate::scalar::Scalar;

/// The factors of a network, and what they cost and lose.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DecomposedNetwork<A> {
    /// The factors of every layer of the plan, in its order; `None` for layers that stay dense.
    pub factors: Vec<(String, Option<Factors<A>>)>,
    /// Costs and errors.
    pub report: Report,
}

/// Decomposes all layers of a plan, in parallel. Trains and Tucker decompositions are improved by sweeps, so the errors are
/// at most those that the plan expects, but for the millionth of a squared error that
/// [`SplitMethod::Auto`](crate::SplitMethod::Auto) may add at a bond.
///
/// `weight` returns the weight of a name; `done` is told the name of every layer that is finished, from any thread.
///
/// # Errors
///
/// [`CompressError::Weight`] if a weight cannot be read, [`CompressError::Plan`] if the plan does not fit the weights or a
/// weight is not finite, [`CompressError::Projection`] if a scheme has no projection (groups of a depthwise
/// convolution): all found before any work starts. After that the errors of [`decompose`]; of several layers that
/// fail, the first one's.
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Budget, Family, LayerProfile, Operator, decompose_planned, plan};
/// use tt_admm::{BoxError, ndarray::Array2};
///
/// let w = Array2::from_shape_fn((32, 32), |(i, j)| ((i * j) as f64).sin());
/// let layers = [LayerProfile::measure("fc", &w, Operator::linear(1), &[Family::LowRank])?];
/// let plan = plan(&layers, Budget::parameter_ratio(2.0))?;
/// let found = decompose_planned(&plan, |_| Ok::<_, BoxError>(w.view().into_dyn()), &|_| {})?;
/// assert_eq!(found.report.after.parameters, 512);
/// assert!((found.report.relative_error - plan.relative_error()).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decompose_planned<'w, A, F, V, E>(
    plan: &Plan,
    mut weight: F,
    done: &(dyn Fn(&str) + Sync),
) -> Result<DecomposedNetwork<A>, CompressError>
where
    A: Scalar,
    F: FnMut(&str) -> Result<V, E>,
    V: Into<CowArray<'w, A, IxDyn>>,
    E: Into<BoxError>,
{
    let weights = plan
        .layers()
        .iter()
        .map(|layer| {
            let read = weight(&layer.name).map_err(|error| CompressError::Weight {
                name: layer.name.clone(),
                source: error.into(),
            })?;
            Ok(read.into())
        })
        .collect::<Result<Vec<CowArray<'w, A, IxDyn>>, CompressError>>()?;
    let position = |name: &str| plan.layers().iter().position(|layer| layer.name == name);
    plan.check([], |name| Some(weights[position(name)?].shape().to_vec()))?;
    for (layer, weight) in plan.layers().iter().zip(&weights) {
        check(layer, weight)?;
    }
    let layers: Vec<Result<_, CompressError>> = plan
        .layers()
        .par_iter()
        .zip(&weights)
        .map(|(layer, weight)| {
            let found = one(layer, weight)?;
            done(&layer.name);
            Ok(found)
        })
        .collect();
    // Not in parallel, so that it is always the same layer that is named.
    let layers = layers
        .into_iter()
        .collect::<Result<Vec<(Option<Factors<A>>, LayerReport)>, _>>()?;
    let names = plan.layers().iter().map(|layer| layer.name.clone());
    let (factors, reports): (Vec<_>, Vec<_>) = layers.into_iter().unzip();
    Ok(DecomposedNetwork {
        factors: names.zip(factors).collect(),
        report: Report::of_layers(reports),
    })
}

/// Refuses what can be refused without work.
fn check<A: Scalar>(
    layer: &PlannedLayer,
    weight: &CowArray<'_, A, IxDyn>,
) -> Result<(), CompressError> {
    if let Some((index, value)) = first_non_finite(&**weight) {
        let name = layer.name.clone();
        return Err(PlanError::NonFinite { name, index, value }.into());
    }
    let Some(scheme) = &layer.scheme else {
        return Ok(());
    };
    let fits = scheme.refined_projection::<A>().check(weight.shape());
    fits.map_err(|source| CompressError::Projection {
        name: layer.name.clone(),
        source,
    })
}

fn one<A: Scalar>(
    layer: &PlannedLayer,
    weight: &CowArray<'_, A, IxDyn>,
) -> Result<(Option<Factors<A>>, LayerReport), CompressError> {
    let counted = |cost: Result<Cost, _>| {
        cost.map_err(|source| PlanError::Cost {
            name: layer.name.clone(),
            source,
        })
    };
    let before = counted(layer.dense_cost())?;
    let mut report = LayerReport {
        name: layer.name.clone(),
        shape: layer.shape.clone(),
        scheme: layer.scheme.clone(),
        dense: layer.dense,
        before,
        after: before,
        norm: frobenius(weight.iter().copied()),
        relative_error: 0.0,
    };
    let Some(scheme) = &layer.scheme else {
        return Ok((None, report));
    };
    let projection = scheme.refined_projection::<A>();
    let found = decompose(&layer.name, &**weight, &projection)?;
    report.relative_error = found.relative_error;
    report.after = counted(Cost::of_factors(&layer.operator, &found.factors))?;
    Ok((Some(found.factors), report))
}
