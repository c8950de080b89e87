//! TT-SVD from the elements of a tensor to the train, with the sweeps that improve it.

use std::borrow::Cow;

use ndarray::Array3;

use super::als::Refined;
use super::certificate::TruncationError;
use super::error::TtError;
use super::improvement::{Improvement, Sweeps};
use super::screen::Screened;
use super::svd::{SplitOrder, TtSvd};
use super::sweep::Sweep;
use super::thin::LARGE;
use super::train::TensorTrain;
use crate::linalg::{Side, Work, rounding_level};
use crate::scalar::Scalar;

impl TtSvd {
    /// TT-SVD of the row-major elements of a tensor.
    pub(crate) fn run<A: Scalar>(
        &self,
        elements: Cow<'_, [A]>,
        shape: &[usize],
        work: &mut Work<A>,
    ) -> Result<TensorTrain<A>, TtError> {
        Ok(self.run_to_center(elements, shape, work)?.0)
    }

    /// [`TtSvd::run`], and the centre: the cores before it are left-orthogonal, those after it
    /// right-orthogonal.
    pub(crate) fn run_to_center<A: Scalar>(
        &self,
        elements: Cow<'_, [A]>,
        shape: &[usize],
        work: &mut Work<A>,
    ) -> Result<(TensorTrain<A>, usize), TtError> {
        // TT-SVD of a matrix is the best approximation.
        let Some(sweeps) = self.sweeps().filter(|_| shape.len() > 2) else {
            let Some(cuts) = self.cut_all(elements, None, shape, work)? else {
                return Ok((self.zero(shape), 0));
            };
            let error = cuts.error();
            let none = Improvement::none(error.total());
            let error = error.with_improvement(self.sweeps().map(|_| none));
            return cuts.into_train(error);
        };
        self.check(shape)?;
        let Screened { block, scale, norm } = screened(elements, shape)?;
        let unit = Some(Unit { scale, norm });
        let Some(cuts) = self.cut_all(Cow::Borrowed(&*block), unit, shape, work)? else {
            return Ok((self.zero(shape), 0));
        };
        let improved = cuts.improved(&block, sweeps, work)?;
        if let Cow::Owned(block) = block {
            work.give_vector(block);
        }
        Ok(improved)
    }

    /// Cuts every bond; `None` for a zero tensor. Elements in a unit that is not known are brought to one first.
    fn cut_all<A: Scalar>(
        &self,
        elements: Cow<'_, [A]>,
        unit: Option<Unit<A>>,
        shape: &[usize],
        work: &mut Work<A>,
    ) -> Result<Option<Cuts<A>>, TtError> {
        let caps = self.check(shape)?;
        let mut sweep = Sweep {
            shape,
            caps: &caps,
            prescribed: self.truncation().is_prescribed(),
            method: self.split_method(),
            large: elements.len() >= LARGE,
            later_cuts: 0,
            budget: 0.0,
            block: elements,
            gram: None,
            discarded: vec![0.0; shape.len() - 1],
            left: Vec::new(),
            right: Vec::new(),
            left_rank: 1,
            right_rank: 1,
            work,
        };
        // Where the first step is a Gram matrix, its trace saves a pass over the tensor.
        let by_gram = unit.is_none() && self.split_order() != SplitOrder::LeftToRight;
        let by_gram = by_gram.then(|| sweep.norm_by_gram()).flatten();
        let unit = if let Some(unit) = unit {
            unit
        } else if let Some(norm) = by_gram {
            let scale = A::one();
            Unit { scale, norm }
        } else {
            let Screened { block, scale, norm } = screened(sweep.block, shape)?;
            sweep.block = block;
            Unit { scale, norm }
        };
        if unit.norm == 0.0 {
            return Ok(None);
        }
        let tolerance = self.truncation().tolerance(unit.norm, unit.scale.widen());
        sweep.budget = tolerance.map_or(0.0, |t| t.powi(2));
        while sweep.remaining() > 1 {
            let side = match self.split_order() {
                SplitOrder::Auto => sweep.cheaper_side(),
                SplitOrder::LeftToRight => Side::Left,
                SplitOrder::RightToLeft => Side::Right,
            };
            sweep.cut(side)?;
        }
        // The part that rounding alone may make every cut drop, as `Keep` does.
        let side = shape
            .iter()
            .zip(caps.windows(2))
            .map(|(n, r)| n * r[0].max(r[1]))
            .max();
        let cuts = (shape.len() as f64 - 1.0).max(1.0);
        let slack = cuts.sqrt() * rounding_level::<A>(side.unwrap_or(1));
        Ok(Some(Cuts {
            unit,
            center: sweep.left.len(),
            discarded: std::mem::take(&mut sweep.discarded),
            cores: sweep.into_cores(),
            tolerance,
            slack,
        }))
    }

