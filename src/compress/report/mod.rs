//! What a compressed network costs and loses.

#[cfg(feature = "plot")]
mod chart;
mod table;

use serde::{Deserialize, Serialize};

use super::total_error::total_error;
use super::{Cost, Dense, Scheme};

#[cfg(feature = "plot")]
pub use chart::{ChartError, Curve, curve_chart, layer_chart};

/// What a compressed network costs and loses: `Display` prints a table, `serde` makes an object with the keys
/// `parameters_before`, `parameters_after`, `macs_before`, `macs_after`, `relative_error` and `layers`.
///
/// Multiply-adds are for one sample, dense before and in the cheapest order of contraction after.
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Cost, LayerReport, Operator, Report};
///
/// let cost = Cost::dense(&Operator::linear(1), &[10, 4])?;
/// let mut layer = LayerReport::dense("fc", [10, 4], cost);
/// layer.after.parameters = 20;
/// let report = Report::of_layers(vec![layer]);
/// assert_eq!((report.parameter_ratio(), report.mac_ratio()), (2.0, 1.0));
/// assert!(report.to_string().ends_with("2.00 times fewer parameters, 1.00 times fewer multiply-adds"));
/// # Ok::<(), tt_admm::compress::CostError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Flat", into = "Flat")]
#[non_exhaustive]
pub struct Report {
    /// All layers, dense.
    pub before: Cost,
    /// All layers, compressed.
    pub after: Cost,
    /// `sqrt(sum |W - W'|^2 / sum |W|^2)` over all layers.
    pub relative_error: f64,
    /// Layer by layer.
    pub layers: Vec<LayerReport>,
}

/// One layer of a [`Report`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LayerReport {
    /// The name of the weight.
    pub name: String,
    /// The shape of the weight.
    pub shape: Vec<usize>,
    /// How it is factored; `None`: it is dense.
    pub scheme: Option<Scheme>,
    /// Why it is dense, where a plan says so.
    #[serde(default)]
    pub dense: Option<Dense>,
    /// Dense cost.
    pub before: Cost,
    /// Cost of the factors.
    pub after: Cost,
    /// `|W|_F`.
    pub norm: f64,
    /// `|W - W'|_F / |W|_F`.
    pub relative_error: f64,
}

impl Report {
    /// The totals of these layers.
    #[must_use]
    pub fn of_layers(layers: Vec<LayerReport>) -> Self {
        let errors = layers
            .iter()
            .map(|layer| (layer.norm, layer.relative_error));
        Self {
            before: layers.iter().map(|layer| layer.before).sum(),
            after: layers.iter().map(|layer| layer.after).sum(),
            relative_error: total_error(errors),
            layers,
        }
    }

    /// Dense parameters over compressed ones.
    #[must_use]
    pub fn parameter_ratio(&self) -> f64 {
        ratio(self.before.parameters, self.after.parameters)
    }

    /// Dense multiply-adds over compressed ones.
    #[must_use]
    pub fn mac_ratio(&self) -> f64 {
        ratio(self.before.macs, self.after.macs)
    }
}

impl LayerReport {
    /// A layer that is as it was.
    #[must_use]
    pub fn dense(name: impl Into<String>, shape: impl Into<Vec<usize>>, cost: Cost) -> Self {
        Self {
            name: name.into(),
            shape: shape.into(),
            scheme: None,
            dense: None,
            before: cost,
            after: cost,
            norm: 0.0,
            relative_error: 0.0,
        }
    }
}

/// 1 where there is nothing.
fn ratio(before: u64, after: u64) -> f64 {
    if before == after {
        1.0
    } else {
        before as f64 / after as f64
    }
}

/// What is stored.
#[derive(Debug, Serialize, Deserialize)]
struct Flat {
    parameters_before: u64,
    parameters_after: u64,
    macs_before: u64,
    macs_after: u64,
    relative_error: f64,
    layers: Vec<LayerReport>,
}

impl From<Report> for Flat {
    fn from(report: Report) -> Self {
        Self {
            parameters_before: report.before.parameters,
            parameters_after: report.after.parameters,
            macs_before: report.before.macs,
            macs_after: report.after.macs,
            relative_error: report.relative_error,
            layers: report.layers,
        }
    }
}

impl From<Flat> for Report {
    fn from(flat: Flat) -> Self {
        Self {
            before: Cost {
                parameters: flat.parameters_before,
                macs: flat.macs_before,
            },
            after: Cost {
                parameters: flat.parameters_after,
                macs: flat.macs_after,
            },
            relative_error: flat.relative_error,
            layers: flat.layers,
        }
    }
}
