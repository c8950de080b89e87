//! A run: the dense network, and the arm that decomposes it directly.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use ndarray::ArrayD;
use tch::nn::VarStore;
use tt_admm::compress::decompose;
use tt_admm::{Factors, Prox, Tensorization, TrProjection, TtProjection};

use super::folder::Folder;
use super::{Architecture, Data, Decomposed, Format, Outcome, Settings, stage};
use crate::layer::Decomposition;
use crate::network::estimate_statistics;
use crate::plan::{ranks_for_ratio, ring_ranks};
use crate::transfer::{copy_shared, num_parameters, to_array, variable};
use crate::{Cosine, Error, Model, State, Trainer};

/// Batches for new statistics.
const STATISTICS: usize = 50;

/// A network in a store of its own.
pub(super) struct Instance<N> {
    pub(super) store: VarStore,
    pub(super) network: N,
}

/// A weight that is to be decomposed, in the dense network, and how.
pub(super) struct Target {
    pub(super) name: String,
    weight: ArrayD<f32>,
    pub(super) projection: Arc<dyn Prox<f32>>,
}

/// Runs all stages, or those that the folder of the settings lacks.
///
/// # Errors
///
/// [`Error`] of every kind; the folder then holds all that was done until the last whole epoch.
pub fn run<A: Architecture>(
    architecture: &A,
    data: &Data,
    settings: &Settings,
) -> Result<Outcome, Error> {
    let network = architecture.name();
    let folder = Folder::open(settings, &network)?;
    let run = Run {
        architecture,
        data,
        settings,
        folder,
        seconds: Cell::new(0.0),
    };
    let (dense, accuracy) = run.dense()?;
    let targets = run.targets(&dense.store)?;
    let (direct, factors) = run.direct(&dense, &targets)?;
    let admm = run.admm(&dense, &targets)?;
    let parameters: usize = factors.values().map(Factors::num_parameters).sum();
    let before: usize = targets.iter().map(|target| target.weight.len()).sum();
    let all = num_parameters(&dense.store);
    Ok(Outcome {
        network,
        dense: accuracy,
        direct,
        format: settings.format,
        admm_dense: admm.dense,
        admm: admm.decomposed,
        admm_from_z: admm.from_z,
        primal_residual: admm.primal_residual,
        ratio: before as f64 / parameters as f64,
        ratio_network: all as f64 / (all - before + parameters) as f64,
        projection_share: admm.projection_share,
        seconds: run.seconds.get(),
    })
}

/// A run, and the time its stages took.
pub(super) struct Run<'a, A> {
    architecture: &'a A,
    pub(super) data: &'a Data,
    pub(super) settings: &'a Settings,
    pub(super) folder: Folder,
    seconds: Cell<f64>,
}

