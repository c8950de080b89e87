//! The stages of the job around ADMM; every one is taken from its file if it was finished before.

use std::path::PathBuf;

use candle_admm::network::Cnn;
use candle_admm::{Error, init, variables};
use candle_core::{DType, Device};
use candle_nn::{VarBuilder, VarMap};
use example_support::data;
use tt_admm::compress::decompose;
use tt_admm::{BoxError, Factors};

use crate::files;
use crate::options::Options;
use crate::session::Origin;
use crate::settings::{self, Phase};
use crate::training::Data;

pub(crate) struct Job {
    pub(crate) data: Data,
    pub(crate) origin: Origin,
    pub(crate) folder: Option<PathBuf>,
}

/// A dense network and its accuracy.
pub(crate) struct Dense {
    pub(crate) network: Cnn,
    pub(crate) vars: VarMap,
    pub(crate) accuracy: f64,
}

/// Accuracies of a decomposed network before and after the training of its cores.
pub(crate) struct Finetuned {
    pub(crate) before: f64,
    pub(crate) after: f64,
}

impl Job {
    pub(crate) fn new(options: &Options) -> Result<Self, BoxError> {
        let (train, test) = data::idx(&options.data)?;
        let train = train.take(options.train);
        if let Some(folder) = &options.checkpoint {
            let failed = |error| format!("cannot create {}: {error}", folder.display());
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        Ok(Self {
            origin: Origin {
                seed: options.seed,
                images: train.len(),
            },
            data: Data {
                train,
                test: test.take(options.test),
                seed: options.seed,
                device: Device::Cpu,
            },
            folder: options.checkpoint.clone(),
        })
    }

    /// A phase of ordinary training, or its result from a file.
    fn stage(&self, name: &str, network: &Cnn, vars: &VarMap, phase: Phase) -> Result<(), Error> {
        let path = self
            .folder
            .as_ref()
            .map(|f| f.join(format!("{name}.safetensors")));
        if let Some(path) = &path
            && files::load(path, vars, &mut self.origin.clone())?
        {
            return Ok(());
        }
        self.data.fit(network, vars, phase)?;
        path.map_or(Ok(()), |path| files::save(&path, vars, &self.origin))
    }

    pub(crate) fn new_network(&self) -> Result<(Cnn, VarMap), Error> {
        let vars = VarMap::new();
        let vb = VarBuilder::from_varmap(&vars, DType::F32, &self.data.device);
        let images = &self.data.train;
        let network = Cnn::dense(images.channels(), images.height(), images.classes(), vb)?;
        Ok((network, vars))
    }

    /// The dense baseline.
    pub(crate) fn dense(&self) -> Result<Dense, Error> {
        eprintln!("dense network, {} epochs", settings::DENSE.epochs);
        let (network, vars) = self.new_network()?;
        init::he_uniform(&vars, self.data.seed)?;
        self.stage("dense", &network, &vars, settings::DENSE)?;
        let accuracy = self.data.accuracy(&network)?;
        eprintln!("  accuracy {accuracy:.4}");
        Ok(Dense {
            network,
            vars,
            accuracy,
        })
    }

    /// The direct way: TT-SVD of the dense weights, and training of the cores.
    pub(crate) fn direct(&self, dense: &Dense) -> Result<Finetuned, BoxError> {
        eprintln!(
            "(a) TT-SVD, cores trained {} epochs",
            settings::DIRECT.epochs
        );
        let mut factors = Vec::new();
        for (name, projection) in settings::constraints()? {
            let weight = variables::read::<f32>(&dense.vars, name)?;
            let found = decompose(name, &weight, &projection)?;
            eprintln!("  {name}: relative error {:.3}", found.relative_error);
            factors.push((name.to_owned(), found.factors));
        }
        let phase = settings::DIRECT;
        Ok(self.finetune("tt_svd_finetuned", &dense.network, &factors, phase)?)
    }

    /// Decomposition, and training of the cores.
    pub(crate) fn finetune(
        &self,
        name: &str,
        dense: &Cnn,
        factors: &[(String, Factors<f32>)],
        phase: Phase,
    ) -> Result<Finetuned, Error> {
        let vars = VarMap::new();
        let vb = VarBuilder::from_varmap(&vars, DType::F32, &self.data.device);
        let network = dense.decomposed(factors, vb)?;
        let before = self.data.accuracy(&network)?;
        eprintln!("  accuracy {before:.4} after decomposition");
        self.stage(name, &network, &vars, phase)?;
        let after = self.data.accuracy(&network)?;
        eprintln!("  accuracy {after:.4} with trained cores");
        Ok(Finetuned { before, after })
    }
}
