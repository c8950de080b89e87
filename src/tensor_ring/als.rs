//! TR-ALS.

use std::borrow::Cow;

use ndarray::{ArrayRef, Dimension};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::screen::{check_shape, elements_of};
use super::{TensorRing, TrError, TrFit, TrRanks, start};
use crate::error::checked_size;
use crate::linalg::Work;
use crate::scalar::Scalar;

/// Alternating least squares at prescribed ranks with its options (TR-ALS; Zhao et al., 2016, algorithm 2). [`tr_als`]
/// is the short form.
///
/// A sweep solves for every core in turn with the others as they are, so the error never rises, but may end in a local
/// minimum or creep: the problem is not convex, and a best ring need not exist. After every sweep the cores get
/// equal norms. A ridge keeps cores from growing without bound where they cancel.
///
/// # Examples
///
/// ```
/// use tt_admm::{TensorRing, TrAls, ndarray::Array3};
///
/// // A ring of ranks 2 is found again, up to the freedom within the bonds.
/// let core = |n: usize, a: usize| {
///     Array3::from_shape_fn((2, n, 2), |(i, j, k)| ((a + 3 * i + 5 * j * j + 7 * k) as f64).sin())
/// };
/// let x = TensorRing::from_cores(vec![core(5, 1), core(6, 2), core(7, 3)])?.to_dense();
/// let fit = TrAls::new(2).max_sweeps(500).tolerance(1e-4).target(1e-8).restarts(4).decompose(&x)?;
/// assert!(fit.relative_error <= 1e-8);
/// # Ok::<(), tt_admm::TrError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TrAls {
    ranks: TrRanks,
    pub(super) max_sweeps: usize,
    pub(super) tolerance: f64,
    pub(super) target: f64,
    pub(super) ridge: f64,
    restarts: usize,
    seed: u64,
    pub(super) samples: Option<usize>,
}

impl TrAls {
    /// At these ranks; from a TR-SVD, with 100 sweeps at most and a tolerance of `1e-6`.
    #[must_use]
    pub fn new(ranks: impl Into<TrRanks>) -> Self {
        Self {
            ranks: ranks.into(),
            max_sweeps: 100,
            tolerance: 1e-6,
            target: 0.0,
            ridge: 0.0,
            restarts: 0,
            seed: 0,
            samples: None,
        }
    }

    /// Most sweeps from each start. With 0 the result is the start.
    #[must_use]
    pub fn max_sweeps(mut self, sweeps: usize) -> Self {
        self.max_sweeps = sweeps;
        self
    }

    /// Stops when a sweep lowers the error by less than this part of it.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Stops when the relative error is at most this.
    #[must_use]
    pub fn target(mut self, relative_error: f64) -> Self {
        self.target = relative_error;
        self
    }

    /// Minimises `|X - R|^2 / |X|^2 + ridge sum_k |G_k|^2 / |X|^(2/d)`; the best ring is the one where this is
    /// smallest.
    #[must_use]
    pub fn ridge(mut self, ridge: f64) -> Self {
        self.ridge = ridge;
        self
    }

    /// Also starts this often from random cores, unless the target is reached before; the result of smallest error is
    /// taken.
    #[must_use]
    pub fn restarts(mut self, restarts: usize) -> Self {
        self.restarts = restarts;
        self
    }

    /// Seed of random starts and of samples.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Solves for every core with so many sampled equations (TR-ALS-Sampled; Malik and Becker, 2021), drawn anew by
    /// leverage scores for every core. A sweep then costs `O(samples r^4)` for every core and one dense tensor, by which
    /// the error is measured. The error may rise; the best ring is kept, and 25 sweeps without a better one are
    /// the end.
    #[must_use]
    pub fn sampled(mut self, samples: usize) -> Self {
        self.samples = Some(samples);
        self
    }

    /// Fits a ring, from a TR-SVD: in it the ranks that one cut cannot make are filled up with random entries, the
    /// tensor being left as it is.
    ///
    /// # Errors
    ///
    /// [`TrError::NoModes`], [`TrError::EmptyMode`], [`TrError::TooLarge`], [`TrError::NonFinite`] for such tensors;
    /// [`TrError::RankCount`], [`TrError::RankEnds`], [`TrError::RankZero`], [`TrError::RanksTooLarge`] for ranks that
    /// do not fit; [`TrError::Setting`] for settings out of range; [`TrError::OutOfRange`] if the cores cannot hold the
    /// norm; [`TrError::Linalg`] if the backend fails.
    pub fn decompose<A: Scalar, D: Dimension>(
        &self,
        tensor: &ArrayRef<A, D>,
    ) -> Result<TrFit<A>, TrError> {
        check_shape(tensor.shape())?;
        self.fit(elements_of(tensor), tensor.shape(), &mut Work::default())
    }

    /// [`TrAls::decompose`] of the row-major elements of a tensor.
    pub(crate) fn fit<A: Scalar>(
        &self,
        elements: Cow<'_, [A]>,
        shape: &[usize],
        work: &mut Work<A>,
    ) -> Result<TrFit<A>, TrError> {
        let rng = &mut Xoshiro256PlusPlus::seed_from_u64(self.seed);
        let attempts = self.restarts.saturating_add(1);
        self.run(
            elements,
            shape,
            attempts,
            rng,
            work,
            |problem, attempt, rng, work| {
                if attempt == 0 {
                    return start::from_svd(problem.elements, problem.shape, &problem.ranks, work);
                }
                Ok(problem.random(rng))
            },
        )
    }

