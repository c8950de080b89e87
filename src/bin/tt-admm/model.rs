//! Files of weights, dense and compressed.

use std::collections::HashMap;
use std::path::Path;

use tt_admm::Scalar;
use tt_admm::compress::{Cost, DecomposedNetwork, Plan, PlannedLayer, Report, decompose_planned};
use tt_admm::io::{Dtype, Overwrite, TensorFile};

use crate::error::Failure;
use crate::output::Progress;

/// Where the plan and the report are in the metadata of a compressed file.
const PLAN: &str = "tt-admm.plan";
const REPORT: &str = "tt-admm.report";

/// Decomposes the layers of a plan, each in the precision of its weight, and puts factors in the place of weights.
pub(crate) fn compressed(
    path: &Path,
    file: &TensorFile,
    plan: &Plan,
) -> Result<(TensorFile, Report), Failure> {
    let progress = Progress::new("decomposing", plan.layers().len());
    let (double, single): (Vec<PlannedLayer>, Vec<PlannedLayer>) = plan
        .layers()
        .iter()
        .cloned()
        .partition(|layer| matches!(file.dtype(&layer.name), Ok(Dtype::F64)));
    let single = decomposed::<f32>(path, file, single, &progress)?;
    let double = decomposed::<f64>(path, file, double, &progress)?;
    let mut out = TensorFile::new();
    for name in file.names() {
        let factors = single.as_ref().and_then(|found| factors_of(found, name));
        if let Some(factors) = factors {
            out.insert_factors(name, factors)?;
            continue;
        }
        match double.as_ref().and_then(|found| factors_of(found, name)) {
            Some(factors) => out.insert_factors(name, factors)?,
            None => out.copy_from(file, name)?,
        }
    }
    for (key, value) in file.metadata() {
        out.set_metadata(key, value)?;
    }
    let reports = [
        single.map(|found| found.report),
        double.map(|found| found.report),
    ];
    let mut layers: Vec<_> = reports
        .into_iter()
        .flatten()
        .flat_map(|r| r.layers)
        .collect();
    let place = |name: &str| plan.layers().iter().position(|layer| layer.name == name);
    layers.sort_by_key(|layer| place(&layer.name));
    let report = Report::of_layers(layers);
    out.set_metadata(PLAN, json(plan)?)?;
    out.set_metadata(REPORT, json(&report)?)?;
    Ok((out, report))
}

fn decomposed<A: Scalar>(
    path: &Path,
    file: &TensorFile,
    layers: Vec<PlannedLayer>,
    progress: &Progress,
) -> Result<Option<DecomposedNetwork<A>>, Failure> {
    if layers.is_empty() {
        return Ok(None);
    }
    let plan = Plan::of_layers(layers);
    let weight = |name: &str| file.get_finite::<A>(name);
    decompose_planned(&plan, weight, &|name| progress.step(name))
        .map(Some)
        .map_err(|error| Failure::of_compress(path, &error))
}

fn factors_of<'n, A>(
    network: &'n DecomposedNetwork<A>,
    name: &str,
) -> Option<&'n tt_admm::Factors<A>> {
    let found = network.factors.iter().find(|(known, _)| known == name);
    found?.1.as_ref()
}

/// The file with dense weights in place of all factors.
pub(crate) fn expanded(path: &Path, file: &TensorFile) -> Result<TensorFile, Failure> {
    let factored: Vec<String> = file.factored()?;
    // A plan may have left everything dense.
    if factored.is_empty() && !file.metadata().contains_key(PLAN) {
        return Err(Failure::in_file(path, "there are no factors in this file"));
    }
    // By the first factor of each weight: only the description in the file says which tensors are factors.
    let mut others = file.clone();
    let mut weights = HashMap::new();
    for weight in &factored {
        let before = others.clone();
        others.remove_factors(weight)?;
        let first = before.names().find(|name| !others.contains(name));
        weights.extend(first.map(|name| (name.to_owned(), weight)));
    }
    let mut out = TensorFile::new();
    for name in file.names() {
        if others.contains(name) {
            out.copy_from(file, name)?;
        } else if let Some(weight) = weights.get(name) {
            if file.dtype(name)? == Dtype::F64 {
                out.insert(*weight, &file.get_factors::<f64>(weight)?.to_dense())?;
            } else {
                out.insert(*weight, &file.get_factors::<f32>(weight)?.to_dense())?;
            }
        }
    }
    for (key, value) in file.metadata() {
        if !key.starts_with("tt-admm") {
            out.set_metadata(key, value)?;
        }
    }
    Ok(out)
}

/// The report that a compressed file carries.
pub(crate) fn stored_report(path: &Path, file: &TensorFile) -> Result<Option<Report>, Failure> {
    let Some(text) = file.metadata().get(REPORT) else {
        return Ok(None);
    };
    let wrong = |error| Failure::in_file(path, format!("metadata `{REPORT}`: {error}"));
    serde_json::from_str(text).map(Some).map_err(wrong)
}

/// The report with errors measured against the original weights.
pub(crate) fn measured_report(
    file: &TensorFile,
    original: &TensorFile,
    mut report: Report,
) -> Result<Report, Failure> {
    for layer in &mut report.layers {
        if layer.scheme.is_none() {
            continue;
        }
        let weight = original.get_finite::<f64>(&layer.name)?;
        let dense = file.get_factors::<f64>(&layer.name)?.to_dense();
        if dense.shape() != weight.shape() {
            let message = format!(
                "tensor `{}` has shape {:?}, its factors make {:?}",
                layer.name,
                weight.shape(),
                dense.shape()
            );
            return Err(Failure::other(message));
        }
        let norm = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>().sqrt();
        layer.norm = norm(&mut weight.iter().copied());
        let lost = norm(&mut weight.iter().zip(&dense).map(|(a, b)| a - b));
        layer.relative_error = if lost == 0.0 { 0.0 } else { lost / layer.norm };
    }
    Ok(Report::of_layers(report.layers))
}

/// What the layers of a dense file cost.
pub(crate) fn dense_report(
    path: &Path,
    layers: Vec<crate::layers::Layer>,
) -> Result<Report, Failure> {
    let mut reports = Vec::with_capacity(layers.len());
    for layer in layers {
        let cost = Cost::dense(&layer.operator, &layer.shape)
            .map_err(|error| Failure::in_file(path, format!("tensor `{}`: {error}", layer.name)))?;
        reports.push(tt_admm::compress::LayerReport::dense(
            layer.name,
            layer.shape,
            cost,
        ));
    }
    Ok(Report::of_layers(reports))
}

/// What a file of JSON holds.
pub(crate) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text = std::fs::read_to_string(path).map_err(|e| Failure::in_file(path, e))?;
    serde_json::from_str(&text).map_err(|e| Failure::in_file(path, e))
}

/// Writes a file that is whole or absent.
pub(crate) fn write(file: &TensorFile, path: &Path, force: bool) -> Result<(), Failure> {
    let overwrite = if force {
        Overwrite::Replace
    } else {
        Overwrite::Refuse
    };
    Ok(file.write(path, overwrite)?)
}

pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(|error| Failure::other(error.to_string()))
}
