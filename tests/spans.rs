//! Spans and events around the loop. A target of its own: `tracing` decides for the whole process which
//! spans anybody listens to, so other tests must not run beside these.

// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]
#![cfg(feature = "tracing")]

mod admm_support;
mod common;

#[path = "around_loop/collector.rs"]
mod collector;
#[path = "around_loop/model.rs"]
mod model;
#[path = "around_loop/spans.rs"]
mod spans;