    /// Fits a ring, from random cores of this generator, which also draws the samples; as often as
    /// [`TrAls::restarts`] says, and once more.
    ///
    /// # Errors
    ///
    /// Those of [`TrAls::decompose`].
    ///
    /// # Examples
    ///
    /// ```
    /// use rand::SeedableRng;
    /// use tt_admm::{TrAls, ndarray::Array3};
    ///
    /// let x = Array3::from_shape_fn((4, 5, 6), |(i, j, k)| (i + j * k) as f64);
    /// let mut rng = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(1);
    /// let fit = TrAls::new(2).restarts(2).decompose_random(&x, &mut rng)?;
    /// assert!(fit.relative_error < 0.01);
    /// # Ok::<(), tt_admm::TrError>(())
    /// ```
    pub fn decompose_random<A: Scalar, D: Dimension, R: Rng + ?Sized>(
        &self,
        tensor: &ArrayRef<A, D>,
        rng: &mut R,
    ) -> Result<TrFit<A>, TrError> {
        check_shape(tensor.shape())?;
        let (elements, attempts) = (elements_of(tensor), self.restarts.saturating_add(1));
        let work = &mut Work::default();
        self.run(
            elements,
            tensor.shape(),
            attempts,
            rng,
            work,
            |problem, _, rng, _| Ok(problem.random(rng)),
        )
    }

    /// Improves a ring of these ranks for a tensor. The result is never worse.
    ///
    /// # Errors
    ///
    /// Those of [`TrAls::decompose`], [`TrError::ShapeMismatch`] and [`TrError::RankMismatch`] if the ring does not have
    /// the shape of the tensor or the ranks asked for.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TrAls, tr_svd, ndarray::Array3};
    ///
    /// let x = Array3::from_shape_fn((4, 5, 6), |(i, j, k)| 1.0 / (1.0 + (i + 2 * j * k) as f64));
    /// let start = tr_svd(&x, 2)?;
    /// let fit = TrAls::new(2).improve(&x, &start)?;
    /// assert!(fit.relative_error < 0.9 * start.truncation_error().relative());
    /// # Ok::<(), tt_admm::TrError>(())
    /// ```
    pub fn improve<A: Scalar, D: Dimension>(
        &self,
        tensor: &ArrayRef<A, D>,
        ring: &TensorRing<A>,
    ) -> Result<TrFit<A>, TrError> {
        ring.check_same_shape(tensor.shape())?;
        ring.check_finite()?;
        let mut expected = self.ranks.resolve(ring.order())?;
        expected.push(expected[0]);
        if ring.ranks() != expected {
            let got = ring.ranks().to_vec();
            return Err(TrError::RankMismatch { expected, got });
        }
        let rng = &mut Xoshiro256PlusPlus::seed_from_u64(self.seed);
        let (elements, work) = (elements_of(tensor), &mut Work::default());
        self.run(
            elements,
            tensor.shape(),
            1,
            rng,
            work,
            |problem, _, _, _| {
                let scaled = ring.clone().balanced(problem.scale.log2())?;
                Ok(scaled.into_cores())
            },
        )
    }

    /// Checks this shape and all settings; returns the `d` ranks.
    pub(crate) fn check(&self, shape: &[usize]) -> Result<Vec<usize>, TrError> {
        check_shape(shape)?;
        for (setting, got) in [
            ("the tolerance of TR-ALS", self.tolerance),
            ("the target of TR-ALS", self.target),
            ("the ridge of TR-ALS", self.ridge),
        ] {
            if !(got.is_finite() && got >= 0.0) {
                let expected = "finite and not negative";
                return Err(TrError::Setting {
                    setting,
                    expected,
                    got,
                });
            }
        }
        if self.samples == Some(0) {
            return Err(TrError::Setting {
                setting: "the number of samples of TR-ALS",
                expected: "at least 1",
                got: 0.0,
            });
        }
        let order = shape.len();
        let ranks = self.ranks.resolve(order)?;
        let size: usize = shape.iter().product();
        let fits = (0..order).all(|k| {
            let pair = [ranks[k], ranks[(k + 1) % order]];
            let square = [pair[0], pair[1], pair[0], pair[1]];
            let subchain = [pair[0], size / shape[k], pair[1]];
            checked_size(&square).is_some()
                && checked_size(&[pair[0], shape[k], pair[1]]).is_some()
                && checked_size(&subchain).is_some()
        });
        if !fits {
            let shape = shape.to_vec();
            return Err(TrError::RanksTooLarge { ranks, shape });
        }
        Ok(ranks)
    }
}

/// Fits a tensor ring of prescribed ranks by alternating least squares, from a TR-SVD (TR-ALS).
///
/// `ranks` is one number, `d` ranks or `d + 1` with equal ends; they are kept as they are. A sweep costs two products of
/// the tensor with half the ring, `4 N r_0 r_k` operations for `N` elements, and smaller ones. Options are on [`TrAls`].
///
/// # Errors
///
/// Those of [`TrAls::decompose`].
///
/// # Examples
///
/// ```
/// use tt_admm::{tr_als, tr_svd, ndarray::Array3};
///
/// let x = Array3::from_shape_fn((6, 7, 8), |(i, j, k)| 1.0 / (1.0 + (i + 2 * j * k) as f64));
/// let fit = tr_als(&x, [2, 2, 2])?;
/// assert_eq!(fit.ring.num_parameters(), 4 * (6 + 7 + 8));
/// assert!(fit.relative_error < 0.9 * tr_svd(&x, 2)?.truncation_error().relative());
/// # Ok::<(), tt_admm::TrError>(())
/// ```
pub fn tr_als<A: Scalar, D: Dimension>(
    tensor: &ArrayRef<A, D>,
    ranks: impl Into<TrRanks>,
) -> Result<TrFit<A>, TrError> {
    TrAls::new(ranks).decompose(tensor)
}
