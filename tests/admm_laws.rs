//! ADMM against closed forms, oracles and its own laws.

// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod admm_support;
mod common;

#[path = "admm_laws/convex.rs"]
mod convex;
#[path = "admm_laws/determinism.rs"]
mod determinism;
#[path = "admm_laws/low_rank.rs"]
mod low_rank;
#[path = "admm_laws/penalties.rs"]
mod penalties;
#[path = "admm_laws/proximal.rs"]
mod proximal;
#[path = "admm_laws/reference.rs"]
mod reference;
#[path = "admm_laws/several_blocks.rs"]
mod several_blocks;
#[path = "admm_laws/trainer.rs"]
mod trainer;
