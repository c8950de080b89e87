//! The loop over W-steps and updates.

use super::{
    Admm, AdmmError, CheckpointError, Checkpoints, Flow, Observer, Record, Report, Resumable,
    Status, TrainSummary, Trainable, UpdateOrder, spans,
};
use crate::error::first_non_finite;
use crate::scalar::Scalar;

/// Saves loop and model after an iteration; told whether it was the last.
type Save<'s, A, M> = dyn FnMut(&Admm<A>, &M, bool) -> Result<(), AdmmError> + 's;

impl<A: Scalar> Admm<A> {
    /// Trains the model until the residuals are small, the iterations are used up, they stall, or the
    /// observer says stop. `&mut ()` is an observer.
    ///
    /// An iteration is a W-step ([`Trainable::train`]) and an [`Admm::update`], in the chosen
    /// [`UpdateOrder`]. The maximum number of iterations counts anew in each call: two calls with maximum 5
    /// do what one with maximum 10 does.
    ///
    /// # Errors
    ///
    /// [`AdmmError::Model`], [`AdmmError::NonFiniteLoss`], [`AdmmError::Observer`], and the errors of
    /// [`Admm::try_update`]. The state is that of the last complete update, and `run` can be called again.
    ///
    /// # Examples
    ///
    /// See [`Trainable`].
    pub fn run<M, O>(&mut self, model: &mut M, observer: &mut O) -> Result<Report, AdmmError>
    where
        M: Trainable<Elem = A> + ?Sized,
        O: Observer<A> + ?Sized,
    {
        // A run that is taken up again after a stall is given its patience anew.
        if self.status() == Some(Status::Stalled) {
            self.best = (f64::INFINITY, self.iteration());
        }
        let iterations = self.settings.max_iterations;
        self.drive(model, observer, iterations, &mut |_, _, _| Ok(()))
    }

