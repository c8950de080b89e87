//! No order of contraction is cheaper than the one that is found.

use std::collections::BTreeSet;

use proptest::prelude::any;
use tt_admm::Tensorization;
use tt_admm::compress::{Conv2d, Operator, Scheme, decompose};

use crate::common::random::Rng;
use crate::common::strategy::check;
use crate::labelled::{Label, Labelled};
use crate::layers::{Layer, random_layer};

/// A node without its values: names and sizes of its axes.
#[derive(Debug, Clone)]
struct Node {
    axes: Vec<(Label, u64)>,
    waiting: [bool; 2],
}

impl Node {
    fn of(node: &Labelled) -> Self {
        let sizes = node.data.shape().iter().map(|&n| n as u64);
        Self {
            axes: node.labels.iter().copied().zip(sizes).collect(),
            waiting: node.waiting,
        }
    }

    /// Contracted with another one, by the definition: the multiply-adds, and the result.
    fn contract(&self, other: &Self, needed: &BTreeSet<Label>, layer: &Layer) -> (u64, Self) {
        let has = |label: Label| {
            self.axes
                .iter()
                .chain(&other.axes)
                .any(|axis| axis.0 == label)
        };
        let (mut waiting, mut moved) = ([false; 2], [false; 2]);
        for k in 0..2 {
            let waits = self.waiting[k] || other.waiting[k];
            moved[k] = waits && has(Label::Kernel(k));
            waiting[k] = waits && !moved[k];
        }
        let mut count = 1;
        let mut seen = BTreeSet::new();
        let mut axes = Vec::new();
        for &(label, size) in self.axes.iter().chain(&other.axes) {
            if !seen.insert(label) {
                continue;
            }
            let (size, open) = match label {
                Label::Position(k) if moved[k] => (layer.windows[k].output as u64, true),
                Label::Position(_) => (size, true),
                Label::Kernel(k) if moved[k] => (size, false),
                _ => (size, needed.contains(&label)),
            };
            count *= size;
            if open {
                axes.push((label, size));
            }
        }
        (count, Self { axes, waiting })
    }
}

/// The fewest multiply-adds of all orders, pair by pair.
fn fewest(nodes: &[Node], outputs: &BTreeSet<Label>, layer: &Layer) -> u64 {
    if nodes.len() == 1 {
        return 0;
    }
    let mut best = u64::MAX;
    for a in 0..nodes.len() {
        for b in a + 1..nodes.len() {
            let mut rest: Vec<Node> = Vec::new();
            let mut needed = outputs.clone();
            for (_, node) in nodes.iter().enumerate().filter(|(k, _)| *k != a && *k != b) {
                needed.extend(node.axes.iter().map(|axis| axis.0));
                needed.extend((0..2).filter(|&k| node.waiting[k]).map(Label::Kernel));
                rest.push(node.clone());
            }
            let (count, both) = nodes[a].contract(&nodes[b], &needed, layer);
            rest.push(both);
            best = best.min(count + fewest(&rest, outputs, layer));
        }
    }
    best
}

#[test]
fn all_orders_of_small_networks_are_no_cheaper() {
    check(150, &any::<u64>(), |seed| {
        let mut rng = Rng::new(seed);
        let layer = random_layer(rng.below(8), &mut rng);
        let weight = layer.weight(seed);
        let factors = decompose("w", &weight, &layer.scheme.projection::<f64>())
            .unwrap()
            .factors;
        let group = &factors.into_groups()[0];
        let rows: Vec<usize> = match layer.operator {
            Operator::Embedding { lookups } => vec![0; lookups],
            _ => Vec::new(),
        };
        let mut nodes: Vec<Node> = layer.nodes(group, &rows).iter().map(Node::of).collect();
        nodes.extend(layer.input_node(&layer.input(1)).as_ref().map(Node::of));
        if nodes.len() > 6 {
            return;
        }
        let outputs = layer.outputs().into_iter().collect();
        let contraction = layer.scheme.contraction(&layer.operator).unwrap();
        assert_eq!(
            contraction.macs(),
            fewest(&nodes, &outputs, &layer),
            "{layer:?}"
        );
    });
}

/// Input cores last to first, then output cores last to first, at these numbers of positions.
fn split_order(o: &[usize], i: &[usize], ranks: &[usize], positions: [usize; 2]) -> u64 {
    let (p, q) = (o.len(), i.len());
    let ranks_of_inputs = &ranks[ranks.len() - q - 1..];
    let inputs: usize = (0..q)
        .map(|k| i[..=k].iter().product::<usize>() * ranks_of_inputs[k] * ranks_of_inputs[k + 1])
        .sum();
    let outputs: usize = (0..p)
        .map(|k| ranks[k] * ranks[k + 1] * o[k..].iter().product::<usize>())
        .sum();
    (positions[0] * inputs + positions[1] * outputs) as u64
}

