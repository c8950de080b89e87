//! From the goal on the command line to a plan.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;
use tt_admm::compress::{
    Budget, Family, LayerProfile, Operator, Plan, PlannedLayer, Scheme, plan, plan_energy,
    plan_uniform, plan_vbmf,
};
use tt_admm::io::{Dtype, TensorFile};
use tt_admm::{Tensorization, TuckerRanks};

use crate::args::{FormatName, Goal, Planning, Selection};
use crate::error::Failure;
use crate::layers::{Layer, selected};
use crate::model::read_json;
use crate::output::Progress;

/// The plan that the goal asks for, checked against the file.
pub(crate) fn planned(file: &TensorFile, planning: &Planning) -> Result<Plan, Failure> {
    let (path, selection, goal) = (&planning.model, &planning.selection, &planning.goal);
    let plan = if let Some(stored) = &goal.plan {
        read_json(stored)?
    } else if let Some(stored) = &goal.ranks {
        from_ranks(path, stored, file, selection)?
    } else {
        let layers = selected(path, file, selection)?;
        let profiles = profiles(path, file, &layers, selection, planning.relative)?;
        chosen(goal, &profiles).map_err(|error| Failure::of_plan(path, &error))?
    };
    let shape = |name: &str| file.shape(name).ok().map(<[usize]>::to_vec);
    plan.check(file.names(), shape)
        .map_err(|error| Failure::of_plan(path, &error))?;
    Ok(plan)
}

fn chosen(goal: &Goal, profiles: &[LayerProfile]) -> Result<Plan, tt_admm::compress::PlanError> {
    if let Some(ratio) = goal.uniform {
        return plan_uniform(profiles, ratio);
    }
    if let Some(share) = goal.energy {
        return plan_energy(profiles, share);
    }
    if goal.vbmf {
        return plan_vbmf(profiles);
    }
    let budgets = [
        goal.ratio.map(Budget::parameter_ratio),
        goal.parameters.map(Budget::parameters),
        goal.mac_ratio.map(Budget::mac_ratio),
        goal.macs.map(Budget::macs),
        goal.error.map(Budget::relative_error),
    ];
    // The command line has exactly one.
    let budget = budgets.into_iter().flatten().next();
    plan(profiles, budget.unwrap_or(Budget::parameter_ratio(1.0)))
}

/// What planning needs to know of the weights.
pub(crate) fn profiles(
    path: &Path,
    file: &TensorFile,
    layers: &[Layer],
    selection: &Selection,
    relative: bool,
) -> Result<Vec<LayerProfile>, Failure> {
    let families: Option<Vec<Family>> = selection.format.iter().map(|f| f.family()).collect();
    let Some(families) = families else {
        let hint = "give them with --ranks or --plan";
        return Err(Failure::other(format!(
            "ranks of rings cannot be planned; {hint}"
        )));
    };
    let progress = Progress::new("measuring", layers.len());
    layers
        .par_iter()
        .map(|layer| {
            let (name, operator) = (layer.name.as_str(), layer.operator.clone());
            let profile = if file.dtype(name)? == Dtype::F64 {
                let weight = file.get_finite::<f64>(name)?;
                LayerProfile::measure(name, &weight, operator, &families)
            } else {
                let weight = file.get_finite::<f32>(name)?;
                LayerProfile::measure(name, &weight, operator, &families)
            };
            progress.step(name);
            let profile = profile.map_err(|error| Failure::of_plan(path, &error))?;
            Ok(if relative {
                profile.relative()
            } else {
                profile
            })
        })
        .collect()
}

/// A plan of the ranks in a file.
fn from_ranks(
    path: &Path,
    stored: &Path,
    file: &TensorFile,
    selection: &Selection,
) -> Result<Plan, Failure> {
    let mut ranks: BTreeMap<String, Vec<usize>> = read_json(stored)?;
    let format = selection.format.first().copied().unwrap_or(FormatName::Tt);
    let mut planned = Vec::new();
    for layer in selected(path, file, selection)? {
        let scheme = match ranks.remove(&layer.name) {
            None => None,
            Some(ranks) => {
                let about = |what: String| {
                    Failure::in_file(stored, format!("layer `{}`: {what}", layer.name))
                };
                let scheme = scheme(format, &layer.operator, &layer.shape, ranks);
                Some(scheme.map_err(about)?)
            }
        };
        planned.push(PlannedLayer::new(
            layer.name,
            layer.shape,
            layer.operator,
            scheme,
        ));
    }
    match ranks.keys().next() {
        None => Ok(Plan::of_layers(planned)),
        Some(name) => {
            let message = format!("layer `{name}` is not among the selected weights");
            Err(Failure::in_file(stored, message))
        }
    }
}

/// A scheme of these ranks in the first layout of the format.
fn scheme(
    format: FormatName,
    operator: &Operator,
    shape: &[usize],
    ranks: Vec<usize>,
) -> Result<Scheme, String> {
    let family = format.family().unwrap_or(Family::TensorTrain);
    let layouts = family
        .layouts(operator, shape)
        .map_err(|error| error.to_string())?;
    let layout: Tensorization = layouts
        .into_iter()
        .next()
        .ok_or("there is nothing to factor")?;
    let scheme = match format {
        FormatName::Tr => Scheme::tensor_ring(layout, ranks),
        FormatName::Tucker => Scheme::tucker(layout, TuckerRanks::from(ranks)),
        FormatName::Tt | FormatName::Ttm | FormatName::Svd => Scheme::tensor_train(layout, ranks),
    };
    scheme
        .and_then(|scheme| scheme.grouped(operator.groups()))
        .map_err(|error| error.to_string())
}
