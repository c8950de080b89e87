//! What ADMM tells on its way.

use std::fmt::Write;
use std::path::PathBuf;

use tt_admm::admm::{BlockRecord, Record};
use tt_admm::{Admm, BoxError, Observer};

use crate::files;

/// Prints every iteration, and writes a table of all to a file in every epoch.
#[derive(Debug)]
pub(super) struct Reporter {
    pub(super) file: Option<PathBuf>,
}

impl Observer<f32> for Reporter {
    fn iteration(
        &mut self,
        admm: &Admm<f32>,
        record: &Record,
    ) -> Result<tt_admm::admm::Flow, BoxError> {
        eprintln!(
            "ADMM: update {}, loss {:.4}, primal residual {:.4}, dual {:.4}, rho {:.3}{}",
            record.iteration(),
            record.loss().unwrap_or_default(),
            record.primal_residual(),
            record.dual_residual(),
            rho(record),
            accuracy(record).map_or(String::new(), |a| format!(", accuracy {a:.4}")),
        );
        // Where the accuracy is measured, an epoch ends.
        if let (Some(file), Some(_)) = (&self.file, accuracy(record)) {
            files::write(file, table(admm.history())?.as_bytes())?;
        }
        Ok(tt_admm::admm::Flow::Continue)
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

/// Comma-separated values with a head line; the accuracy is empty where it was not measured.
fn table(history: &[Record]) -> Result<String, std::fmt::Error> {
    let mut text = String::from("update,loss,accuracy,primal_residual,dual_residual,rho\n");
    for record in history {
        let accuracy = accuracy(record).map_or(String::new(), |a| a.to_string());
        writeln!(
            text,
            "{},{},{accuracy},{},{},{}",
            record.iteration(),
            record.loss().unwrap_or_default(),
            record.primal_residual(),
            record.dual_residual(),
            rho(record)
        )?;
    }
    Ok(text)
}
