//! The simple rules: the same share of every layer, the same energy of every bond, VBMF.

use super::front::Point;
use super::planner::{assemble, check};
use super::profile::{LayerProfile, Offer};
use super::spectrum::Spectrum;
use super::uniform::Uniform;
use super::vbmf::vbmf_rank;
use super::{Plan, PlanError};
use crate::compress::{Cost, Format};

/// Every layer `ratio` times smaller, or as near as rank 1 comes: all ranks of a layer are the same share of their largest
/// values, in the first layout of the layer. A layer for which that is not smaller stays dense.
///
/// # Errors
///
/// [`PlanError::NoLayers`], [`PlanError::Duplicate`], [`PlanError::Ratio`].
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Family, LayerProfile, Operator, plan_uniform};
/// use tt_admm::ndarray::Array2;
///
/// let w = Array2::from_shape_fn((30, 20), |(i, j)| ((i * j) as f64).sin());
/// let layers = [LayerProfile::measure("fc", &w, Operator::linear(1), &[Family::LowRank])?];
/// let plan = plan_uniform(&layers, 2.0)?;
/// assert_eq!(plan.layers()[0].scheme.as_ref().unwrap().ranks(), [1, 6, 1]);    // 6 (30 + 20) = 600 / 2
/// # Ok::<(), tt_admm::compress::PlanError>(())
/// ```
pub fn plan_uniform(layers: &[LayerProfile], ratio: f64) -> Result<Plan, PlanError> {
    check(layers)?;
    if !ratio.is_finite() || ratio < 1.0 {
        return Err(PlanError::Ratio { got: ratio });
    }
    let points = Uniform::of(layers)?.at_ratio(ratio);
    Ok(assemble(layers, &points))
}

/// For every bond the smallest rank that keeps this share of the energy `|W|^2`, in the first layout of each layer.
/// A layer for which that is not smaller stays dense.
///
/// # Errors
///
/// [`PlanError::NoLayers`], [`PlanError::Duplicate`], [`PlanError::Energy`] for a share outside `0..=1`.
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Family, LayerProfile, Operator, plan_energy};
/// use tt_admm::ndarray::Array2;
///
/// let w = Array2::from_diag(&tt_admm::ndarray::arr1(&[3.0, 2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]));
/// let layers = [LayerProfile::measure("fc", &w, Operator::linear(1), &[Family::LowRank])?];
/// let rank = |energy| plan_energy(&layers, energy).map(|p| p.layers()[0].scheme.as_ref().unwrap().ranks()[1]);
/// assert_eq!((rank(0.6)?, rank(0.9)?, rank(0.99)?), (1, 2, 3));        // 9/14, 13/14, 14/14
/// # Ok::<(), tt_admm::compress::PlanError>(())
/// ```
pub fn plan_energy(layers: &[LayerProfile], energy: f64) -> Result<Plan, PlanError> {
    check(layers)?;
    if !(0.0..=1.0).contains(&energy) {
        return Err(PlanError::Energy { got: energy });
    }
    plan_first(layers, |offer| {
        let bonds = 0..offer.places.len();
        let smallest = |bond| {
            let tail = bond_tail(&offer.spectrum, bond);
            // Rounding of the sums may not cost a rank.
            let lost = 1.0 - energy + 4.0 * f64::EPSILON;
            tail.iter().position(|&x| x <= lost).unwrap_or(0) + 1
        };
        bonds.map(smallest).collect()
    })
}

/// Tucker-2 ranks of convolutions (and ranks of matrices) by variational Bayesian matrix factorisation: the number of singular
/// values of each unfolding that rise above the noise which the smaller ones show.
///
/// The analytic solution with the noise estimated (Nakajima, Sugiyama, Babacan, Tomioka, "Global analytic solution of fully-observed
/// variational Bayesian matrix factorization", JMLR 14, 2013), as used for networks by Kim et al. (ICLR 2016). It
/// asks for no budget and gives no promise on size or error; trained networks often come out with very small ranks. The
/// first layout of each layer is used.
///
/// # Errors
///
/// [`PlanError::NoLayers`], [`PlanError::Duplicate`].
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Family, LayerProfile, Operator, plan_vbmf};
/// use tt_admm::ndarray::Array2;
///
/// // Rank 2 in noise of a thousandth.
/// let noise = |i: usize, j: usize| ((i * 7919 + j * 104_729 + i * j * 31) % 1000) as f64 / 1e6;
/// let w = Array2::from_shape_fn((40, 60), |(i, j)| (i as f64).sin() + (j as f64).cos() + noise(i, j));
/// let layers = [LayerProfile::measure("fc", &w, Operator::linear(1), &[Family::LowRank])?];
/// assert_eq!(plan_vbmf(&layers)?.layers()[0].scheme.as_ref().unwrap().ranks(), [1, 2, 1]);
/// # Ok::<(), tt_admm::compress::PlanError>(())
/// ```
pub fn plan_vbmf(layers: &[LayerProfile]) -> Result<Plan, PlanError> {
    check(layers)?;
    plan_first(layers, |offer| {
        let shape = offer.layout.tensor_shape();
        let whole: usize = shape.iter().product();
        let rows = |place: usize| match offer.format {
            Format::Tucker => shape[place],
            Format::TensorTrain | Format::TensorRing => shape[..place].iter().product(),
        };
        let rank = |(bond, &place): (usize, &usize)| {
            let rows: usize = rows(place);
            vbmf_rank(&bond_tail(&offer.spectrum, bond), [rows, whole / rows])
        };
        offer.places.iter().enumerate().map(rank).collect()
    })
}

/// The first offer of every layer with ranks by a rule, unless dense is as small.
fn plan_first(
    layers: &[LayerProfile],
    ranks: impl Fn(&Offer) -> Vec<usize>,
) -> Result<Plan, PlanError> {
    let point = |layer: &LayerProfile| {
        let dense = dense_point(layer)?;
        let Some(offer) = layer.offers.first() else {
            return Ok(dense);
        };
        Ok(factored(offer, &ranks(offer)).filter(dense))
    };
    let points = layers.iter().map(point);
    Ok(assemble(
        layers,
        &points.collect::<Result<Vec<_>, PlanError>>()?,
    ))
}

/// The first offer with these ranks, or as many of them as can be used.
pub(super) fn factored(offer: &Offer, ranks: &[usize]) -> Point {
    let ranks = offer.feasible(ranks);
    Point {
        cost: Cost {
            parameters: offer.parameters(&ranks),
            macs: 0,
        },
        loss: offer.spectrum.loss(&ranks),
        choice: Some((0, ranks)),
    }
}

impl Point {
    /// This point, if it is smaller than the dense one.
    fn filter(self, dense: Point) -> Point {
        if self.cost.parameters < dense.cost.parameters {
            self
        } else {
            dense
        }
    }
}

pub(super) fn dense_point(layer: &LayerProfile) -> Result<Point, PlanError> {
    let cost = Cost::dense(&layer.operator, &layer.shape).map_err(|source| PlanError::Cost {
        name: layer.name.clone(),
        source,
    })?;
    Ok(Point {
        cost,
        loss: 0.0,
        choice: None,
    })
}

/// The energy beyond rank 1, 2, ... of one bond alone.
fn bond_tail(spectrum: &Spectrum, bond: usize) -> Vec<f64> {
    match spectrum {
        Spectrum::Tails(tails) => tails[bond].clone(),
        Spectrum::Pairs(table) if bond == 0 => table.column(table.ncols() - 1).to_vec(),
        Spectrum::Pairs(table) => table.row(table.nrows() - 1).to_vec(),
    }
}
