//! Replacing the layers of a network by name.

use example_support::names;
use tt_admm::Factors;

use super::{Conv, Linear};
use crate::Error;

/// A replaceable layer of a network.
#[derive(Debug)]
pub enum LayerMut<'a> {
    /// A convolution.
    Conv(&'a mut Conv),
    /// A dense layer.
    Linear(&'a mut Linear),
}

/// A network that tells its replaceable layers.
pub trait Decompose {
    /// The layers and the names of their weights, such as `layer1.0.conv1.weight`.
    fn layers(&mut self) -> Vec<(String, LayerMut<'_>)>;

    /// Replaces the layer with the weight of this name by factors of it.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownParameter`] if no replaceable layer has a weight of this name, and those of
    /// [`Conv::decompose`] and [`Linear::decompose`].
    fn decompose(&mut self, name: &str, factors: &Factors<f32>) -> Result<(), Error> {
        let mut layers = self.layers();
        match layers.iter_mut().find(|(layer, _)| layer == name) {
            Some((_, LayerMut::Conv(layer))) => layer.decompose(name, factors),
            Some((_, LayerMut::Linear(layer))) => layer.decompose(name, factors),
            None => Err(Error::UnknownParameter {
                name: name.to_owned(),
                nearest: names::nearest(name, layers.iter().map(|(layer, _)| layer), 3),
            }),
        }
    }
}
