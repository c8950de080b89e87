//! The stage that ADMM trains.

use candle_admm::network::Cnn;
use candle_admm::{Error, Sgd, VarMapModel, variables};
use candle_nn::{Optimizer, VarMap};
use example_support::results::Stopwatch;
use tt_admm::admm::{AdmmBuilder, Checkpoints, Penalty, TablePrinter};
use tt_admm::compress::{CompressError, decompose_trained};
use tt_admm::{Admm, BoxError, Factors, TrainSummary, TtProjection};

use crate::session::Session;
use crate::settings;
use crate::stages::{Dense, Job};

/// The network trained by ADMM, still dense, with the factors of its weights.
pub(crate) struct Constrained {
    pub(crate) admm: Admm<f32>,
    pub(crate) network: Cnn,
    pub(crate) factors: Vec<(String, Factors<f32>)>,
    /// With the dense weights.
    pub(crate) accuracy: f64,
    pub(crate) primal_residual: f64,
    /// The share of the time that was not training; `None` if nothing was trained.
    pub(crate) projection_share: Option<f64>,
}

impl Constrained {
    /// Parameters of the constrained weights, dense over decomposed.
    pub(crate) fn ratio(&self) -> f64 {
        let factors = || self.factors.iter().map(|(_, factors)| factors);
        let dense = factors().map(|f| f.weight_shape().iter().product::<usize>());
        let decomposed = factors().map(Factors::num_parameters);
        dense.sum::<usize>() as f64 / decomposed.sum::<usize>() as f64
    }
}

impl Job {
    /// ADMM from the dense baseline.
    pub(crate) fn admm(&self, start: &Dense) -> Result<Constrained, BoxError> {
        eprintln!("(b) ADMM, {} epochs", settings::ADMM.epochs);
        let (network, vars) = self.new_network()?;
        copy(&start.vars, &vars)?;
        let session = Session {
            optimizer: Sgd::of(&vars, settings::ADMM.sgd()),
            epoch: 0,
            origin: self.origin,
        };
        let watch = Stopwatch::start();
        let mut model = VarMapModel::new(&vars, session, |session, pull| {
            watch.training(|| {
                let epoch = session.epoch;
                let optimizer = &mut session.optimizer;
                optimizer.set_learning_rate(settings::ADMM.learning_rate(epoch));
                let means = self.data.epoch(&network, optimizer, epoch, pull)?;
                session.epoch += 1;
                let summary = TrainSummary::new().loss(means.loss);
                Ok(summary.metric("accuracy", means.accuracy))
            })
        });
        let mut admm = builder(settings::constraints()?).build(&model)?;
        let mut table = TablePrinter::new(std::io::stderr());
        let report = match &self.folder {
            Some(folder) => {
                let checkpoints = Checkpoints::open(folder.join("admm"))?;
                admm.run_resumable(&mut model, &mut table, &checkpoints)?
            }
            None => admm.run(&mut model, &mut table)?,
        };
        let timing = watch.read();
        drop(model);
        let accuracy = self.data.accuracy(&network)?;
        eprintln!("  accuracy {accuracy:.4} with the dense weights");
        Ok(Constrained {
            primal_residual: report.primal_residual(),
            projection_share: (report.iterations() > 0).then(|| timing.projection_share()),
            factors: factors(&admm, &vars)?,
            admm,
            network,
            accuracy,
        })
    }
}

fn builder(constraints: Vec<(&'static str, TtProjection)>) -> AdmmBuilder<f32> {
    let start = Admm::builder()
        .rho(settings::RHO)
        .penalty(Penalty::geometric(settings::RHO_GROWTH))
        .max_iterations(settings::ADMM.epochs)
        // The epochs decide: both ways are to have the same.
        .tolerance(0.0, 0.0);
    let constrained = constraints.into_iter();
    constrained.fold(start, |builder, (name, projection)| {
        builder.constrain(name, projection)
    })
}

/// The decomposed weights.
fn factors(admm: &Admm<f32>, vars: &VarMap) -> Result<Vec<(String, Factors<f32>)>, CompressError> {
    let found = decompose_trained(admm, |name| variables::read::<f32>(vars, name))?;
    let pairs = found.into_iter();
    Ok(pairs
        .map(|pair| (pair.name, pair.from_weight.factors))
        .collect())
}

/// Gives the variables of `to` the values of those of the same names.
fn copy(from: &VarMap, to: &VarMap) -> Result<(), Error> {
    for (name, var) in variables::sorted(to) {
        var.set(&variables::find(from, &name)?.as_detached_tensor())?;
    }
    Ok(())
}
