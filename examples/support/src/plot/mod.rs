//! The history of an ADMM run as a picture.

mod axis;
mod curve;
mod legend;
mod panel;
mod style;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::style::WHITE;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use thiserror::Error;
use tt_admm::admm::Record;

use panel::{Panel, Scale};
use style::{pixels, text};

/// Width and height of the picture.
const SIZE: (u32, u32) = (1160, 760);

/// A picture that could not be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlotError {
    /// There is nothing to draw.
    #[error("the history is empty: there is nothing to plot")]
    Empty,
    /// The drawing library failed.
    #[error("cannot draw the history: {0}")]
    Draw(String),
    /// The file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Draws the history of a run as an SVG of four panels over the iterations.
///
/// - the relative primal and dual residual of all layers together, on a logarithmic axis;
/// - for every constrained weight the relative distance `|W + U - Z| / |W|` that its projection has moved it,
///   logarithmic too;
/// - the loss, and the metric called `accuracy`, as [`TrainSummary`](tt_admm::admm::TrainSummary) told them.
///
/// A logarithmic axis has at most eight decades; smaller values, and 0, are drawn on its lower edge. Values that are missing or not finite leave
/// a gap; a panel without any value says so. Nothing but the file is needed: no fonts, no display.
///
/// # Errors
///
/// [`PlotError::Empty`] without records, [`PlotError::Write`] if the file cannot be written.
///
/// # Examples
///
/// ```no_run
/// # fn example(admm: &tt_admm::Admm<f32>) -> Result<(), example_support::plot::PlotError> {
/// example_support::plot::convergence("convergence.svg".as_ref(), "ADMM on Fashion-MNIST", admm.history())?;
/// # Ok(())
/// # }
/// ```
pub fn convergence(path: &Path, title: &str, history: &[Record]) -> Result<(), PlotError> {
    let svg = picture(title, &panels(history)?)?;
    std::fs::write(path, svg).map_err(|source| PlotError::Write {
        path: path.to_owned(),
        source,
    })
}

fn panels(history: &[Record]) -> Result<[Panel; 4], PlotError> {
    let (Some(first), Some(last)) = (history.first(), history.last()) else {
        return Err(PlotError::Empty);
    };
    let iterations = [first.iteration(), last.iteration()];
    let panel = |title, scale, curves: Vec<curve::Curve>| Panel {
        title,
        scale,
        with_legend: scale == Scale::Logarithmic,
        iterations,
        curves,
    };
    Ok([
        panel(
            "Relative residuals of all layers",
            Scale::Logarithmic,
            curve::residuals(history),
        ),
        panel(
            "Projection error |W + U − Z| / |W| per layer",
            Scale::Logarithmic,
            curve::projection_errors(history),
        ),
        panel("Training loss", Scale::Linear, curve::loss(history)),
        panel("Accuracy", Scale::Linear, curve::accuracy(history)),
    ])
}

fn picture(title: &str, panels: &[Panel; 4]) -> Result<String, PlotError> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        root.fill(&WHITE).map_err(draw_error)?;
        let centre = Pos::new(HPos::Center, VPos::Center);
        let middle = (pixels(SIZE.0) / 2, 24);
        root.draw_text(title, &text(24).pos(centre), middle)
            .map_err(draw_error)?;
        let areas = root.margin(48, 8, 10, 10).split_evenly((2, 2));
        let areas: Vec<_> = areas.iter().map(|area| area.margin(4, 4, 8, 8)).collect();
        // Both panels of a column leave the same room for a legend, so that their axes are aligned.
        let widths = panels.each_ref().map(|panel| {
            let height = areas.first().map_or(0, |area| area.dim_in_pixel().1);
            panel.legend(height).width()
        });
        for (place, (panel, area)) in panels.iter().zip(&areas).enumerate() {
            let column = place % 2;
            let legend_width = widths[column].max(widths[column + 2]);
            panel.draw(area, legend_width).map_err(draw_error)?;
        }
        root.present().map_err(draw_error)?;
    }
    Ok(svg)
}

fn draw_error(error: impl std::fmt::Display) -> PlotError {
    PlotError::Draw(error.to_string())
}
