//! Ranks for a budget.

mod budget;
mod error;
mod front;
mod offers;
mod path;
#[expect(clippy::module_inception, reason = "the plan is what planning gives")]
mod plan;
mod planner;
mod profile;
mod rules;
mod spectrum;
mod uniform;
mod vbmf;

pub use budget::Budget;
pub use error::PlanError;
pub use offers::Family;
pub use plan::{Dense, Plan, PlannedLayer};
pub use planner::{plan, plan_curve};
pub use profile::LayerProfile;
pub use rules::{plan_energy, plan_uniform, plan_vbmf};
