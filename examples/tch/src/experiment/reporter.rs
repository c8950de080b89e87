//! What ADMM tells on its way.

use tt_admm::admm::{BlockRecord, Flow, Record};
use tt_admm::{Admm, BoxError, Observer};

/// Prints every iteration.
#[derive(Debug)]
pub(super) struct Reporter;

impl Observer<f32> for Reporter {
    fn iteration(&mut self, _: &Admm<f32>, record: &Record) -> Result<Flow, BoxError> {
        eprintln!(
            "ADMM: update {}, loss {:.4}, primal residual {:.4}, dual {:.4}, rho {:.3}{}",
            record.iteration(),
            record.loss().unwrap_or_default(),
            record.primal_residual(),
            record.dual_residual(),
            rho(record),
            accuracy(record).map_or(String::new(), |a| format!(", accuracy {a:.4}")),
        );
        Ok(Flow::Continue)
    }
}

/// The largest penalty; all are the same here.
fn rho(record: &Record) -> f64 {
    record
        .blocks()
        .iter()
        .map(BlockRecord::rho)
        .fold(0.0, f64::max)
}

fn accuracy(record: &Record) -> Option<f64> {
    let mut metrics = record.metrics().iter();
    metrics
        .find(|(name, _)| name == "accuracy")
        .map(|(_, accuracy)| *accuracy)
}
