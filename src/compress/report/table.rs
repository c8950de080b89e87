//! Reports and plans as tables.

use std::fmt::{self, Write as _};

use super::Report;
use crate::compress::{Cost, Dense, Format, Plan, Scheme};

/// Columns of text, numbers to the right.
struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(header: &[&str]) -> Self {
        let header = header.iter().map(|&title| title.to_owned());
        Self {
            rows: vec![header.collect()],
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Columns of words: name, shape, format, tensor, ranks.
        const WORDS: usize = 5;
        let columns = self.rows[0].len();
        let width = |column: usize| {
            let cells = self.rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for (k, row) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let gap = if column == 0 { "" } else { "  " };
                if column < WORDS {
                    write!(line, "{gap}{cell:<width$}")?;
                } else {
                    write!(line, "{gap}{cell:>width$}")?;
                }
            }
            let end = if k + 1 == self.rows.len() { "" } else { "\n" };
            write!(f, "{}{end}", line.trim_end())?;
        }
        Ok(())
    }
}

const TITLES: [&str; 10] = [
    "layer",
    "shape",
    "format",
    "tensor",
    "ranks",
    "parameters",
    "after",
    "MACs",
    "after",
    "error",
];

/// A report as a table, the totals last.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&TITLES);
        for layer in &self.layers {
            let words = words(layer.scheme.as_ref(), layer.dense);
            let start = vec![layer.name.clone(), joined(&layer.shape, "x")];
            let costs = costs(layer.before, layer.after);
            let error = vec![format!("{:.4}", layer.relative_error)];
            table.rows.push([start, words, costs, error].concat());
        }
        let start = ["total", "", "", "", ""].map(str::to_owned).to_vec();
        let error = vec![format!("{:.4}", self.relative_error)];
        table
            .rows
            .push([start, costs(self.before, self.after), error].concat());
        write!(
            f,
            "{table}\n{:.2} times fewer parameters, {:.2} times fewer multiply-adds",
            self.parameter_ratio(),
            self.mac_ratio()
        )
    }
}

/// A plan as a table, the totals last. Costs that cannot be counted are shown as `-`.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(&TITLES);
        let costs = |before: Option<Cost>, after: Option<Cost>| match (before, after) {
            (Some(before), Some(after)) => costs(before, after),
            _ => vec!["-".to_owned(); 4],
        };
        for layer in self.layers() {
            let words = words(layer.scheme.as_ref(), layer.dense);
            let start = vec![layer.name.clone(), joined(&layer.shape, "x")];
            let costs = costs(layer.dense_cost().ok(), layer.cost().ok());
            let error = vec![format!("{:.4}", layer.relative_error)];
            table.rows.push([start, words, costs, error].concat());
        }
        let start = ["total", "", "", "", ""].map(str::to_owned).to_vec();
        let costs = costs(self.dense_cost().ok(), self.cost().ok());
        let error = vec![format!("{:.4}", self.relative_error())];
        table.rows.push([start, costs, error].concat());
        write!(f, "{table}")
    }
}

fn words(scheme: Option<&Scheme>, dense: Option<Dense>) -> Vec<String> {
    let Some(scheme) = scheme else {
        let why = match dense {
            None => "",
            Some(Dense::Best) => "nothing smaller pays",
            Some(Dense::NothingToFactor) => "nothing to factor",
        };
        return ["dense", why, ""].map(str::to_owned).to_vec();
    };
    let format = match scheme.format() {
        Format::TensorTrain => "TT",
        Format::Tucker => "Tucker",
        Format::TensorRing => "TR",
    };
    let groups = match scheme.groups() {
        1 => String::new(),
        groups => format!("{groups} of "),
    };
    let tensor = joined(scheme.layout().tensor_shape(), "x");
    vec![
        format.to_owned(),
        groups + &tensor,
        joined(scheme.ranks(), ","),
    ]
}

fn costs(before: Cost, after: Cost) -> Vec<String> {
    let numbers = [before.parameters, after.parameters, before.macs, after.macs];
    numbers.map(|n| n.to_string()).to_vec()
}

fn joined(numbers: &[usize], by: &str) -> String {
    let words: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    words.join(by)
}
