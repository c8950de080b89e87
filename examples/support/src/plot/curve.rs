//! What is drawn: a value for every iteration, or none.

use tt_admm::admm::{BlockRecord, Record};

/// A line of a panel.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    pub(super) label: String,
    /// Iteration and value; `None` leaves a gap.
    pub(super) points: Vec<(usize, Option<f64>)>,
}

impl Curve {
    fn new(label: &str, history: &[Record], value: impl Fn(&Record) -> Option<f64>) -> Self {
        let point = |record: &Record| {
            let finite = value(record).filter(|value| value.is_finite());
            (record.iteration(), finite)
        };
        Self {
            label: label.to_owned(),
            points: history.iter().map(point).collect(),
        }
    }

    /// The values there are.
    pub(super) fn values(&self) -> impl Iterator<Item = f64> {
        self.points.iter().filter_map(|(_, value)| *value)
    }
}

pub(super) fn residuals(history: &[Record]) -> Vec<Curve> {
    vec![
        Curve::new("primal", history, |r| Some(r.primal_residual())),
        Curve::new("dual", history, |r| Some(r.dual_residual())),
    ]
}

pub(super) fn loss(history: &[Record]) -> Vec<Curve> {
    vec![Curve::new("loss", history, Record::loss)]
}

pub(super) fn accuracy(history: &[Record]) -> Vec<Curve> {
    let value = |record: &Record| {
        let mut metrics = record.metrics().iter();
        metrics
            .find(|(name, _)| name == "accuracy")
            .map(|(_, v)| *v)
    };
    vec![Curve::new("accuracy", history, value)]
}

/// A curve for every block; further blocks on a weight are numbered.
pub(super) fn projection_errors(history: &[Record]) -> Vec<Curve> {
    let blocks = history.first().map_or(&[][..], Record::blocks);
    let curve = |(place, block): (usize, &BlockRecord)| {
        let label = match block.ordinal() {
            0 => block.weight().to_owned(),
            ordinal => format!("{} ({})", block.weight(), ordinal + 1),
        };
        Curve::new(&label, history, |r| r.blocks().get(place).map(relative))
    };
    blocks.iter().enumerate().map(curve).collect()
}

fn relative(block: &BlockRecord) -> f64 {
    let distance = block.projection_distance();
    if distance == 0.0 {
        0.0
    } else {
        distance / block.weight_norm()
    }
}
