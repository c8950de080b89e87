//! Starting a projection from the result of the last one.

use std::borrow::Cow;

use ndarray::{Array3, ArrayViewD, ArrayViewMutD, Ix3};

use super::factors::tensor_view;
use super::tt::{elements_of, same_shape};
use super::{Factors, Projected, ProjectionError, WarmStart};
use crate::linalg::{Side, squared_distance};
use crate::scalar::Scalar;
use crate::tensor_train::{Refined, TensorTrain, TtSvd, moderate_norm};
use crate::tensorize::Tensorization;

/// When a [`TtProjection`](super::TtProjection) solves from scratch, and when it improves the cores of the last
/// call on the same weight.
///
/// Inside ADMM a weight may move little from one update to the next, and so does its projection. Improving the last
/// cores by alternating least squares then costs about half of a TT-SVD. Its error for the new weight is never
/// above that of the last cores for the new weight, and is measured; that it is close to what a TT-SVD would
/// reach is an estimate and not a bound. Measured on convolution kernels that move by 0.1 to 1 % between
/// calls it was below that of TT-SVD, since alternating least squares goes on where TT-SVD ends.
///
/// A call solves from scratch if nothing fitting is remembered. After the number of calls given by `Every`, and
/// when the weight has moved too far for the last cores (improving them lowers their squared distance from the weight
/// by more than a hundredth), a call does both and keeps the better result. When that happens again and again, a growing
/// number of calls, 15 in a row at most, solve from scratch without a try; only these may end above the error of the last
/// cores.
///
/// With [improvement sweeps](super::TtProjection::improve) a solution from scratch is TT-SVD and its sweeps, and a call
/// that goes on from the last cores adds sweeps by the same rule to the one it makes in any case.
///
/// # Examples
///
/// ```
/// use tt_admm::projection::{Projection, Restart, TtProjection, WarmStart};
/// use tt_admm::ndarray::Array3;
///
/// let mut v = Array3::from_shape_fn((8, 9, 8), |(i, j, k)| ((i * j + j * k + k) as f64).sin()).into_dyn();
/// let warm = TtProjection::new(4).restart(Restart::Every(20));
/// let cold = TtProjection::new(4).restart(Restart::Always);
/// let (mut z, mut memory) = (v.clone(), WarmStart::default());
/// warm.project(v.view(), z.view_mut(), &mut memory)?;
/// v.mapv_inplace(|x| x + 0.01 * (7.0 * x).cos());
/// let improved = warm.project(v.view(), z.view_mut(), &mut memory)?;
/// let solved = cold.project(v.view(), z.view_mut(), &mut WarmStart::default())?;
/// assert!(improved.distance() < 1.001 * solved.distance());
/// # Ok::<(), tt_admm::ProjectionError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Restart {
    /// `Every(20)` for tensors of order 3 and above with at least 2^17 elements and prescribed ranks, where a TT-SVD
    /// takes more than a moment; `Always` for all others.
    #[default]
    Auto,
    /// Every call solves from scratch, and the result depends on nothing but the weight.
    Always,
    /// Also from scratch after this many calls (at least one), keeping the better result. Tolerances and
    /// order 2, where TT-SVD is the exact answer, are always solved from scratch.
    Every(u64),
}

impl Restart {
    /// The number of calls between two solutions from scratch; `None` if every one is.
    fn period(self, shape: &[usize]) -> Option<u64> {
        let large = shape.len() > 2 && shape.iter().product::<usize>() >= 1 << 17;
        match self {
            Self::Auto if large => Some(20),
            Self::Every(period) if shape.len() > 2 => Some(period.max(1)),
            Self::Auto | Self::Always | Self::Every(_) => None,
        }
    }
}

/// What a call may gain over the last cores, in squared distance: when it gains more, the tensor has moved too far for
/// a sweep or two to follow.
const GAIN: f64 = 0.01;

/// Most calls in a row that solve from scratch without trying to improve, while the tensor moves too far.
const MOST_SKIPPED: u64 = 15;

/// What a [`WarmStart`] holds of a train besides its cores.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    /// The core that is not orthogonal.
    center: usize,
    /// Calls since the last solution from scratch.
    calls: u64,
    /// Calls that will solve from scratch without a try.
    skip: u64,
    /// Tries in a row that found that the tensor had moved too far.
    failures: u32,
}

impl Counts {
    fn solved(self, center: usize) -> Self {
        let (calls, skip) = (0, self.skip.saturating_sub(1));
        Self {
            center,
            calls,
            skip,
            ..self
        }
    }

    /// After a try on a tensor that had moved too far: the more of them in a row, the longer the pause.
    fn failed(self) -> Self {
        let skip = MOST_SKIPPED.min((1 << self.failures.min(20)) - 1);
        let failures = self.failures.saturating_add(1);
        Self {
            skip,
            failures,
            ..self
        }
    }
}

struct Memory<A> {
    cores: Vec<Array3<A>>,
    counts: Counts,
}

