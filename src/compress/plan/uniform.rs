//! The uniform rule: all ranks of all layers are shares of their largest values.

use super::PlanError;
use super::front::Point;
use super::profile::LayerProfile;
use super::rules::{dense_point, factored};

/// What the uniform rule can make of every layer.
#[derive(Debug)]
pub(super) struct Uniform {
    /// For every layer, its points by rising number of parameters. The last one is the dense layer.
    layers: Vec<Vec<Point>>,
    /// The points after the first of every layer, by the ratio up to which they are small enough, largest first.
    steps: Vec<(f64, usize, usize)>,
}

impl Uniform {
    pub(super) fn of(layers: &[LayerProfile]) -> Result<Self, PlanError> {
        let layers = layers.iter().map(points).collect::<Result<Vec<_>, _>>()?;
        let mut steps = Vec::new();
        for (layer, points) in layers.iter().enumerate() {
            let later = points.iter().enumerate().skip(1);
            steps.extend(later.map(|(k, point)| (ratio(points, point), layer, k)));
        }
        steps.sort_by(|a, b| b.0.total_cmp(&a.0));
        Ok(Self { layers, steps })
    }

    /// The largest point of every layer that is this many times smaller, or the smallest there is.
    pub(super) fn at_ratio(&self, wanted: f64) -> Vec<Point> {
        let largest = |points: &Vec<Point>| {
            let small = points.partition_point(|point| ratio(points, point) >= wanted);
            points[small.saturating_sub(1)].clone()
        };
        self.layers.iter().map(largest).collect()
    }

    /// The rule at the smallest ratio at which all layers have no more than `limit` parameters together, or `None` if
    /// there is none.
    pub(super) fn within(&self, limit: u64) -> Option<Vec<&Point>> {
        let limit = u128::from(limit);
        let at = |layer: usize, k: usize| u128::from(self.layers[layer][k].cost.parameters);
        let mut selection = vec![0; self.layers.len()];
        let mut cost: u128 = (0..self.layers.len()).map(|layer| at(layer, 0)).sum();
        if cost > limit {
            return None;
        }
        // Points of one ratio come together.
        for together in self.steps.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
            let mut next = selection.clone();
            for &(_, layer, k) in together {
                cost += at(layer, k) - at(layer, next[layer]);
                next[layer] = k;
            }
            if cost > limit {
                break;
            }
            selection = next;
        }
        let points = self.layers.iter().zip(selection);
        Some(points.map(|(points, k)| &points[k]).collect())
    }
}

/// How many times fewer parameters than the dense layer a point has.
fn ratio(points: &[Point], point: &Point) -> f64 {
    let dense = points.last().map_or(0, |dense| dense.cost.parameters);
    dense as f64 / point.cost.parameters as f64
}

/// The first offer of a layer with all its ranks the same share of their largest values, for all shares that differ.
fn points(layer: &LayerProfile) -> Result<Vec<Point>, PlanError> {
    const SHARES: usize = 1 << 16;
    let dense = dense_point(layer)?;
    let mut points: Vec<Point> = Vec::new();
    if let Some(offer) = layer.offers.first() {
        let largest = offer.spectrum.largest();
        // Where one of the ranks becomes one more.
        let step = |n: usize| (1..=n).map(move |rank| rank.saturating_mul(SHARES).div_ceil(n));
        let mut shares: Vec<usize> = largest.iter().copied().flat_map(step).collect();
        shares.push(0);
        shares.sort_unstable();
        shares.dedup();
        for share in shares {
            let part = |&n: &usize| (n.saturating_mul(share) / SHARES).max(1);
            let ranks: Vec<usize> = largest.iter().map(part).collect();
            let point = factored(offer, &ranks);
            let parameters = point.cost.parameters;
            if parameters >= dense.cost.parameters {
                continue;
            }
            // Ranks that are cut down to the same, or a mode that needs no factor any more.
            while points
                .last()
                .is_some_and(|last| last.cost.parameters >= parameters)
            {
                points.pop();
            }
            points.push(point);
        }
    }
    points.push(dense);
    Ok(points)
}
