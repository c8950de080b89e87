//! One row for each iteration and block.

use std::collections::HashMap;
use std::io;

use super::FIGURES;
use crate::admm::Record;

/// Writes a history as CSV, one row for each iteration and block. Needs the feature `history`.
///
/// The columns are `iteration`, `weight`, `block` (which of the blocks on this weight, counted from 0), `rho`,
/// `primal`, `relative_primal`, `dual`, `relative_dual`, `weight_norm`, `z_norm`, `u_norm`,
/// `projection_distance`, `residual_ratio` (all as in
/// [`BlockRecord`](crate::admm::BlockRecord)), `loss`, and then
/// one for each metric that occurs in any record, in the order of first appearance. Loss and metrics are those
/// of the iteration, the same in the rows of all its blocks.
///
/// - A cell is empty where there is no value. Numbers have the fewest digits that read back as the same `f64`;
///   those that are not finite are `inf`, `-inf`, `NaN`.
/// - Fields with commas, quotes or newlines are quoted (RFC 4180); rows end in a newline.
/// - A metric with the name of one of the columns above gets the prefix `metric_`, and so does one whose name
///   is such a name with the prefix: no two columns have the same name.
/// - If a record has several metrics of one name, the last counts.
///
/// # Errors
///
/// Those of `writer`.
///
/// # Examples
///
/// ```
/// use tt_admm::{Admm, TtProjection, admm, ndarray::array};
///
/// let w = array![[1.0, 0.0], [0.0, 0.5]];
/// let mut admm = Admm::<f64>::builder()
///     .constrain("fc1", TtProjection::new(1))
///     .rho(2.0)
///     .build_from(|_| w.view().into_dyn())?;
/// admm.update(|_| w.view().into_dyn())?;
/// let mut text = Vec::new();
/// admm::write_csv(admm.history(), &mut text)?;
/// let text = String::from_utf8(text)?;
/// assert!(text.starts_with("iteration,weight,block,rho,primal,"));
/// assert!(text.lines().nth(1).unwrap().starts_with("1,fc1,0,2.0,0.5,"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_csv(history: &[Record], writer: impl io::Write) -> io::Result<()> {
    // The metrics in the order of first appearance, and the place of each.
    let mut names: Vec<&str> = Vec::new();
    let mut places = HashMap::new();
    for (name, _) in history.iter().flat_map(Record::metrics) {
        places.entry(name.as_str()).or_insert_with(|| {
            names.push(name);
            names.len() - 1
        });
    }
    let mut csv = csv::Writer::from_writer(writer);
    for column in fixed_columns() {
        csv.write_field(column)?;
    }
    csv.write_record(names.iter().map(|name| metric_column(name)))?;
    for record in history {
        let mut metrics = vec![String::new(); names.len()];
        for (name, value) in record.metrics() {
            metrics[places[name.as_str()]] = cell(*value);
        }
        for block in record.blocks() {
            csv.write_field(record.iteration().to_string())?;
            csv.write_field(block.weight())?;
            csv.write_field(block.ordinal().to_string())?;
            for (_, figure) in FIGURES {
                csv.write_field(cell(figure(block)))?;
            }
            csv.write_field(record.loss().map(cell).unwrap_or_default())?;
            csv.write_record(&metrics)?;
        }
    }
    csv.flush()
}

fn fixed_columns() -> impl Iterator<Item = &'static str> {
    let figures = FIGURES.iter().map(|(name, _)| *name);
    let before = ["iteration", "weight", "block"];
    before.into_iter().chain(figures).chain(["loss"])
}

/// The name of a metric, with a prefix where it would repeat the name of another column.
fn metric_column(name: &str) -> String {
    let bare = name.trim_start_matches("metric_");
    if fixed_columns().any(|column| column == bare) {
        format!("metric_{name}")
    } else {
        name.to_owned()
    }
}

/// The fewest digits that read back as the same number.
fn cell(value: f64) -> String {
    format!("{value:?}")
}
