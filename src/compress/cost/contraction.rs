//! The cheapest order in which a layer with factors is computed.

use serde::{Deserialize, Serialize};

use super::network::{Bits, Network};
use super::{CostError, Format, Operator};
use crate::tensorize::Tensorization;

/// Up to this many nodes all orders are compared: `3^n` steps.
const EXHAUSTIVE: usize = 10;

/// What a step takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operand {
    /// The input of the layer.
    Input,
    /// A factor, in the order of [`Factors::parameters`](crate::Factors::parameters).
    Factor(usize),
    /// The result of an earlier step.
    Step(usize),
}

/// Two operands contracted into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Step {
    /// One of the operands.
    pub left: Operand,
    /// The other.
    pub right: Operand,
    /// Multiply-adds.
    pub macs: u64,
}

/// The order of pairwise contractions that computes a factored layer with the fewest multiply-adds.
///
/// The input and the factors form a network of tensors that share indices; a step contracts two of them over the indices
/// that nobody else needs. Steps among factors are made once for a sample, steps with the input at every position:
/// before the kernel of a convolution at those of its input, after it at those of its output, for height and width
/// each. An embedding has no input: the factors that hold a part of the row index are what differs from one look-up to the
/// next. All orders are compared for up to nine factors (dynamic programming over subsets, `3^n` steps); with more
/// of them the cheapest next step is taken each time. Where the layout mixes parts of axes that the input cannot
/// follow, the dense weight is made first.
///
/// # Examples
///
/// ```
/// use tt_admm::Tensorization;
/// use tt_admm::compress::{Operand, Operator, Scheme};
///
/// // W of shape (100, 50) and rank 2: first 50 x 2, then 2 x 100.
/// let scheme = Scheme::tensor_train(Tensorization::linear([100], [50])?, 2)?;
/// let contraction = scheme.contraction(&Operator::linear(1))?;
/// assert_eq!(contraction.macs(), 2 * (50 + 100));
/// assert_eq!(contraction.steps()[0].left, Operand::Factor(1));
/// assert_eq!(contraction.steps()[0].right, Operand::Input);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contraction {
    steps: Vec<Step>,
}

impl Contraction {
    /// The steps, first to last; the last one gives the output of the layer.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Multiply-adds of all steps for one sample.
    #[must_use]
    pub fn macs(&self) -> u64 {
        self.steps
            .iter()
            .fold(0, |sum: u64, step| sum.saturating_add(step.macs))
    }

    /// The order for one group of channels with these factors; `ranks` as the format counts them.
    pub(super) fn cheapest(
        operator: &Operator,
        format: Format,
        layout: &Tensorization,
        ranks: &[usize],
    ) -> Result<Self, CostError> {
        if let Some(network) = Network::of_layer(operator, format, layout, ranks)? {
            return Ok(Self::of_network(&network));
        }
        // The weight first, then the dense layer.
        let mut contraction = Self::of_network(&Network::of_weight(format, layout, ranks)?);
        let last = contraction.steps.len().checked_sub(1);
        contraction.steps.push(Step {
            left: last.map_or(Operand::Factor(0), Operand::Step),
            right: Operand::Input,
            macs: operator.group_macs(layout.weight_shape())?,
        });
        Ok(contraction)
    }

    fn of_network(network: &Network) -> Self {
        let steps = if network.nodes.len() <= EXHAUSTIVE {
            exhaustive(network)
        } else {
            greedy(network)
        };
        Self { steps }
    }
}

fn operand(network: &Network, node: usize) -> Operand {
    if network.has_input && node + 1 == network.nodes.len() {
        Operand::Input
    } else {
        Operand::Factor(node)
    }
}

/// The best order of all, by dynamic programming over the sets of nodes that are contracted already.
fn exhaustive(network: &Network) -> Vec<Step> {
    let nodes = network.nodes.len();
    let sets = 1_usize << nodes;
    let open: Vec<Bits> = (0..sets)
        .map(|set| network.open(|k| set >> k & 1 == 1))
        .collect();
    let moving = |set: usize| network.moving(|k| set >> k & 1 == 1);
    let mut cost = vec![0_u64; sets];
    let mut choice = vec![0_usize; sets];
    for set in 1..sets {
        if set.is_power_of_two() {
            continue;
        }
        let mut best = u64::MAX;
        // One half holds the lowest node, so every pair of halves comes once.
        let lowest = set & set.wrapping_neg();
        let rest = set ^ lowest;
        let mut part = rest;
        loop {
            part = part.wrapping_sub(1) & rest;
            let (a, b) = (part | lowest, rest ^ part);
            let parts = cost[a].saturating_add(cost[b]);
            // The first pair in any case: sums may be too large to be told apart.
            if parts < best || choice[set] == 0 {
                let macs = network.macs(open[a], open[b], open[set], moving(set));
                let total = parts.saturating_add(macs);
                if total < best || choice[set] == 0 {
                    (best, choice[set]) = (total, a);
                }
            }
            if part == 0 {
                break;
            }
        }
        cost[set] = best;
    }
    let mut steps = Vec::with_capacity(nodes);
    unfold(network, &open, &choice, sets - 1, &mut steps);
    steps
}

/// Writes down the steps that make a set.
fn unfold(
    network: &Network,
    open: &[Bits],
    choice: &[usize],
    set: usize,
    steps: &mut Vec<Step>,
) -> Operand {
    if set.is_power_of_two() {
        return operand(network, set.trailing_zeros() as usize);
    }
    let (a, b) = (choice[set], set ^ choice[set]);
    let left = unfold(network, open, choice, a, steps);
    let right = unfold(network, open, choice, b, steps);
    let moving = network.moving(|k| set >> k & 1 == 1);
    steps.push(Step {
        left,
        right,
        macs: network.macs(open[a], open[b], open[set], moving),
    });
    Operand::Step(steps.len() - 1)
}

/// The cheapest next step each time.
fn greedy(network: &Network) -> Vec<Step> {
    struct Part {
        nodes: Vec<usize>,
        open: Bits,
        operand: Operand,
    }
    let last = network.nodes.len() - 1;
    let mut parts: Vec<Part> = (0..=last)
        .map(|node| Part {
            nodes: vec![node],
            open: network.open(|k| k == node),
            operand: operand(network, node),
        })
        .collect();
    let mut steps = Vec::with_capacity(last);
    while parts.len() > 1 {
        let mut best: Option<(u64, usize, usize, Bits)> = None;
        for b in 1..parts.len() {
            for a in 0..b {
                let within = |k: usize| parts[a].nodes.contains(&k) || parts[b].nodes.contains(&k);
                let open = network.open(within);
                let moving = network.moving(within);
                let macs = network.macs(parts[a].open, parts[b].open, open, moving);
                if best.is_none_or(|(least, ..)| macs < least) {
                    best = Some((macs, a, b, open));
                }
            }
        }
        let Some((macs, a, b, open)) = best else {
            break;
        };
        let right = parts.remove(b);
        steps.push(Step {
            left: parts[a].operand,
            right: right.operand,
            macs,
        });
        parts[a].nodes.extend(right.nodes);
        parts[a].open = open;
        parts[a].operand = Operand::Step(steps.len() - 1);
    }
    steps
}
