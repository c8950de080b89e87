//! From trained weights to factors, and training of the factors.

// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod admm_support;
mod common;

#[path = "compress/decompose.rs"]
mod decompose;
#[path = "compress/factorized.rs"]
mod factorized;
#[path = "compress/formats.rs"]
mod formats;
#[path = "compress/network.rs"]
mod network;
#[path = "compress/refused.rs"]
mod refused;
