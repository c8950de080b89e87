//! What one measurement returns.

use serde::Serialize;

/// The answer to a `measure` command.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Sample {
    /// Milliseconds; the median if the call is short and was repeated.
    pub(crate) ms: f64,
    /// `sqrt(sum |W - Z|^2 / sum |W|^2)` in `f64`, from the dense result itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<f64>,
    /// Peak memory beyond what was held before the call, over the size of the tensor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extra_memory: Option<f64>,
}

/// Sums of squares for the relative error of a result.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Distance {
    difference: f64,
    norm: f64,
}

impl Distance {
    /// Adds a tensor `w` and its approximation `z`.
    pub(crate) fn add<A: tt_admm::Scalar>(
        &mut self,
        w: &ndarray::ArrayD<A>,
        z: &ndarray::ArrayD<A>,
    ) {
        ndarray::Zip::from(w).and(z).for_each(|w, z| {
            let (w, z) = (w.widen(), z.widen());
            self.difference += (w - z).powi(2);
            self.norm += w.powi(2);
        });
    }

    /// The relative error of all together.
    pub(crate) fn relative(self) -> f64 {
        (self.difference / self.norm).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr1;

    #[test]
    fn errors_are_relative_to_all_tensors() {
        let mut distance = Distance::default();
        distance.add(&arr1(&[3.0_f32]).into_dyn(), &arr1(&[0.0]).into_dyn());
        distance.add(
            &arr1(&[0.0, 4.0_f32]).into_dyn(),
            &arr1(&[0.0, 4.0]).into_dyn(),
        );
        assert!((distance.relative() - 0.6).abs() < 1e-15);
    }
}
