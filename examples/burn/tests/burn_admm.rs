//! Tests of the burn adapter, in one binary: burn takes its time to link.

// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

#[path = "burn_admm/adapter.rs"]
mod adapter;
#[path = "burn_admm/bad_input.rs"]
mod bad_input;
#[path = "burn_admm/bad_training.rs"]
mod bad_training;
#[path = "burn_admm/common.rs"]
mod common;
#[path = "burn_admm/job.rs"]
mod job;
#[path = "burn_admm/layers.rs"]
mod layers;
#[path = "burn_admm/problem.rs"]
mod problem;
#[path = "burn_admm/resnet.rs"]
mod resnet;
#[path = "burn_admm/resume.rs"]
mod resume;
