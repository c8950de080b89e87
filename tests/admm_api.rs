//! The loop as users drive it: models, observers, endings, ways to build and to step.

// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod admm_support;
mod common;

#[path = "admm_api/building.rs"]
mod building;
#[path = "admm_api/endings.rs"]
mod endings;
#[path = "admm_api/models.rs"]
mod models;
#[path = "admm_api/observers.rs"]
mod observers;
#[path = "admm_api/table.rs"]
mod table;
