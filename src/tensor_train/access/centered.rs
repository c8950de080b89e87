//! A train in the orthogonal gauge, whose bonds are cut at its centre.

use ndarray::{Array2, Array3};

use crate::linalg::{
    Keep, Side, SplitMethod, Work, matmul, norm, orthonormal_factor, power_of_two_scale,
    rounding_level, split,
};
use crate::scalar::Scalar;
use crate::tensor_train::dense::{matrix, reshaped};
use crate::tensor_train::{TensorTrain, TruncationError, TtError};
use crate::truncation::Truncation;

/// Cores of which those before the centre are left-orthogonal and those after it right-orthogonal, multiplied by a
/// power of two that makes the entries of the centre moderate.
pub(super) struct Centered<A: Scalar> {
    cores: Vec<Array3<A>>,
    center: usize,
    scale: A,
    norm: f64,
    work: Work<A>,
}

/// What was discarded before the last sweep.
pub(super) struct Lost {
    /// The squares of the norms discarded at each bond.
    pub(super) squares: Vec<f64>,
    /// A bound of the distance from the train at the start.
    pub(super) total: f64,
    /// The number of cuts.
    pub(super) cuts: usize,
}

impl Lost {
    pub(super) fn nothing(order: usize) -> Self {
        Self {
            squares: vec![0.0; order - 1],
            total: 0.0,
            cuts: 0,
        }
    }
}

impl<A: Scalar> Centered<A> {
    pub(super) fn new(train: &TensorTrain<A>) -> Result<Self, TtError> {
        let mut train = train.clone();
        train.orthogonalize(0)?;
        let mut cores = train.into_cores();
        let scale = power_of_two_scale(&cores[0]);
        cores[0].mapv_inplace(|x| x * scale);
        Ok(Self {
            norm: cores[0].as_slice().map_or(0.0, norm),
            cores,
            center: 0,
            scale,
            work: Work::default(),
        })
    }

    pub(super) fn is_zero(&self) -> bool {
        self.norm == 0.0
    }

    /// The most that may be discarded in all, in the units of the cuts.
    pub(super) fn tolerance(&self, truncation: &Truncation) -> Option<f64> {
        truncation.tolerance(self.norm, self.scale.widen())
    }

    pub(super) fn move_to(&mut self, center: usize) -> Result<(), TtError> {
        while self.center < center {
            let (r, n, s) = self.cores[self.center].dim();
            let tall = matrix(&self.cores[self.center], (r * n, s));
            let f = orthonormal_factor(&tall, Side::Left)?;
            self.pass_right(&f.basis, &f.rest);
        }
        while self.center > center {
            let (r, n, s) = self.cores[self.center].dim();
            let wide = matrix(&self.cores[self.center], (r, n * s));
            let f = orthonormal_factor(&wide, Side::Right)?;
            self.pass_left(&f.rest, &f.basis);
        }
        Ok(())
    }

    /// Replaces the centre by a basis; the rest goes into the core after it, the new centre.
    fn pass_right(&mut self, basis: &Array2<A>, rest: &Array2<A>) {
        let k = self.center;
        let ((r, n, s), (_, m, t)) = (self.cores[k].dim(), self.cores[k + 1].dim());
        let next = matmul(rest.view(), matrix(&self.cores[k + 1], (s, m * t)));
        self.cores[k] = core(basis, (r, n, basis.ncols()));
        self.cores[k + 1] = core(&next, (next.nrows(), m, t));
        self.center = k + 1;
    }

    /// Replaces the centre by a basis; the rest goes into the core before it, the new centre.
    fn pass_left(&mut self, rest: &Array2<A>, basis: &Array2<A>) {
        let k = self.center;
        let ((r, m, t), (_, n, s)) = (self.cores[k - 1].dim(), self.cores[k].dim());
        let before = matmul(matrix(&self.cores[k - 1], (r * m, t)), rest.view());
        self.cores[k] = core(basis, (basis.nrows(), n, s));
        self.cores[k - 1] = core(&before, (r, m, before.ncols()));
        self.center = k - 1;
    }