impl<A: Scalar> Memory<A> {
    /// What is remembered, if it fits a train of this shape and these ranks.
    fn recall(warm: &mut WarmStart<A>, shape: &[usize], ranks: &[usize]) -> Option<Self> {
        let &[center, calls, skip, failures] = &warm.counters[..] else {
            return None;
        };
        let center = usize::try_from(center).ok()?;
        let failures = u32::try_from(failures).ok()?;
        let fits = warm.arrays.len() == shape.len()
            && center < shape.len()
            && warm.arrays.iter().enumerate().all(|(k, core)| {
                core.shape() == [ranks[k], shape[k], ranks[k + 1]] && core.is_standard_layout()
            });
        if !fits {
            return None;
        }
        let mut cores = Vec::with_capacity(shape.len());
        for core in &warm.arrays {
            let core = core.view().into_dimensionality::<Ix3>().ok()?;
            let mut copy = warm.work.core(core.dim());
            copy.assign(&core);
            cores.push(copy);
        }
        Some(Self {
            cores,
            counts: Counts {
                center,
                calls,
                skip,
                failures,
            },
        })
    }

    /// Remembers a train for the next call.
    fn store(warm: &mut WarmStart<A>, train: &TensorTrain<A>, counts: Counts) {
        let fits = warm.arrays.len() == train.order()
            && std::iter::zip(&warm.arrays, train.cores()).all(|(a, b)| a.shape() == b.shape());
        if fits {
            for (array, core) in warm.arrays.iter_mut().zip(train.cores()) {
                array.assign(core);
            }
        } else {
            let cores = train.cores().iter();
            warm.arrays = cores.map(|core| core.clone().into_dyn()).collect();
        }
        let (center, failures) = (counts.center as u64, counts.failures.into());
        warm.counters.clear();
        warm.counters
            .extend([center, counts.calls, counts.skip, failures]);
    }
}

/// A projection that remembers: writes the dense image to `out` and returns the factors.
pub(super) fn project_warm<A: Scalar>(
    svd: &TtSvd,
    restart: Restart,
    layout: Tensorization,
    v: &ArrayViewD<'_, A>,
    mut out: ArrayViewMutD<'_, A>,
    warm: &mut WarmStart<A>,
) -> Result<Projected<A>, ProjectionError> {
    same_shape(v, &out)?;
    let shape = layout.tensor_shape();
    let elements = elements_of(&layout, v, &mut warm.work)?;
    let fixed = svd.fixed_ranks(shape);
    let Some((period, ranks)) = restart.period(shape).zip(fixed) else {
        let train = svd.run(elements, shape, &mut warm.work)?;
        return finish(train, layout, out, warm);
    };
    let remembered = Memory::recall(warm, shape, &ranks);
    let norm = moderate_norm(&elements);
    let counts = remembered
        .as_ref()
        .map_or_else(Counts::default, |last| last.counts);
    let (Some(last), Some(norm), 0) = (remembered, norm, counts.skip) else {
        let (train, center) = svd.run_to_center(elements, shape, &mut warm.work)?;
        Memory::store(warm, &train, counts.solved(center));
        return finish(train, layout, out, warm);
    };
    let mut refined = Refined::new(last.cores, counts.center, norm);
    // Both sides once after a solution from scratch, one in turn later.
    let left = counts.calls == 0 || counts.calls % 2 == 1;
    let first = if left { Side::Left } else { Side::Right };
    let before = refined.sweep(&elements, first, &mut warm.work)?;
    if counts.calls == 0 {
        refined.sweep(&elements, Side::Right, &mut warm.work)?;
    }
    let mut improvement = None;
    if let Some(sweeps) = svd.sweeps() {
        improvement = Some(refined.improve(&elements, sweeps, None, &mut warm.work)?.1);
    }
    // The image, in the place of the result if its layout allows that.
    let mut own = Vec::new();
    let direct = layout.is_reshape().then(|| out.as_slice_mut()).flatten();
    let in_place = direct.is_some();
    let z = direct.unwrap_or_else(|| {
        own = warm.work.vector(elements.len());
        &mut own
    });
    refined.write_dense(z, &mut warm.work);
    let distance = squared_distance(&elements, z).sqrt();
    let mut train = refined.into_train(distance, improvement);
    let rounding = 64.0 * A::epsilon().widen() * norm.powi(2);
    let too_far = before > (1.0 + GAIN) * distance.powi(2) + rounding;
    let mut counts = if too_far {
        counts.failed()
    } else {
        Counts {
            failures: 0,
            ..counts
        }
    };
    counts.calls += 1;
    if counts.calls >= period || too_far {
        let borrowed = Cow::Borrowed(&*elements);
        let (solved, center) = svd.run_to_center(borrowed, shape, &mut warm.work)?;
        if solved.truncation_error().total() < distance {
            solved.write_dense(z, &mut warm.work);
            (train, counts.center, counts.calls) = (solved, center, 0);
        } else {
            counts.calls = 1;
        }
    }
    Memory::store(warm, &train, counts);
    if !in_place {
        layout.detensorize_into(&tensor_view(&layout, &mut own), out)?;
        warm.work.give_vector(own);
    }
    if let Cow::Owned(elements) = elements {
        warm.work.give_vector(elements);
    }
    let distance = train.truncation_error().total();
    Ok(Projected::new(distance).with_factors(Factors::new(train, layout)?))
}

/// The image and the factors of a train.
fn finish<A: Scalar>(
    train: TensorTrain<A>,
    layout: Tensorization,
    out: ArrayViewMutD<'_, A>,
    warm: &mut WarmStart<A>,
) -> Result<Projected<A>, ProjectionError> {
    let distance = train.truncation_error().total();
    let factors = Factors::new(train, layout)?;
    factors.write_dense(out, &mut warm.work);
    Ok(Projected::new(distance).with_factors(factors))
}
