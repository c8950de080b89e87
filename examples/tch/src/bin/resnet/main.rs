//! ResNets on CIFAR-10: accuracy of weights, and their compression by TT-SVD and by ADMM.

mod options;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use example_support::data::{Augment, ImageSet, Normalization, cifar10};
use example_support::results::finish;
use options::{Command, Options};
use tch::nn::VarStore;
use tch_admm::experiment::{self, Architecture, Data};
use tch_admm::layer::Decomposition;
use tch_admm::network::TestImages;
use tch_admm::{Error, ResNet, State};
use tt_admm::Tensorization;

/// A ResNet of this depth, the 3 x 3 kernels of its blocks to be decomposed as `[O, 9, I]`.
struct Depth(usize);

impl Architecture for Depth {
    type Net = ResNet;

    fn name(&self) -> String {
        format!("resnet{}", self.0)
    }

    fn build(&self, path: &tch::nn::Path<'_>, factors: &Decomposition) -> Result<ResNet, Error> {
        ResNet::new(path, self.0, factors)
    }

    fn layouts(&self) -> Result<Vec<(String, Tensorization)>, Error> {
        let kernels = ResNet::kernels(self.0)?.into_iter();
        kernels
            .map(|(name, [outputs, inputs, height, width])| {
                let layout = Tensorization::conv([outputs], [height, width], [inputs]);
                Ok((name, layout.map_err(Error::other)?))
            })
            .collect()
    }
}

fn main() -> ExitCode {
    finish(options::parse().and_then(run))
}

fn run(options: Options) -> Result<(), Error> {
    let (train, test) = cifar10(&options.data).map_err(Error::other)?;
    let limit = |set: ImageSet, limit: Option<usize>| match limit {
        None => Ok(set),
        Some(limit) => experiment::thinned(set, limit),
    };
    let test = limit(test, options.test)?;
    // That of the authors of the weights.
    let normalization = Normalization {
        mean: vec![0.485, 0.456, 0.406],
        std: vec![0.229, 0.224, 0.225],
    };
    let depth = match (options.depth, &options.settings.weights) {
        (Some(depth), _) => depth,
        (None, Some(weights)) => depth_of(weights)?,
        (None, None) => 20,
    };
    let data = Data {
        train: Arc::new(limit(train, options.train)?),
        test: TestImages::new(&test, normalization.clone(), options.device)?,
        normalization,
        augment: Some(Augment::pad_crop_flip(4)),
        device: options.device,
    };
    match options.command {
        Command::Evaluate => {
            let store = VarStore::new(data.device);
            let network = ResNet::new(&store.root(), depth, &Decomposition::new())?;
            if let Some(weights) = &options.settings.weights {
                State::read(weights)?.restore_store("", &store)?;
            }
            let accuracy = data.test.accuracy(&network)?;
            println!(
                "ResNet-{depth}: {:.2} % of {} images",
                100.0 * accuracy,
                test.len()
            );
        }
        Command::Compress => {
            let outcome = experiment::run(&Depth(depth), &data, &options.settings)?;
            let device = format!("{:?}", data.device).to_lowercase();
            println!("{}", outcome.line().text("device", device));
        }
    }
    Ok(())
}

/// The depth of the network that these weights belong to.
fn depth_of(weights: &Path) -> Result<usize, Error> {
    let state = State::read(weights)?;
    let blocks = state
        .names()
        .filter(|name| name.starts_with("layer1.") && name.ends_with(".conv1.weight"));
    Ok(6 * blocks.count() + 2)
}
