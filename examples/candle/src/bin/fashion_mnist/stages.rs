//! The stages of the job; every one is taken from its file if it was finished before.

use std::path::PathBuf;

use candle_admm::network::Cnn;
use candle_admm::{Error, Sgd, VarMapModel, init, variables};
use candle_core::{DType, Device};
use candle_nn::{Optimizer, VarBuilder, VarMap};
use example_support::data;
use example_support::results::Stopwatch;
use tt_admm::admm::{Checkpoints, Penalty, Report, TablePrinter};
use tt_admm::compress::{decompose, decompose_trained};
use tt_admm::{Admm, BoxError, Factors, TrainSummary};

use crate::files;
use crate::options::Options;
use crate::session::{Origin, Session};
use crate::settings::{self, Phase};
use crate::training::Data;

pub(crate) struct Job {
    data: Data,
    origin: Origin,
    folder: Option<PathBuf>,
}

/// A dense network and its accuracy.
pub(crate) struct Dense {
    network: Cnn,
    vars: VarMap,
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
    network: Cnn,
    factors: Vec<(String, Factors<f32>)>,
    /// Parameters of the constrained weights, dense over decomposed.
    pub(crate) ratio: f64,
    pub(crate) primal_residual: f64,
    /// The share of the time that was not training; `None` if nothing was trained.
    pub(crate) projection_share: Option<f64>,
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

    fn new_network(&self) -> Result<(Cnn, VarMap), Error> {
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

    /// The cores of a network that ADMM has trained.
    pub(crate) fn finetune_after_admm(&self, from: &Constrained) -> Result<Finetuned, Error> {
        let phase = settings::FINETUNE;
        eprintln!("    decomposed, cores trained {} epochs", phase.epochs);
        self.finetune("admm_finetuned", &from.network, &from.factors, phase)
    }

    fn finetune(
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

    /// ADMM from the dense baseline.
    pub(crate) fn admm(&self, start: &Dense) -> Result<Constrained, BoxError> {
        eprintln!("(b) ADMM, {} epochs", settings::ADMM.epochs);
        let (network, vars) = self.new_network()?;
        for (name, var) in variables::sorted(&vars) {
            var.set(&variables::find(&start.vars, &name)?.as_detached_tensor())?;
        }
        let session = Session {
            optimizer: Sgd::of(&vars, settings::ADMM.sgd()),
            epoch: 0,
            origin: self.origin,
        };
        let watch = Stopwatch::start();
        let mut model = VarMapModel::new(&vars, session, |session, pull| {
            watch.training(|| {
                let Session {
                    optimizer, epoch, ..
                } = session;
                optimizer.set_learning_rate(settings::ADMM.learning_rate(*epoch));
                let backward = |loss: &_| pull.backward(loss);
                let loss = self.data.epoch(&network, optimizer, *epoch, backward)?;
                *epoch += 1;
                let accuracy = self.data.accuracy(&network)?;
                Ok(TrainSummary::new().loss(loss).metric("accuracy", accuracy))
            })
        });
        let constraints = settings::constraints()?;
        let names: Vec<_> = constraints.iter().map(|(name, _)| *name).collect();
        let builder = Admm::builder()
            .rho(settings::RHO)
            .penalty(Penalty::geometric(settings::RHO_GROWTH))
            .max_iterations(settings::ADMM.epochs);
        let builder = constraints
            .into_iter()
            .fold(builder, |b, (name, projection)| {
                b.constrain(name, projection)
            });
        let mut admm = builder.build(&model)?;
        let mut table = TablePrinter::new(std::io::stderr());
        let report: Report = match &self.folder {
            Some(folder) => {
                let checkpoints = Checkpoints::open(folder.join("admm"))?;
                admm.run_resumable(&mut model, &mut table, &checkpoints)?
            }
            None => admm.run(&mut model, &mut table)?,
        };
        let timing = watch.read();
        let found = decompose_trained(&admm, |name| variables::read::<f32>(&vars, name))?;
        let factors: Vec<_> = found
            .into_iter()
            .map(|pair| (pair.name, pair.from_weight.factors))
            .collect();
        let sizes = factors.iter().map(|(_, f)| f.num_parameters());
        let dense_size: usize = names
            .into_iter()
            .map(|name| Ok(variables::find(&vars, name)?.elem_count()))
            .sum::<Result<_, Error>>()?;
        let trained = report.iterations() > 0;
        drop(model);
        Ok(Constrained {
            ratio: dense_size as f64 / sizes.sum::<usize>() as f64,
            primal_residual: report.primal_residual(),
            projection_share: trained.then(|| timing.projection_share()),
            admm,
            network,
            factors,
        })
    }
}
