//! Compression for a budget: what layers cost, plans, rules, reports.

// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod common;

#[path = "planning/budgets.rs"]
mod budgets;
#[cfg(feature = "plot")]
#[path = "planning/charts.rs"]
mod charts;
#[path = "planning/cheapest.rs"]
mod cheapest;
#[path = "planning/contraction.rs"]
mod contraction;
#[path = "planning/costs.rs"]
mod costs;
#[path = "planning/data.rs"]
mod data;
#[path = "planning/decomposed.rs"]
mod decomposed;
#[path = "planning/labelled.rs"]
mod labelled;
#[path = "planning/layers.rs"]
mod layers;
#[path = "planning/networks.rs"]
mod networks;
#[path = "planning/optimal.rs"]
mod optimal;
#[path = "planning/profiles.rs"]
mod profiles;
#[path = "planning/reports.rs"]
mod reports;
#[path = "planning/rules.rs"]
mod rules;
#[path = "planning/special.rs"]
mod special;
#[path = "planning/vbmf.rs"]
mod vbmf;
