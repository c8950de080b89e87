//! One panel: frame, grid, curves and legend.

use plotters::chart::{ChartBuilder, LabelAreaPosition};
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::{Circle, PathElement};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::{self, Axis};
use super::curve::Curve;
use super::legend::Legend;
use super::style::{Area, FRAME, GRID, line, pixels, text};

/// With more records than these, points are joined only, not marked.
const MOST_MARKED: usize = 40;
/// Pixels above and below the chart, for the caption and the labels of the axis.
const CAPTION: i32 = 34;
const X_LABELS: i32 = 42;
const Y_LABELS: i32 = 58;

type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    Linear,
    Logarithmic,
}

impl Scale {
    fn axis(self, values: &[f64]) -> Option<Axis> {
        match self {
            Self::Linear => axis::linear(values),
            Self::Logarithmic => axis::logarithmic(values),
        }
    }

    /// Where on the axis a value is.
    fn place(self, value: f64, axis: &Axis) -> f64 {
        match self {
            Self::Linear => value,
            Self::Logarithmic if value > 0.0 => value.log10().max(axis.low),
            Self::Logarithmic => axis.low,
        }
    }

    fn label(self, place: f64) -> String {
        match self {
            Self::Linear => axis::label(place),
            Self::Logarithmic => axis::power_label(place),
        }
    }
}

/// Curves over the iterations.
#[derive(Debug, Clone)]
pub(super) struct Panel {
    pub(super) title: &'static str,
    pub(super) scale: Scale,
    pub(super) with_legend: bool,
    /// The first and the last one.
    pub(super) iterations: [usize; 2],
    pub(super) curves: Vec<Curve>,
}

impl Panel {
    /// The legend for an area of this height.
    pub(super) fn legend(&self, height: u32) -> Legend {
        let named = if self.with_legend {
            &self.curves[..]
        } else {
            &[]
        };
        Legend::new(named, pixels(height) - CAPTION - X_LABELS)
    }

    /// Draws into an area that has `legend_width` pixels on the right for the legend.
    pub(super) fn draw(&self, area: &Area<'_>, legend_width: i32) -> Drawn {
        let (width, height) = area.dim_in_pixel();
        let (chart, beside) = area.split_horizontally(pixels(width) - legend_width);
        self.legend(height).draw(&beside.margin(CAPTION, 0, 0, 0))?;
        self.draw_chart(&chart)
    }

    fn draw_chart(&self, area: &Area<'_>) -> Drawn {
        let x = axis::iterations(self.iterations);
        let values: Vec<f64> = self.curves.iter().flat_map(Curve::values).collect();
        let found = self.scale.axis(&values);
        let nothing = found.is_none();
        let y = found.unwrap_or(Axis {
            low: 0.0,
            high: 1.0,
            ticks: Vec::new(),
        });
        let (top, caption) = area.split_vertically(CAPTION);
        let centre = Pos::new(HPos::Center, VPos::Center);
        let (width, height) = caption.dim_in_pixel();
        let middle = i32::midpoint(Y_LABELS, pixels(width));
        top.draw_text(self.title, &text(18).pos(centre), (middle, CAPTION / 2))?;
        let mut chart = ChartBuilder::on(&caption)
            .margin_right(6)
            .set_label_area_size(LabelAreaPosition::Left, Y_LABELS)
            .set_label_area_size(LabelAreaPosition::Bottom, X_LABELS)
            .build_cartesian_2d(x, y.clone())?;
        chart
            .configure_mesh()
            .bold_line_style(GRID)
            .light_line_style(GRID.mix(0.0))
            .axis_style(FRAME)
            .label_style(text(14))
            .x_desc("iteration")
            .axis_desc_style(text(14))
            .x_label_formatter(&|x| axis::label(*x))
            .y_label_formatter(&|place| self.scale.label(*place))
            .draw()?;
        if nothing {
            let message = text(16).color(&FRAME).pos(centre);
            let place = (middle, (pixels(height) - X_LABELS) / 2);
            return caption.draw_text("none reported", &message, place);
        }
        for (number, curve) in self.curves.iter().enumerate() {
            let style = line(number);
            let mark_all = curve.points.len() <= MOST_MARKED;
            // Runs of points without a gap.
            for run in curve.points.split(|(_, value)| value.is_none()) {
                let point = |&(iteration, value): &(usize, Option<f64>)| {
                    let value = value.unwrap_or(y.low);
                    (iteration as f64, self.scale.place(value, &y))
                };
                let run: Vec<(f64, f64)> = run.iter().map(point).collect();
                if mark_all || run.len() == 1 {
                    let mark = |&point: &(f64, f64)| Circle::new(point, 3, style.filled());
                    chart.draw_series(run.iter().map(mark))?;
                }
                chart.draw_series([PathElement::new(run, style)])?;
            }
        }
        Ok(())
    }
}
