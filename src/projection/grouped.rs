//! The same constraint on every group of a grouped convolution.

use ndarray::{ArrayViewD, ArrayViewMutD, Axis, Slice};

use super::tt::same_shape;
use super::{Exactness, Factors, Projected, Projection, ProjectionError, Prox, WarmStart};
use crate::scalar::Scalar;

/// A prox operator for each group of a grouped convolution.
///
/// The weight `(O, I / g, Kh, Kw)` of a convolution in `g` groups is a stack of `g` weights
/// `(O / g, I / g, Kh, Kw)` along its first axis, which have nothing to do with each other: a low rank of the whole
/// would mix them. The inner prox operator is applied to each, which is the exact prox operator of the sum if the
/// inner one is exact. The factors are a list, one for each group ([`Factors::stacked`]), if the inner operator gives
/// factors.
///
/// A depthwise convolution, whose groups have one input channel each, is refused: it has nothing to decompose across
/// channels.
///
/// # Examples
///
/// ```
/// use tt_admm::projection::{Grouped, Projection, TuckerProjection, WarmStart};
/// use tt_admm::ndarray::Array4;
///
/// // 8 outputs and 2 * 4 inputs in 2 groups.
/// let w = Array4::from_shape_fn((8, 4, 3, 3), |(o, i, h, w)| ((o * i + h * w) as f64).sin());
/// let mut z = w.clone().into_dyn();
/// let projection = Grouped::new(TuckerProjection::new(2), 2);
/// let done = projection.project(w.view().into_dyn(), z.view_mut(), &mut WarmStart::default())?;
/// let factors = done.factors().unwrap();
/// assert_eq!(factors.num_groups(), 2);
/// assert_eq!(factors.num_parameters(), 2 * (2 * 2 * 9 + 4 * 2 + 4 * 2));
/// assert_eq!(factors.parameter_names()[3], "group1/core");
/// # Ok::<(), tt_admm::ProjectionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Grouped<P> {
    inner: P,
    groups: usize,
}

impl<P> Grouped<P> {
    /// The prox operator `inner` for weights of one group, and the number of groups.
    #[must_use]
    pub fn new(inner: P, groups: usize) -> Self {
        Self { inner, groups }
    }

    /// The shape of the weight of one group.
    fn group_shape(&self, shape: &[usize]) -> Result<Vec<usize>, ProjectionError> {
        let groups = self.groups;
        let outputs = shape.first().copied().unwrap_or(0);
        if groups == 0 || outputs == 0 || outputs % groups != 0 {
            let shape = shape.to_vec();
            return Err(ProjectionError::Groups { groups, shape });
        }
        if groups > 1 && shape.get(1).is_none_or(|&inputs| inputs == 1) {
            let shape = shape.to_vec();
            return Err(ProjectionError::Depthwise { groups, shape });
        }
        let mut group = shape.to_vec();
        group[0] = outputs / groups;
        Ok(group)
    }
}

/// The memory of every group, taken out of the one of the whole; none if it is not one of so many groups.
///
/// The counters of the whole are, for each group: how many arrays and how many counters it has, and these counters.
fn separate<A>(warm: &mut WarmStart<A>, groups: usize) -> Vec<WarmStart<A>> {
    let mut arrays = std::mem::take(&mut warm.arrays).into_iter();
    let counters = std::mem::take(&mut warm.counters);
    let mut rest = &counters[..];
    let mut separated = Vec::new();
    while let [own_arrays, own_counters, after @ ..] = rest {
        let sizes = usize::try_from(*own_arrays)
            .ok()
            .zip(usize::try_from(*own_counters).ok());
        let Some((own_arrays, own_counters)) =
            sizes.filter(|(a, c)| *a <= arrays.len() && *c <= after.len())
        else {
            break;
        };
        let mut group = WarmStart::default();
        group.arrays.extend(arrays.by_ref().take(own_arrays));
        group.counters.extend(&after[..own_counters]);
        separated.push(group);
        rest = &after[own_counters..];
    }
    if separated.len() != groups || !rest.is_empty() || arrays.len() > 0 {
        separated.clear();
    }
    separated.resize_with(groups, WarmStart::default);
    separated
}

/// Puts the memory of the groups together; nothing if no group remembers anything.
fn join<A>(warm: &mut WarmStart<A>, groups: Vec<WarmStart<A>>) {
    if groups.iter().all(WarmStart::is_empty) {
        return;
    }
    for group in groups {
        let sizes = [group.arrays.len(), group.counters.len()];
        warm.counters.extend(sizes.map(|size| size as u64));
        warm.counters.extend(group.counters);
        warm.arrays.extend(group.arrays);
    }
}

impl<A: Scalar, P: Prox<A>> Prox<A> for Grouped<P> {
    fn check(&self, shape: &[usize]) -> Result<(), ProjectionError> {
        self.inner.check(&self.group_shape(shape)?)
    }

    fn prox(
        &self,
        v: ArrayViewD<'_, A>,
        rho: A,
        mut out: ArrayViewMutD<'_, A>,
        warm: &mut WarmStart<A>,
    ) -> Result<Projected<A>, ProjectionError> {
        same_shape(&v, &out)?;
        let rows = self.group_shape(v.shape())?[0];
        let mut memory = separate(warm, self.groups);
        let mut distance = 0.0_f64;
        let mut factors = Vec::with_capacity(self.groups);
        for (g, memory) in memory.iter_mut().enumerate() {
            let group = Slice::from(g * rows..(g + 1) * rows);
            memory.work = std::mem::take(&mut warm.work);
            let done = self.inner.prox(
                v.slice_axis(Axis(0), group),
                rho,
                out.slice_axis_mut(Axis(0), group),
                memory,
            );
            warm.work = std::mem::take(&mut memory.work);
            let done = done?;
            distance = distance.hypot(done.distance());
            factors.extend(done.into_factors());
        }
        join(warm, memory);
        let done = Projected::new(distance);
        if factors.len() < self.groups {
            return Ok(done);
        }
        Ok(done.with_factors(Factors::stacked(factors)?))
    }
}

impl<A: Scalar, P: Projection<A>> Projection<A> for Grouped<P> {
    fn exactness(&self) -> Exactness {
        self.inner.exactness()
    }
}
