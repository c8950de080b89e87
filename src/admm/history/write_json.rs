//! One object for each iteration.

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::FIGURES;
use crate::admm::{BlockRecord, Record};

/// Writes a history as JSON: an array with one object for each iteration, one line each. Needs the feature
/// `history`.
///
/// ```text
/// {"iteration": 1, "loss": 0.5, "metrics": {"accuracy": 0.9},
///  "primal_residual": .., "dual_residual": .., "residual_ratio": .., "unread": [],
///  "blocks": [{"weight": "fc1", "ordinal": 0, "rho": .., "primal": .., "relative_primal": .., "dual": ..,
///              "relative_dual": .., "weight_norm": .., "z_norm": .., "u_norm": ..,
///              "projection_distance": .., "residual_ratio": ..}]}
/// ```
///
/// The keys are as in [`Record`] and [`BlockRecord`].
///
/// - JSON has no number that is not finite: infinities and NaN become `null`, and so does a loss that the model
///   did not report. Other numbers have the fewest digits that read back as the same `f64`, with a reader that
///   rounds correctly (for `serde_json` that is its feature `float_roundtrip`).
/// - Metrics stand in the order in which the model gave them; of several with one name, the last value counts.
///
/// # Errors
///
/// Those of `writer`.
///
/// # Examples
///
/// ```
/// use tt_admm::{Admm, TtProjection, admm, ndarray::array};
///
/// let w = array![[1.0, 0.0], [0.0, 0.5]];
/// let mut admm = Admm::<f64>::builder()
///     .constrain("fc1", TtProjection::new(1))
///     .rho(2.0)
///     .build_from(|_| w.view().into_dyn())?;
/// admm.update(|_| w.view().into_dyn())?;
/// let mut text = Vec::new();
/// admm::write_json(admm.history(), &mut text)?;
/// let text = String::from_utf8(text)?;
/// assert!(text.starts_with("[\n{\"iteration\":1,\"loss\":null,\"metrics\":{},"));
/// assert!(text.contains("{\"weight\":\"fc1\",\"ordinal\":0,\"rho\":2.0,\"primal\":0.5,"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_json(history: &[Record], writer: impl Write) -> io::Result<()> {
    let mut writer = BufWriter::new(writer);
    let mut before = "[\n";
    for record in history {
        writer.write_all(before.as_bytes())?;
        serde_json::to_writer(&mut writer, &Entry(record))?;
        before = ",\n";
    }
    let end = if history.is_empty() { "[]\n" } else { "\n]\n" };
    writer.write_all(end.as_bytes())?;
    writer.flush()
}

// Written out rather than derived: this format is for people and plotting tools, and has derived figures.
struct Entry<'a>(&'a Record);
struct Metrics<'a>(&'a [(String, f64)]);
struct Blocks<'a>(&'a [BlockRecord]);
struct BlockEntry<'a>(&'a BlockRecord);

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let record = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("iteration", &record.iteration())?;
        map.serialize_entry("loss", &record.loss())?;
        map.serialize_entry("metrics", &Metrics(record.metrics()))?;
        map.serialize_entry("primal_residual", &record.primal_residual())?;
        map.serialize_entry("dual_residual", &record.dual_residual())?;
        map.serialize_entry("residual_ratio", &record.residual_ratio())?;
        map.serialize_entry("unread", record.unread())?;
        map.serialize_entry("blocks", &Blocks(record.blocks()))?;
        map.end()
    }
}

impl Serialize for Metrics<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut places = HashMap::new();
        let mut last: Vec<(&str, f64)> = Vec::with_capacity(self.0.len());
        for (name, value) in self.0 {
            let place = *places.entry(name.as_str()).or_insert(last.len());
            if place == last.len() {
                last.push((name, *value));
            } else {
                last[place].1 = *value;
            }
        }
        serializer.collect_map(last)
    }
}

impl Serialize for Blocks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(BlockEntry))
    }
}

impl Serialize for BlockEntry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("weight", self.0.weight())?;
        map.serialize_entry("ordinal", &self.0.ordinal())?;
        for (name, figure) in FIGURES {
            map.serialize_entry(name, &figure(self.0))?;
        }
        map.end()
    }
}
