//! Numbers of twice the digits, as unevaluated sums of two `f64`.

use std::ops::Add;

/// `high + low`, where `high` is the sum rounded to `f64` (Dekker, Numer. Math. 18, 1971).
#[derive(Debug, Clone, Copy)]
pub(super) struct Exact {
    pub(super) high: f64,
    pub(super) low: f64,
}

impl Exact {
    /// `a b` without error, but for underflow.
    pub(super) fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        Self {
            high,
            low: a.mul_add(b, -high),
        }
    }

    /// Sine and cosine, also of large numbers accurate to rounding.
    pub(super) fn sin_cos(self) -> (f64, f64) {
        let (sin, cos) = self.high.sin_cos();
        let (low_sin, low_cos) = self.low.sin_cos();
        (sin * low_cos + cos * low_sin, cos * low_cos - sin * low_sin)
    }

    pub(super) fn exp(self) -> f64 {
        // Where `low` is not small, the exponential of `high` is 0 or infinite.
        self.high.exp() * (1.0 + self.low)
    }
}

impl From<f64> for Exact {
    fn from(high: f64) -> Self {
        Self { high, low: 0.0 }
    }
}

impl Add for Exact {
    type Output = Self;

    /// The sum, to about twice the digits of `f64` unless it cancels.
    fn add(self, other: Self) -> Self {
        let sum = self.high + other.high;
        let part = sum - self.high;
        let lost = (self.high - (sum - part)) + (other.high - part);
        let low = lost + self.low + other.low;
        let high = sum + low;
        Self {
            high,
            low: low - (high - sum),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Exact;

    #[test]
    fn no_digit_is_lost() {
        // 0.1 (2^30 + 1) as the sum of two numbers that f64 holds; itself, it is none.
        let product = Exact::product(0.1, f64::from((1_u32 << 30) + 1));
        let low = 0.1 * f64::from(1_u32 << 30) - product.high + 0.1;
        assert_eq!(product.low.to_bits(), low.to_bits());
        assert!(low.abs() > 1e-10);
        let sum = Exact::from(1e16) + Exact::from(1.5);
        assert_eq!(sum.high.to_bits(), 10_000_000_000_000_002.0_f64.to_bits());
        assert_eq!(sum.low.to_bits(), (-0.5_f64).to_bits());
    }

    #[test]
    fn waves_of_large_arguments() {
        // 2^40 + 0.5, and the half as the low part: the same angle.
        let x = 2.0_f64.powi(40);
        let (sin, cos) = Exact { high: x, low: 0.5 }.sin_cos();
        assert!((sin - (x + 0.5).sin()).abs() < 1e-15 && (cos - (x + 0.5).cos()).abs() < 1e-15);
        let e = Exact {
            high: -1e300,
            low: 1e284,
        }
        .exp();
        assert_eq!(e.to_bits(), 0);
    }
}
