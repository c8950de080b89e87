//! From trained weights to factors, for a budget, and training of the factors.
//!
//! [`decompose`] factors one weight; [`decompose_trained`] all weights of an ADMM run, from `W` and from
//! `Z`; [`Factorized`] is the model with some weights replaced by their factors, to be fine-tuned with the
//! same optimisers.
//!
//! Instead of writing ranks by hand, let [`plan`] choose those of all layers for a [`Budget`]: [`LayerProfile`]
//! measures a weight, an [`Operator`] says what the layer does with it, a [`Scheme`] is one way to factor it, and
//! [`decompose_planned`] carries the [`Plan`] out and makes the [`Report`]. [`Contraction`] counts the multiply-adds.

mod cost;
mod decompose;
mod error;
mod factorized;
mod plan;
mod planned;
mod report;
mod total_error;

pub use cost::{
    Contraction, Conv2d, Cost, CostError, Format, Operand, Operator, Scheme, SchemeError, Step,
};
pub(crate) use cost::{parameters, tucker_pairs};
pub use decompose::{Decomposed, DecomposedPair, decompose, decompose_trained};
pub use error::CompressError;
pub use factorized::Factorized;
pub use plan::{
    Budget, Dense, Family, LayerProfile, Plan, PlanError, PlannedLayer, plan, plan_curve,
    plan_energy, plan_uniform, plan_vbmf,
};
pub use planned::{DecomposedNetwork, decompose_planned};
#[cfg(feature = "plot")]
pub use report::{ChartError, Curve, curve_chart, layer_chart};
pub use report::{LayerReport, Report};
