//! TT-rounding: smaller ranks for a train.

use ndarray::Array3;

use crate::linalg::{
    Keep, Side, SplitMethod, Work, frobenius, matmul, orthonormal_factor, rounding_level, split,
};
use crate::scalar::Scalar;
use crate::tensor_train::certificate::TruncationError;
use crate::tensor_train::dense::matrix;
use crate::tensor_train::graded::{Scaled, raise, rescale};
use crate::tensor_train::orthogonal::core;
use crate::tensor_train::{TensorTrain, TtError};
use crate::truncation::Truncation;

impl<A: Scalar> TensorTrain<A> {
    /// A train of smaller ranks near this one (TT-rounding: Oseledets, SIAM J. Sci. Comput. 33, 2011, algorithm 2).
    ///
    /// The train is made right-orthogonal, unless its [centre](TensorTrain::orthogonality_center) shows that it is
    /// partly so already; then every bond is cut from left to right by a singular value decomposition, as in
    /// [`tt_svd`](crate::tt_svd). `truncation` means the same as there:
    ///
    /// - prescribed ranks are the ranks of the result, clipped to what the shape and the ranks of this train allow;
    /// - a tolerance gives small ranks: every bond may use an equal share of what is left of it, so no rank is above
    ///   the smallest at which the unfolding of that bond loses at most `tolerance / sqrt(d - 1)`. For order 2 the
    ///   rank is the smallest possible. Parts that rounding errors explain never count, the remains of
    ///   terms that cancel included: `x.sub(&x)` rounds to rank 1;
    /// - a zero train gets rank 1.
    ///
    /// What is cut at different bonds is orthogonal, so [`TensorTrain::truncation_error`] of the result is the exact
    /// distance of the two trains. It is within `sqrt(d - 1)` of the smallest possible at these ranks.
    ///
    /// The result has its centre at the last core. If that core cannot hold the norm, as in long trains, powers of two are
    /// shared out among all cores and no centre is remembered. If the distance is outside the range of
    /// `f64`, [`TruncationError::total`](crate::TruncationError::total) is infinite or 0, and
    /// [`TruncationError::relative`](crate::TruncationError::relative) is right all the same.
    ///
    /// Costs `O(sum_k n_k r^3)`.
    ///
    /// # Errors
    ///
    /// [`TtError::Rank`] for ranks or tolerances that do not fit, [`TtError::NonFinite`] if an entry is NaN or
    /// infinite, [`TtError::OutOfRange`] if all cores together cannot hold the norm, [`TtError::Linalg`] if the
    /// backend fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{Truncation, tt_svd, ndarray::Array3};
    ///
    /// // The Hilbert tensor, at ranks that keep all of it.
    /// let x = tt_svd(&Array3::from_shape_fn((5, 5, 5), |(i, j, k)| 1.0 / (1.0 + (i + j + k) as f64)), 5)?;
    /// let small = x.round(2)?;
    /// assert_eq!(small.ranks(), [1, 2, 2, 1]);
    /// assert!((small.truncation_error().relative() - 0.0152733693553496).abs() < 1e-12);
    /// let distance = x.sub(&small)?.norm();
    /// assert!((small.truncation_error().total() - distance).abs() < 1e-13);
    /// assert_eq!(x.round(Truncation::relative(1e-3))?.ranks(), [1, 3, 3, 1]);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn round(&self, truncation: impl Into<Truncation>) -> Result<Self, TtError> {
        let truncation = truncation.into();
        let caps = truncation.caps(&self.shape)?;
        self.check_finite()?;
        let gauge = self.gauge(0)?;
        let mut cores = gauge.cores;
        cores.extend(self.cores[cores.len()..].iter().cloned());
        let bonds = self.order() - 1;
        let norm = frobenius(cores[0].iter().copied());
        if norm == 0.0 {
            let cores = self.shape.iter().map(|&n| Array3::zeros((1, n, 1)));
            let nothing = TruncationError::none(bonds);
            return Ok(Self::assemble(cores.collect(), nothing));
        }
        let scaled = |mantissa, exponent| Scaled { mantissa, exponent }.value();
        // So far above the norm everything is allowed at every bond.
        let tolerance = truncation
            .tolerance_by(norm, |absolute| scaled(absolute, -gauge.exponent))
            .map(|tolerance| tolerance.min(norm / f64::EPSILON));
        // Rounding errors of so many factorisations, in the part that is dropped at one bond.
        let rank = cores.iter().map(|core| core.dim().2).max().unwrap_or(1);
        let root = (bonds.max(1) as f64).sqrt();
        let noise = rounding_level::<A>(rank) * root * gauge.magnitude;
        let cut = Cuts {
            caps: &caps,
            prescribed: truncation.is_prescribed(),
            budget: tolerance.map_or(0.0, |t| t.powi(2)),
            noise,
        }
        .run(&mut cores)?;
        let slack = root * noise / norm;
        let exponent = gauge.exponent + cut.exponent;
        let error = TruncationError::with_units(&cut.discarded, norm, tolerance, slack, |e| {
            scaled(e, gauge.exponent)
        });
        let last = cores[bonds].clone();
        if raise(&mut cores[bonds], exponent) {
            return Ok(Self::assemble(cores, error).centered(Some(bonds)));
        }
        cores[bonds] = last;
        Self::assemble(cores, error).spread(exponent)
    }
}

