//! tt-admm's side.

use tt_admm::BoxError;
use tt_admm::projection::{Projection, Restart, TtProjection};

use super::Layer;
use crate::element::Element;

/// The projection of the cold side.
pub(super) fn projection(ranks: &[usize]) -> TtProjection {
    TtProjection::new(ranks).restart(Restart::Always)
}

/// The projection of the warm side. Options that concern warm starts belong here.
pub(super) fn warm_projection(ranks: &[usize]) -> TtProjection {
    TtProjection::new(ranks).restart(Restart::Every(20))
}

/// The projection as ADMM calls it, from nothing: what an earlier call remembers is forgotten, and only its
/// work space is used again.
pub(super) fn project_cold<A: Element>(layer: &mut Layer<A>) -> Result<(), BoxError> {
    layer.warm.arrays.clear();
    layer.warm.counters.clear();
    project_warm(layer)
}

/// The projection as ADMM calls it, with all that an earlier call has left.
pub(super) fn project_warm<A: Element>(layer: &mut Layer<A>) -> Result<(), BoxError> {
    let (w, z) = (layer.w.view(), layer.z.view_mut());
    layer.projection.project(w, z, &mut layer.warm)?;
    Ok(())
}
