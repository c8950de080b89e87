//! Files of tensors: round trips, other writers and readers, factors, and files that lie.

// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

#[macro_use]
mod common;

#[path = "io/build.rs"]
mod build;
#[path = "io/damaged.rs"]
mod damaged;
#[path = "io/disk.rs"]
mod disk;
#[path = "io/factors.rs"]
mod factors;
#[path = "io/factors_refused.rs"]
mod factors_refused;
#[path = "io/npz_refused.rs"]
mod npz_refused;
#[path = "io/python.rs"]
mod python;
#[path = "io/round_trip.rs"]
mod round_trip;
#[path = "io/safetensors_refused.rs"]
mod safetensors_refused;
