//! Tensor rings: laws of the container and its algebra, TR-SVD, alternating least squares, refusals.

// Generic test bodies are no `#[test]` functions themselves, so the lint cannot tell that they are tests.
// Exact equality is what some of these laws claim.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

#[macro_use]
mod common;

#[path = "tensor_ring/als.rs"]
mod als;
#[path = "tensor_ring/facts.rs"]
mod facts;
#[path = "tensor_ring/gradients.rs"]
mod gradients;
#[path = "tensor_ring/laws.rs"]
mod laws;
#[path = "tensor_ring/projection.rs"]
mod projection;
#[path = "tensor_ring/refused.rs"]
mod refused;
#[path = "tensor_ring/rounding.rs"]
mod rounding;
#[path = "tensor_ring/sampled.rs"]
mod sampled;
#[path = "tensor_ring/scale.rs"]
mod scale;
#[path = "tensor_ring/search.rs"]
mod search;
#[path = "tensor_ring/special.rs"]
mod special;
#[path = "tensor_ring/support.rs"]
mod support;
#[path = "tensor_ring/svd.rs"]
mod svd;
