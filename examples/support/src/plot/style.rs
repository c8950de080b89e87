//! Colours, lines and letters.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::style::{Color, IntoFont, RGBColor, ShapeStyle, TextStyle};

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

pub(super) const INK: RGBColor = RGBColor(51, 51, 51);
pub(super) const FRAME: RGBColor = RGBColor(150, 150, 150);
pub(super) const GRID: RGBColor = RGBColor(228, 228, 228);
/// Colours that are told apart with all kinds of colour vision (Okabe and Ito, 2008).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
];

/// The line of a curve; after the last colour the first comes again, thinner and paler.
pub(super) fn line(number: usize) -> ShapeStyle {
    let colour = COLOURS[number % COLOURS.len()];
    if number < COLOURS.len() {
        colour.stroke_width(2)
    } else {
        colour.mix(0.55).stroke_width(1)
    }
}

pub(super) fn text(size: i32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&INK)
}

/// A number of pixels in the type of coordinates.
pub(super) fn pixels(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}
