//! The table and the RESULT line.

use std::fmt::Write;

use crate::arms::Outcome;
use crate::formats::Format;

/// Means and spreads over the seeds, one row for each way.
pub(crate) struct Summary<'a> {
    outcomes: &'a [Outcome],
    format: Format,
    dense_parameters: usize,
}

/// A row of the table: key, meaning (with the names of the decomposition and of the factors), value of one seed.
type Row = (&'static str, &'static str, fn(&Outcome) -> f64);

const ROWS: [Row; 9] = [
    ("dense", "dense network, N epochs", |o| o.dense),
    ("", "dense network, N+M+F epochs", |o| o.dense_longer),
    ("tt_svd", "(a) {decomposition} of the dense network", |o| {
        o.tt_svd
    }),
    (
        "tt_svd_finetuned",
        "(b) (a), {parts} trained M+F epochs",
        |o| o.tt_svd_finetuned,
    ),
    ("tt_scratch", "(c) random {parts}, N+M+F epochs", |o| {
        o.tt_scratch
    }),
    ("", "dense weights after M epochs of ADMM", |o| {
        o.admm_weights
    }),
    ("admm", "(d) ADMM, decomposed from W", |o| o.admm),
    ("", "    ADMM, decomposed from Z", |o| o.admm_from_z),
    ("admm_finetuned", "(e) (d), {parts} trained F epochs", |o| {
        o.admm_finetuned
    }),
];

impl<'a> Summary<'a> {
    pub(crate) fn new(outcomes: &'a [Outcome], format: Format, dense_parameters: usize) -> Self {
        Self {
            outcomes,
            format,
            dense_parameters,
        }
    }

    fn mean(&self, value: fn(&Outcome) -> f64) -> f64 {
        self.outcomes.iter().map(value).sum::<f64>() / self.outcomes.len() as f64
    }

    /// Sample standard deviation.
    fn spread(&self, value: fn(&Outcome) -> f64) -> f64 {
        let mean = self.mean(value);
        let squares = self
            .outcomes
            .iter()
            .map(|o| (value(o) - mean).powi(2))
            .sum::<f64>();
        (squares / (self.outcomes.len() as f64 - 1.0)).sqrt()
    }

    fn worst(&self, value: fn(&Outcome) -> f64) -> f64 {
        self.outcomes.iter().map(value).fold(0.0, f64::max)
    }

    fn ratio(&self) -> f64 {
        self.dense_parameters as f64 / self.outcomes[0].parameters as f64
    }

    pub(crate) fn table(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        writeln!(
            text,
            "{:<38} {:>9} {:>9}",
            "held-out accuracy", "mean", "std"
        )?;
        for (_, meaning, value) in ROWS {
            let meaning = meaning
                .replace("{decomposition}", self.format.decomposition())
                .replace("{parts}", self.format.parts());
            writeln!(
                text,
                "{meaning:<38} {:>9.4} {:>9.4}",
                self.mean(value),
                self.spread(value)
            )?;
        }
        writeln!(
            text,
            "\nparameters in the compressed layers: {} dense, {} in {} ({:.1}x)",
            self.dense_parameters,
            self.outcomes[0].parameters,
            self.format.parts(),
            self.ratio()
        )?;
        writeln!(
            text,
            "largest relative error of a decomposed layer (worst seed): {:.3} before ADMM, {:.4} after \
             from W, {:.4} from Z",
            self.worst(|o| o.error_before),
            self.worst(|o| o.error_from_weight),
            self.worst(|o| o.error_from_projection),
        )?;
        Ok(text)
    }

    pub(crate) fn result_line(&self, seconds: f64) -> String {
        let named = ROWS.iter().filter(|(key, _, _)| !key.is_empty());
        let values: Vec<_> = named
            .map(|(key, _, value)| format!("{key}={:.4}", self.mean(*value)))
            .collect();
        let format = match self.format {
            Format::Tt => String::new(),
            other => format!("format={other} "),
        };
        format!(
            "RESULT {format}{} ratio={:.2} primal_residual={:.5} seconds={seconds:.1}",
            values.join(" "),
            self.ratio(),
            self.worst(|o| o.primal_residual),
        )
    }
}
