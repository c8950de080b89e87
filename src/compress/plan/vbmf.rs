//! The rank that variational Bayesian matrix factorisation finds.

/// The number of singular values above the noise, at least 1; `tail` has the energies beyond rank 1, 2, ... as shares of the
/// whole.
///
/// Nakajima, Sugiyama, Babacan, Tomioka (JMLR 14, 2013): theorem 2 (threshold), theorem 5 (noise variance), the constant of
/// section 5.
pub(super) fn vbmf_rank(tail: &[f64], sides: [usize; 2]) -> usize {
    let mut energies = energies(tail);
    // The logarithm of exact zeros is left out below.
    energies.retain(|&energy| energy > 0.0);
    let (l, m) = (sides[0].min(sides[1]) as f64, sides[0].max(sides[1]) as f64);
    let alpha = l / m;
    let tau_bar = 2.5129 * alpha.sqrt();
    let x_bar = (1.0 + tau_bar) * (1.0 + alpha / tau_bar);
    // Between the variance of everything and that of what cannot be signal.
    let upper = energies.iter().sum::<f64>() / (l * m);
    if energies.is_empty() || upper <= 0.0 {
        return 1;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 1 and the shorter side"
    )]
    let signals = ((l / (1.0 + alpha)).ceil() as usize).max(1) - 1;
    let rest = energies.get(signals..).unwrap_or_default();
    let zeros = l - energies.len() as f64;
    let mean = rest.iter().sum::<f64>() / ((l - signals as f64) * m);
    let first = rest.first().map_or(0.0, |energy| energy / (m * x_bar));
    let lower = first.max(mean).max(upper * 1e-12);
    let objective = |log_variance: f64| {
        let variance = log_variance.exp();
        let mut value = 0.0;
        for energy in &energies {
            let x = (energy / (m * variance)).max(f64::MIN_POSITIVE);
            value += if x > x_bar {
                let tau = tau(x, alpha);
                x - tau + ((tau + 1.0) / x).ln() + alpha * (tau / alpha + 1.0).ln()
            } else {
                x - x.ln()
            };
        }
        value + zeros * log_variance
    };
    let variance = minimum(lower.ln(), upper.ln().max(lower.ln()), objective).exp();
    let threshold = m * variance * x_bar;
    energies.iter().filter(|&&x| x > threshold).count().max(1)
}

fn tau(x: f64, alpha: f64) -> f64 {
    let shifted = x - (1.0 + alpha);
    0.5 * (shifted + (shifted * shifted - 4.0 * alpha).max(0.0).sqrt())
}

/// Squared singular values from their tail sums; the largest is what the others leave of 1.
fn energies(tail: &[f64]) -> Vec<f64> {
    let before = std::iter::once(1.0).chain(tail.iter().copied());
    before
        .zip(tail)
        .map(|(before, &beyond)| (before - beyond).max(0.0))
        .collect()
}

/// The smallest value of a function of one variable: the best of a grid, then golden section around it.
fn minimum(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    const GRID: u32 = 256;
    let step = (high - low) / f64::from(GRID);
    let at = |k: u32| low + step * f64::from(k);
    let best = (0..=GRID).min_by(|&a, &b| f(at(a)).total_cmp(&f(at(b))));
    let best = at(best.unwrap_or(0));
    let (mut a, mut b) = ((best - step).max(low), (best + step).min(high));
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    for _ in 0..60 {
        let width = golden * (b - a);
        let (left, right) = (b - width, a + width);
        if f(left) <= f(right) {
            b = right;
        } else {
            a = left;
        }
    }
    a.midpoint(b)
}
