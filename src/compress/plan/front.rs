//! What a layer can cost and lose: the choices that no other choice beats.

use super::PlanError;
use super::budget::Resource;
use super::profile::{LayerProfile, Offer};
use super::spectrum::Spectrum;
use crate::compress::{Cost, Format};

/// A choice for a layer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) cost: Cost,
    /// What is lost, as a share of the layer's energy.
    pub(super) loss: f64,
    /// The offer and its ranks; `None` for the dense layer.
    pub(super) choice: Option<(usize, Vec<usize>)>,
}

/// Ranks of a bond that are tried where each costs a search for the order of contraction.
const RANKS: usize = 32;

/// Multipliers that are tried where there are too many choices to try all.
const MULTIPLIERS: i32 = 96;

/// The choices that no other beats, by rising cost: the loss falls strictly. The last one is the dense layer.
pub(super) fn front(layer: &LayerProfile, resource: Resource) -> Result<Vec<Point>, PlanError> {
    let failed = |source| PlanError::Cost {
        name: layer.name.clone(),
        source,
    };
    let dense = Cost::dense(&layer.operator, &layer.shape).map_err(failed)?;
    let mut points = vec![Point {
        cost: dense,
        loss: 0.0,
        choice: None,
    }];
    for (which, offer) in layer.offers.iter().enumerate() {
        for ranks in choices(offer, resource) {
            let parameters = offer.parameters(&ranks);
            // Never larger than dense.
            if parameters >= dense.parameters {
                continue;
            }
            let mut cost = Cost {
                parameters,
                macs: 0,
            };
            if resource == Resource::Macs {
                cost = offer.scheme(&ranks).cost(&layer.operator).map_err(failed)?;
            }
            points.push(Point {
                cost,
                loss: offer.spectrum.loss(&ranks),
                choice: Some((which, ranks)),
            });
        }
    }
    Ok(undominated(points, resource))
}

/// Sorts by cost and drops what costs as much or more and loses as much or more.
fn undominated(mut points: Vec<Point>, resource: Resource) -> Vec<Point> {
    // A stable sort: of equals the one that was offered first stays.
    points.sort_by(|a, b| {
        let by_cost = resource.of(a.cost).cmp(&resource.of(b.cost));
        by_cost.then(a.loss.total_cmp(&b.loss))
    });
    let mut best = f64::INFINITY;
    points.retain(|point| {
        let better = point.loss < best;
        best = best.min(point.loss);
        better
    });
    points
}

/// The ranks that are worth a look.
fn choices(offer: &Offer, resource: Resource) -> Vec<Vec<usize>> {
    let largest = offer.spectrum.largest();
    let per_bond: Vec<Vec<usize>> = largest
        .iter()
        .map(|&largest| match resource {
            Resource::Parameters => (1..=largest).collect(),
            Resource::Macs => spread(largest),
        })
        .collect();
    match &per_bond[..] {
        [] => Vec::new(),
        [ranks] => ranks.iter().map(|&r| vec![r]).collect(),
        [first, last] => {
            let pairs = first
                .iter()
                .flat_map(|&a| last.iter().map(move |&b| [a, b]));
            let pairs = pairs.filter(|&pair| useful(offer, pair));
            pairs.map(|pair| pair.to_vec()).collect()
        }
        _ => along_multipliers(offer),
    }
}

/// Whether neither of two ranks is more than the other can make use of, with the modes between them.
fn useful(offer: &Offer, [a, b]: [usize; 2]) -> bool {
    let shape = offer.layout.tensor_shape();
    let inner = shape[1..shape.len() - 1].iter().product::<usize>();
    let fits = |rank: usize, other: usize, mode: usize| {
        let factor = offer.format != Format::Tucker || rank < mode;
        !factor || rank <= inner.saturating_mul(other)
    };
    fits(a, b, shape[0]) && fits(b, a, shape[shape.len() - 1])
}

/// All ranks up to [`RANKS`], and beyond that about as many in even ratios.
fn spread(largest: usize) -> Vec<usize> {
    let step = |rank: usize| (rank / (RANKS / 2)).max(1);
    std::iter::successors(Some(1), |&rank| Some(rank + step(rank)))
        .take_while(|&rank| rank < largest)
        .chain([largest])
        .collect()
}

/// The ranks that minimise loss plus multiplier times parameters, for a range of multipliers, one bond after the
/// other until nothing changes.
fn along_multipliers(offer: &Offer) -> Vec<Vec<usize>> {
    let Spectrum::Tails(tails) = &offer.spectrum else {
        return Vec::new();
    };
    let largest = offer.spectrum.largest();
    let size = offer.parameters(&largest) as f64;
    let mut found: Vec<Vec<usize>> = Vec::new();
    // From almost nothing to pay for a parameter to more than the whole loss for all of them.
    let mut ranks = largest;
    for step in 0..MULTIPLIERS {
        let multiplier = 10.0_f64.powf(f64::from(step) / 16.0 - 4.0) / size;
        descend(offer, tails, multiplier, &mut ranks);
        let useful = offer.feasible(&ranks);
        if found.last() != Some(&useful) {
            found.push(useful);
        }
    }
    found.push(vec![1; tails.len()]);
    found
}

/// Every bond to its best rank, the others fixed, until none changes.
fn descend(offer: &Offer, tails: &[Vec<f64>], multiplier: f64, ranks: &mut [usize]) {
    const ROUNDS: usize = 50;
    for _ in 0..ROUNDS {
        let before = ranks.to_vec();
        for bond in 0..ranks.len() {
            // The number of parameters is linear in every rank.
            ranks[bond] = 1;
            let one = offer.parameters(ranks);
            ranks[bond] = 2;
            let slope = multiplier * offer.parameters(ranks).saturating_sub(one) as f64;
            let mut best = f64::INFINITY;
            for (k, tail) in tails[bond].iter().enumerate() {
                let value = tail + slope * k as f64;
                if value < best {
                    (best, ranks[bond]) = (value, k + 1);
                }
            }
        }
        if ranks == before {
            break;
        }
    }
}
