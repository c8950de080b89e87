//! Runs that are interrupted and taken up again.

// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod admm_support;
mod common;

#[path = "checkpoint/folder.rs"]
mod folder;
#[path = "checkpoint/killed.rs"]
mod killed;
#[path = "checkpoint/refused.rs"]
mod refused;
#[path = "checkpoint/resumed.rs"]
mod resumed;
#[path = "checkpoint/trainer.rs"]
mod trainer;
