//! The program `tt-admm`, run as users run it.

// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

#[macro_use]
mod common;

#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/program.rs"]
mod program;
#[path = "cli/whole.rs"]
mod whole;
