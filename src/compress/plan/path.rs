//! One choice for every layer, for any budget.

use super::budget::Resource;
use super::front::Point;

/// The choices of all layers, and the order in which a growing budget improves them.
///
/// The lower convex hulls of the layers' fronts are merged by steepness (Everett, "Generalized Lagrange multiplier method",
/// Oper. Res. 11, 1963): after every step the selection has the smallest error of all selections that cost as much or
/// less. Between two steps one layer takes the best choice that the rest of the budget allows. No selection
/// for a larger budget has a larger error: within a step there is more to choose from, and the next step is
/// better than whatever costs less.
#[derive(Debug)]
pub(super) struct Path<'f> {
    fronts: &'f [Vec<Point>],
    /// What the squared error of a layer counts, for a loss of its whole energy.
    weights: &'f [f64],
    resource: Resource,
    /// The steps: a layer and its new point.
    steps: Vec<(usize, usize)>,
}

impl<'f> Path<'f> {
    pub(super) fn new(fronts: &'f [Vec<Point>], weights: &'f [f64], resource: Resource) -> Self {
        let mut steps: Vec<(f64, usize, usize)> = Vec::new();
        for (layer, front) in fronts.iter().enumerate() {
            let hull = hull(front, resource);
            for pair in hull.windows(2) {
                let slope = weights[layer] * slope(&front[pair[0]], &front[pair[1]], resource);
                steps.push((slope, layer, pair[1]));
            }
        }
        // Steepest first; a stable sort keeps the steps of a layer in order.
        steps.sort_by(|a, b| b.0.total_cmp(&a.0));
        let steps = steps.into_iter().map(|(_, layer, point)| (layer, point));
        Self {
            fronts,
            weights,
            resource,
            steps: steps.collect(),
        }
    }

    /// The least that all layers cost together.
    pub(super) fn smallest(&self) -> u64 {
        let smallest = self.cost(&vec![0; self.fronts.len()]);
        u64::try_from(smallest).unwrap_or(u64::MAX)
    }

    /// A point for every layer that costs no more than `budget` together; `None` if there is none.
    pub(super) fn within(&self, budget: u64) -> Option<Vec<usize>> {
        let budget = u128::from(budget);
        let mut selection = vec![0; self.fronts.len()];
        let mut cost = self.cost(&selection);
        if cost > budget {
            return None;
        }
        for &(layer, point) in &self.steps {
            let next = cost - self.at(layer, selection[layer]) + self.at(layer, point);
            if next > budget {
                break;
            }
            (cost, selection[layer]) = (next, point);
        }
        // The layer that makes the best of what is left.
        let mut best: Option<(f64, usize, usize)> = None;
        for (layer, front) in self.fronts.iter().enumerate() {
            let now = selection[layer];
            let room = budget - cost + self.at(layer, now);
            // The front is sorted by cost, and the loss falls.
            let last = front.partition_point(|p| u128::from(self.resource.of(p.cost)) <= room) - 1;
            let gain = self.weights[layer] * (front[now].loss - front[last].loss);
            if gain > best.map_or(0.0, |(gain, ..)| gain) {
                best = Some((gain, layer, last));
            }
        }
        if let Some((_, layer, point)) = best {
            selection[layer] = point;
        }
        Some(selection)
    }

    /// A point for every layer whose squared errors add up to no more than `limit`, as cheap as it is found.
    pub(super) fn below(&self, limit: f64) -> Vec<usize> {
        let mut selection = vec![0; self.fronts.len()];
        for &(layer, point) in &self.steps {
            if self.error(&selection) <= limit {
                break;
            }
            selection[layer] = point;
        }
        // The layer that saves most with what is left of the error.
        let mut best: Option<(u128, usize, usize)> = None;
        for (layer, &now) in selection.iter().enumerate() {
            for point in 0..now {
                let mut other = selection.clone();
                other[layer] = point;
                let saved = self.at(layer, now) - self.at(layer, point);
                if saved > best.map_or(0, |(saved, ..)| saved) && self.error(&other) <= limit {
                    best = Some((saved, layer, point));
                    break;
                }
            }
        }
        if let Some((_, layer, point)) = best {
            selection[layer] = point;
        }
        selection
    }

    /// What a selection costs; the sum of numbers that may each be the largest `u64`.
    fn cost(&self, selection: &[usize]) -> u128 {
        let points = selection.iter().enumerate();
        points.map(|(layer, &point)| self.at(layer, point)).sum()
    }

    /// The weighted squared error of a selection.
    pub(super) fn error(&self, selection: &[usize]) -> f64 {
        let losses = selection.iter().zip(self.fronts).zip(self.weights);
        losses
            .map(|((&point, front), weight)| weight * front[point].loss)
            .sum()
    }

    fn at(&self, layer: usize, point: usize) -> u128 {
        u128::from(self.resource.of(self.fronts[layer][point].cost))
    }
}

/// The loss that falls for one unit of cost.
fn slope(from: &Point, to: &Point, resource: Resource) -> f64 {
    let cost = resource.of(to.cost) - resource.of(from.cost);
    (from.loss - to.loss) / cost as f64
}

/// The points of the lower convex hull.
fn hull(front: &[Point], resource: Resource) -> Vec<usize> {
    let mut hull: Vec<usize> = Vec::new();
    for next in 0..front.len() {
        while let [.., before, last] = hull[..] {
            let kept = slope(&front[before], &front[last], resource);
            if kept > slope(&front[before], &front[next], resource) {
                break;
            }
            hull.pop();
        }
        hull.push(next);
    }
    hull
}