    /// [`Admm::run`], saved to a folder of checkpoints on the way and taken up from there: if the folder
    /// holds a checkpoint, loop and model first take its state, and the run goes on as if it had never been
    /// interrupted, to the bit.
    ///
    /// The maximum number of iterations counts from the very start, so that an interrupted run ends where an
    /// uninterrupted one does. A run that had already converged, stalled or used up its iterations does no
    /// more of them; one that an observer stopped goes on.
    ///
    /// # Errors
    ///
    /// Those of [`Admm::run`], and [`AdmmError::Checkpoint`]. The last checkpoint stays intact.
    ///
    /// # Examples
    ///
    /// See [`Resumable`].
    pub fn run_resumable<M, O>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        checkpoints: &Checkpoints,
    ) -> Result<Report, AdmmError>
    where
        M: Resumable<Elem = A> + ?Sized,
        O: Observer<A> + ?Sized,
    {
        let failed =
            |iteration, source: CheckpointError| AdmmError::Checkpoint { iteration, source };
        let found = checkpoints.latest().map_err(|e| failed(0, e))?;
        if let Some(found) = found {
            let iteration = found.iteration();
            // Checked against the loop before the model is touched, put into the loop when the model has it.
            self.check_fits(&found).map_err(|e| failed(iteration, e))?;
            let loaded = model.load_state(found.blob());
            loaded.map_err(|source| AdmmError::Model {
                iteration,
                source: source.into(),
            })?;
            self.restore(&found).map_err(|e| failed(iteration, e))?;
        }
        if let Some(report) = self.finished() {
            return Ok(report);
        }
        let left = self.settings.max_iterations.saturating_sub(self.complete());
        let left = left.max(1);
        let mut save = |admm: &Self, model: &M, last: bool| {
            let iteration = admm.iteration();
            if !last && !checkpoints.due(iteration) {
                return Ok(());
            }
            let state = model.save_state().map_err(|source| AdmmError::Model {
                iteration,
                source: source.into(),
            })?;
            let saved = checkpoints.save(admm, &state);
            saved.map(|_| ()).map_err(|e| failed(iteration, e))
        };
        self.drive(model, observer, left, &mut save)
    }

    /// The report of a restored run that has nothing left to do.
    fn finished(&self) -> Option<Report> {
        // In paper order the residuals of the first update say nothing yet.
        let meaningless = self.settings.order == UpdateOrder::Paper && self.iteration() == 1;
        let ended = self.status().filter(|_| !meaningless);
        let used_up = self.complete() >= self.settings.max_iterations;
        let status = ended.or(used_up.then_some(Status::MaxIterations))?;
        let iterations = 0;
        Some(Report {
            iterations,
            ..self.report(status, 0)
        })
    }

    /// Iterations done: an update without its W-step is one of which a part is left.
    fn complete(&self) -> usize {
        self.iteration() - usize::from(self.w_step_due)
    }

    /// The report of a run that did all iterations after the first `before`, at least one.
    fn report(&self, status: Status, before: usize) -> Report {
        let records = &self.history[before..];
        let mut unread: Vec<String> = Vec::new();
        for name in records.iter().flat_map(Record::unread) {
            if !unread.contains(name) {
                unread.push(name.clone());
            }
        }
        Report {
            status,
            iterations: records.len(),
            last: records[records.len() - 1].clone(),
            unread,
        }
    }

    /// At most `limit` iterations, each followed by `save`, which is told whether it was the last.
    fn drive<M, O>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        limit: usize,
        save: &mut Save<'_, A, M>,
    ) -> Result<Report, AdmmError>
    where
        M: Trainable<Elem = A> + ?Sized,
        O: Observer<A> + ?Sized,
    {
        let _run = spans::run();
        let outcome = self.watched(model, observer, limit, save);
        if let Err(error) = &outcome {
            observer.failed(self, error);
        }
        outcome
    }

    /// [`Admm::drive`], but for telling the observer of an error.
    fn watched<M, O>(
        &mut self,
        model: &mut M,
        observer: &mut O,
        limit: usize,
        save: &mut Save<'_, A, M>,
    ) -> Result<Report, AdmmError>
    where
        M: Trainable<Elem = A> + ?Sized,
        O: Observer<A> + ?Sized,
    {
        let failed = |iteration, source| AdmmError::Observer { iteration, source };
        let started = observer.start(self);
        started.map_err(|e| failed(self.iteration(), e))?;
        let before = self.complete();
        let status = loop {
            let status = match self.settings.order {
                UpdateOrder::Textbook => {
                    let trained = self.w_step(model, self.iteration() + 1)?;
                    self.try_update(|name| model.weight(name))?;
                    self.annotate(trained, before);
                    self.status()
                }
                UpdateOrder::Paper => self.paper_iteration(model, before)?,
            };
            let iteration = self.iteration();
            let flow = observer.iteration(self, &self.history[iteration - 1]);
            let stopped = matches!(flow, Ok(Flow::Stop)).then_some(Status::Stopped);
            let used_up = (iteration - before >= limit).then_some(Status::MaxIterations);
            let status = status.or(stopped).or(used_up);
            // What was computed is saved even if the observer failed.
            save(self, model, status.is_some() || flow.is_err())?;
            flow.map_err(|e| failed(iteration, e))?;
            if let Some(status) = status {
                break status;
            }
        };
        let report = self.report(status, before);
        let finished = observer.finish(self, &report);
        finished.map_err(|e| failed(self.iteration(), e))?;
        Ok(report)
    }

    /// Z, U, then W. An update whose W-step failed in an earlier run is not done again, only its W-step.
    fn paper_iteration<M>(
        &mut self,
        model: &mut M,
        before: usize,
    ) -> Result<Option<Status>, AdmmError>
    where
        M: Trainable<Elem = A> + ?Sized,
    {
        if !self.w_step_due {
            self.try_update(|name| model.weight(name))?;
            self.w_step_due = true;
        }
        // A start that satisfies the constraint has small residuals before anything was trained; and after
        // the first iteration, training once more would leave the point that has just been found good.
        let first = self.iteration() == 1;
        let status = if first { None } else { self.status() };
        if status.is_none() {
            let trained = self.w_step(model, self.iteration())?;
            self.annotate(trained, before);
        }
        self.w_step_due = false;
        Ok(status)
    }

    /// Trains; returns the summary and the constrained weights whose proximal term was not read.
    fn w_step<M>(
        &self,
        model: &mut M,
        iteration: usize,
    ) -> Result<(TrainSummary, Vec<String>), AdmmError>
    where
        M: Trainable<Elem = A> + ?Sized,
    {
        let _w_step = spans::w_step(iteration);
        let proximal = super::Proximal::new(&self.weights, iteration);
        let summary = model.train(&proximal).map_err(|source| AdmmError::Model {
            iteration,
            source: source.into(),
        })?;
        match summary.loss {
            Some(loss) if !loss.is_finite() => Err(AdmmError::NonFiniteLoss {
                iteration,
                loss,
                weight: self.first_diverged(model),
            }),
            _ => Ok((summary, proximal.unread())),
        }
    }

    /// The first constrained weight that is not finite, to say where training went wrong.
    fn first_diverged<M>(&self, model: &M) -> Option<String>
    where
        M: Trainable<Elem = A> + ?Sized,
    {
        let diverged = |name: &str| {
            model
                .weight(name)
                .is_ok_and(|w| first_non_finite(&w).is_some())
        };
        let names = self.weights.iter().map(|weight| &weight.name);
        names.into_iter().find(|name| diverged(name)).cloned()
    }

    /// Adds what the W-step told to the record of this iteration, of a run that began after `before` iterations.
    fn annotate(&mut self, trained: (TrainSummary, Vec<String>), before: usize) {
        let (summary, unread) = trained;
        let Some((record, earlier)) = self.history[before..].split_last_mut() else {
            return;
        };
        for name in &unread {
            if !earlier.iter().any(|record| record.unread.contains(name)) {
                log::warn!("the proximal term of `{name}` was not read during training");
            }
        }
        record.loss = summary.loss;
        record.metrics = summary.metrics;
        record.unread = unread;
    }
}
