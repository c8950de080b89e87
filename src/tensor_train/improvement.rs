//! What improvement sweeps are asked for, and how they ended.

use serde::{Deserialize, Serialize};

use super::error::TtError;

/// Sweeps of alternating least squares that lower the error of a TT-SVD at the ranks it found.
///
/// TT-SVD is the best approximation for matrices only; for order 3 and above its error is within `sqrt(d - 1)` of
/// the smallest, and sweeps close a part of that gap. A sweep solves for every core in turn, the others kept, in the
/// orthogonal gauge (Holtz, Rohwedder, Schneider, SIAM J. Sci. Comput. 34, 2012; for order 3 it is the higher-order
/// orthogonal iteration of De Lathauwer, De Moor, Vandewalle, 2000, on two modes), so the error never rises. It costs
/// two products with the tensor, `4 N r` operations for `N` elements, and smaller ones. The result is a
/// stationary point, not always the global minimum.
///
/// Sweeps end when one of them lowers the error by no more than a share of it, or after a largest number of them;
/// [`Improvement`] tells which. The default is at most 20, and a share of `1e-3`.
///
/// # Examples
///
/// ```
/// use tt_admm::{SweepStatus, Sweeps, TtSvd, ndarray::Array3};
///
/// let x = Array3::from_shape_fn((8, 9, 8), |(i, j, k)| ((i * j + j * k + 3 * k) as f64).sin());
/// let plain = TtSvd::new(4).decompose(&x)?;
/// let better = TtSvd::new(4).improve(Sweeps::at_most(100).until(1e-6)).decompose(&x)?;
/// let (before, after) = (plain.truncation_error().total(), better.truncation_error().total());
/// assert!(after < 0.99 * before);
/// let improvement = better.truncation_error().improvement().unwrap();
/// assert_eq!(improvement.status(), SweepStatus::Converged);
/// assert!((improvement.before() - before).abs() < 1e-12);
/// # Ok::<(), tt_admm::TtError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sweeps {
    at_most: usize,
    decrease: f64,
}

impl Sweeps {
    /// At most this many sweeps; 0 for none. They may end earlier: see [`Sweeps::until`].
    #[must_use]
    pub fn at_most(sweeps: usize) -> Self {
        Self {
            at_most: sweeps,
            ..Self::default()
        }
    }

    /// Ends when a sweep lowers the error by no more than this share of it. With 0, sweeps go on until rounding hides
    /// what they gain, which can take thousands.
    #[must_use]
    pub fn until(mut self, decrease: f64) -> Self {
        self.decrease = decrease;
        self
    }

    pub(super) fn bound(self) -> usize {
        self.at_most
    }

    pub(super) fn decrease(self) -> f64 {
        self.decrease
    }

    pub(super) fn check(self) -> Result<(), TtError> {
        let got = self.decrease;
        if got.is_finite() && got >= 0.0 {
            Ok(())
        } else {
            Err(TtError::Sweeps { got })
        }
    }
}

impl Default for Sweeps {
    fn default() -> Self {
        Self {
            at_most: 20,
            decrease: 1e-3,
        }
    }
}

/// At most this many sweeps.
impl From<usize> for Sweeps {
    fn from(sweeps: usize) -> Self {
        Self::at_most(sweeps)
    }
}

/// Why sweeps ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SweepStatus {
    /// A sweep gained no more than the share asked for, or there was nothing to gain: order 1 and 2, where TT-SVD is
    /// the best approximation, and errors at rounding level.
    Converged,
    /// The largest number of sweeps was made, and the last one still gained more.
    BoundReached,
}

/// What sweeps have done to the error of a train; part of its
/// [`TruncationError`](super::TruncationError). [`Sweeps`] has an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Improvement {
    before: f64,
    sweeps: usize,
    status: SweepStatus,
}

impl Improvement {
    pub(super) fn new(before: f64, sweeps: usize, status: SweepStatus) -> Self {
        Self {
            before,
            sweeps,
            status,
        }
    }

    /// Nothing was left to gain of this error.
    pub(super) fn none(before: f64) -> Self {
        Self::new(before, 0, SweepStatus::Converged)
    }

    /// The same in a unit that is smaller by `scale`.
    pub(super) fn unscaled(mut self, scale: f64) -> Self {
        self.before /= scale;
        self
    }

    /// `|X - TT|_F` where the sweeps began: that of TT-SVD, or of the last cores if a projection went on from them.
    #[must_use]
    pub fn before(&self) -> f64 {
        self.before
    }

    /// The number of sweeps made.
    #[must_use]
    pub fn sweeps(&self) -> usize {
        self.sweeps
    }

    /// Why they ended.
    #[must_use]
    pub fn status(&self) -> SweepStatus {
        self.status
    }
}