/// What the cuts of the bonds may discard, in units of the centre they start from.
struct Cuts<'a> {
    caps: &'a [usize],
    prescribed: bool,
    /// Square of the norm that may still be discarded.
    budget: f64,
    /// Norm of the part at one bond that rounding errors explain.
    noise: f64,
}

/// What the cuts did.
struct Cut {
    /// Norm discarded at each bond, in units of the centre at the start.
    discarded: Vec<f64>,
    /// The last core is to be multiplied by this power of two.
    exponent: f64,
}

impl Cuts<'_> {
    /// Cuts all bonds of cores that are right-orthogonal but for the first.
    fn run<A: Scalar>(mut self, cores: &mut [Array3<A>]) -> Result<Cut, TtError> {
        let mut work = Work::default();
        let bonds = cores.len() - 1;
        let (mut discarded, mut exponent) = (vec![0.0; bonds], 0.0_f64);
        for k in 0..bonds {
            let (r, n, s) = cores[k].dim();
            let tall = matrix(&cores[k], (r * n, s));
            let most = s.min(r * n);
            let cut = if self.prescribed && self.caps[k + 1] >= most {
                orthonormal_factor(&tall, Side::Left)?
            } else {
                let cap = self.caps[k + 1].min(most);
                let keep = self.keep(cap, bonds - k, exponent);
                split(tall, Side::Left, keep, SplitMethod::Auto, &mut work)?
            };
            discarded[k] = cut.discarded * exponent.exp2();
            self.budget = (self.budget - discarded[k].powi(2)).max(0.0);
            let (_, next_n, next_s) = cores[k + 1].dim();
            let next = matmul(cut.rest.view(), matrix(&cores[k + 1], (s, next_n * next_s)));
            cores[k] = core(&cut.basis, (r, n, cut.basis.ncols()));
            cores[k + 1] = core(&next, (next.nrows(), next_n, next_s));
            exponent -= rescale(&mut cores[k + 1]);
        }
        Ok(Cut {
            discarded,
            exponent,
        })
    }

    /// What the next of so many cuts keeps, at most `cap`, where the centre has been divided by `2^exponent`.
    fn keep(&self, cap: usize, cuts: usize, exponent: f64) -> Keep {
        if self.prescribed {
            return Keep::rank(cap);
        }
        let share = (self.budget / cuts as f64).sqrt().max(self.noise);
        Keep::tail(share * (-exponent).exp2()).and_max_rank(cap)
    }
}
