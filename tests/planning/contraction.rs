//! The order of contraction, carried out: every multiply-add is counted, and the result is the dense layer's.

use std::collections::BTreeSet;

use proptest::prelude::any;
use tt_admm::compress::{Contraction, Cost, Operand, Operator, Scheme, decompose};
use tt_admm::ndarray::IxDyn;
use tt_admm::{Factors, Tensorization};

use crate::common::oracle;
use crate::common::random::Rng;
use crate::common::strategy::check;
use crate::labelled::{Label, Labelled};
use crate::layers::{Layer, random_layer};

/// Carries out all steps; what each of them counts, and the result.
fn carried_out(
    layer: &Layer,
    contraction: &Contraction,
    nodes: Vec<Labelled>,
    input: Option<Labelled>,
) -> (Vec<u64>, Labelled) {
    let factors = nodes.len();
    let mut live: Vec<Option<Labelled>> = nodes.into_iter().map(Some).chain([input]).collect();
    let mut counts = Vec::new();
    let mut last = 0;
    for step in contraction.steps() {
        let mut take = |operand: Operand| {
            let place = match operand {
                Operand::Factor(k) => k,
                Operand::Input => factors,
                Operand::Step(k) => factors + 1 + k,
            };
            // Every operand is used once.
            live[place].take().unwrap()
        };
        let (left, right) = (take(step.left), take(step.right));
        let mut needed: BTreeSet<Label> = layer.outputs().into_iter().collect();
        for other in live.iter().flatten() {
            needed.extend(other.labels.iter().copied().chain(other.wanted()));
        }
        let (result, count) = left.contract(&right, &needed, &layer.windows);
        counts.push(count);
        live.push(Some(result));
        last = live.len() - 1;
    }
    let result = live[last].take().unwrap();
    assert!(live.iter().all(Option::is_none), "all operands are used");
    (counts, result)
}

fn groups(layer: &Layer, seed: u64) -> (Factors<f64>, Vec<Factors<f64>>) {
    let weight = layer.weight(seed);
    let found = decompose("w", &weight, &layer.scheme.projection::<f64>()).unwrap();
    (found.factors.clone(), found.factors.into_groups())
}

fn lookups(layer: &Layer, rng: &mut Rng) -> Vec<usize> {
    match layer.operator {
        Operator::Embedding { lookups } => {
            let rows = layer.scheme.weight_shape()[0];
            (0..lookups).map(|_| rng.below(rows)).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn every_step_costs_what_it_says_and_the_result_is_the_layer() {
    check(240, &any::<u64>(), |seed| {
        let mut rng = Rng::new(seed);
        let layer = random_layer(rng.below(8), &mut rng);
        let contraction = layer.scheme.contraction(&layer.operator).unwrap();
        let (factors, groups) = groups(&layer, seed);
        let dense = factors.to_dense();
        let rows = lookups(&layer, &mut rng);
        let mut total = 0;
        for (g, factors) in groups.iter().enumerate() {
            let input = layer.input(seed ^ g as u64);
            let nodes = layer.nodes(factors, &rows);
            let expected = layer.dense(&layer.group(&dense, g), &input, &rows);
            let node = layer.input_node(&input);
            // A single factor of an embedding is looked up, and that is all.
            if contraction.steps().is_empty() {
                assert!(node.is_none() && nodes.len() == 1);
                continue;
            }
            let (counts, result) = carried_out(&layer, &contraction, nodes, node);
            let said: Vec<u64> = contraction.steps().iter().map(|step| step.macs).collect();
            assert_eq!(counts, said, "{layer:?}");
            let result = result.in_order(&layer.outputs());
            let result = result.to_shape(IxDyn(expected.shape())).unwrap();
            let distance = oracle::distance(&*result, &expected);
            assert!(
                distance <= 1e-12 * (1.0 + oracle::norm(&expected)),
                "{distance:e}: {layer:?}"
            );
            total += counts.iter().sum::<u64>();
        }
        assert_eq!(contraction.macs() * groups.len() as u64, total);
        let cost = layer.scheme.cost(&layer.operator).unwrap();
        assert_eq!(cost.macs, total);
        assert_eq!(cost.parameters, factors.num_parameters() as u64);
        assert_eq!(Cost::of_factors(&layer.operator, &factors).unwrap(), cost);
    });
}

#[test]
fn many_factors_are_contracted_one_after_the_other() {
    // Eleven nodes: too many to compare all orders.
    let layout = Tensorization::linear([2; 5], [2; 5]).unwrap();
    let modes = (0..10).map(|k| vec![(k / 5, 2)]).collect();
    let layer = Layer {
        operator: Operator::linear(2),
        scheme: Scheme::tensor_train(layout, 2).unwrap(),
        modes,
        windows: random_layer(0, &mut Rng::new(1)).windows,
    };
    let contraction = layer.scheme.contraction(&layer.operator).unwrap();
    assert_eq!(contraction.steps().len(), 10);
    let (factors, _) = groups(&layer, 5);
    let input = layer.input(6);
    let (counts, result) = carried_out(
        &layer,
        &contraction,
        layer.nodes(&factors, &[]),
        layer.input_node(&input),
    );
    let said: Vec<u64> = contraction.steps().iter().map(|step| step.macs).collect();
    assert_eq!(counts, said);
    let expected = layer.dense(&factors.to_dense(), &input, &[]);
    let result = result.in_order(&layer.outputs());
    let result = result.to_shape(IxDyn(expected.shape())).unwrap();
    assert!(oracle::distance(&*result, &expected) < 1e-12);
    // No worse than the weight first and then the layer, and than input cores last to first.
    assert!(contraction.macs() < 2 * 1024);
}