    /// Exchanges the modes on both sides of a bond, one of which is the centre; the core on `side` becomes the
    /// basis, the other the centre. Returns the norm that was discarded.
    pub(super) fn swap(&mut self, bond: usize, side: Side, keep: Keep) -> Result<f64, TtError> {
        let ((r, n, t), (_, m, s)) = (self.cores[bond - 1].dim(), self.cores[bond].dim());
        let both = matmul(
            matrix(&self.cores[bond - 1], (r * n, t)),
            matrix(&self.cores[bond], (t, m * s)),
        );
        let swapped = reshaped(both.view(), (r, n, m, s)).permuted_axes([0, 2, 1, 3]);
        let swapped = swapped.as_standard_layout();
        let unfolding = reshaped(swapped.view(), (r * m, n * s));
        let cut = split(unfolding, side, keep, SplitMethod::Auto, &mut self.work)?;
        let (left, right) = match side {
            Side::Left => (cut.basis, cut.rest),
            Side::Right => (cut.rest, cut.basis),
        };
        let rank = left.ncols();
        self.cores[bond - 1] = core(&left, (r, m, rank));
        self.cores[bond] = core(&right, (rank, n, s));
        self.center = if side == Side::Left { bond } else { bond - 1 };
        Ok(cut.discarded)
    }

    /// Splits the mode of the centre into several, without truncation; the last of them is the new centre.
    pub(super) fn split_mode(&mut self, sizes: &[usize]) -> Result<(), TtError> {
        let Some((_, others)) = sizes.split_last() else {
            return Ok(());
        };
        for &n in others {
            let k = self.center;
            let (r, both, s) = self.cores[k].dim();
            let unfolding = matrix(&self.cores[k], (r * n, both / n * s));
            let f = orthonormal_factor(&unfolding, Side::Left)?;
            let rank = f.basis.ncols();
            self.cores[k] = core(&f.rest, (rank, both / n, s));
            self.cores.insert(k, core(&f.basis, (r, n, rank)));
            self.center = k + 1;
        }
        Ok(())
    }

    /// Cuts all bonds from right to left, as TT rounding does (Oseledets, 2011); `caps` are the largest ranks.
    pub(super) fn rounded(
        mut self,
        truncation: &Truncation,
        caps: &[usize],
        mut lost: Lost,
    ) -> Result<TensorTrain<A>, TtError> {
        let last = self.cores.len() - 1;
        self.move_to(last)?;
        let tolerance = self.tolerance(truncation);
        let mut budget = tolerance.map_or(0.0, |t| (t - lost.total).max(0.0).powi(2));
        let mut square = 0.0;
        for bond in (1..=last).rev() {
            let keep = if truncation.is_prescribed() {
                Keep::rank(caps[bond])
            } else {
                Keep::tail((budget / bond as f64).sqrt()).and_max_rank(caps[bond])
            };
            let (r, n, s) = self.cores[bond].dim();
            let wide = matrix(&self.cores[bond], (r, n * s));
            let cut = split(wide, Side::Right, keep, SplitMethod::Auto, &mut self.work)?;
            self.pass_left(&cut.rest, &cut.basis);
            let own = cut.discarded.powi(2);
            budget = (budget - own).max(0.0);
            lost.squares[bond - 1] += own;
            square += own;
        }
        let side = self
            .cores
            .iter()
            .map(|c| c.len() / c.dim().0.min(c.dim().2));
        let cuts = (last + lost.cuts).max(1) as f64;
        let slack = cuts.sqrt() * rounding_level::<A>(side.max().unwrap_or(1));
        let discarded: Vec<f64> = lost.squares.iter().map(|s| s.sqrt()).collect();
        let total = lost.total + square.sqrt();
        let scale = self.scale.widen();
        let error =
            TruncationError::with_total(&discarded, total, self.norm, tolerance, scale, slack);
        self.cores[0].mapv_inplace(|x| x / self.scale);
        if !self.cores[0].iter().all(|x| x.is_finite()) {
            return Err(TtError::OutOfRange {
                log_norm: self.norm.ln() - scale.ln(),
            });
        }
        Ok(TensorTrain::assemble(self.cores, error))
    }
}

/// A row-major matrix as a core.
fn core<A: Scalar>(a: &Array2<A>, shape: (usize, usize, usize)) -> Array3<A> {
    reshaped(a.view(), shape).to_owned()
}
