//! The error of all layers together.

/// A norm in whose unit the squares of these norms neither under- nor overflow.
pub(super) fn unit(norms: impl Iterator<Item = f64>) -> f64 {
    let largest = norms.fold(0.0, f64::max);
    if largest > 0.0 { largest } else { 1.0 }
}

/// `sqrt(sum |W - W'|^2 / sum |W|^2)` from pairs of norm and relative error; 0 where nothing is lost.
pub(super) fn total_error(layers: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let unit = unit(layers.clone().map(|(norm, _)| norm));
    let lost: f64 = layers
        .clone()
        .map(|(norm, error)| (norm / unit * error).powi(2))
        .sum();
    let whole: f64 = layers.map(|(norm, _)| (norm / unit).powi(2)).sum();
    if lost > 0.0 {
        (lost / whole).sqrt()
    } else {
        0.0
    }
}
