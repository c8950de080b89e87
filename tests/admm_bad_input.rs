//! Broken settings, weights, prox operators and models: a typed error with the numbers, and no harm done.

// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod admm_support;
mod common;

#[path = "admm_bad_input/failed_updates.rs"]
mod failed_updates;
#[path = "admm_bad_input/failed_w_steps.rs"]
mod failed_w_steps;
#[path = "admm_bad_input/rho.rs"]
mod rho;
#[path = "admm_bad_input/settings.rs"]
mod settings;
