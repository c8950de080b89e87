//! From trained weights to factors, and training of the factors.
//!
//! [`decompose`] factors one weight; [`decompose_trained`] all weights of an ADMM run, from `W` and from
//! `Z`; [`Factorized`] is the model with some weights replaced by their factors, to be fine-tuned with the
//! same optimisers.

mod decompose;
mod error;
mod factorized;

pub use decompose::{Decomposed, DecomposedPair, decompose, decompose_trained};
pub use error::CompressError;
pub use factorized::Factorized;
