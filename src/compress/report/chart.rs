//! Charts of plans and reports, as SVG.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::Report;

/// A chart could not be drawn: there is nothing to show, or the drawing library failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the chart cannot be drawn: {what}")]
pub struct ChartError {
    what: String,
}

impl ChartError {
    fn new(error: impl ToString) -> Self {
        Self {
            what: error.to_string(),
        }
    }
}

/// A line of a chart: its name, and points of budget and relative error.
///
/// # Examples
///
/// ```
/// let planned = tt_admm::compress::Curve::new("planned", [(1.0, 0.0), (2.0, 0.3), (4.0, 0.6)]);
/// assert_eq!(planned.points().len(), 3);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    name: String,
    points: Vec<(f64, f64)>,
}

impl Curve {
    /// A line through these points.
    #[must_use]
    pub fn new(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self {
            name: name.into(),
            points: points.into_iter().collect(),
        }
    }

    /// The points.
    #[must_use]
    pub fn points(&self) -> &[(f64, f64)] {
        &self.points
    }
}

const WIDTH: u32 = 900;
/// No coordinate is larger.
const FARTHEST: f64 = 1e100;
const SURFACE: RGBColor = RGBColor(255, 255, 255);
const INK: RGBColor = RGBColor(40, 40, 40);
const GRID: RGBColor = RGBColor(225, 225, 225);
const DENSE: RGBColor = RGBColor(200, 204, 210);
/// Distinct for readers with any colour vision.
const LINES: [RGBColor; 4] = [
    RGBColor(0, 92, 175),
    RGBColor(213, 94, 0),
    RGBColor(0, 128, 96),
    RGBColor(150, 90, 160),
];

/// Relative error against the compression ratio, one line for each curve, as an SVG document.
///
/// # Errors
///
/// [`ChartError`] if there is no point, or one that is not finite or beyond `1e100`.
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Curve, curve_chart};
///
/// let planned = Curve::new("planned", [(1.0, 0.0), (2.0, 0.3), (4.0, 0.6)]);
/// let uniform = Curve::new("uniform", [(1.0, 0.0), (2.0, 0.4), (4.0, 0.7)]);
/// let svg = curve_chart(&[planned, uniform])?;
/// assert!(svg.starts_with("<svg") && svg.contains("uniform"));
/// # Ok::<(), tt_admm::compress::ChartError>(())
/// ```
pub fn curve_chart(curves: &[Curve]) -> Result<String, ChartError> {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    if points().next().is_none() {
        return Err(ChartError::new("there are no points"));
    }
    let drawable = |x: f64| x.abs() <= FARTHEST;
    if points().any(|&(x, y)| !drawable(x) || !drawable(y)) {
        return Err(ChartError::new("a point is not finite, or beyond 1e100"));
    }
    let bounds = |part: &dyn Fn(&(f64, f64)) -> f64| {
        points().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), p| {
            (low.min(part(p)), high.max(part(p)))
        })
    };
    let (left, right) = bounds(&|p| p.0);
    let top = bounds(&|p| p.1).1.max(1e-12) * 1.06;
    // Ticks have to differ by more than rounding.
    let least = 1e-6 * left.abs().max(right.abs());
    let right = if right - left > least {
        right
    } else {
        left + least.max(1.0)
    };
    drawn((WIDTH, 520), |root| {
        let mut chart = ChartBuilder::on(root)
            .margin(18)
            .x_label_area_size(46)
            .y_label_area_size(64)
            .build_cartesian_2d(left..right, 0.0..top)
            .map_err(ChartError::new)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(INK)
            .label_style(("sans-serif", 15).into_font().color(&INK))
            .x_desc("times fewer parameters")
            .y_desc("relative error")
            .draw()
            .map_err(ChartError::new)?;
        for (k, curve) in curves.iter().enumerate() {
            let colour = LINES[k % LINES.len()];
            let line = LineSeries::new(curve.points.iter().copied(), colour.stroke_width(2));
            chart
                .draw_series(line)
                .map_err(ChartError::new)?
                .label(printable(&curve.name))
                .legend(move |(x, y)| {
                    PathElement::new([(x, y), (x + 22, y)], colour.stroke_width(2))
                });
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .background_style(SURFACE)
            .label_font(("sans-serif", 15).into_font().color(&INK))
            .draw()
            .map_err(ChartError::new)
    })
}

/// Parameters of every layer before and after, with the relative error of each, as an SVG document.
///
/// # Errors
///
/// [`ChartError`] if the report has no layers.
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Cost, LayerReport, Operator, Report, layer_chart};
///
/// let cost = Cost::dense(&Operator::linear(1), &[30, 20])?;
/// let report = Report::of_layers(vec![LayerReport::dense("fc1", [30, 20], cost)]);
/// let svg = layer_chart(&report)?;
/// assert!(svg.contains("fc1") && svg.contains("600 of 600 parameters"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn layer_chart(report: &Report) -> Result<String, ChartError> {
    const ROW: u32 = 22;
    let layers = &report.layers;
    let rows = u32::try_from(layers.len()).map_err(ChartError::new)?;
    if rows == 0 {
        return Err(ChartError::new("there are no layers"));
    }
    let height = rows.saturating_mul(ROW).saturating_add(70);
    let most = layers.iter().map(|layer| layer.before.parameters).max();
    let most = most.unwrap_or(0).max(1) as f64;
    let (from, length) = (290_i32, f64::from(WIDTH) - 290.0 - 90.0);
    #[expect(clippy::cast_possible_truncation, reason = "pixels within the width")]
    let bar = |n: u64| (n as f64 / most * length).round().min(length) as i32;
    let text = |size: i32| ("sans-serif", size).into_font().color(&INK);
    drawn((WIDTH, height), |root| {
        let put = |words: String, x: i32, y: i32| {
            root.draw(&Text::new(words, (x, y), text(13)))
                .map_err(ChartError::new)
        };
        put("layer".into(), 14, 14)?;
        put(
            "parameters: dense (grey) and compressed (blue)".into(),
            from,
            14,
        )?;
        put("error".into(), 840, 14)?;
        let mut top = 38;
        for layer in layers {
            put(printable(&layer.name), 14, top)?;
            let before = [(from, top), (from + bar(layer.before.parameters), top + 14)];
            let after = [
                (from, top + 3),
                (from + bar(layer.after.parameters), top + 11),
            ];
            let bars = [(before, DENSE), (after, LINES[0])];
            for (corners, colour) in bars {
                let bar = Rectangle::new(corners, colour.filled());
                root.draw(&bar).map_err(ChartError::new)?;
            }
            put(format!("{:.4}", layer.relative_error), 840, top)?;
            top += 22;
        }
        let totals = format!(
            "{} of {} parameters ({:.2} times fewer), relative error {:.4}",
            report.after.parameters,
            report.before.parameters,
            report.parameter_ratio(),
            report.relative_error
        );
        put(totals, 14, top + 6)
    })
}

/// A name without the characters that no SVG document may have.
fn printable(name: &str) -> String {
    let allowed = |c: char| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}');
    let shown = name.chars().map(|c| if allowed(c) { c } else { ' ' });
    shown.collect()
}

/// An SVG document of this size.
fn drawn(
    size: (u32, u32),
    draw: impl FnOnce(&DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), ChartError>,
) -> Result<String, ChartError> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        root.fill(&SURFACE).map_err(ChartError::new)?;
        draw(&root)?;
        root.present().map_err(ChartError::new)?;
    }
    Ok(svg)
}
