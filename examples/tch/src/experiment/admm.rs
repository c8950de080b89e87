//! The arm with ADMM.

use std::sync::Arc;
use std::time::Instant;

use tt_admm::Admm;
use tt_admm::admm::{Checkpoints, HistoryFile, Penalty};
use tt_admm::compress::decompose_trained;

use super::arms::{Instance, Run, Target, total_error};
use super::reporter::Reporter;
use super::trajectory::Trajectory;
use super::{Architecture, Decomposed, Format, Settings};
use crate::layer::Decomposition;
use crate::transfer::{copy_shared, to_array, variable};
use crate::{Error, Model, Trainer};

/// What came of ADMM.
pub(super) struct AdmmArm {
    /// Accuracy of the dense weights it ends with.
    pub(super) dense: f64,
    /// These, decomposed.
    pub(super) decomposed: Decomposed,
    /// Accuracy with the factors of Z, right after decomposition.
    pub(super) from_z: f64,
    pub(super) primal_residual: f64,
    pub(super) projection_share: f64,
}

impl<A: Architecture> Run<'_, A> {
    /// ADMM from the dense network, decomposition, fine-tuning.
    pub(super) fn admm(
        &self,
        dense: &Instance<A::Net>,
        targets: &[Target],
    ) -> Result<AdmmArm, Error> {
        let Settings {
            updates,
            epochs_admm,
            rho,
            growth,
            ..
        } = *self.settings;
        let Instance { store, network } = &self.build(&Decomposition::new())?;
        copy_shared(&dense.store, store)?;
        let feed = self.settings.feed(self.data, 1);
        let schedule = self.settings.schedule(0);
        let trainer = Trainer::new(network, store, feed, &self.data.test, schedule)?.parts(updates);
        let mut model = Model::with(store, trainer);
        let mut builder = Admm::builder();
        for target in targets {
            builder = builder.constrain(target.name.as_str(), Arc::clone(&target.projection));
        }
        let mut admm = builder
            .rho(rho)
            .penalty(Penalty::geometric(growth))
            // The epochs decide: both arms are to have the same.
            .tolerance(0.0, 0.0)
            .max_iterations(epochs_admm * model.w_step().parts_per_epoch())
            .build(&model)?;
        let history = self.folder.path("history.csv").map(HistoryFile::csv);
        let trajectory = self.settings.trajectory.clone();
        let trajectory = trajectory.map(Trajectory::open).transpose()?;
        let mut observers = (Reporter, (history, trajectory));
        let report = match self.folder.path("admm") {
            None => admm.run(&mut model, &mut observers)?,
            Some(folder) => {
                // Every epoch: on a fast device writing more often would take longer than training.
                let checkpoints = Checkpoints::open(folder).map_err(Error::other)?;
                let checkpoints = checkpoints.every(model.w_step().parts_per_epoch());
                admm.run_resumable(&mut model, &mut observers, &checkpoints)?
            }
        };
        let times = model.w_step().times();
        self.took(times.total);
        let plot = self
            .settings
            .plot
            .clone()
            .or_else(|| self.folder.path("convergence.svg"));
        if let Some(file) = plot {
            let title = "ADMM under low-rank constraints";
            example_support::plot::convergence(&file, title, admm.history())
                .map_err(Error::other)?;
        }
        let started = Instant::now();
        let admm_dense = self.data.test.accuracy(network)?;
        let weight = |name: &str| to_array(name, &variable(store, name)?);
        let pairs = decompose_trained(&admm, weight).map_err(Error::other)?;
        let (mut from_w, mut z) = (Decomposition::new(), Decomposition::new());
        let mut errors = Vec::new();
        for pair in pairs {
            z.insert(pair.name.clone(), pair.from_projection.factors.clone());
            // A ring fitted from scratch may end farther from the weight than the one that came along with it.
            let nearer = pair.from_projection.relative_error < pair.from_weight.relative_error;
            let found = if self.settings.format == Format::Tr && nearer {
                pair.from_projection
            } else {
                pair.from_weight
            };
            errors.push((found.relative_error, weight(&pair.name)?));
            from_w.insert(pair.name, found.factors);
        }
        let errors: Vec<_> = errors
            .iter()
            .map(|(error, weight)| (*error, weight))
            .collect();
        let z = self.build(&z)?;
        copy_shared(store, &z.store)?;
        let from_z = self.data.test.accuracy(&z.network)?;
        self.took(started.elapsed());
        let error = total_error(&errors);
        let decomposed = self.compressed("admm", store, &from_w, error, epochs_admm)?;
        Ok(AdmmArm {
            dense: admm_dense,
            decomposed,
            from_z,
            primal_residual: report.primal_residual(),
            projection_share: times.overhead(),
        })
    }
}
