//! Layers that are dense or hold tensor-train cores.

mod cores;
mod decompose;
mod layer;
mod tt_conv;
mod tt_linear;

pub use decompose::{Decompose, LayerMut};
pub use layer::{Conv, Linear};
pub use tt_conv::TtConv2d;
pub use tt_linear::TtLinear;