fn some(rng: &mut Rng, count: usize, largest: usize) -> Vec<usize> {
    (0..count).map(|_| 1 + rng.below(largest)).collect()
}

#[test]
fn the_usual_orders_are_no_cheaper() {
    check(300, &any::<u64>(), |seed| {
        let mut rng = Rng::new(seed);
        let (p, q) = (1 + rng.below(3), 1 + rng.below(3));
        let (o, i) = (some(&mut rng, p, 8), some(&mut rng, q, 8));
        let wanted = some(&mut rng, p + q - 1, 12);
        // Linear, split: last core to first.
        let layout = Tensorization::linear(o.clone(), i.clone()).unwrap();
        let scheme = Scheme::tensor_train(layout, wanted).unwrap();
        let ranks = scheme.ranks().to_vec();
        let cost = scheme.cost(&Operator::linear(5)).unwrap();
        assert!(cost.macs <= split_order(&o, &i, &ranks, [5, 5]));
        let shape = [o.clone(), i.clone()].concat();
        let cores: usize = (0..shape.len())
            .map(|k| ranks[k] * shape[k] * ranks[k + 1])
            .sum();
        assert_eq!(cost.parameters, cores as u64);

        // Convolution, split: inputs at the input's resolution, kernel, outputs at the output's.
        let wanted = some(&mut rng, p + q, 12);
        let layout = Tensorization::conv(o.clone(), [3, 3], i.clone()).unwrap();
        let scheme = Scheme::tensor_train(layout, wanted).unwrap();
        let ranks = scheme.ranks().to_vec();
        let conv = Operator::conv(Conv2d::new([9, 8]).stride([2, 2]).padding([1, 1]));
        let usual =
            split_order(&o, &i, &ranks, [72, 20]) + (20 * 9 * ranks[p] * ranks[p + 1]) as u64;
        assert!(scheme.cost(&conv).unwrap().macs <= usual);

        // TT-matrix: last core to first.
        let (m, n) = (some(&mut rng, p, 5), some(&mut rng, p, 5));
        let wanted = some(&mut rng, p - 1, 9);
        let layout = Tensorization::tt_matrix(m.clone(), n.clone()).unwrap();
        let scheme = Scheme::tensor_train(layout, wanted).unwrap();
        let ranks = scheme.ranks().to_vec();
        let usual: usize = (0..p)
            .map(|k| {
                let (inputs, outputs): (usize, usize) =
                    (n[..=k].iter().product(), m[k..].iter().product());
                inputs * outputs * ranks[k] * ranks[k + 1]
            })
            .sum();
        assert!(scheme.cost(&Operator::linear(1)).unwrap().macs <= usual as u64);

        // Garipov: the kernel on every channel, then the TT-matrix for every map.
        let wanted = some(&mut rng, p, 9);
        let layout = Tensorization::conv_garipov(m.clone(), [3, 3], n.clone()).unwrap();
        let scheme = Scheme::tensor_train(layout, wanted).unwrap();
        let ranks = scheme.ranks().to_vec();
        let channels: usize = n.iter().product();
        let mix: usize = (0..p)
            .map(|k| {
                let (inputs, outputs): (usize, usize) =
                    (n[..=k].iter().product(), m[k..].iter().product());
                // The maps stay until the first pair takes them in.
                let maps = if k == 0 { 1 } else { ranks[1] };
                inputs * outputs * ranks[k + 1] * ranks[k + 2] * maps
            })
            .sum();
        let usual = 20 * (channels * 9 * ranks[1] + mix);
        assert!(scheme.cost(&conv).unwrap().macs <= usual as u64);
    });
}

#[test]
fn three_convolutions_in_a_row() {
    for (o, i, a, b, stride) in [(64, 64, 16, 16, 1), (128, 64, 20, 12, 2), (32, 48, 8, 8, 1)] {
        let layout = Tensorization::conv([o], [3, 3], [i]).unwrap();
        let conv = Operator::conv(Conv2d::new([16, 16]).stride([stride; 2]).padding([1, 1]));
        let side = 16 / stride;
        let usual = 16 * 16 * i * b + side * side * (9 * a * b + a * o);
        let train = Scheme::tensor_train(layout.clone(), [a, b]).unwrap();
        let tucker = Scheme::tucker(layout, [(0, a), (2, b)]).unwrap();
        assert_eq!(train.cost(&conv).unwrap().macs, usual as u64);
        assert_eq!(tucker.cost(&conv).unwrap().macs, usual as u64);
    }
}