impl<A: Architecture> Run<'_, A> {
    /// Counts the time of a stage.
    pub(super) fn took(&self, time: Duration) {
        self.seconds.set(self.seconds.get() + time.as_secs_f64());
    }

    pub(super) fn build(&self, factors: &Decomposition) -> Result<Instance<A::Net>, Error> {
        let store = VarStore::new(self.data.device);
        let network = self.architecture.build(&store.root(), factors)?;
        Ok(Instance { store, network })
    }

    /// The dense network: its weights from a file or random, and trained.
    fn dense(&self) -> Result<(Instance<A::Net>, f64), Error> {
        tch::manual_seed(self.settings.seed.cast_signed());
        let dense = self.build(&Decomposition::new())?;
        if let Some(weights) = &self.settings.weights {
            State::read(weights)?.restore_store("", &dense.store)?;
        }
        let schedule = Cosine {
            peak: self.settings.rate_dense,
            epochs: self.settings.epochs_dense,
            start: 0,
        };
        self.fit("dense", &dense, 0, schedule, self.settings.epochs_dense)?;
        let accuracy = self.data.test.accuracy(&dense.network)?;
        if let Some(file) = self.folder.path("dense.safetensors") {
            let mut weights = State::new();
            weights.put_store("", &dense.store)?;
            weights.write(&file)?;
        }
        Ok((dense, accuracy))
    }

    /// Trains a network without constraints.
    fn fit(
        &self,
        name: &str,
        instance: &Instance<A::Net>,
        feed: u64,
        schedule: Cosine,
        epochs: usize,
    ) -> Result<(), Error> {
        let feed = self.settings.feed(self.data, feed);
        let Instance { store, network } = instance;
        let trainer = Trainer::new(network, store, feed, &self.data.test, schedule)?;
        let mut model = Model::with(store, trainer);
        let file = self.folder.path(&format!("{name}.state"));
        stage::train(name, &mut model, epochs, file.as_deref())?;
        self.took(model.w_step().times().total);
        Ok(())
    }

    /// The weights to be decomposed, with ranks for the ratio asked for.
    fn targets(&self, store: &VarStore) -> Result<Vec<Target>, Error> {
        let mut weights: Vec<(ArrayD<f32>, Tensorization)> = Vec::new();
        let layouts = self.architecture.layouts()?;
        for (name, layout) in &layouts {
            weights.push((to_array(name, &variable(store, name)?)?, layout.clone()));
        }
        let ranks = ranks_for_ratio(&weights, self.settings.ratio).map_err(Error::other)?;
        let targets = layouts.into_iter().zip(weights).zip(ranks);
        Ok(targets
            .map(|(((name, layout), (weight, _)), ranks)| {
                let projection: Arc<dyn Prox<f32>> = match self.settings.format {
                    Format::Tt => {
                        eprintln!("ranks of {name}: {ranks:?}");
                        Arc::new(TtProjection::new(ranks).layout(layout))
                    }
                    Format::Tr => {
                        let ranks = ring_ranks(layout.tensor_shape(), &ranks);
                        eprintln!("ring ranks of {name}: {ranks:?}");
                        Arc::new(TrProjection::new(ranks).layout(layout))
                    }
                };
                Target {
                    name,
                    weight,
                    projection,
                }
            })
            .collect())
    }

    /// The dense network decomposed as it is, and its cores trained.
    fn direct(
        &self,
        dense: &Instance<A::Net>,
        targets: &[Target],
    ) -> Result<(Decomposed, Decomposition), Error> {
        let mut factors = Decomposition::new();
        let mut errors = Vec::new();
        for Target {
            name,
            weight,
            projection,
        } in targets
        {
            let found = decompose(name, weight, &**projection).map_err(Error::other)?;
            errors.push((found.relative_error, weight));
            factors.insert(name.clone(), found.factors);
        }
        let error = total_error(&errors);
        let name = self.settings.format.method();
        let outcome = self.compressed(name, &dense.store, &factors, error, 0)?;
        Ok((outcome, factors))
    }

    /// A network with these factors: its accuracy, and the accuracy after fine-tuning the cores from this
    /// epoch of the schedule on.
    pub(super) fn compressed(
        &self,
        name: &str,
        dense: &VarStore,
        factors: &Decomposition,
        relative_error: f64,
        start: usize,
    ) -> Result<Decomposed, Error> {
        let compressed = self.build(factors)?;
        copy_shared(dense, &compressed.store)?;
        let Instance { store, network } = &compressed;
        let test = &self.data.test;
        let accuracy = test.accuracy(network)?;
        estimate_statistics(
            network,
            store,
            &self.settings.feed(self.data, 0),
            STATISTICS,
        )?;
        let accuracy_with_statistics = test.accuracy(network)?;
        eprintln!(
            "{name}: error {relative_error:.4}, accuracy {accuracy:.4}, \
             with new statistics {accuracy_with_statistics:.4}"
        );
        let epochs = self.settings.epochs_admm + self.settings.epochs_finetune - start;
        let feed = if start == 0 { 1 } else { 2 };
        self.fit(
            name,
            &compressed,
            feed,
            self.settings.schedule(start),
            epochs,
        )?;
        let finetuned = test.accuracy(network)?;
        Ok(Decomposed {
            relative_error,
            accuracy,
            accuracy_with_statistics,
            finetuned,
        })
    }
}

/// `sqrt(sum |W - factors|^2 / sum |W|^2)` from relative errors and weights.
pub(super) fn total_error(errors: &[(f64, &ArrayD<f32>)]) -> f64 {
    let square = |weight: &ArrayD<f32>| weight.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
    let of_weights: f64 = errors.iter().map(|(_, weight)| square(weight)).sum();
    let dropped: f64 = errors
        .iter()
        .map(|(error, weight)| error * error * square(weight))
        .sum();
    if dropped == 0.0 {
        0.0
    } else {
        (dropped / of_weights).sqrt()
    }
}
