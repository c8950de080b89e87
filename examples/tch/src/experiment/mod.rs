//! The comparison that the programs of this package make: a dense network, its direct decomposition fine-tuned, and
//! ADMM with the same ranks and the same number of epochs.

mod admm;
mod arms;
mod folder;
mod outcome;
mod reporter;
mod stage;
mod trajectory;

use std::path::PathBuf;
use std::sync::Arc;

use example_support::data::{Augment, ImageSet, Normalization};
use tch::Device;
use tch::nn::Path;
use tt_admm::Tensorization;

pub use arms::run;
pub use outcome::{Decomposed, Outcome};

use crate::layer::Decomposition;
use crate::network::TestImages;
use crate::{Cosine, Error, Feed, Network};

/// A network that can be built with some of its weights decomposed.
pub trait Architecture {
    /// The network.
    type Net: Network;

    /// What it is called, to tell its runs from those of others.
    fn name(&self) -> String;

    /// Builds it below a path of a store.
    ///
    /// # Errors
    ///
    /// Those of the layers.
    fn build(&self, path: &Path<'_>, factors: &Decomposition) -> Result<Self::Net, Error>;

    /// The weights to be decomposed, with their layouts.
    ///
    /// # Errors
    ///
    /// Those of the layouts.
    fn layouts(&self) -> Result<Vec<(String, Tensorization)>, Error>;
}

/// The images, and where the network runs.
#[derive(Debug)]
pub struct Data {
    /// Training images.
    pub train: Arc<ImageSet>,
    /// Test images, on the device.
    pub test: TestImages,
    /// Of both.
    pub normalization: Normalization,
    /// Of the training images.
    pub augment: Option<Augment>,
    /// Where the network runs.
    pub device: Device,
}

/// About `most` images, taken evenly from the whole set, which may be sorted by class.
///
/// # Errors
///
/// [`Error::Other`] if that makes no image set; it does for every set.
pub fn thinned(set: ImageSet, most: usize) -> Result<ImageSet, Error> {
    let count = most.clamp(1, set.len());
    let chosen = || (0..count).map(|k| k * set.len() / count);
    let pixels = chosen().flat_map(|i| set.pixels(i)).copied().collect();
    let labels = chosen().map(|i| set.labels()[i]).collect();
    let shape = [set.channels(), set.height(), set.width()];
    ImageSet::new(shape, set.classes(), pixels, labels).map_err(Error::other)
}

/// What the weights are decomposed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Tensor trains: TT-SVD.
    Tt,
    /// Tensor rings: alternating least squares.
    Tr,
}

impl Format {
    /// What the direct decomposition is called in the result.
    fn method(self) -> &'static str {
        match self {
            Self::Tt => "tt_svd",
            Self::Tr => "tr_als",
        }
    }
}

/// What [`run`] does.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Weights of the dense network to start from; random ones without.
    pub weights: Option<PathBuf>,
    /// A folder for everything that is expensive, to take up an interrupted run; none without.
    pub folder: Option<PathBuf>,
    /// A file for a picture of ADMM's course; by default one in the folder, if there is one.
    pub plot: Option<PathBuf>,
    /// A folder for the weights that ADMM projects, a file for each update.
    pub trajectory: Option<PathBuf>,
    /// What the weights are decomposed as.
    pub format: Format,
    /// Parameters of the weights to be decomposed, before and after.
    pub ratio: f64,
    /// Epochs of the dense network.
    pub epochs_dense: usize,
    /// Epochs of ADMM.
    pub epochs_admm: usize,
    /// Epochs of the cores after ADMM; the other arm trains its cores for these and those of ADMM.
    pub epochs_finetune: usize,
    /// Images in a batch.
    pub batch: usize,
    /// Learning rate at the start of the dense training.
    pub rate_dense: f64,
    /// Learning rate at the start of each arm.
    pub rate: f64,
    /// Updates of Z and U in an epoch.
    pub updates: usize,
    /// The first penalty.
    pub rho: f64,
    /// Its growth from update to update.
    pub growth: f64,
    /// Of the first weights, and of the order of the images.
    pub seed: u64,
}

impl Settings {
    /// A text that is another one if another computation is meant.
    fn fingerprint(&self, network: &str) -> String {
        // The folder may be moved; where the weights are may change as well, but not whether there are any.
        let comparable = Self {
            folder: None,
            plot: None,
            trajectory: None,
            weights: self.weights.as_ref().map(|_| PathBuf::from("given")),
            ..self.clone()
        };
        format!("network: {network}\n{comparable:#?}\n")
    }

    fn feed(&self, data: &Data, stage: u64) -> Feed {
        Feed {
            images: Arc::clone(&data.train),
            batch_size: self.batch,
            normalization: data.normalization.clone(),
            augment: data.augment,
            seed: self.seed.wrapping_add(stage),
        }
    }

    /// One cosine for all epochs of an arm.
    fn schedule(&self, start: usize) -> Cosine {
        Cosine {
            peak: self.rate,
            epochs: self.epochs_admm + self.epochs_finetune,
            start,
        }
    }
}
