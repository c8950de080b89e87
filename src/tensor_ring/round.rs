//! Rounding: smaller ranks for a ring.

use ndarray::{Array3, s};

use super::{TensorRing, TrError, TrTruncation};
use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, reshaped};
use crate::truncation::Truncation;

impl<A: Scalar> TensorRing<A> {
    /// A ring of smaller ranks near this one.
    ///
    /// The ring is opened at its bond of smallest rank `r_0` to a train whose end modes also carry the indices of that
    /// bond, and the train is rounded; then once more at the next bond, so that the first one is cut too (the roundingTR
    /// of Mickelin and Karaman, 2018, arXiv 1807.02513, with TT-rounding as its step). Costs `O(r_0 sum_k n_k r^3)`.
    ///
    /// - A tolerance is kept: a ring is at most `sqrt(r_0)` times as far away as the opened trains are, and that is
    ///   taken from the budget. Parts that rounding errors of the opened train explain never count.
    /// - The ranks are not the smallest ones. Opened trains have ranks that the trace does not need (the sum of a ring
    ///   with itself keeps its doubled ranks), and no algorithm finds the smallest ring ranks (Batselier, 2018).
    ///   [`TensorRing::to_tensor_train`] finds the smallest TT ranks.
    /// - Prescribed ranks are met where the opened trains have so many; how far away the result then is, only
    ///   `x.add(&y.scale(-1.0)?)?.norm()` tells.
    /// - A zero ring, and a ring of order 1, get rank 1.
    ///
    /// # Errors
    ///
    /// [`TrError::RankCount`], [`TrError::RankEnds`], [`TrError::RankZero`] and [`TrError::Tolerance`] for rules that do
    /// not fit, [`TrError::NonFinite`] if an entry is NaN or infinite, [`TrError::TensorTrain`] with the other
    /// errors of [`TensorTrain::round`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TrTruncation, tr_svd, ndarray::Array3};
    ///
    /// let x = Array3::from_shape_fn((6, 7, 8), |(i, j, k)| 1.0 / (1.0 + (i + j + k) as f64));
    /// let ring = tr_svd(&x, TrTruncation::exact())?;
    /// let small = ring.round(TrTruncation::relative(1e-2))?;
    /// assert!(3 * small.num_parameters() < ring.num_parameters());
    /// let distance = (&x.into_dyn() - &small.to_dense()).mapv(|e| e * e).sum().sqrt();
    /// assert!(distance <= 1e-2 * ring.norm());
    /// # Ok::<(), tt_admm::TrError>(())
    /// ```
    pub fn round(&self, truncation: impl Into<TrTruncation>) -> Result<Self, TrError> {
        let truncation = truncation.into();
        let order = self.order();
        let caps = truncation.caps(order)?;
        self.check_finite()?;
        let log_norm = self.log_norm();
        if log_norm == f64::NEG_INFINITY {
            let cores = self.shape.iter().map(|&n| Array3::zeros((1, n, 1)));
            return Ok(Self::assemble(cores.collect()));
        }
        if let [only] = &self.cores[..] {
            return Ok(Self::assemble(vec![traced(only)]));
        }
        // Everything in units of the norm.
        let relative = truncation
            .tolerance(1.0, |absolute| (absolute.ln() - log_norm).exp())
            .map(|tolerance| tolerance.min(2.0));
        let mut rule = Rule {
            caps: &caps,
            prescribed: truncation.is_prescribed(),
            budget: relative.unwrap_or(0.0),
            log_norm,
        };
        let first = self.opened_at(None);
        let share = (order as f64 - 1.0) / order as f64;
        let (once, lost) = rule.round(self, first, rule.budget * share)?;
        rule.budget = (rule.budget - lost).max(0.0);
        let next = once.opened_at(Some(first));
        Ok(rule.round(&once, next, rule.budget)?.0)
    }

    /// The bond of smallest rank, but for this one.
    fn opened_at(&self, but: Option<usize>) -> usize {
        let bonds = (0..self.order()).filter(|&k| Some(k) != but);
        bonds.min_by_key(|&k| self.ranks[k]).unwrap_or(0)
    }
}

struct Rule<'a> {
    caps: &'a [usize],
    prescribed: bool,
    /// What may still be lost, in units of the norm.
    budget: f64,
    log_norm: f64,
}

impl Rule<'_> {
    /// Rounds all bonds but the one where the ring is opened; returns also a bound of what was lost, in units of the
    /// norm.
    fn round<A: Scalar>(
        &self,
        ring: &TensorRing<A>,
        bond: usize,
        budget: f64,
    ) -> Result<(TensorRing<A>, f64), TrError> {
        let order = ring.order();
        let closing = ring.ranks[bond];
        let mut cores = ring.cores.clone();
        cores.rotate_left(bond);
        let last = order - 1;
        let (first_n, last_n) = (cores[0].dim().1, cores[last].dim().1);
        let (_, _, s) = cores[0].dim();
        cores[0] = as_shape(cores[0].view(), (1, closing * first_n, s));
        let (r, _, _) = cores[last].dim();
        cores[last] = as_shape(cores[last].view(), (r, last_n * closing, 1));
        let train = TensorTrain::from_cores(cores)?;
        // |X| <= sqrt(r_0) |train|, for the ring itself and for what is lost.
        let growth = (closing as f64).sqrt() * (train.log_norm() - self.log_norm).exp();
        let inner: Vec<usize> = (1..order).map(|k| self.caps[(bond + k) % order]).collect();
        let truncation = if self.prescribed {
            Truncation::ranks(inner)
        } else {
            Truncation::relative(budget / growth).and_ranks(inner)
        };
        let rounded = train.round(truncation)?;
        let lost = growth * rounded.truncation_error().relative();
        let mut cores = rounded.into_cores();
        let (_, _, s) = cores[0].dim();
        cores[0] = as_shape(cores[0].view(), (closing, first_n, s));
        let (r, _, _) = cores[last].dim();
        cores[last] = as_shape(cores[last].view(), (r, last_n, closing));
        cores.rotate_right(bond);
        Ok((TensorRing::assemble(cores), lost))
    }
}

fn as_shape<A: Scalar>(
    core: ndarray::ArrayView3<'_, A>,
    shape: (usize, usize, usize),
) -> Array3<A> {
    reshaped(core, shape).to_owned()
}

/// A ring of one core, at rank 1.
fn traced<A: Scalar>(only: &Array3<A>) -> Array3<A> {
    let mut core = Array3::zeros((1, only.dim().1, 1));
    for a in 0..only.dim().0 {
        core += &only.slice(s![a..=a, .., a..=a]);
    }
    core
}
