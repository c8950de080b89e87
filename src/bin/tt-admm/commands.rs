//! The four commands.

use std::path::Path;

use tt_admm::compress::{
    Budget, Curve, Plan, PlanError, Report, curve_chart, layer_chart, plan_curve, plan_uniform,
};
use tt_admm::io::TensorFile;

use crate::args::{CompressArguments, ExpandArguments, PlanArguments, ReportArguments, Selection};
use crate::budget::{planned, profiles};
use crate::error::Failure;
use crate::layers::selected;
use crate::{model, output};

pub(crate) fn plan(arguments: &PlanArguments) -> Result<(), Failure> {
    let force = arguments.printing.force;
    output::may_write(arguments.out.as_deref(), force)?;
    output::may_write(arguments.chart.as_deref(), force)?;
    let path = &arguments.planning.model;
    let file = TensorFile::read(path)?;
    let plan = planned(&file, &arguments.planning)?;
    if let Some(out) = &arguments.out {
        output::write_text(out, &model::json(&plan)?)?;
    }
    if let Some(chart) = &arguments.chart {
        output::write_text(
            chart,
            &curves(path, &file, &arguments.planning.selection, &plan)?,
        )?;
    }
    output::print(&if arguments.printing.json {
        model::json(&plan)?
    } else {
        plan.to_string()
    })
}

/// Error against ratio, by planning and by the uniform rule.
fn curves(
    path: &Path,
    file: &TensorFile,
    selection: &Selection,
    plan: &Plan,
) -> Result<String, Failure> {
    let layers = selected(path, file, selection)?;
    let profiles = profiles(path, file, &layers, selection, false)?;
    let failed = |error| Failure::of_plan(path, &error);
    let cost = |plan: &Plan| plan.cost().map(|cost| cost.parameters as f64);
    let dense = plan.dense_cost().map_err(failed)?.parameters as f64;
    let ratios: Vec<f64> = (0..=36)
        .map(|k| 10.0_f64.powf(f64::from(k) / 36.0))
        .collect();
    // Beyond what the smallest ranks give, a curve ends.
    let reached = match plan_curve(&profiles, &[Budget::parameters(0)]) {
        Err(PlanError::TooSmall {
            smallest, dense, ..
        }) => {
            let fits = |ratio: &&f64| (dense as f64 / **ratio).floor() >= smallest as f64;
            ratios.iter().filter(fits).copied().collect()
        }
        _ => ratios.clone(),
    };
    let budgets: Vec<Budget> = reached
        .iter()
        .map(|&r| Budget::parameter_ratio(r))
        .collect();
    let plans = plan_curve(&profiles, &budgets).map_err(failed)?;
    let errors = plans.iter().map(Plan::relative_error);
    let by_plan: Vec<(f64, f64)> = reached.into_iter().zip(errors).collect();
    let mut by_rule = Vec::new();
    for &ratio in &ratios {
        let uniform = plan_uniform(&profiles, ratio).map_err(failed)?;
        by_rule.push((
            dense / cost(&uniform).map_err(failed)?,
            uniform.relative_error(),
        ));
    }
    let curves = [
        Curve::new("planned", by_plan),
        Curve::new("uniform", by_rule),
    ];
    curve_chart(&curves).map_err(|error| Failure::in_file(path, error))
}

pub(crate) fn compress(arguments: &CompressArguments) -> Result<(), Failure> {
    let force = arguments.printing.force;
    output::may_write(Some(&arguments.out), force)?;
    output::may_write(arguments.chart.as_deref(), force)?;
    let path = &arguments.planning.model;
    let file = TensorFile::read(path)?;
    let plan = planned(&file, &arguments.planning)?;
    let (compressed, report) = model::compressed(path, &file, &plan)?;
    model::write(&compressed, &arguments.out, force)?;
    show(&report, arguments.chart.as_deref(), arguments.printing.json)
}

pub(crate) fn report(arguments: &ReportArguments) -> Result<(), Failure> {
    output::may_write(arguments.chart.as_deref(), arguments.printing.force)?;
    let path = &arguments.model;
    let file = TensorFile::read(path)?;
    let report = match model::stored_report(path, &file)? {
        Some(report) => match &arguments.original {
            None => report,
            Some(original) => model::measured_report(&file, &TensorFile::read(original)?, report)?,
        },
        None => model::dense_report(path, selected(path, &file, &arguments.selection)?)?,
    };
    show(&report, arguments.chart.as_deref(), arguments.printing.json)
}

pub(crate) fn expand(arguments: &ExpandArguments) -> Result<(), Failure> {
    output::may_write(Some(&arguments.out), arguments.force)?;
    let path = &arguments.model;
    let expanded = model::expanded(path, &TensorFile::read(path)?)?;
    model::write(&expanded, &arguments.out, arguments.force)
}

fn show(report: &Report, chart: Option<&Path>, json: bool) -> Result<(), Failure> {
    if let Some(chart) = chart {
        let svg = layer_chart(report).map_err(|error| Failure::in_file(chart, error))?;
        output::write_text(chart, &svg)?;
    }
    output::print(&if json {
        model::json(report)?
    } else {
        report.to_string()
    })
}