    /// The train of a zero tensor.
    fn zero<A: Scalar>(&self, shape: &[usize]) -> TensorTrain<A> {
        let cores = shape.iter().map(|&n| Array3::zeros((1, n, 1))).collect();
        let nothing = TruncationError::none(shape.len() - 1);
        let done = self.sweeps().map(|_| Improvement::none(0.0));
        TensorTrain::assemble(cores, nothing.with_improvement(done))
    }
}

/// A tensor in a safe unit.
fn screened<'t, A: Scalar>(
    elements: Cow<'t, [A]>,
    shape: &[usize],
) -> Result<Screened<'t, A>, TtError> {
    Screened::new(elements, shape).map_err(|(index, value)| TtError::NonFinite {
        what: "the tensor".into(),
        index,
        value,
    })
}

/// The unit of a tensor, and its norm in it.
#[derive(Clone, Copy)]
struct Unit<A> {
    /// The power of two that the elements were multiplied by, so that squares are safe.
    scale: A,
    norm: f64,
}

/// A tensor in a safe unit, cut at every bond.
struct Cuts<A> {
    unit: Unit<A>,
    cores: Vec<Array3<A>>,
    /// The core that is not orthogonal.
    center: usize,
    /// The norm discarded at every bond.
    discarded: Vec<f64>,
    /// The largest norm that was to be discarded in all.
    tolerance: Option<f64>,
    /// The part of the norm by which rounding may exceed that.
    slack: f64,
}

impl<A: Scalar> Cuts<A> {
    /// What was discarded, in the unit of the user.
    fn error(&self) -> TruncationError {
        self.error_in(self.unit.scale.widen())
    }

    fn error_in(&self, scale: f64) -> TruncationError {
        let (norm, tolerance) = (self.unit.norm, self.tolerance);
        TruncationError::new(&self.discarded, norm, tolerance, scale, self.slack)
    }

    /// The train in the unit of the user, and its centre.
    fn into_train(mut self, error: TruncationError) -> Result<(TensorTrain<A>, usize), TtError> {
        let Unit { scale, norm } = self.unit;
        let center = &mut self.cores[self.center];
        if scale != A::one() {
            center.mapv_inplace(|x| x / scale);
        }
        if !center.iter().all(|x| x.is_finite()) {
            return Err(TtError::OutOfRange {
                log_norm: norm.ln() - scale.widen().ln(),
            });
        }
        let train = TensorTrain::assemble(self.cores, error).centered(Some(self.center));
        Ok((train, self.center))
    }

    /// The train after sweeps over the elements, which are in the safe unit.
    fn improved(
        mut self,
        elements: &[A],
        sweeps: Sweeps,
        work: &mut Work<A>,
    ) -> Result<(TensorTrain<A>, usize), TtError> {
        let Unit { scale, norm } = self.unit;
        let bonds = self.discarded.len();
        let before = self.error_in(1.0).total();
        let cores = std::mem::take(&mut self.cores);
        let mut refined = Refined::new(cores, self.center, norm);
        let (distance, done) = refined.improve(elements, sweeps, Some(before), work)?;
        let error = if done.sweeps() == 0 {
            self.error()
                .with_improvement(Some(done.unscaled(scale.widen())))
        } else {
            TruncationError::around(self.center, bonds, refined.lost(), distance, norm)
                .with_improvement(Some(done))
                .unscaled(scale.widen(), self.tolerance, self.slack * norm)
        };
        self.cores = refined.into_cores();
        self.into_train(error)
    }
}
