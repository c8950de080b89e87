//! What layers cost, dense and factored: parameters and multiply-adds.

mod contraction;
mod error;
mod network;
mod operator;
mod scheme;
mod totals;

pub use contraction::{Contraction, Operand, Step};
pub use error::{CostError, SchemeError};
pub use operator::{Conv2d, Operator};
pub use scheme::{Format, Scheme};
pub(crate) use scheme::{parameters, tucker_pairs};
pub use totals::Cost;
