//! Ranges and ticks.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

/// The length of a logarithmic axis: no longer than where rounding begins to be the topic, no shorter than
/// what has two digits in it everywhere.
const MOST_DECADES: f64 = 8.0;
const LEAST_DECADES: f64 = 0.48;

/// An axis: what it shows, and where its ticks are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) ticks: Vec<f64>,
}

/// The drawing library's view of an axis.
impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    #[allow(clippy::cast_possible_truncation)] // pixels
    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        let share = (value - self.low) / (self.high - self.low);
        start + (share * f64::from(end - start)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            Vec::new()
        } else {
            self.ticks.clone()
        }
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

/// The iterations, with ticks at whole numbers only.
pub(super) fn iterations([first, last]: [usize; 2]) -> Axis {
    let step = nice_step((last - first) as f64 / 8.0).max(1.0);
    Axis {
        // A single iteration is put in the middle.
        low: first as f64 - if first == last { 1.0 } else { 0.0 },
        high: last as f64 + if first == last { 1.0 } else { 0.0 },
        ticks: multiples(step, first as f64, last as f64),
    }
}

/// A linear axis for these values, with some room on both sides.
pub(super) fn linear(values: &[f64]) -> Option<Axis> {
    let (least, most) = bounds(values.iter().copied())?;
    let span = most - least;
    // Equal values, or values that differ by rounding, are put in the middle of an axis of visible length.
    let enough = (1e-6 * least.abs().max(most.abs())).max(1e-12);
    let room = if span > enough {
        0.06 * span
    } else {
        least.abs().max(most.abs()).mul_add(0.05, 1e-3)
    };
    let (low, high) = (least - room, most + room);
    let ticks = multiples(nice_step((high - low) / 6.0), low, high);
    (room.is_finite() && span.is_finite()).then_some(Axis { low, high, ticks })
}

/// A logarithmic axis for these values, in powers of ten: a value `v` is at `log10(v)`; 0, and what is too
/// small to matter beside the largest, belongs on the lower edge.
pub(super) fn logarithmic(values: &[f64]) -> Option<Axis> {
    if values.is_empty() {
        return None;
    }
    let positive = values.iter().filter(|&&value| value > 0.0);
    let (least, most) = bounds(positive.map(|value| value.log10())).unwrap_or((-1.0, 0.0));
    let least = least.max(most - MOST_DECADES);
    let room = (0.05 * (most - least)).max((LEAST_DECADES - (most - least)) / 2.0);
    let (low, high) = (least - room, most + room);
    let ticks = match high - low {
        short if short < 1.0 => digits(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], low, high),
        medium if medium < 3.0 => digits(&[1.0, 2.0, 5.0], low, high),
        _ => multiples(1.0, low, high),
    };
    Some(Axis { low, high, ticks })
}

/// The places of these digits in every decade of a logarithmic range.
fn digits(digits: &[f64], low: f64, high: f64) -> Vec<f64> {
    let decades = multiples(1.0, low - 1.0, high).into_iter();
    decades
        .flat_map(|decade| digits.iter().map(move |digit| decade + digit.log10()))
        .filter(|place| (low..=high).contains(place))
        .collect()
}

/// A number as a label: few digits, an exponent only where zeros would be many.
pub(super) fn label(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e5).contains(&size) {
        return format!("{value:.0e}");
    }
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".into()
    } else {
        text.into()
    }
}

/// The label of a power of ten, for a tick of a logarithmic axis.
pub(super) fn power_label(power: f64) -> String {
    // Ten to a logarithm is not exact; a tick has one digit.
    let rounded = format!("{:.0e}", 10_f64.powf(power));
    rounded.parse().map_or(rounded, label)
}

fn bounds(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |bounds, value| {
        let (least, most) = bounds.unwrap_or((value, value));
        Some((value.min(least), value.max(most)))
    })
}

/// The smallest of 1, 2, 5, 10, ... times a power of ten that is not below the step.
fn nice_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.max(1e-300).log10().floor());
    let digits = [1.0, 2.0, 5.0, 10.0].into_iter();
    digits
        .map(|digit| digit * power)
        .find(|nice| *nice >= 0.999 * step)
        .unwrap_or(10.0 * power)
}

/// The multiples of a step within a range; none if they would be absurdly many.
fn multiples(step: f64, low: f64, high: f64) -> Vec<f64> {
    let slack = 1e-9 * step;
    let first = ((low - slack) / step).ceil();
    let last = ((high + slack) / step).floor();
    let count = last - first;
    if !(0.0..100.0).contains(&count) {
        return Vec::new();
    }
    let mut multiples = vec![first * step];
    while multiples.len() as f64 <= count {
        multiples.push((first + multiples.len() as f64) * step);
    }
    multiples
}
