//! The program `tt-admm`, run as users run it.

mod common;

#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/program.rs"]
mod program;
#[path = "cli/whole.rs"]
mod whole;
