//! Ranks for a budget.

use ndarray::ArrayD;
use thiserror::Error;
use tt_admm::linalg::{LinalgError, svd};
use tt_admm::{RankError, Tensorization, TensorizeError, TtRanks};

/// A plan that cannot be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// Not even rank 1 everywhere is small enough.
    #[error("a ratio of {ratio} leaves {budget} of {dense} parameters; ranks of 1 take {smallest}")]
    Budget {
        /// The ratio asked for.
        ratio: f64,
        /// Parameters it allows.
        budget: usize,
        /// Parameters of the dense weights.
        dense: usize,
        /// Parameters with all ranks 1.
        smallest: usize,
    },
    /// A ratio that is not a number above 0.
    #[error("the ratio must be positive and finite, got {0}")]
    Ratio(f64),
    /// A weight does not fit its layout.
    #[error(transparent)]
    Layout(#[from] TensorizeError),
    /// A tensor cannot be unfolded.
    #[error(transparent)]
    Unfolding(#[from] ndarray::ShapeError),
    /// A singular value decomposition failed.
    #[error(transparent)]
    Linalg(#[from] LinalgError),
    /// Ranks that do not fit a shape.
    #[error(transparent)]
    Rank(#[from] RankError),
}

/// Ranks of one weight that is to be decomposed.
#[derive(Debug)]
struct Layer {
    shape: Vec<usize>,
    /// All `d + 1` ranks, ends included.
    ranks: Vec<usize>,
    /// By inner bond and rank: minus the logarithm of the share of the squared norm that the leading
    /// singular values of the unfolding keep.
    losses: Vec<Vec<f64>>,
}

impl Layer {
    fn new(weight: &ArrayD<f32>, layout: &Tensorization) -> Result<Self, PlanError> {
        let tensor = layout.tensorize(weight)?;
        let shape = tensor.shape().to_vec();
        let mut losses = Vec::new();
        for bond in 1..shape.len() {
            let rows: usize = shape[..bond].iter().product();
            let unfolding = tensor.to_shape((rows, tensor.len() / rows))?;
            losses.push(losses_by_rank(&svd(&unfolding)?.s.mapv(f64::from).to_vec()));
        }
        let ranks = TtRanks::from(usize::MAX).resolve(&shape)?;
        Ok(Self {
            shape,
            ranks,
            losses,
        })
    }

    fn parameters(&self, ranks: &[usize]) -> usize {
        parameters(&self.shape, ranks)
    }

    /// What one rank less at this inner bond, and at others what then no longer fits, loses and saves.
    /// `None` at rank 1.
    fn cut(&self, bond: usize) -> Option<Cut> {
        let mut ranks = self.ranks.clone();
        ranks[bond] = ranks[bond].checked_sub(1).filter(|&rank| rank > 0)?;
        let ranks = TtRanks::from(ranks).resolve(&self.shape).ok()?;
        let saved = self.parameters(&self.ranks) - self.parameters(&ranks);
        let bonds = self
            .losses
            .iter()
            .zip(self.ranks[1..].iter().zip(&ranks[1..]));
        let loss = bonds
            .map(|(losses, (&old, &new))| losses[new - 1] - losses[old - 1])
            .sum();
        Some(Cut { ranks, saved, loss })
    }
}

struct Cut {
    ranks: Vec<usize>,
    saved: usize,
    loss: f64,
}

/// `-ln (sum of the first r squares / sum of all)` for r = 1, 2, ...; zeros if all are zero.
fn losses_by_rank(singular_values: &[f64]) -> Vec<f64> {
    let total: f64 = singular_values.iter().map(|s| s * s).sum();
    let mut kept = 0.0;
    let mut loss = |s: &f64| {
        kept += s * s;
        if total > 0.0 {
            -(kept / total).min(1.0).ln()
        } else {
            0.0
        }
    };
    singular_values.iter().map(&mut loss).collect()
}

/// Inner ranks for every weight such that all trains together have at most `1 / ratio` of the weights'
/// parameters.
///
/// Greedy over all bonds of all weights: start from full ranks; of all ranks that could be lowered by one,
/// always lower the one that loses least for each parameter it saves. The loss of a bond is `-ln` of the
/// share of the squared norm that the kept singular values of its unfolding have. The plain sum of what is
/// dropped would be the bound of the error of TT-SVD, but it is bounded itself: a bond that has lost most
/// pays nothing more, and the greedy choice starves single bonds. With the logarithm what several bonds keep
/// is multiplied, and no bond is ever free. For the kernels of ResNet-20 at a ratio of 4 that leaves a total
/// error of 0.67 in place of 0.73.
///
/// # Errors
///
/// [`PlanError`]; in particular a ratio that not even ranks of 1 reach.
///
/// # Examples
///
/// ```
/// use ndarray::Array4;
/// use tch_admm::plan::ranks_for_ratio;
/// use tt_admm::Tensorization;
///
/// let layout = Tensorization::conv([8], [3, 3], [8])?;
/// // One kernel of low rank, one without structure: the budget goes to the second.
/// let smooth = Array4::from_shape_fn((8, 8, 3, 3), |(o, i, h, w)| (o + i + h + w) as f32);
/// let rough = smooth.mapv(|x| (x * x * 1.7).sin());
/// let weights = [(smooth.into_dyn(), layout.clone()), (rough.into_dyn(), layout)];
/// let ranks = ranks_for_ratio(&weights, 2.0)?;
/// assert!(ranks[0].iter().all(|&r| r <= 2));
/// assert!(ranks[1].iter().sum::<usize>() > ranks[0].iter().sum());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn ranks_for_ratio(
    weights: &[(ArrayD<f32>, Tensorization)],
    ratio: f64,
) -> Result<Vec<Vec<usize>>, PlanError> {
    if !(ratio.is_finite() && ratio > 0.0) {
        return Err(PlanError::Ratio(ratio));
    }
    let dense: usize = weights.iter().map(|(weight, _)| weight.len()).sum();
    // Positive and below `dense / ratio`, which is a number of parameters.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let budget = (dense as f64 / ratio).floor() as usize;
    let layers = weights
        .iter()
        .map(|(weight, layout)| Layer::new(weight, layout));
    let mut layers = layers.collect::<Result<Vec<_>, _>>()?;
    let mut parameters: usize = layers.iter().map(|l| l.parameters(&l.ranks)).sum();
    while parameters > budget {
        let candidates = layers.iter().enumerate().flat_map(|(l, layer)| {
            (1..layer.shape.len()).filter_map(move |bond| Some((l, layer.cut(bond)?)))
        });
        let price = |cut: &Cut| cut.loss / cut.saved as f64;
        let Some((l, cut)) = candidates.min_by(|a, b| price(&a.1).total_cmp(&price(&b.1))) else {
            return Err(PlanError::Budget {
                ratio,
                budget,
                dense,
                smallest: parameters,
            });
        };
        parameters -= cut.saved;
        layers[l].ranks = cut.ranks;
    }
    let inner = |layer: Layer| layer.ranks[1..layer.shape.len()].to_vec();
    Ok(layers.into_iter().map(inner).collect())
}

/// Parameters of cores with these `d + 1` ranks.
fn parameters(shape: &[usize], ranks: &[usize]) -> usize {
    let modes = shape.iter().zip(ranks.windows(2));
    modes.map(|(n, r)| r[0] * n * r[1]).sum()
}

/// The `d` ranks of a ring with at most the parameters of a train with these inner ranks: equal ones, and of the
/// first bonds one more where there is room.
///
/// # Examples
///
/// ```
/// use tch_admm::plan::ring_ranks;
///
/// // The train has 32 * 12 + 12 * 9 * 14 + 14 * 16 = 2120 parameters, a ring 57 for each square of its rank.
/// assert_eq!(ring_ranks(&[32, 9, 16], &[12, 14]), [6, 6, 6]);
/// assert_eq!(ring_ranks(&[4, 5], &[3]), [2, 1]);
/// ```
#[must_use]
pub fn ring_ranks(shape: &[usize], train: &[usize]) -> Vec<usize> {
    let closed = |ranks: &[usize]| {
        let ends = ranks.iter().chain(ranks.first());
        parameters(shape, &ends.copied().collect::<Vec<_>>())
    };
    let ends = [&[1], train, &[1]].concat();
    let budget = parameters(shape, &ends);
    // Ranks of 1 always fit.
    let equal = (2..=budget).take_while(|&rank| closed(&vec![rank; shape.len()]) <= budget);
    let mut ranks = vec![equal.last().unwrap_or(1); shape.len()];
    for bond in 0..ranks.len() {
        ranks[bond] += 1;
        if closed(&ranks) > budget {
            ranks[bond] -= 1;
        }
    }
    ranks
}
