//! The loop over W-steps and updates.

use super::{
    Admm, AdmmError, Flow, Observer, Report, Status, TrainSummary, Trainable, UpdateOrder, spans,
};
use crate::scalar::Scalar;

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
        let _run = spans::run();
        let before = self.iteration();
        observer.start(self).map_err(|source| AdmmError::Observer {
            iteration: before,
            source,
        })?;
        // A run that is taken up again after a stall is given its patience anew.
        if self.status() == Some(Status::Stalled) {
            self.best = (f64::INFINITY, before);
        }
        let mut unread = Vec::new();
        let mut iterations = 0;
        let status = loop {
            let status = match self.settings.order {
                UpdateOrder::Textbook => {
                    let trained = self.w_step(model, self.iteration() + 1)?;
                    self.try_update(|name| model.weight(name))?;
                    self.annotate(trained, &mut unread);
                    self.status()
                }
                UpdateOrder::Paper => self.paper_iteration(model, &mut unread)?,
            };
            iterations += 1;
            let iteration = self.iteration();
            let flow = observer
                .iteration(self, &self.history[iteration - 1])
                .map_err(|source| AdmmError::Observer { iteration, source })?;
            if let Some(status) = status {
                break status;
            }
            if flow == Flow::Stop {
                break Status::Stopped;
            }
            if iterations >= self.settings.max_iterations {
                break Status::MaxIterations;
            }
        };
        let iteration = self.iteration();
        let last = self.history[iteration - 1].clone();
        let report = Report {
            status,
            iterations,
            last,
            unread,
        };
        observer
            .finish(self, &report)
            .map_err(|source| AdmmError::Observer { iteration, source })?;
        Ok(report)
    }

    /// Z, U, then W. An update whose W-step failed in an earlier run is not done again, only its W-step.
    fn paper_iteration<M>(
        &mut self,
        model: &mut M,
        unread: &mut Vec<String>,
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
            self.annotate(trained, unread);
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
            Some(loss) if !loss.is_finite() => Err(AdmmError::NonFiniteLoss { iteration, loss }),
            _ => Ok((summary, proximal.unread())),
        }
    }

    /// Adds what the W-step told to the record of this iteration.
    fn annotate(&mut self, trained: (TrainSummary, Vec<String>), all_unread: &mut Vec<String>) {
        let (summary, unread) = trained;
        for name in &unread {
            if !all_unread.contains(name) {
                log::warn!("the proximal term of `{name}` was not read during training");
                all_unread.push(name.clone());
            }
        }
        if let Some(record) = self.history.last_mut() {
            record.loss = summary.loss;
            record.metrics = summary.metrics;
            record.unread = unread;
        }
    }
}
