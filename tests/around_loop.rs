//! What surrounds the loop: history files and the progress bar; each part needs its feature.

// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]
#![cfg(any(feature = "history", feature = "progress"))]

mod admm_support;
mod common;

#[cfg(feature = "history")]
#[path = "around_loop/csv.rs"]
mod csv;
#[cfg(feature = "history")]
#[path = "around_loop/history_file.rs"]
mod history_file;
#[cfg(feature = "history")]
#[path = "around_loop/json.rs"]
mod json;
#[path = "around_loop/model.rs"]
mod model;
#[cfg(feature = "progress")]
#[path = "around_loop/progress.rs"]
mod progress;
