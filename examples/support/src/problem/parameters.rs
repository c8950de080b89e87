//! The four parameters of the perceptron.

use ndarray::{Array1, Array2, ArrayViewD, ArrayViewMutD};
use tt_admm::Scalar;

/// Weights and biases of both layers.
#[derive(Debug, Clone)]
pub(super) struct Parameters<A> {
    /// `[H, D]`.
    pub(super) fc1_weight: Array2<A>,
    /// `[H]`.
    pub(super) fc1_bias: Array1<A>,
    /// `[C, H]`.
    pub(super) fc2_weight: Array2<A>,
    /// `[C]`.
    pub(super) fc2_bias: Array1<A>,
}

impl<A: Scalar> Parameters<A> {
    pub(super) fn views(&self) -> [(&'static str, ArrayViewD<'_, A>); 4] {
        [
            ("fc1.weight", self.fc1_weight.view().into_dyn()),
            ("fc1.bias", self.fc1_bias.view().into_dyn()),
            ("fc2.weight", self.fc2_weight.view().into_dyn()),
            ("fc2.bias", self.fc2_bias.view().into_dyn()),
        ]
    }

    pub(super) fn views_mut(&mut self) -> [(&'static str, ArrayViewMutD<'_, A>); 4] {
        [
            ("fc1.weight", self.fc1_weight.view_mut().into_dyn()),
            ("fc1.bias", self.fc1_bias.view_mut().into_dyn()),
            ("fc2.weight", self.fc2_weight.view_mut().into_dyn()),
            ("fc2.bias", self.fc2_bias.view_mut().into_dyn()),
        ]
    }

    pub(super) fn map<B>(&self, f: impl Fn(&A) -> B + Copy) -> Parameters<B> {
        Parameters {
            fc1_weight: self.fc1_weight.map(f),
            fc1_bias: self.fc1_bias.map(f),
            fc2_weight: self.fc2_weight.map(f),
            fc2_bias: self.fc2_bias.map(f),
        }
    }
}
