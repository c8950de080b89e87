//! The loop over W-steps and updates.

use super::{
    Admm, AdmmError, Flow, Observer, Report, Status, TrainSummary, Trainable, UpdateOrder,
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
        let before = self.iteration();
        observer.start(self).map_err(|source| AdmmError::Observer {
            iteration: before,
            source,
        })?;
        let mut unread = Vec::new();
        let status = loop {
            let iteration = self.iteration() + 1;
            let status = match self.settings.order {
                UpdateOrder::Textbook => {
                    let trained = self.w_step(model, iteration)?;
                    self.try_update(|name| model.weight(name))?;
                    self.annotate(trained, &mut unread);
                    self.status()
                }
                UpdateOrder::Paper => {
                    self.try_update(|name| model.weight(name))?;
                    let status = self.status();
                    // Training once more would leave the point that has just been found good.
                    if status.is_none() {
                        let trained = self.w_step(model, iteration)?;
                        self.annotate(trained, &mut unread);
                    }
                    status
                }
            };
            let record = &self.history[iteration - 1];
            let flow = observer
                .iteration(self, record)
                .map_err(|source| AdmmError::Observer { iteration, source })?;
            if let Some(status) = status {
                break status;
            }
            if flow == Flow::Stop {
                break Status::Stopped;
            }
            if iteration - before >= self.settings.max_iterations {
                break Status::MaxIterations;
            }
        };
        let iteration = self.iteration();
        let last = self.history[iteration - 1].clone();
        let report = Report {
            status,
            iterations: iteration - before,
            last,
            unread,
        };
        observer
            .finish(self, &report)
            .map_err(|source| AdmmError::Observer { iteration, source })?;
        Ok(report)
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
