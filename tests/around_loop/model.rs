//! A model that says of itself what a test wants it to say.

// Each feature's tests use a part of it.
#![allow(dead_code)]

use crate::admm_support::{Targets, anything};
use crate::common::random;
use tt_admm::admm::{AdmmBuilder, Proximal, Record, TrainSummary};
use tt_admm::ndarray::{ArrayViewD, CowArray, IxDyn};
use tt_admm::{Admm, Trainable, TtProjection};

/// Names that no format may stumble over.
pub(crate) const AWKWARD: &str = "layer \"1\", line\r\none\n; \u{e9}\t\\ 'w'";

/// Two weights; the second has two blocks, the last of which is no constraint.
pub(crate) struct Talkative {
    pub(crate) inner: Targets<f64>,
    /// Metrics of the iterations 1, 2, ...; none after the last.
    pub(crate) metrics: Vec<Vec<(&'static str, f64)>>,
    pub(crate) fails_at: Option<usize>,
    /// Whether the proximal terms are read.
    pub(crate) reads: bool,
    pub(crate) tells_loss: bool,
}

impl Talkative {
    pub(crate) fn new() -> Self {
        let tensors = vec![random::tensor(&[4, 5], 1), random::tensor(&[3, 2, 4], 2)];
        let mut inner = Targets::new(tensors);
        inner.names = vec![AWKWARD.to_owned(), "w1".to_owned()];
        Self {
            inner,
            metrics: Vec::new(),
            fails_at: None,
            reads: true,
            tells_loss: true,
        }
    }

    pub(crate) fn builder() -> AdmmBuilder<f64> {
        Admm::<f64>::builder()
            .constrain(AWKWARD, TtProjection::new(2))
            .constrain("w1", TtProjection::new(1))
            .constrain("w1", anything())
            .rho(1.5)
            .rho_for("w1", 1.0 / 3.0)
            .tolerance(0.0, 0.0)
    }

    pub(crate) fn admm(&self, iterations: usize) -> Admm<f64> {
        Self::builder()
            .max_iterations(iterations)
            .build(self)
            .unwrap()
    }
}

impl Trainable for Talkative {
    type Elem = f64;
    type Error = String;

    fn weight(&self, name: &str) -> Result<CowArray<'_, f64, IxDyn>, String> {
        self.inner.weight(name)
    }

    fn set_weight(&mut self, name: &str, value: ArrayViewD<'_, f64>) -> Result<(), String> {
        self.inner.set_weight(name, value)
    }

    fn train(&mut self, proximal: &Proximal<'_, f64>) -> Result<TrainSummary, String> {
        if self.fails_at == Some(proximal.iteration()) {
            return Err("no data".to_owned());
        }
        let mut summary = TrainSummary::new();
        if self.reads {
            summary = self.inner.train(proximal)?;
        }
        if !self.tells_loss {
            summary.loss = None;
        }
        for (name, value) in self
            .metrics
            .get(proximal.iteration() - 1)
            .into_iter()
            .flatten()
        {
            summary = summary.metric(*name, *value);
        }
        Ok(summary)
    }
}

/// The history of a run of this many iterations.
pub(crate) fn history(model: &mut Talkative, iterations: usize) -> Vec<Record> {
    let mut admm = model.admm(iterations);
    admm.run(model, &mut ()).unwrap();
    admm.history().to_vec()
}
