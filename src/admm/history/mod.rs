//! The history of a run as files: a table (CSV), and JSON.

mod file;
mod write_csv;
mod write_json;

pub use file::HistoryFile;
pub use write_csv::write_csv;
pub use write_json::write_json;

use crate::admm::BlockRecord;

type Figure = fn(&BlockRecord) -> f64;

/// The numbers of a block, by the name that both formats give them.
const FIGURES: [(&str, Figure); 10] = [
    ("rho", BlockRecord::rho),
    ("primal", BlockRecord::primal),
    ("relative_primal", BlockRecord::relative_primal),
    ("dual", BlockRecord::dual),
    ("relative_dual", BlockRecord::relative_dual),
    ("weight_norm", BlockRecord::weight_norm),
    ("z_norm", BlockRecord::z_norm),
    ("u_norm", BlockRecord::u_norm),
    ("projection_distance", BlockRecord::projection_distance),
    ("residual_ratio", BlockRecord::residual_ratio),
];
