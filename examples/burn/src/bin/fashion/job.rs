//! The parts of the job; networks that were trained before are taken from their files.

use burn::module::Module;
use burn::tensor::Device;
use burn_admm::{BurnModel, Cnn, Decompose, Error, Parameters, accuracy};
use example_support::data::{ImageSet, Loader, Normalization};
use example_support::results::Stopwatch;
use tt_admm::admm::{Checkpoints, Every, TablePrinter};
use tt_admm::compress::{decompose, decompose_trained};
use tt_admm::{Admm, BoxError, Factors};

use crate::options::Options;
use crate::settings::{
    self, ADMM_EPOCHS, BATCH, Constraint, DENSE_EPOCHS, DENSE_RATE, FINE_TUNE_EPOCHS,
    FINE_TUNE_RATE, TRANSPOSED, UPDATES_PER_EPOCH,
};
use crate::stages::Stages;
use crate::training::{Parts, adam, fit, sgd};

pub(crate) struct Job<'a> {
    train: Loader<'a>,
    test: Loader<'a>,
    classes: usize,
    seed: u64,
    device: Device,
    stages: Stages,
    constraints: Vec<Constraint>,
}

/// A dense network and its accuracy.
pub(crate) struct Dense {
    net: Cnn,
    pub(crate) accuracy: f64,
}

/// Accuracies of a decomposed network before and after the training of its cores.
pub(crate) struct Finetuned {
    pub(crate) before: f64,
    pub(crate) after: f64,
}

/// The network trained by ADMM, still dense, with its factors.
pub(crate) struct Constrained {
    pub(crate) admm: Admm<f32>,
    net: Cnn,
    factors: Vec<(String, Factors<f32>)>,
    /// Before it is decomposed.
    pub(crate) accuracy: f64,
    /// Parameters of the constrained weights, dense over decomposed.
    pub(crate) ratio: f64,
    pub(crate) primal_residual: f64,
    /// The share of the time that was not training; `None` if nothing was trained.
    pub(crate) projection_share: Option<f64>,
}

impl<'a> Job<'a> {
    pub(crate) fn new(
        options: &Options,
        train: &'a ImageSet,
        test: &'a ImageSet,
    ) -> Result<Self, BoxError> {
        let settings = format!("train={} seed={}", train.len(), options.seed);
        let normalization = Normalization::fashion_mnist();
        Ok(Self {
            train: Loader::new(train, BATCH, normalization.clone()).shuffled(options.seed),
            test: Loader::new(test, 200, normalization),
            classes: train.classes(),
            seed: options.seed,
            device: Device::default().autodiff(),
            stages: Stages::open(options.checkpoint.clone(), &settings)?,
            constraints: settings::constraints()?,
        })
    }

    /// The dense baseline.
    pub(crate) fn dense(&self) -> Result<Dense, BoxError> {
        eprintln!("dense network, {DENSE_EPOCHS} epochs");
        self.device.seed(self.seed);
        let start = Cnn::new(self.classes, &self.device);
        let net = self.stages.get("dense", start, |net| {
            let (loader, device) = (&self.train, &self.device);
            fit(net, sgd(), loader, DENSE_EPOCHS, DENSE_RATE, device)
        })?;
        let accuracy = self.accuracy(&net)?;
        eprintln!("  accuracy {accuracy:.4}");
        Ok(Dense { net, accuracy })
    }

    /// The direct way: TT-SVD of the dense weights, and training of the cores.
    pub(crate) fn direct(&self, dense: &Dense) -> Result<Finetuned, BoxError> {
        let epochs = ADMM_EPOCHS + FINE_TUNE_EPOCHS;
        eprintln!("(a) TT-SVD, cores trained {epochs} epochs");
        let presented = presented();
        let mut factors = Vec::new();
        for constraint in &self.constraints {
            let name = constraint.name;
            let weight = presented.read(&dense.net, name)?;
            let found = decompose(name, &weight, &constraint.projection())?;
            eprintln!("  {name}: relative error {:.3}", found.relative_error);
            factors.push((name.to_owned(), found.factors));
        }
        self.finetune("tt_svd_finetuned", &dense.net, &factors, epochs)
    }

    /// ADMM from the dense baseline.
    pub(crate) fn admm(&self, dense: &Dense) -> Result<Constrained, BoxError> {
        eprintln!("(b) ADMM, {ADMM_EPOCHS} epochs");
        let watch = Stopwatch::start();
        let training = Parts::new(&self.train, &watch, &self.device);
        let mut model = TRANSPOSED.into_iter().fold(
            BurnModel::new(dense.net.clone(), training),
            BurnModel::transposed,
        );
        let mut admm = settings::builder(&self.constraints).build(&model)?;
        let mut table = Every::new(TablePrinter::new(std::io::stderr()), 6);
        let report = match self.stages.folder() {
            Some(folder) => {
                let checkpoints = Checkpoints::open(folder.join("admm"))?.every(UPDATES_PER_EPOCH);
                admm.run_resumable(&mut model, &mut table, &checkpoints)?
            }
            None => admm.run(&mut model, &mut table)?,
        };
        let timing = watch.read();
        let (net, _) = model.into_parts();
        let accuracy = self.accuracy(&net)?;
        eprintln!("  accuracy {accuracy:.4}");
        let presented = presented();
        let found = decompose_trained(&admm, |name| presented.read(&net, name))?;
        let factors: Vec<_> = found
            .into_iter()
            .map(|pair| (pair.name, pair.from_weight.factors))
            .collect();
        let dense_size = |f: &Factors<f32>| f.weight_shape().iter().product::<usize>();
        let before: usize = factors.iter().map(|(_, f)| dense_size(f)).sum();
        let after: usize = factors.iter().map(|(_, f)| f.num_parameters()).sum();
        let trained = report.iterations() > 0;
        Ok(Constrained {
            admm,
            net,
            factors,
            accuracy,
            ratio: before as f64 / after as f64,
            primal_residual: report.primal_residual(),
            projection_share: trained.then(|| timing.projection_share()),
        })
    }

    /// The cores of the network that ADMM has trained.
    pub(crate) fn finetune_after_admm(&self, from: &Constrained) -> Result<Finetuned, BoxError> {
        eprintln!("    decomposed, cores trained {FINE_TUNE_EPOCHS} epochs");
        let epochs = FINE_TUNE_EPOCHS;
        self.finetune("admm_finetuned", &from.net, &from.factors, epochs)
    }

    /// Replaces layers by factors, and trains the network with the cores in it.
    fn finetune(
        &self,
        stage: &str,
        dense: &Cnn,
        factors: &[(String, Factors<f32>)],
        epochs: usize,
    ) -> Result<Finetuned, BoxError> {
        let mut net = dense.clone();
        for (name, factors) in factors {
            net.decompose(name, factors)?;
        }
        let before = self.accuracy(&net)?;
        eprintln!("  accuracy {before:.4} after decomposition");
        let net = self.stages.get(stage, net, |net| {
            let (loader, device) = (&self.train, &self.device);
            fit(net, adam(), loader, epochs, FINE_TUNE_RATE, device)
        })?;
        let after = self.accuracy(&net)?;
        eprintln!("  accuracy {after:.4} with trained cores");
        Ok(Finetuned { before, after })
    }

    /// On the test images.
    fn accuracy(&self, net: &Cnn) -> Result<f64, Error> {
        let net = net.valid();
        accuracy(|x| net.forward(x), &self.test, &self.device)
    }
}

/// How the weights are presented to the constraints.
fn presented() -> Parameters {
    TRANSPOSED
        .into_iter()
        .fold(Parameters::new(), Parameters::transposed)
}
