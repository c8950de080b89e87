//! The names of the curves, beside a panel.

use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::PathElement;
use plotters::style::ShapeStyle;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::curve::Curve;
use super::style::{Area, line, pixels, text};

/// Widths in pixels: of a letter (a generous guess: no font is at hand to measure), and of the line before
/// the name.
const LETTER: usize = 7;
const SWATCH: i32 = 16;
const GAP: i32 = 6;
const ROW: i32 = 17;
/// Letters of a name; of longer ones the end is shown.
const LONGEST: usize = 24;

/// Rows of a name and the style of its curve; the last row may stand for several curves.
#[derive(Debug, Clone)]
pub(super) struct Legend {
    rows: Vec<(String, Option<ShapeStyle>)>,
}

impl Legend {
    /// The legend of these curves in at most `height` pixels.
    pub(super) fn new(curves: &[Curve], height: i32) -> Self {
        let most = usize::try_from(height / ROW).unwrap_or(0).max(2);
        let mut rows: Vec<_> = curves
            .iter()
            .enumerate()
            .map(|(number, curve)| (shortened(&curve.label), Some(line(number))))
            .collect();
        if rows.len() > most {
            rows.truncate(most - 1);
            rows.push((format!("and {} more", curves.len() - rows.len()), None));
        }
        Self { rows }
    }

    pub(super) fn width(&self) -> i32 {
        let letters = self.rows.iter().map(|(label, _)| label.chars().count());
        letters
            .max()
            .map_or(0, |letters| 2 * GAP + SWATCH + pixels(LETTER * letters))
    }

    pub(super) fn draw(&self, area: &Area<'_>) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
        for (place, (label, style)) in self.rows.iter().enumerate() {
            let y = ROW / 2 + ROW * pixels(place);
            if let Some(style) = style {
                area.draw(&PathElement::new(vec![(GAP, y), (GAP + SWATCH, y)], *style))?;
            }
            let left = text(14).pos(Pos::new(HPos::Left, VPos::Center));
            area.draw_text(label, &left, (2 * GAP + SWATCH, y))?;
        }
        Ok(())
    }
}

/// The end of a long name: what tells layers apart is rather there.
fn shortened(label: &str) -> String {
    let letters = label.chars().count();
    if letters <= LONGEST {
        return label.to_owned();
    }
    let end = label.chars().skip(letters - LONGEST + 1);
    std::iter::once('…').chain(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curves(names: impl IntoIterator<Item = String>) -> Vec<Curve> {
        let curve = |label| Curve {
            label,
            points: Vec::new(),
        };
        names.into_iter().map(curve).collect()
    }

    #[test]
    fn many_names_and_long_names_fit() {
        let legend = Legend::new(&curves((0..40).map(|k| format!("conv{k}"))), 10 * ROW);
        assert_eq!(legend.rows.len(), 10);
        assert_eq!(legend.rows[8].0, "conv8");
        assert_eq!(legend.rows[9].0, "and 31 more");
        assert!(legend.rows[9].1.is_none());

        let all = Legend::new(&curves((0..10).map(|k| format!("conv{k}"))), 10 * ROW);
        assert_eq!(all.rows[9].0, "conv9");

        assert_eq!(
            shortened("backbone.layer3.block2.convolution1.weight"),
            "…ck2.convolution1.weight"
        );
        assert_eq!(
            shortened("exactly.24.letters.long."),
            "exactly.24.letters.long."
        );
        assert_eq!(Legend::new(&[], 100).width(), 0);
    }
}
