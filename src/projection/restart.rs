//! When a projection starts from the result of the last one.

/// When a [`TtProjection`](super::TtProjection) or [`TuckerProjection`](super::TuckerProjection) solves from scratch,
/// and when it improves the factors of the last call on the same weight.
///
/// Inside ADMM a weight may move little from one update to the next, and so does its projection. Improving the last
/// cores of a train by alternating least squares then costs about half of a TT-SVD; the factors of a Tucker tensor
/// are improved by one sweep of orthogonal iteration, which needs no eigenproblem. The error for the new weight is
/// never above that of the last factors for the new weight, and is measured; that it is close to what a solution from
/// scratch would reach is an estimate and not a bound. Measured on convolution kernels that move by 0.1 to 1 %
/// between calls it was below that of TT-SVD, since alternating least squares goes on where TT-SVD ends.
///
/// A call solves from scratch if nothing fitting is remembered. After the number of calls given by `Every`, and
/// when the weight has moved too far for the last factors (improving them lowers their squared distance from the weight
/// by more than a hundredth), a call does both and keeps the better result. When that happens again and again, a growing
/// number of calls, 15 in a row at most, solve from scratch without a try; only these may end above the error of the last
/// factors.
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
    /// `Every(20)` for tensors of order 3 and above with at least 2^17 elements and prescribed ranks, where a solution
    /// takes more than a moment; `Always` for all others.
    #[default]
    Auto,
    /// Every call solves from scratch, and the result depends on nothing but the weight.
    Always,
    /// Also from scratch after this many calls (at least one), keeping the better result. Tolerances, order 2 and
    /// Tucker tensors with one factor, where the exact answer is known, are always solved from scratch.
    Every(u64),
}

impl Restart {
    /// The number of calls between two solutions from scratch; `None` if every one is.
    pub(super) fn period(self, shape: &[usize]) -> Option<u64> {
        let large = shape.len() > 2 && shape.iter().product::<usize>() >= 1 << 17;
        match self {
            Self::Auto if large => Some(20),
            Self::Every(period) if shape.len() > 2 => Some(period.max(1)),
            Self::Auto | Self::Always | Self::Every(_) => None,
        }
    }
}
